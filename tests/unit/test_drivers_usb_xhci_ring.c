// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/usb/xhci_ring.c: events, also those that make no sense.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "drivers/usb/core.h"
#include "lib/reason.h"
#include <cmocka.h>

#include "tests/fake/xhci_machine.h"

static struct fake_xhci_device stick;
static struct usb_device *udev;
static uint8_t buf[1 << 17];
static uint32_t length; /* of `pending` */
static long answer;

static long control(struct fake_xhci_device *fd, const struct usb_setup *setup,
		    uint8_t *data, uint32_t len)
{
	(void)fd;
	(void)setup;
	memset(data, 0x11, len);
	return len;
}

static long bulk(struct fake_xhci_device *fd, unsigned endpoint, uint8_t *data,
		 uint32_t len)
{
	(void)fd;
	(void)endpoint;
	if (answer < 0)
		return answer;
	memset(data, 0x22, len);
	return len;
}

static int setup(void **state)
{
	int err = xhci_setup(state);

	answer = 512;
	length = 512;
	stick = (struct fake_xhci_device){ .speed = USB_HIGH,
					   .control = control,
					   .data = bulk };
	udev = xhci_add_addressed(PORT_HIGH, &stick);
	xhci_configure(udev);
	return err;
}

static void works(void)
{
	uint32_t actual;

	assert_int_equal(usb_control(udev, USB_IN, 6, 0, 0, buf, 18), 18);
	assert_int_equal(xhci_bulk(xhci_bulk_in(udev), buf, 512, &actual), 0);
	assert_int_equal(actual, 512);
}

static void event(uint64_t param, unsigned code, uint32_t residual,
		  unsigned type, unsigned slot, unsigned endpoint)
{
	fake_xhci_event(param, code << 24 | residual,
			type << 10 | endpoint << 16 | slot << 24);
}

/* The bus address of the TRB that a transfer begins with next. */
static uint64_t next_trb(unsigned id)
{
	const struct xhci_device *xd = udev->hcd;
	const struct xhci_ring *ring = &xd->endpoints[id]->ring;

	return ring->bus + 16 * ring->next;
}

/* Events while a bulk transfer waits, which must not end it. */
static struct usb_transfer pending;

static void begin(void)
{
	answer = FAKE_XHCI_NAK;
	xhci_bulk_fill(&pending, xhci_bulk_in(udev), buf, length);
	pending.rq.queue = &udev->requests;
	udev->requests.slots[0] = &pending.rq;
	udev->requests.in_flight = 1;
	pending.rq.status = REQUEST_PENDING;
	assert_int_equal(dma_map(&xhci_hc->dma, buf, length, DMA_FROM_DEVICE,
				 &pending.bus),
			 0);
	assert_int_equal(xhci_hc->ops->submit(xhci_hc, &pending), 0);
}

static void is_pending(void)
{
	xhci_poll();
	assert_int_equal(pending.rq.status, REQUEST_PENDING);
}

static void ends_well(uint32_t actual)
{
	answer = 512;
	fake_slots_wake();
	xhci_poll();
	dma_unmap(&xhci_hc->dma, pending.bus, length);
	assert_int_equal(pending.rq.status, 0);
	assert_int_equal(pending.actual, actual);
}

static void events_of_other_addresses_are_ignored(void **state)
{
	uint64_t trb = next_trb(3);
	static const int64_t away[] = { 1,   4,	   8,	15,   16,   -16,
					160, -160, 624, 4096, -4096 };

	(void)state;
	begin();
	for (unsigned i = 0; i < ARRAY_SIZE(away); i++) {
		event(trb + (uint64_t)away[i], 1, 0, 32, 1, 3);
		is_pending();
	}
	event(0, 1, 0, 32, 1, 3);
	event(UINT64_MAX, 1, 0, 32, 1, 3);
	event(trb | 1ULL << 32, 1, 0, 32, 1, 3);
	/* A command's and a virtual address. */
	event(fake_xhci.command_at, 1, 0, 32, 1, 3);
	event((uintptr_t)buf, 1, 0, 32, 1, 3);
	is_pending();
	ends_well(512);
}

static void events_of_other_slots_and_endpoints_are_ignored(void **state)
{
	uint64_t trb = next_trb(3);
	static const unsigned slots[] = { 0, 2, 63, 64, 65, 255 };

	(void)state;
	begin();
	for (unsigned i = 0; i < ARRAY_SIZE(slots); i++)
		event(trb, 1, 0, 32, slots[i], 3);
	for (unsigned id = 0; id < 32; id++) {
		if (id != 3)
			event(trb, 1, 0, 32, 1, id);
	}
	is_pending();
	ends_well(512);
}

