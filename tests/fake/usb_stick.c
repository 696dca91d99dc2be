// SPDX-License-Identifier: BSD-2-Clause
// A USB mass storage device: see tests/fake/usb_stick.h.
#include "tests/fake/usb_stick.h"

#include <string.h>

#include "drivers/scsi/cdb.h"
#include "lib/endian.h"

/* As QEMU's; the product differs so that a reset can change it. */
static const uint8_t descriptor[18] = {
	18, 1, 0, 2, 0, 0, 0, 64, 0xf4, 0x46, 1, 0, 0, 0, 0, 0, 0, 1,
};

static const uint8_t descriptor_super[18] = {
	18, 1, 0, 3, 0, 0, 0, 9, 0xf4, 0x46, 1, 0, 0, 0, 0, 0, 0, 1,
};

static const uint8_t config[32] = {
	9, 2, 32,   0, 1, 1, 0, 0xc0, 0, /* configuration */
	9, 4, 0,    0, 2, 8, 6, 0x50, 0, /* interface */
	7, 5, 2,    2, 0, 2, 0,		 /* bulk out, 512 bytes */
	7, 5, 0x81, 2, 0, 2, 0,		 /* bulk in */
};

static const uint8_t config_super[44] = {
	9, 2,	 44,   0, 1, 1, 0, 0xc0, 0, /* configuration */
	9, 4,	 0,    0, 2, 8, 6, 0x50, 0, /* interface */
	7, 5,	 2,    2, 0, 4, 0,	    /* bulk out, 1024 bytes */
	6, 0x30, 15,   0, 0, 0,		    /* its companion */
	7, 5,	 0x81, 2, 0, 4, 0,	    /* bulk in */
	6, 0x30, 15,   0, 0, 0,
};

static struct fake_stick *stick_of(struct fake_usb_device *fd)
{
	return container_of(fd, struct fake_stick, fd);
}

static void stick_reset(struct fake_usb_device *fd)
{
	stick_of(fd)->phase = STICK_COMMAND;
}

/* GET MAX LUN. [BOT 3.2] */
static long stick_control(struct fake_usb_device *fd,
			  const struct usb_setup *setup, uint8_t *data,
			  uint32_t len)
{
	struct fake_stick *stick = stick_of(fd);
	uint32_t n = MIN(stick->max_lun_len, len);

	if (setup->type != (USB_IN | USB_TYPE_CLASS | USB_TO_INTERFACE) ||
	    setup->request != 0xfe)
		return FAKE_USB_PASS;
	assert(len == 1 && le16_get(setup->value) == 0);
	assert(fd->configuration && le16_get(setup->index) == 0);
	if (stick->mute_max_lun)
		return FAKE_USB_NAK;
	stick->max_luns++;
	if (stick->max_lun < 0)
		return USB_STALL;
	if (n)
		data[0] = (uint8_t)stick->max_lun;
	return n;
}

static bool stick_reads(const struct fake_stick *stick)
{
	return stick->cbw[12] & 0x80;
}

/* Of the command in stick->cbw; REQUEST SENSE is the transport's. */
static void stick_serve(struct fake_stick *stick, uint8_t *data)
{
	const uint8_t *cdb = stick->cbw + 15;

	if (cdb[0] == SCSI_REQUEST_SENSE) {
		stick->res = (struct fake_result){ 0 };
		assert(stick->len == 18 && cdb[4] == 18);
		memcpy(data, stick->sense, 18);
		/* [hw/scsi/scsi-bus.c, scsi_target_send_command] */
		if (stick->hides_sense && stick->cbw[13]) {
			data[2] = 5;
			data[12] = 0x25;
			data[13] = 0;
		}
		return;
	}
	stick->res = fake_scsi_serve(stick->lun + stick->cbw[13], cdb, data,
				     stick->len, !stick_reads(stick));
	/* QEMU stalls, and complains on the host's terminal. */
	assert(!stick->res.absent);
	memset(stick->sense, 0, sizeof(stick->sense));
	memcpy(stick->sense, stick->res.sense, MIN(stick->res.sense_len, 18));
}

