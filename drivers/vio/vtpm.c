// SPDX-License-Identifier: BSD-2-Clause
// tpm-spapr, the virtual TPM: commands by messages on a CRQ (LoPAR, "Virtual
// TPM"; QEMU hw/tpm/tpm_spapr.c).
#include <string.h>

#include "drivers/request.h"
#include "drivers/tpm.h"
#include "drivers/vio/crq.h"
#include "drivers/vio/vio.h"
#include "lib/heap.h"
#include "lib/reason.h"
#include "tree/prop.h"

/* Messages; the partner's response to one has MESSAGE_RESULT set. */
enum message {
	MESSAGE_VERSION = 0x01,
	MESSAGE_COMMAND = 0x02,
	MESSAGE_BUFFER_SIZE = 0x03,
	MESSAGE_RESULT = 0x80,
	MESSAGE_ERROR = 0xff, /* in place of any response */
};

/* What a response to MESSAGE_VERSION has as its data. */
#define VERSION_2_0 2u

/* The partner responds to these itself, without the TPM. */
#define MESSAGE_TIMEOUT_MS 5000u

/*
 * QEMU reads a whole buffer, whatever the command's length, and writes the
 * response to the same place: a page. Commands use two of them in turn. One that
 * we gave up may still end, and its response come at any time; but it has the
 * address of the other page, so it is not taken for that of the next command, and
 * does not overwrite it. QEMU accepts a command only when the one before has
 * ended: two are enough.
 */
#define PAGE_LEN TPM_BUFFER_MAX
#define PAGES 2u
#define PAGES_LEN (PAGES * PAGE_LEN)

/* An element of the queue: valid, message, length, data; 8 bytes reserved. */
struct vtpm_message {
	struct request request;
	uint8_t what; /* enum message */
	uint16_t len;
	uint32_t data; /* of the command: the bus address of its page */
};

struct vtpm {
	struct tpm_device tpm;
	struct device *dev;
	struct request_queue queue;
	struct request *slots[1];
	struct vtpm_message message; /* the only one in flight */
	uint32_t unit;
	struct dma dma;
	struct crq crq;
	uint8_t *pages; /* NULL: not mapped */
	uint64_t pages_bus;
	unsigned page;	 /* of the last command that was accepted */
	bool unanswered; /* the partner may still write to that page */
};

static struct vtpm *vtpm_of(const struct device *dev)
{
	return container_of(dev->priv, struct vtpm, tpm);
}

static struct vtpm *vtpm_of_queue(struct request_queue *queue)
{
	return container_of(queue, struct vtpm, queue);
}

static uint8_t *vtpm_page(const struct vtpm *vt, unsigned page)
{
	return vt->pages + (size_t)page * PAGE_LEN;
}

static unsigned vtpm_next_page(const struct vtpm *vt)
{
	return (vt->page + 1) % PAGES;
}

static int vtpm_submit(struct request_queue *queue, struct request *rq)
{
	struct vtpm *vt = vtpm_of_queue(queue);
	const struct vtpm_message *msg = &vt->message;
	uint64_t high = (uint64_t)CRQ_MESSAGE << 56 |
			(uint64_t)msg->what << 48 | (uint64_t)msg->len << 32 |
			msg->data;
	int err = crq_send(&vt->crq, high, 0);

	if (err < 0 && err != ERR_BUSY)
		return reason_fail(err, "cannot send: %s", err_str(err));
	if (err == ERR_BUSY) {
		reason_fail(err, "busy with another command");
		request_done(rq, err);
	} else if (msg->what == MESSAGE_COMMAND) {
		vt->unanswered = true;
		vt->page = vtpm_next_page(vt);
	}
	return 0;
}

/* A command that was given up is not over yet. */
static enum request_disposition vtpm_decide(struct request *rq, int *status)
{
	(void)rq;
	return *status == ERR_BUSY ? REQUEST_WAIT : REQUEST_DONE;
}

static bool vtpm_is_response(const struct vtpm_message *msg, uint8_t what,
			     uint32_t data)
{
	if (what != (msg->what | MESSAGE_RESULT))
		return false;
	return msg->what != MESSAGE_COMMAND || data == msg->data;
}

/* Others may be late ones, to what was given up. */
static void vtpm_take(struct vtpm *vt, const struct crq_entry *entry)
{
	struct vtpm_message *msg = &vt->message;
	uint8_t what = entry->high >> 48 & 0xff;
	uint32_t data = entry->high & 0xffffffff;

	if (what == MESSAGE_ERROR) {
		reason_fail(ERR_IO, "the host reports error %u", data);
		request_lose(&vt->queue, ERR_IO);
	} else if (vtpm_is_response(msg, what, data)) {
		if (msg->what == MESSAGE_COMMAND)
			vt->unanswered = false;
		msg->len = entry->high >> 32 & 0xffff;
		msg->data = data;
		request_done(&msg->request, 0);
	}
}

static void vtpm_poll(struct request_queue *queue)
{
	struct vtpm *vt = vtpm_of_queue(queue);
	struct crq_entry entry;
	unsigned n;

	/*
	 * At most a queue's length per poll, so that deadlines are checked; and
	 * no more than the response: its page must not go before it is read.
	 */
	for (n = 0; n < CRQ_ENTRIES && queue->in_flight; n++) {
		if (!crq_receive(&vt->crq, &entry))
			return;
		if (crq_valid(&entry) == CRQ_MESSAGE) {
			vtpm_take(vt, &entry);
		} else if (crq_valid(&entry) == CRQ_EVENT) {
			reason_fail(ERR_IO, "the host closed the connection");
			request_lose(queue, ERR_IO);
		}
		/* QEMU repeats our elements of the initialisation. */
	}
}

