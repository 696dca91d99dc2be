// SPDX-License-Identifier: BSD-2-Clause
// USB mass storage: SCSI commands as bulk transfers (Bulk-Only Transport 1.0).
#include "drivers/usb/bot.h"

#include <string.h>

#include "drivers/scsi/cdb.h"
#include "drivers/usb/bot_status.h"
#include "lib/reason.h"

/*
 * One command at a time, as transfers of the device's queue:
 *
 *	MAX_LUN -> COMMAND -> DATA -> STATUS -> end
 *	(once)       ^          |stall  |stall
 *	             |      CLEAR_DATA  CLEAR_STATUS -> STATUS
 *	             +--- status "failed": REQUEST SENSE, unless it was one
 *
 * After a violation of the protocol the device's port is reset, and the command
 * begins again. The class's own reset is not used: QEMU's does not end what is
 * in progress. [hw/usb/dev-storage.c, usb_msd_handle_control]
 */
enum bot_step {
	BOT_MAX_LUN,
	BOT_COMMAND,
	BOT_DATA,
	BOT_CLEAR_DATA,
	BOT_STATUS,
	BOT_CLEAR_STATUS,
};

static struct usb_device *bot_device(const struct bot *bot)
{
	return bot->intf->udev;
}

static void bot_unmap(struct bot *bot)
{
	if (bot->data_len)
		dma_unmap(&bot_device(bot)->hc->dma, bot->data_bus,
			  bot->data_len);
	bot->data_len = 0;
}

static int bot_map(struct bot *bot, const struct scsi_command *cmd)
{
	int err = 0;

	if (cmd->len)
		err = dma_map(&bot_device(bot)->hc->dma, cmd->buf, cmd->len,
			      cmd->dir, &bot->data_bus);
	if (err == 0)
		bot->data_len = cmd->len;
	return err;
}

/* Ends the command. */
static void bot_end(struct bot *bot, int status)
{
	struct scsi_command *cmd = bot->cmd;

	bot->cmd = NULL;
	bot_unmap(bot);
	request_done(&cmd->rq, status);
}

static void bot_done(struct usb_transfer *t);

/* Sends bot->transfer. */
static void bot_send(struct bot *bot, enum bot_step step)
{
	bot->step = step;
	bot->transfer.done = bot_done;
	usb_transfer_add(&bot->transfer, 0);
}

static void bot_send_bulk(struct bot *bot, enum bot_step step,
			  struct usb_endpoint *ep, uint64_t bus, uint32_t len)
{
	bot->transfer = (struct usb_transfer){
		.udev = bot_device(bot),
		.kind = USB_BULK,
		.ep = ep,
		.bus = bus,
		.len = len,
		.rq = { .timeout_ms = bot->cmd->rq.timeout_ms },
	};
	bot_send(bot, step);
}

static void bot_clear_halt(struct bot *bot, enum bot_step step,
			   const struct usb_endpoint *ep)
{
	usb_setup_fill(&bot->transfer, bot_device(bot), USB_TO_ENDPOINT,
		       USB_CLEAR_FEATURE, USB_ENDPOINT_HALT, ep->address, NULL,
		       0);
	bot_send(bot, step);
}

static void bot_send_max_lun(struct bot *bot)
{
	usb_setup_fill(&bot->transfer, bot_device(bot),
		       USB_IN | USB_TYPE_CLASS | USB_TO_INTERFACE, GET_MAX_LUN,
		       0, bot->intf->number, &bot->max_lun, 1);
	bot_send(bot, BOT_MAX_LUN);
}

static uint64_t bot_wire_bus(const struct bot *bot, size_t offset)
{
	return bot->wire_bus + offset;
}

/* `len`: of the data to or from `data`. */
static void bot_send_cbw(struct bot *bot, const uint8_t *cdb, uint8_t cdb_len,
			 struct usb_endpoint *data, uint32_t len)
{
	struct bot_cbw *cbw = &bot->wire->cbw;

	bot->len = len;
	bot->moved = 0;
	bot->data = data;
	bot->status_again = false;
	*cbw = (struct bot_cbw){
		.signature = le32_make(CBW_SIGNATURE),
		.tag = le32_make(++bot->tag),
		.len = le32_make(len),
		.flags = len && data == bot->in ? CBW_IN : 0,
		.lun = bot_lun(bot->cmd),
		.cdb_len = cdb_len,
	};
	memcpy(cbw->cdb, cdb, cdb_len);
	bot_send_bulk(bot, BOT_COMMAND, bot->out,
		      bot_wire_bus(bot, offsetof(struct bot_wire, cbw)),
		      CBW_LEN);
}

