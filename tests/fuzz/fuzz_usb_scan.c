// SPDX-License-Identifier: BSD-2-Clause
// USB devices, hubs and ports that answer, or not, as the input wants.
#include <setjmp.h>

#include "drivers/request.h"
#include "lib/reason.h"
#include "tests/fake/usb_devices.h"
#include "tests/fuzz/input.h"
#include "tree/path.h"

#define THINGS 8u
/* A scan: 10 s, and what is in flight by then; and looking at the clock. */
#define SCAN_MS (10000u + 5000u + 2000u)

/* How a device answers, by four bits of the input. */
enum how {
	HONEST_MAX = 7,
	STALL,
	FAIL,
	UNPLUG,
	LATER,
	CUT,
	PATCH,
	REPLACE,
	NEVER,
};

struct fuzz_thing {
	struct fake_usb_thing thing;
	/* The fake's, of a hub or NULL. */
	long (*usual)(struct fake_usb_device *fd, const struct usb_setup *setup,
		      uint8_t *data, uint32_t len);
	bool silent;
	enum how how;
};

static struct fuzz_input in;
static struct fuzz_thing things[THINGS];
/* An exception comes after so many transfers; 0: never. */
static jmp_buf out;
static unsigned left;

static struct fuzz_thing *thing_of(struct fake_usb_device *fd)
{
	return container_of(fd, struct fuzz_thing, thing.fd);
}

/* Time passes while a device says nothing. */
static long say_nothing(void)
{
	fake_clock_advance(TIMEBASE_DEFAULT_HZ / 10);
	return FAKE_USB_NAK;
}

static long serve(struct fake_usb_device *fd, const struct usb_transfer *t)
{
	struct fuzz_thing *thing = thing_of(fd);

	(void)t;
	if (left && --left == 0)
		longjmp(out, 1);
	thing->how = fuzz_u8(&in) & 0xf;
	thing->silent |= thing->how == NEVER;
	fd->gone |= thing->how == UNPLUG;
	if (thing->silent || thing->how == LATER)
		return say_nothing();
	switch (thing->how) {
	case STALL:
		return USB_STALL;
	case FAIL:
		return ERR_IO;
	case UNPLUG:
		return ERR_NODEV;
	default:
		return FAKE_USB_PASS;
	}
}

/* The honest answer of `n` bytes, changed. Returns its new length. */
static long change(enum how how, uint8_t *data, uint32_t len, long n)
{
	uint8_t at = fuzz_u8(&in), most = fuzz_u8(&in);

	switch (how) {
	case CUT:
		return MIN(n, (long)at);
	case PATCH:
		data[at % len] = most;
		return n;
	case REPLACE:
		fuzz_take(&in, data, MIN(len, (uint32_t)most));
		return (long)len;
	default:
		return n;
	}
}

static long control(struct fake_usb_device *fd, const struct usb_setup *setup,
		    uint8_t *data, uint32_t len)
{
	const struct fuzz_thing *thing = thing_of(fd);
	long n = FAKE_USB_PASS;

	if (thing->usual)
		n = thing->usual(fd, setup, data, len);
	if (n == FAKE_USB_PASS)
		n = fake_usb_standard(fd, setup, data, len);
	if (thing->how < CUT || n < 0 || !len || !(setup->type & USB_IN))
		return n;
	return change(thing->how, data, len, n);
}

static long bulk(struct fake_usb_device *fd, uint8_t endpoint, uint8_t *data,
		 uint32_t len)
{
	uint8_t n = fuzz_u8(&in);

	(void)fd;
	if (endpoint & USB_IN && len)
		fuzz_take(&in, data, len);
	return MIN(n, len);
}

static void see(struct usb_port *port)
{
	uint8_t how = fuzz_u8(&in);

	if (!(how & 0x80))
		return;
	port->connected ^= how & 1;
	port->enabled ^= how >> 1 & 1;
	port->resetting ^= how >> 2 & 1;
	if (how & 0x40)
		port->speed = how >> 3 & 7;
}

/* At a port of an earlier hub, or a root port. */
static void place(unsigned i, uint8_t where)
{
	struct fuzz_thing *hub = i ? &things[where % i] : NULL;
	unsigned port = where >> 4;

	if (hub && hub->usual && !hub->thing.fd.behind[port])
		hub->thing.fd.behind[port] = &things[i].thing.fd;
	else
		fake_usb.port[i + 1] = &things[i].thing.fd;
}

