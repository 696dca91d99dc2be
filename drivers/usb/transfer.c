// SPDX-License-Identifier: BSD-2-Clause
// USB transfers: memory for the controller, queues, waiting (USB 2.0, 5, 9).
#include <string.h>

#include "drivers/usb/core.h"
#include "lib/heap.h"
#include "lib/reason.h"

/* In a device's DMA page: the setup packet, then data. */
#define PAGE_SIZE 4096u
#define PAGE_DATA 64u
static_assert(PAGE_DATA + USB_CONTROL_MAX <= PAGE_SIZE, "one page");

/* Unlike dma_alloc()'s, not zeroed: each transfer zeroes what it uses. */
static int transfer_get_page(struct usb_device *udev)
{
	uint8_t *page;

	if (udev->page)
		return 0;
	page = heap_alloc_aligned(PAGE_SIZE, PAGE_SIZE);
	if (!page)
		return reason_fail(ERR_NOMEM, "no memory");
	if (dma_map(&udev->hc->dma, page, PAGE_SIZE, DMA_BOTH,
		    &udev->page_bus)) {
		heap_free(page);
		return ERR_NOMEM;
	}
	udev->page = page;
	return 0;
}

/* Control data goes through the device's page: no mapping per transfer. */
static int transfer_prepare_control(struct usb_transfer *t)
{
	struct usb_device *udev = t->udev;
	int err = transfer_get_page(udev);

	if (err < 0)
		return err;
	memcpy(udev->page, &t->setup, sizeof(t->setup));
	memset(udev->page + PAGE_DATA, 0, t->len);
	if (t->len && !usb_transfer_is_in(t))
		memcpy(udev->page + PAGE_DATA, t->buf, t->len);
	t->setup_bus = udev->page_bus;
	t->bus = udev->page_bus + PAGE_DATA;
	return 0;
}

/* Makes memory visible to the controller; transfer_finish() undoes it. */
static int transfer_prepare(struct usb_transfer *t)
{
	enum dma_dir dir;
	int err = 0;

	t->actual = 0;
	if (t->kind == USB_CONTROL || t->kind == USB_ADDRESS)
		return transfer_prepare_control(t);
	if (t->kind != USB_BULK || t->bus || !t->len)
		return 0;
	dir = usb_transfer_is_in(t) ? DMA_FROM_DEVICE : DMA_TO_DEVICE;
	err = dma_map(&t->udev->hc->dma, t->buf, t->len, dir, &t->bus);
	t->mapped = err == 0;
	return err;
}

/* Once per submit, when no DMA follows any more. */
static void transfer_finish(struct usb_transfer *t)
{
	t->actual = MIN(t->actual, t->len);
	if (t->mapped) {
		dma_unmap(&t->udev->hc->dma, t->bus, t->len);
		t->mapped = false;
		t->bus = 0;
	}
	if (t->kind == USB_CONTROL && t->setup_bus && usb_transfer_is_in(t))
		memcpy(t->buf, t->udev->page + PAGE_DATA, t->actual);
	t->setup_bus = 0;
}

static struct usb_controller *transfer_hc(const struct usb_transfer *t)
{
	return t->udev->hc;
}

/* Its user may not know yet that the device has to be brought up again. */
static bool transfer_is_stale(const struct usb_transfer *t)
{
	return t != &t->udev->bring_up && !usb_device_is_up(t->udev);
}

static int transfer_submit(struct request_queue *queue, struct request *rq)
{
	struct usb_transfer *t = usb_transfer_of(rq);
	int err;

	(void)queue;
	if (transfer_is_stale(t))
		return reason_fail(ERR_IO, "the device is not up");
	err = transfer_prepare(t);
	if (err == 0)
		err = transfer_hc(t)->ops->submit(transfer_hc(t), t);
	if (err < 0)
		transfer_finish(t);
	return err;
}

static struct usb_controller *queue_hc(const struct request_queue *queue)
{
	return queue->dev->priv;
}

static void transfer_kick(struct request_queue *queue)
{
	const struct usb_controller_ops *ops = queue_hc(queue)->ops;

	if (ops->kick)
		ops->kick(queue_hc(queue));
}

static void transfer_poll(struct request_queue *queue)
{
	queue_hc(queue)->ops->poll(queue_hc(queue));
}

static enum request_disposition transfer_decide(struct request *rq, int *status)
{
	struct usb_transfer *t = usb_transfer_of(rq);

	transfer_finish(t);
	if (*status == 0 && t->decide)
		return t->decide(t);
	return REQUEST_DONE;
}