static void bot_send_command(struct bot *bot)
{
	const struct scsi_command *cmd = bot->cmd;

	bot->sensing = false;
	bot_send_cbw(bot, cmd->cdb, cmd->cdb_len,
		     cmd->dir == DMA_TO_DEVICE ? bot->out : bot->in, cmd->len);
}

/* The transport has no sense data of its own: ask for it. */
static void bot_send_sense(struct bot *bot)
{
	static const uint8_t cdb[6] = { SCSI_REQUEST_SENSE, 0, 0, 0,
					SENSE_LEN };

	bot->sensing = true;
	bot_send_cbw(bot, cdb, sizeof(cdb), bot->in, SENSE_LEN);
}

static void bot_send_data(struct bot *bot)
{
	uint64_t bus = bot->data_bus;

	if (bot->sensing)
		bus = bot_wire_bus(bot, offsetof(struct bot_wire, sense));
	bot_send_bulk(bot, BOT_DATA, bot->data, bus, bot->len);
}

static void bot_read_status(struct bot *bot)
{
	bot_send_bulk(bot, BOT_STATUS, bot->in,
		      bot_wire_bus(bot, offsetof(struct bot_wire, csw)),
		      CSW_LEN);
}

/*
 * Some devices cannot answer, in many ways: they have one LUN.
 * [Linux drivers/usb/storage/transport.c, usb_stor_Bulk_max_lun]
 */
static int bot_take_max_lun(struct bot *bot, int err)
{
	bot->luns = 1;
	/* The controller was stopped. */
	if (err < 0 && !usb_device_is_up(bot_device(bot)))
		return err;
	if (err == 0 && bot->max_lun < LUNS_MAX)
		bot->luns += bot->max_lun;
	bot_send_command(bot);
	return 0;
}

static int bot_take_command(struct bot *bot, int err)
{
	if (err == USB_STALL)
		return reason_fail(ERR_IO, "the command was refused");
	if (err < 0)
		return err;
	if (bot->len)
		bot_send_data(bot);
	else
		bot_read_status(bot);
	return 0;
}

static void bot_take_sense(struct bot *bot, bool passed)
{
	struct scsi_command *cmd = bot->cmd;

	cmd->sense_len = passed ? (uint8_t)MIN(bot->moved, SENSE_LEN) : 0;
	memcpy(cmd->sense, bot->wire->sense, cmd->sense_len);
	bot_check_sense(bot, cmd);
	bot_end(bot, 0);
}

static void bot_take_result(struct bot *bot, const struct bot_csw *csw)
{
	struct scsi_command *cmd = bot->cmd;
	bool passed = csw->status == CSW_PASSED;
	uint32_t residual = bot->len - bot->moved;

	if (bot->sensing) {
		bot_take_sense(bot, passed);
		return;
	}
	if (!bot->false_residue)
		residual = MAX(residual, le32_get(csw->residue));
	cmd->residual = residual;
	cmd->status = passed ? SCSI_GOOD : SCSI_CHECK_CONDITION;
	cmd->sense_len = 0;
	if (!passed) {
		bot_send_sense(bot);
		return;
	}
	bot->guesses = 0;
	usb_device_worked(bot_device(bot));
	bot_end(bot, 0);
}

static int bot_take_csw(struct bot *bot, const struct bot_csw *csw)
{
	int err = bot_check_csw(bot, csw);

	if (err == 0)
		bot_take_result(bot, csw);
	return err;
}

/*
 * QEMU ends the data before it has put the command away: it forgets a status
 * that is asked for in between, and so fast are we. Until it has, it does not
 * answer another access. [hw/usb/dev-storage.c, usb_msd_command_complete]
 */
static void bot_let_finish(const struct bot *bot)
{
	struct usb_controller *hc = bot_device(bot)->hc;

	if (!hc->real)
		hc->ops->port_state(hc, bot_device(bot)->root_port);
}

/* Some devices send the status in place of the data. [Linux, the same] */
static bool bot_skips_data(const struct bot *bot, struct bot_csw *csw)
{
	if (bot->sensing || bot->data != bot->in || bot->moved != CSW_LEN ||
	    bot->len == CSW_LEN)
		return false;
	memcpy(csw, bot->cmd->buf, CSW_LEN);
	return le32_get(csw->signature) == CSW_SIGNATURE &&
	       le32_get(csw->tag) == bot->tag;
}

static int bot_take_data(struct bot *bot, int err)
{
	struct bot_csw csw;

	if (err < 0 && err != USB_STALL)
		return err;
	bot->moved = bot->transfer.actual;
	if (err == USB_STALL) {
		bot_clear_halt(bot, BOT_CLEAR_DATA, bot->data);
		return 0;
	}
	if (bot_skips_data(bot, &csw)) {
		bot->moved = 0;
		return bot_take_csw(bot, &csw);
	}
	if (bot->data == bot->in)
		bot_let_finish(bot);
	bot_read_status(bot);
	return 0;
}