static void events_of_unknown_types_are_ignored(void **state)
{
	uint64_t trb = next_trb(3);

	(void)state;
	begin();
	for (unsigned type = 0; type < 64; type++) {
		if (type != 32)
			event(trb, 1, 0, type, 1, 3);
	}
	is_pending();
	/* Controller events other than a full ring. */
	for (unsigned code = 0; code < 256; code++) {
		if (code != 21)
			event(0, code, 0, 37, 0, 0);
		is_pending();
	}
	ends_well(512);
}

static void command_events_without_a_command_are_ignored(void **state)
{
	(void)state;
	begin();
	event(0, 1, 0, 33, 1, 0);
	event(fake_xhci.command_at, 1, 0, 33, 1, 0);
	event(fake_xhci.command_at - 16, 1, 0, 33, 1, 0);
	is_pending();
	ends_well(512);
	works();
}

static void port_events_of_any_port_are_harmless(void **state)
{
	(void)state;
	begin();
	for (unsigned port = 0; port < 256; port++) {
		event((uint64_t)port << 24, 1, 0, 34, 0, 0);
		is_pending();
	}
	ends_well(512);
}

static void a_residual_of_more_than_was_asked_is_nothing(void **state)
{
	uint64_t trb = next_trb(3);

	(void)state;
	begin();
	event(trb, 13, 0xffffff, 32, 1, 3);
	xhci_poll();
	dma_unmap(&xhci_hc->dma, pending.bus, 512);
	assert_int_equal(pending.rq.status, 0);
	assert_int_equal(pending.actual, 0);
}

/* Only the event of the last piece tells of success. */
static void success_in_the_middle_of_a_transfer_is_ignored(void **state)
{
	uint64_t trb = next_trb(3);

	(void)state;
	length = sizeof(buf);
	begin();
	event(trb, 1, 0, 32, 1, 3);
	event(trb + 16, 1, 0, 32, 1, 3);
	is_pending();
	ends_well(length);
}

static void events_that_come_twice_count_once(void **state)
{
	(void)state;
	fake_slots.twice = true;
	for (unsigned i = 0; i < 100; i++)
		works();
	assert_int_equal(usb_control(udev, USB_IN, 6, 0, 0, buf, 0x40), 0x40);
}

static void late_events_of_earlier_transfers_are_ignored(void **state)
{
	uint64_t trb = next_trb(3);

	(void)state;
	works();
	begin();
	event(trb, 6, 0, 32, 1, 3);
	is_pending();
	ends_well(512);
}

static void a_wrong_stage_does_not_end_a_control_transfer(void **state)
{
	struct usb_transfer t;
	uint64_t trb = next_trb(1);

	(void)state;
	usb_setup_fill(&t, udev, USB_IN, 6, 0, 0, buf, 18);
	usb_transfer_add(&t, 0);
	t.rq.timeout_ms = 100000;
	fake_slots.silent = true;
	assert_int_equal(udev->requests.in_flight, 0);
	/* Success of the setup and data stages, then short data. */
	for (unsigned i = 0; i < 3 && t.rq.status == REQUEST_PENDING; i++) {
		event(trb, 1, 0, 32, 1, 1);
		event(trb + 16, 1, 0, 32, 1, 1);
	}
	event(trb + 16, 13, 10, 32, 1, 1);
	event(trb, 13, 8, 32, 1, 1);
	event(trb + 32, 1, 0, 32, 1, 1);
	while (t.rq.status == REQUEST_PENDING)
		request_wait();
	assert_int_equal(t.rq.status, 0);
	assert_int_equal(t.actual, 8);
}

static void a_full_ring_resets_the_controller(void **state)
{
	(void)state;
	begin();
	for (unsigned i = 0; i < 200; i++)
		event(0, 1, 0, 35, 0, 0);
	fake_log_clear();
	xhci_poll();
	assert_true(fake_log_has("controller reset: events were lost"));
	assert_null(udev->hcd);
	xhci_poll();
	dma_unmap(&xhci_hc->dma, pending.bus, 512);
}

static void a_flood_of_events_is_bounded_per_poll(void **state)
{
	unsigned before;

	(void)state;
	begin();
	fake_xhci.lie = XHCI_FLOOD;
	event(0, 1, 0, 35, 0, 0);
	/* Each ERDP write makes room for more. */
	for (unsigned i = 0; i < 30; i++) {
		before = fake_xhci.written;
		is_pending();
		assert_true(fake_xhci.written - before <= 2 * XHCI_EVENTS);
	}
	assert_true(fake_xhci.written > 10 * XHCI_EVENTS);
	fake_xhci.lie = XHCI_HONEST;
	for (unsigned i = 0; i < 3; i++)
		xhci_poll();
	ends_well(512);
}