static const struct request_ops transfer_ops = {
	.submit = transfer_submit,
	.kick = transfer_kick,
	.poll = transfer_poll,
	.decide = transfer_decide,
};

/* A SuperSpeed port enables itself when the controller starts. */
static bool root_needs_reset(const struct usb_transfer *t, struct usb_port port)
{
	if (!port.connected || t->asked)
		return false;
	return !port.enabled || port.speed != USB_SUPER ||
	       t->udev->was_addressed;
}

/* Returns 0, ERR_BUSY: look again, or ERR_*, with reason(). */
static int root_reset(struct usb_controller *hc, struct usb_transfer *t)
{
	struct usb_port port = hc->ops->port_state(hc, t->port);

	if (root_needs_reset(t, port)) {
		t->asked = true;
		hc->ops->port_reset(hc, t->port);
		port = hc->ops->port_state(hc, t->port);
	}
	if (!port.connected)
		return reason_fail(usb_controller_is_young(hc) ? ERR_BUSY
							       : ERR_NODEV,
				   "unplugged");
	if (port.resetting)
		return reason_fail(ERR_BUSY,
				   "the reset of its port does not end");
	if (!port.enabled)
		return reason_fail(ERR_IO,
				   "the port stays disabled after a reset");
	t->speed = port.speed;
	return 0;
}

/* Not while the controller is polled: that is why USB_STOP is a transfer. */
static int root_submit(struct request_queue *queue, struct request *rq)
{
	struct usb_transfer *t = usb_transfer_of(rq);
	int status = 0;

	if (t->kind == USB_STOP)
		device_stop(queue->dev);
	else if (t->kind == USB_RESET_PORT)
		status = root_reset(queue_hc(queue), t);
	request_done(rq, status);
	return 0;
}

static enum request_disposition root_decide(struct request *rq, int *status)
{
	(void)rq;
	return *status == ERR_BUSY ? REQUEST_WAIT : REQUEST_DONE;
}

static void root_poll(struct request_queue *queue)
{
	(void)queue;
}

static const struct request_ops root_ops = {
	.submit = root_submit,
	.poll = root_poll,
	.decide = root_decide,
};

void usb_queue_init_root(struct usb_controller *hc)
{
	request_queue_init(&hc->root, hc->dev, &root_ops, hc->root_slots,
			   ARRAY_SIZE(hc->root_slots));
}

void usb_queue_init_device(struct usb_device *udev)
{
	request_queue_init(&udev->requests, udev->hc->dev, &transfer_ops,
			   udev->slots, ARRAY_SIZE(udev->slots));
}

/* The engine ends it without asking decide() if the controller is lost. */
static void transfer_done(struct request *rq)
{
	struct usb_transfer *t = usb_transfer_of(rq);

	if (rq->status < 0)
		transfer_finish(t);
	if (t->done)
		t->done(t);
}

void usb_transfer_add(struct usb_transfer *t, uint32_t delay_ms)
{
	bool is_root = t->kind >= USB_RESET_PORT;

	t->rq.done = transfer_done;
	if (!t->rq.timeout_ms)
		t->rq.timeout_ms = USB_CONTROL_MS;
	request_add_later(is_root ? &transfer_hc(t)->root : &t->udev->requests,
			  &t->rq, delay_ms);
}

void usb_setup_fill(struct usb_transfer *t, struct usb_device *udev,
		    unsigned type, unsigned request, unsigned value,
		    unsigned index, void *buf, unsigned len)
{
	*t = (struct usb_transfer){
		.udev = udev,
		.kind = USB_CONTROL,
		.ep = &udev->ep0,
		.setup = {
			.type = (uint8_t)type,
			.request = (uint8_t)request,
			.value = le16_make((uint16_t)value),
			.index = le16_make((uint16_t)index),
			.length = le16_make((uint16_t)len),
		},
		.buf = buf,
		.len = len,
	};
}

struct usb_setup usb_setup_address(const struct usb_device *udev)
{
	return (struct usb_setup){
		.type = USB_TO_DEVICE,
		.request = USB_SET_ADDRESS,
		.value = le16_make(udev->number),
	};
}

long usb_control(struct usb_device *udev, unsigned type, unsigned request,
		 unsigned value, unsigned index, void *buf, unsigned len)
{
	struct usb_transfer t;

	assert(len <= USB_CONTROL_MAX);
	usb_setup_fill(&t, udev, type, request, value, index, buf, len);
	usb_transfer_add(&t, 0);
	while (t.rq.status == REQUEST_PENDING)
		request_wait();
	if (t.rq.status < 0)
		return reason_fail(t.rq.status, "%s", t.rq.why);
	return t.actual;
}