/* [BOT 5.1, 6.2] A stick that gets anything else is confused. */
static long stick_take_cbw(struct fake_stick *stick, const uint8_t *data,
			   uint32_t len)
{
	assert(len == STICK_CBW);
	memcpy(stick->cbw, data, len);
	assert(le32_load(data) == 0x43425355);
	assert(data[13] < 16 && data[14] >= 6 && data[14] <= 16);
	stick->len = le32_load(data + 8);
	stick->moved = 0;
	stick->longest = MAX(stick->longest, stick->len);
	stick->commands[data[15]]++;
	stick->phase = stick->len ? STICK_DATA : STICK_STATUS;
	assert(stick->len || !data[12]);
	if (!stick->len)
		stick_serve(stick, NULL);
	return len;
}

static long stick_move(struct fake_stick *stick, uint8_t *data, uint32_t len)
{
	uint32_t n;

	assert(len == stick->len);
	stick->phase = STICK_STATUS;
	stick->looks = fake_usb.looks;
	stick_serve(stick, data);
	n = len - stick->res.residual;
	stick->moved = n;
	if (!stick_reads(stick) || stick->how == STICK_PADS) {
		if (stick_reads(stick))
			memset(data + n, 0, len - n);
		stick->moved = len;
		return len;
	}
	if (n < len && stick->how == STICK_STALLS) {
		stick->fd.partial = n;
		/* The stall's end is an access. */
		stick->looks--;
		return USB_STALL;
	}
	return n;
}

static long stick_send_csw(struct fake_stick *stick, uint8_t *data,
			   uint32_t len)
{
	assert(len == STICK_CSW);
	/* [hw/usb/dev-storage.c, usb_msd_command_complete] */
	if (stick->len && stick_reads(stick) && !stick->patient &&
	    stick->looks == fake_usb.looks)
		return FAKE_USB_NAK;
	le32_store(data, 0x53425355);
	memcpy(data + 4, stick->cbw + 4, 4);
	le32_store(data + 8, stick->res.residual);
	data[12] = stick->res.status != SCSI_GOOD;
	stick->phase = STICK_COMMAND;
	return len;
}

static long stick_answer(struct fake_stick *stick, bool in, uint8_t *data,
			 uint32_t len)
{
	if (!in && stick->phase == STICK_COMMAND)
		return stick_take_cbw(stick, data, len);
	if (stick->phase == STICK_DATA && in == stick_reads(stick))
		return stick_move(stick, data, len);
	if (in && stick->phase == STICK_STATUS)
		return stick_send_csw(stick, data, len);
	stick->phase = STICK_CONFUSED;
	return USB_STALL;
}

static long stick_bulk(struct fake_usb_device *fd, uint8_t endpoint,
		       uint8_t *data, uint32_t len)
{
	struct fake_stick *stick = stick_of(fd);
	enum stick_phase phase = stick->phase;
	long n;

	assert(endpoint == 0x81 || endpoint == 2);
	if (phase < ARRAY_SIZE(stick->mute) && stick->mute[phase])
		return FAKE_USB_NAK;
	n = stick_answer(stick, endpoint == 0x81, data, len);
	return stick->lie ? stick->lie(stick, phase, data, len, n) : n;
}

void fake_stick_init(struct fake_stick *stick, enum usb_speed speed,
		     uint64_t lun)
{
	bool fast = speed == USB_SUPER;

	*stick = (struct fake_stick){ .lun = lun, .max_lun_len = 1 };
	stick->fd = (struct fake_usb_device){
		.speed = speed,
		.descriptor = fast ? descriptor_super : descriptor,
		.config = fast ? config_super : config,
		.config_len = fast ? sizeof(config_super) : sizeof(config),
		.control = stick_control,
		.bulk = stick_bulk,
		.reset = stick_reset,
	};
}