static void a_new_cycle_bit_on_an_old_event_is_ignored(void **state)
{
	const struct xhci *xh = xhci_state();

	(void)state;
	/* More than a round of the ring: each event is an old one. */
	for (unsigned i = 0; i < 2 * XHCI_EVENTS; i++)
		assert_int_equal(usb_control(udev, USB_IN, 6, 0, 0, buf, 18),
				 18);
	begin();
	for (unsigned i = 0; i < XHCI_EVENTS; i++) {
		struct xhci_trb *trb = &xh->events[fake_xhci.event_next];

		trb->control.raw ^= le32_make(1).raw;
		fake_xhci.event_next++;
		if (fake_xhci.event_next == XHCI_EVENTS) {
			fake_xhci.event_next = 0;
			fake_xhci.event_cycle ^= true;
		}
		is_pending();
	}
	ends_well(512);
}

static void all_ones_in_the_event_ring_are_ignored(void **state)
{
	const struct xhci *xh = xhci_state();

	(void)state;
	begin();
	memset(xh->events, 0xff, XHCI_EVENTS * sizeof(struct xhci_trb));
	/* At most one round has its cycle bit. */
	for (unsigned i = 0; i < 4; i++)
		is_pending();
	dma_unmap(&xhci_hc->dma, pending.bus, 512);
}

/* The controller can overwrite all of it: nothing is read back. */
static void rings_that_are_overwritten_do_no_harm(void **state)
{
	const struct xhci_device *xd = udev->hcd;
	const struct xhci_ring *ring = &xd->endpoints[3]->ring;
	uint64_t trb = next_trb(3);

	(void)state;
	begin();
	memset(ring->trbs, 0xff, ring->size * sizeof(struct xhci_trb));
	memset(xd->context, 0xff, 1024);
	memset(xhci_state()->contexts, 0xff, 520);
	event(trb, 13, 500, 32, 1, 3);
	xhci_poll();
	dma_unmap(&xhci_hc->dma, pending.bus, 512);
	assert_int_equal(pending.rq.status, 0);
	assert_int_equal(pending.actual, 12);
}

static void positions_count_from_the_oldest(void **state)
{
	struct xhci_ring ring;

	(void)state;
	assert_int_equal(xhci_ring_alloc(xhci_state(), &ring, 5), 0);
	assert_int_equal(xhci_ring_room(&ring), 4);
	assert_int_equal(xhci_ring_position(&ring, ring.bus), 0);
	for (unsigned i = 0; i < 23; i++) {
		unsigned at = i % 4;

		xhci_ring_push(&ring, i, 0, 0);
		xhci_ring_push(&ring, i, 0, 0);
		assert_int_equal(ring.used, 2);
		assert_int_equal(xhci_ring_position(&ring, ring.bus + at * 16),
				 0);
		assert_int_equal(
			xhci_ring_position(&ring, ring.bus + (at + 1) % 4 * 16),
			1);
		assert_int_equal(
			xhci_ring_position(&ring, ring.bus + (at + 2) % 4 * 16),
			2);
		assert_int_equal(xhci_ring_position(&ring, ring.bus + 64), 2);
		xhci_ring_commit(&ring);
		ring.used = 0;
		/* One back. */
		ring.next = (at + 1) % 4;
		ring.cycle = (i + 1) / 4 % 2 == 0;
	}
}

static void a_trb_is_not_valid_before_the_whole_transfer_is(void **state)
{
	struct xhci_ring ring;

	(void)state;
	assert_int_equal(xhci_ring_alloc(xhci_state(), &ring, 4), 0);
	for (unsigned round = 0; round < 6; round++) {
		unsigned first = ring.next;
		bool cycle = ring.cycle;

		for (unsigned i = 0; i < 2; i++)
			xhci_ring_push(&ring, 0, 0, XHCI_TRB_CHAIN);
		assert_int_equal(le32_get(ring.trbs[first].control) & 1,
				 !cycle);
		xhci_ring_commit(&ring);
		assert_int_equal(le32_get(ring.trbs[first].control) & 1, cycle);
		ring.used = 0;
	}
	xhci_ring_commit(&ring);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, xhci_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(events_of_other_addresses_are_ignored),
		TEST(events_of_other_slots_and_endpoints_are_ignored),
		TEST(events_of_unknown_types_are_ignored),
		TEST(command_events_without_a_command_are_ignored),
		TEST(port_events_of_any_port_are_harmless),
		TEST(a_residual_of_more_than_was_asked_is_nothing),
		TEST(success_in_the_middle_of_a_transfer_is_ignored),
		TEST(events_that_come_twice_count_once),
		TEST(late_events_of_earlier_transfers_are_ignored),
		TEST(a_wrong_stage_does_not_end_a_control_transfer),
		TEST(a_full_ring_resets_the_controller),
		TEST(a_flood_of_events_is_bounded_per_poll),
		TEST(a_new_cycle_bit_on_an_old_event_is_ignored),
		TEST(all_ones_in_the_event_ring_are_ignored),
		TEST(rings_that_are_overwritten_do_no_harm),
		TEST(positions_count_from_the_oldest),
		TEST(a_trb_is_not_valid_before_the_whole_transfer_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
