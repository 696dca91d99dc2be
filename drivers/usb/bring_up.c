// SPDX-License-Identifier: BSD-2-Clause
// USB devices: from a plugged port to a configured device (USB 2.0, 9.1.2).
#include "drivers/usb/core.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"

/*
 * Each device goes through the table usb_steps, one transfer after the
 * other, while other devices and controllers go through theirs:
 *
 *	OFF -- begin --> WAITING -- hub up, bus free --> BUSY -- steps --> UP
 *
 * From its reset to its address a device listens to address 0, so only one per
 * controller, hc->addressing, is in these steps. After a fault the device tries
 * once more; the second time it is dropped. When the controller has been
 * stopped, by a time-out, its devices are OFF; who waits for one begins again:
 * usb_scan(), usb_device_start().
 */

/* Faults until a device is dropped. */
#define FAULTS_MAX 2u

static void bring_up_step_done(struct usb_transfer *t);

/* The transfer of a child's step may be one of its hub's. */
static struct usb_device *bring_up_device(struct usb_transfer *t)
{
	return container_of(t, struct usb_device, bring_up);
}

static void bring_up_end(struct usb_device *udev, enum usb_state state);

/* Sends the next transfer, or ends the bring-up. */
static void bring_up_advance(struct usb_device *udev)
{
	struct usb_transfer *t = &udev->bring_up;

	for (; udev->step < usb_step_count; udev->step++) {
		if (!usb_steps[udev->step].send(udev, t))
			continue;
		t->done = bring_up_step_done;
		usb_transfer_add(
			t, usb_device_delay(udev, usb_steps[udev->step].delay));
		return;
	}
	bring_up_end(udev, USB_UP);
}

/* Takes the bus, or waits for it. */
static void bring_up_take_bus(struct usb_device *udev)
{
	struct usb_controller *hc = udev->hc;

	if (hc->addressing) {
		list_add_tail(&hc->waiters, &udev->waiting);
		return;
	}
	hc->addressing = udev;
	udev->state = USB_BUSY;
	udev->step = 0;
	bring_up_advance(udev);
}

void usb_device_release_bus(struct usb_device *udev)
{
	struct usb_controller *hc = udev->hc;
	struct usb_device *next;

	if (hc->addressing != udev)
		return;
	hc->addressing = NULL;
	if (list_empty(&hc->waiters) || !usb_controller_is_current(hc))
		return;
	next = container_of(hc->waiters.next, struct usb_device, waiting);
	list_del(&next->waiting);
	bring_up_take_bus(next);
}

void usb_device_begin(struct usb_device *udev)
{
	struct usb_device *hub = udev->hub;

	udev->state = USB_WAITING;
	if (!udev->scratch)
		udev->scratch = heap_alloc(USB_CONTROL_MAX);
	if (!udev->scratch) {
		reason_fail(ERR_NOMEM, "no memory");
		usb_device_drop(udev);
		return;
	}
	if (!hub || usb_device_is_up(hub)) {
		bring_up_take_bus(udev);
		return;
	}
	list_add_tail(&hub->waiters, &udev->waiting);
	if (hub->state == USB_OFF)
		usb_device_begin(hub);
	else if (hub->state == USB_DROPPED || hub->state == USB_GONE)
		bring_up_end(udev, USB_GONE);
}

/* Those that wait for a hub: go on, or end with it. */
static void bring_up_wake(struct usb_device *hub)
{
	struct usb_device *udev, *next;

	list_for_each_safe(udev, next, &hub->waiters, waiting) {
		list_del(&udev->waiting);
		if (hub->state == USB_UP)
			bring_up_take_bus(udev);
		else
			bring_up_end(udev, hub->state == USB_OFF ? USB_OFF
								 : USB_GONE);
	}
}

static void bring_up_end(struct usb_device *udev, enum usb_state state)
{
	void (*up)(struct usb_device * udev, void *arg) = udev->up;

	udev->state = state;
	udev->up = NULL;
	list_del(&udev->waiting);
	heap_free(udev->scratch);
	udev->scratch = NULL;
	usb_device_release_bus(udev);
	bring_up_wake(udev);
	if (up)
		up(udev, udev->up_arg);
}

void usb_device_off(struct usb_device *udev)
{
	bring_up_end(udev, USB_OFF);
}

void usb_device_drop(struct usb_device *udev)
{
	log_err("usb %s: device ignored: %s", usb_device_name(udev), reason());
	bring_up_end(udev, USB_DROPPED);
}

/* A time-out has cost 5 s and all other devices their state: no second try. */
static void bring_up_failed(struct usb_device *udev, int err)
{
	if (err == ERR_NODEV) {
		bring_up_end(udev, USB_GONE);
		return;
	}
	udev->faults++;
	if (err == ERR_TIMEOUT || udev->faults >= FAULTS_MAX) {
		usb_device_drop(udev);
		return;
	}
	if (!usb_controller_is_current(udev->hc)) {
		bring_up_end(udev, USB_OFF);
		return;
	}
	usb_device_release_bus(udev);
	usb_device_begin(udev);
}

static void bring_up_step_done(struct usb_transfer *t)
{
	struct usb_device *udev = bring_up_device(t);
	const struct usb_step *step = &usb_steps[udev->step];
	int err = t->rq.status;

	/* The controller was stopped by another device's time-out. */
	if (err == ERR_IO && !usb_controller_is_current(udev->hc)) {
		bring_up_end(udev, USB_OFF);
		return;
	}
	if (err < 0)
		reason_fail(err, "%s", t->rq.why);
	else if (step->take)
		err = step->take(udev, t);
	if (err < 0) {
		bring_up_failed(udev, err);
		return;
	}
	if (err == USB_NEXT_STEP)
		udev->step++;
	bring_up_advance(udev);
}

void usb_device_recover(struct usb_device *udev,
			void (*up)(struct usb_device *udev, void *arg),
			void *arg)
{
	udev->up = up;
	udev->up_arg = arg;
	udev->faults++;
	if (udev->faults >= FAULTS_MAX)
		usb_device_drop(udev);
	else if (!usb_controller_is_current(udev->hc))
		bring_up_end(udev, USB_OFF);
	else
		usb_device_begin(udev);
}

void usb_device_worked(struct usb_device *udev)
{
	udev->faults = 0;
}