static const struct request_ops vtpm_ops = {
	.submit = vtpm_submit,
	.poll = vtpm_poll,
	.decide = vtpm_decide,
};

/* The response replaces vt->message. */
static int vtpm_run(struct vtpm *vt, enum message what, uint16_t len,
		    uint32_t data)
{
	struct vtpm_message *msg = &vt->message;
	int err;

	memset(msg, 0, sizeof(*msg));
	msg->what = what;
	msg->len = len;
	msg->data = data;
	msg->request.timeout_ms = what == MESSAGE_COMMAND ? TPM_TIMEOUT_MS
							  : MESSAGE_TIMEOUT_MS;
	err = request_run(&vt->queue, &msg->request);
	return err < 0 ? reason_fail(err, "%s", msg->request.why) : 0;
}

/* Wiped: there may be a secret in it. */
static long vtpm_fetch(struct vtpm *vt, void *rsp, size_t room)
{
	uint16_t got = vt->message.len;

	if (got >= TPM_HEADER && got <= vt->tpm.max && got <= room) {
		memcpy(rsp, vtpm_page(vt, vt->page), got);
		memset(vtpm_page(vt, vt->page), 0, PAGE_LEN);
		return got;
	}
	device_stop(vt->dev);
	return reason_fail(ERR_FORMAT, "response of %u bytes", got);
}

static long vtpm_transmit(struct tpm_device *tpm, const void *cmd, size_t len,
			  void *rsp, size_t room)
{
	struct vtpm *vt = container_of(tpm, struct vtpm, tpm);
	unsigned page = vtpm_next_page(vt);
	uint8_t *to = vtpm_page(vt, page);
	int err;

	memset(to, 0, PAGE_LEN);
	memcpy(to, cmd, len);
	err = vtpm_run(vt, MESSAGE_COMMAND, (uint16_t)len,
		       (uint32_t)(vt->pages_bus + (uint64_t)page * PAGE_LEN));
	return err < 0 ? err : vtpm_fetch(vt, rsp, room);
}

static int vtpm_get_version(struct vtpm *vt)
{
	int err = vtpm_run(vt, MESSAGE_VERSION, 0, 0);
	uint32_t version = vt->message.data;

	if (err == 0 && version != VERSION_2_0)
		return reason_fail(ERR_NOTSUP, "TPM version %u", version);
	return err;
}

static int vtpm_get_size(struct vtpm *vt)
{
	int err = vtpm_run(vt, MESSAGE_BUFFER_SIZE, 0, 0);
	uint16_t size = vt->message.len;

	if (err < 0)
		return err;
	if (size < TPM_BUFFER_MIN || size > TPM_BUFFER_MAX)
		return reason_fail(ERR_FORMAT, "buffer of %u bytes", size);
	vt->tpm.max = size;
	return 0;
}

static int vtpm_map(struct vtpm *vt)
{
	int err = 0;

	if (vt->pages)
		return 0;
	err = vio_dma_window(vt->dev, &vt->dma);
	if (err < 0)
		return err;
	vt->pages = dma_alloc(&vt->dma, PAGES_LEN, &vt->pages_bus);
	return vt->pages ? 0 : reason_code();
}

static void vtpm_unmap(struct vtpm *vt)
{
	if (vt->pages)
		memset(vt->pages, 0, PAGES_LEN);
	dma_free(&vt->dma, vt->pages, vt->pages_bus, PAGES_LEN);
	vt->pages = NULL;
}

static int vtpm_start(struct device *dev)
{
	struct vtpm *vt = vtpm_of(dev);
	int err = vtpm_map(vt);

	if (err == 0)
		err = crq_open(&vt->crq, vt->unit, &vt->dma);
	if (err == 0)
		err = vtpm_get_version(vt);
	if (err == 0)
		err = vtpm_get_size(vt);
	return err;
}

/*
 * A late response would find no page, or another's: the pages stay until the
 * device is shut down for good. Their addresses then lead nowhere.
 */
static void vtpm_stop(struct device *dev)
{
	struct vtpm *vt = vtpm_of(dev);

	crq_close(&vt->crq);
	if (!vt->unanswered || dev->state == DEVICE_QUIESCED)
		vtpm_unmap(vt);
}

static int vtpm_attach(struct device *dev)
{
	struct vtpm *vt = heap_zalloc(sizeof(*vt));

	if (!vt)
		return reason_fail(ERR_NOMEM, "no memory");
	if (tree_get_u32(dev->node, "reg", 0, &vt->unit) < 0) {
		heap_free(vt);
		return reason_fail(ERR_FORMAT, "no reg");
	}
	vt->dev = dev;
	vt->tpm.transmit = vtpm_transmit;
	dev->priv = &vt->tpm;
	request_queue_init(&vt->queue, dev, &vtpm_ops, vt->slots, 1);
	return device_add_role(dev, &vt->tpm.as, &tpm_role);
}

static void vtpm_detach(struct device *dev)
{
	heap_free(vtpm_of(dev));
}

DRIVER(vtpm) = {
	.name = "tpm-spapr",
	.bus = &vio_bus,
	.match = "IBM,vtpm20",
	.attach = vtpm_attach,
	.start = vtpm_start,
	.stop = vtpm_stop,
	.detach = vtpm_detach,
};

/* Commands, hashes and log are others: it is left to the client. */
static int vtpm_refuse(struct device *dev)
{
	(void)dev;
	return reason_fail(ERR_NOTSUP,
			   "TPM 1.2 is not supported; use a TPM 2.0");
}

DRIVER(vtpm12) = {
	.name = "TPM",
	.bus = &vio_bus,
	.match = "IBM,vtpm",
	.attach = vtpm_refuse,
};