/* Some devices end their data with an empty packet. [Linux, the same] */
static int bot_take_status(struct bot *bot, int err)
{
	struct bot_csw csw;
	uint32_t len = bot->transfer.actual;
	bool again = err == USB_STALL || (err == 0 && len == 0);

	if (again && !bot->status_again) {
		bot->status_again = true;
		if (err == USB_STALL)
			bot_clear_halt(bot, BOT_CLEAR_STATUS, bot->in);
		else
			bot_read_status(bot);
		return 0;
	}
	if (err == USB_STALL)
		return reason_fail(ERR_IO, "no status");
	if (err < 0)
		return err;
	if (len != CSW_LEN)
		return reason_fail(ERR_IO, "status of %u bytes", len);
	/* Once: the device may change it at any moment. */
	memcpy(&csw, &bot->wire->csw, CSW_LEN);
	return bot_take_csw(bot, &csw);
}

static int bot_take_clear(struct bot *bot, int err)
{
	if (err == USB_STALL)
		return reason_fail(ERR_IO, "the stall cannot be cleared");
	if (err == 0)
		bot_read_status(bot);
	return err;
}

/* Returns 0, or ERR_* with reason(): the device is not up. */
static int bot_check_device(const struct usb_device *udev)
{
	if (udev->state == USB_UP)
		return 0;
	if (udev->state == USB_GONE)
		return reason_fail(ERR_NODEV, "unplugged");
	if (udev->state == USB_DROPPED)
		return reason_fail(ERR_NODEV, "ignored after errors");
	return reason_fail(ERR_IO, "the controller was reset");
}

/* The device is up again, or not. */
static void bot_recovered(struct usb_device *udev, void *arg)
{
	struct bot *bot = arg;
	int err = bot_check_device(udev);

	if (!bot->cmd)
		return;
	if (err < 0)
		bot_end(bot, err);
	else
		bot_send_command(bot);
}

/* Only the protocol's violations are worth a second try. */
static void bot_failed(struct bot *bot, int err)
{
	struct usb_device *udev = bot_device(bot);

	if (err == ERR_IO && usb_device_is_up(udev))
		usb_device_recover(udev, bot_recovered, bot);
	else
		bot_end(bot, err);
}

/* A step's transfer has ended: returns 0, or ERR_* with reason(). */
typedef int bot_take_fn(struct bot *bot, int err);

static bot_take_fn *const bot_takes[] = {
	[BOT_MAX_LUN] = bot_take_max_lun, [BOT_COMMAND] = bot_take_command,
	[BOT_DATA] = bot_take_data,	  [BOT_CLEAR_DATA] = bot_take_clear,
	[BOT_STATUS] = bot_take_status,	  [BOT_CLEAR_STATUS] = bot_take_clear,
};

static void bot_done(struct usb_transfer *t)
{
	struct bot *bot = container_of(t, struct bot, transfer);
	int err = t->rq.status;

	/* It was stopped. */
	if (!bot->cmd)
		return;
	if (err < 0)
		reason_fail(err, "%s",
			    err == ERR_NODEV ? "unplugged" : t->rq.why);
	err = bot_takes[bot->step](bot, err);
	if (err < 0)
		bot_failed(bot, err);
}

int bot_submit(struct bot *bot, struct scsi_command *cmd)
{
	int err = bot_check_device(bot_device(bot));

	if (err == 0)
		err = bot_map(bot, cmd);
	if (err < 0)
		return err;
	bot->cmd = cmd;
	if (bot->luns)
		bot_send_command(bot);
	else
		bot_send_max_lun(bot);
	return 0;
}

int bot_init(struct bot *bot, struct usb_interface *intf)
{
	bot->intf = intf;
	bot->in = usb_endpoint_find(intf, USB_EP_BULK, USB_IN);
	bot->out = usb_endpoint_find(intf, USB_EP_BULK, 0);
	if (!bot->in || !bot->out)
		return reason_fail(ERR_NOTSUP, "it lacks bulk endpoints");
	return 0;
}

int bot_start(struct bot *bot)
{
	if (!bot->wire)
		bot->wire = dma_alloc(&bot_device(bot)->hc->dma,
				      sizeof(*bot->wire), &bot->wire_bus);
	return bot->wire ? 0 : ERR_NOMEM;
}

void bot_forget(struct bot *bot)
{
	bot->cmd = NULL;
	bot_unmap(bot);
}

void bot_release(struct bot *bot)
{
	dma_free(&bot_device(bot)->hc->dma, bot->wire, bot->wire_bus,
		 sizeof(*bot->wire));
	bot->wire = NULL;
}