static void make(unsigned i)
{
	struct fuzz_thing *thing = &things[i];
	uint8_t kind = fuzz_u8(&in), where = fuzz_u8(&in);
	enum usb_speed speed = 1 + (kind & 3);

	*thing = (struct fuzz_thing){ 0 };
	if (kind & 8)
		fake_usb_hub(&thing->thing, speed, 1 + (where & 15));
	else if (kind & 4)
		fake_usb_keyboard(&thing->thing, speed);
	else
		fake_usb_disk(&thing->thing, speed);
	thing->thing.sticky = kind & 16;
	thing->thing.crowded = kind & 32;
	thing->thing.fd.reset_looks = kind & 64 ? 3 : 0;
	if (kind & 128) {
		fuzz_patch(&in, thing->thing.config,
			   sizeof(thing->thing.config));
		fuzz_patch(&in, thing->thing.descriptor,
			   sizeof(thing->thing.descriptor));
		thing->thing.fd.config_len = sizeof(thing->thing.config);
	}
	thing->usual = thing->thing.fd.control;
	/* It may say that it has more than the fake knows of. */
	thing->thing.ports = thing->usual ? 255 : 0;
	thing->thing.fd.serve = serve;
	thing->thing.fd.control = control;
	thing->thing.fd.bulk = bulk;
	place(i, where);
}

static struct device *plug(void)
{
	uint8_t how = fuzz_u8(&in), n = fuzz_u8(&in);

	for (unsigned i = 0; i < 1 + n % THINGS; i++)
		make(i);
	fake_usb.real = how & 1;
	fake_usb.window = how & 2;
	fake_usb.backward = how & 4;
	fake_usb.lies = true;
	if (how & 8)
		fake_usb.lost_at = 1 + fuzz_u8(&in);
	if (how & 16)
		fake_usb.lost_look = 1 + fuzz_u8(&in);
	if (how & 32)
		fake_usb.see = see;
	if (how & 64)
		fake_dma_fail(1 + fuzz_u8(&in));
	if (how & 128)
		left = 1 + fuzz_u8(&in);
	return fake_usb_plug("usb@1");
}

static void use_transfers(struct usb_device *udev)
{
	uint8_t data[64], what = fuzz_u8(&in);
	struct usb_transfer t = {
		.udev = udev,
		.kind = USB_BULK,
		.ep = &udev->config.interfaces[0].endpoints[0],
		.buf = data,
		.len = what % sizeof(data),
	};

	(void)!usb_control(udev, USB_IN, USB_GET_STATUS, what, 0, data,
			   what % sizeof(data));
	if (!udev->config.interfaces[0].n_endpoints || what & 1)
		return;
	usb_transfer_add(&t, what & 2 ? 20 : 0);
	while (t.rq.status == REQUEST_PENDING)
		request_wait();
	assert(t.actual <= t.len);
}

static void recovered(struct usb_device *udev, void *arg)
{
	assert(udev->state != USB_WAITING && udev->state != USB_BUSY);
	++*(unsigned *)arg;
}

static void use_recovery(struct usb_device *udev)
{
	static unsigned ends;

	ends = 0;
	reason_fail(ERR_IO, "the input wants it");
	usb_device_recover(udev, recovered, &ends);
	while (!ends)
		request_wait();
	assert(ends == 1);
	if (fuzz_u8(&in) & 1)
		usb_device_worked(udev);
}

static void use(struct device *dev)
{
	struct usb_device *udev = usb_interface_of(dev)->udev;

	if (device_open(dev) < 0)
		return;
	use_transfers(udev);
	use_recovery(udev);
	use_transfers(udev);
	device_close(dev);
}

/* Not hubs: the core keeps these. */
static void use_all(struct device *hc)
{
	for (struct node *n = hc->node->child; n; n = tree_next(n)) {
		struct device *dev = device_of(n);

		if (dev && dev->bus == &usb_bus && dev->driver->start)
			use(dev);
	}
	assert(!fake_usb.running && !hc->users && !fake_usb.hc.scanning);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct device *hc;
	uint64_t took;

	in = (struct fuzz_input){ data, size };
	left = 0;
	/* Each run at the same time: a finding does not depend on others. */
	fake_clock_set(0);
	fake_usb_setup(NULL);
	fake_clock_step(TIMEBASE_DEFAULT_HZ / 10000);
	deadline_set_idle(fake_clock_advance);
	hc = plug();
	if (setjmp(out)) {
		device_abandon_all();
		device_scan_all();
	} else {
		took = fake_usb_scan();
		assert(took <= SCAN_MS);
	}
	left = 0;
	assert(!fake_usb.running && !hc->users);
	use_all(hc);
	use_all(hc);
	fake_usb_teardown(NULL);
	return 0;
}
