// SPDX-License-Identifier: BSD-2-Clause
// USB devices: from a plugged port to a configured device (USB 2.0, 9.1.2).
#include "drivers/usb/core.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"

/*
 * Each device goes through the table usb_steps, one transfer after the other,
 * while other devices and controllers go through theirs:
 *
 *	OFF -- begin --> WAITING -- hub up, bus free --> BUSY -- steps --> UP
 *
 * From its reset to its address a device listens to address 0, so only one per
 * controller, hc->addressing, is in these steps. After a fault the device tries
 * once more; the second time it is dropped. When the controller has been
 * stopped, by a time-out, its devices are OFF; who waits for one begins again:
 * usb_scan(), usb_device_start().
 *
 * A device that is WAITING or BUSY has a transfer in flight, or waits for one
 * that has: whatever happens, each bring-up ends.
 */

/* Faults until a device is dropped. */
#define FAULTS_MAX 2u
/*
 * Longest silence of the one that has the bus, for which the others wait; 50 ms
 * are allowed. [USB 2.0, 7.1.7.5, 9.2.6.3]
 */
#define BUS_MS 2000u

static void bring_up_step_done(struct usb_transfer *t);
static void bring_up_end(struct usb_device *udev, enum usb_state state);

/* The transfer of a child's step may be one of its hub's. */
static struct usb_device *bring_up_device(struct usb_transfer *t)
{
	return container_of(t, struct usb_device, bring_up);
}

static void bring_up_too_late(struct usb_device *udev)
{
	reason_fail(ERR_TIMEOUT, "no time is left for it");
	usb_device_drop(udev);
}

/* Sends the next transfer, or ends the bring-up. */
static void bring_up_advance(struct usb_device *udev)
{
	struct usb_transfer *t = &udev->bring_up;

	while (udev->step < usb_step_count &&
	       !usb_steps[udev->step].send(udev, t))
		udev->step++;
	if (udev->step == usb_step_count) {
		bring_up_end(udev, USB_UP);
	} else if (usb_controller_is_late(udev->hc)) {
		bring_up_too_late(udev);
	} else {
		t->done = bring_up_step_done;
		if (udev->hc->addressing == udev)
			t->rq.timeout_ms = BUS_MS;
		usb_transfer_add(t, udev->hc->real ? usb_steps[udev->step].delay
						   : 0);
	}
}

/* Takes the bus, or waits for it. After a fault it still has it. */
static void bring_up_take_bus(struct usb_device *udev)
{
	struct usb_controller *hc = udev->hc;

	if (hc->addressing && hc->addressing != udev) {
		list_add_tail(&hc->waiters, &udev->waiting);
		return;
	}
	hc->addressing = udev;
	udev->state = USB_BUSY;
	udev->step = 0;
	bring_up_advance(udev);
}

/* It has waited for its hub or the bus. If no time is left, it is not to blame. */
static void bring_up_go_on(struct usb_device *udev)
{
	struct usb_controller *hc = udev->hc;

	list_del(&udev->waiting);
	if (!usb_controller_is_current(hc))
		bring_up_end(udev, USB_OFF);
	else if (!usb_controller_is_late(hc))
		bring_up_take_bus(udev);
	else if (udev->known)
		bring_up_end(udev, USB_OFF);
	else
		bring_up_too_late(udev);
}

void usb_device_release_bus(struct usb_device *udev)
{
	struct usb_controller *hc = udev->hc;

	udev->unaddressed = false;
	if (hc->addressing != udev)
		return;
	hc->addressing = NULL;
	while (!hc->addressing && !list_empty(&hc->waiters))
		bring_up_go_on(container_of(hc->waiters.next, struct usb_device,
					    waiting));
}

void usb_device_begin(struct usb_device *udev)
{
	struct usb_device *hub = udev->hub;

	/* It may have died after it was started. */
	if (!usb_controller_is_current(udev->hc)) {
		bring_up_end(udev, USB_OFF);
		return;
	}
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
		if (hub->state == USB_UP)
			bring_up_go_on(udev);
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

/* Would it answer in place of the next one? SuperSpeed has no shared bus. */
static bool bring_up_listens(const struct usb_device *udev)
{
	struct usb_controller *hc = udev->hc;
	struct usb_port port;

	if (!udev->unaddressed || !usb_controller_is_current(hc))
		return false;
	if (udev->hub)
		return udev->hub->speed != USB_SUPER;
	port = hc->ops->port_state(hc, udev->port);
	return port.resetting || (port.enabled && port.speed != USB_SUPER);
}

static void bring_up_stopped(struct usb_transfer *t)
{
	bring_up_end(bring_up_device(t), USB_DROPPED);
}

/* Only a reset of the controller silences what has no address. */
void usb_device_drop(struct usb_device *udev)
{
	struct usb_transfer *t = &udev->bring_up;

	log_err("usb %s: device ignored: %s", usb_device_name(udev), reason());
	if (!bring_up_listens(udev)) {
		bring_up_end(udev, USB_DROPPED);
		return;
	}
	*t = (struct usb_transfer){ .udev = udev,
				    .kind = USB_STOP,
				    .done = bring_up_stopped };
	usb_transfer_add(t, 0);
}

/* A silent hub is to blame for what its devices wait for. */
static bool bring_up_blame_hub(struct usb_device *udev, int err)
{
	if (err != ERR_TIMEOUT || udev->bring_up.udev == udev ||
	    usb_controller_is_current(udev->hc))
		return false;
	usb_device_drop(udev->hub);
	bring_up_end(udev, USB_GONE);
	return true;
}

/*
 * A time-out has cost much time and all devices their state: no second try. If
 * the controller takes no more devices, no other one gets an address while this
 * one has none.
 */
static void bring_up_failed(struct usb_device *udev, int err)
{
	if (err == ERR_NODEV) {
		bring_up_end(udev, USB_GONE);
		return;
	}
	if (bring_up_blame_hub(udev, err))
		return;
	if (err == ERR_NOSPACE)
		udev->unaddressed = false;
	udev->faults++;
	if (err == ERR_TIMEOUT || err == ERR_NOSPACE ||
	    udev->faults >= FAULTS_MAX)
		usb_device_drop(udev);
	else
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

static bool bring_up_is_over(const struct usb_device *udev)
{
	return udev->state != USB_WAITING && udev->state != USB_BUSY;
}

void usb_device_recover(struct usb_device *udev,
			void (*up)(struct usb_device *udev, void *arg),
			void *arg)
{
	/* Another user of it was first. */
	if (!bring_up_is_over(udev) || udev->state == USB_DROPPED) {
		if (up)
			up(udev, arg);
		return;
	}
	udev->up = up;
	udev->up_arg = arg;
	udev->faults++;
	usb_controller_allow_time(udev->hc);
	if (udev->faults >= FAULTS_MAX)
		usb_device_drop(udev);
	else
		usb_device_begin(udev);
}

void usb_device_worked(struct usb_device *udev)
{
	udev->faults = 0;
}
