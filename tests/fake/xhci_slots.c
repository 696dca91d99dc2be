// SPDX-License-Identifier: BSD-2-Clause
// Slots and devices of the fake xHCI function: see tests/fake/xhci_slots.h.
#include "tests/fake/xhci_slots.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "lib/endian.h"
#include "tests/fake/xhci.h"

#define TD_MAX 64u

/* A transfer: its TRBs, and its data in one piece. */
struct td {
	struct {
		uint64_t at, param;
		uint32_t len, control;
	} trbs[TD_MAX];
	unsigned n;
	uint64_t next; /* the TRB after it, and its cycle bit */
	bool cycle;
	uint8_t data[1 << 20];
	uint32_t len;
};

struct fake_xhci_slots fake_slots;

void fake_slots_reset(void)
{
	memset(&fake_slots, 0, sizeof(fake_slots));
}

static void slot_disable(struct fake_xhci_slot *s)
{
	if (s->fd)
		s->fd->slot = 0;
	memset(s, 0, sizeof(*s));
}

void fake_slots_disable(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(fake_slots.slot); i++)
		slot_disable(&fake_slots.slot[i]);
}

void fake_slots_unplug(struct fake_xhci_device *fd)
{
	struct fake_xhci_slot *s = &fake_slots.slot[fd->slot];

	if (fd->slot)
		s->fd = NULL;
	fd->slot = 0;
}

static unsigned context_size(void)
{
	return fake_xhci.hcc_params & 4 ? 64 : 32;
}

static void context_read(uint64_t bus, unsigned index, uint32_t *words,
			 unsigned n)
{
	const uint8_t *at = fake_dma_ptr(bus + index * context_size(),
					 context_size(), DMA_TO_DEVICE);

	for (unsigned i = 0; i < n; i++)
		words[i] = le32_load(at + 4 * i);
}

/* The device context of a slot: all of it must be there. */
static uint8_t *context_of(unsigned slot)
{
	uint64_t bus = le64_load(
		fake_dma_ptr(fake_xhci.contexts + 8 * slot, 8, DMA_TO_DEVICE));

	assert_int_equal(bus % 64, 0);
	assert_true(bus % 4096 + 32 * context_size() <= 4096);
	return fake_dma_ptr(bus, 32 * context_size(), DMA_BOTH);
}

/* [xHCI 1.2, 4.3.3] */
static void context_check_empty(unsigned slot)
{
	const uint8_t *context = context_of(slot);

	for (unsigned i = 0; i < 32 * context_size(); i++)
		assert_true(!context[i] || fake_slots.lenient);
}

static void context_write(unsigned slot, unsigned id, const uint32_t *words,
			  unsigned n)
{
	uint8_t *at = context_of(slot) + id * context_size();

	for (unsigned i = 0; i < n; i++)
		le32_store(at + 4 * i, words[i]);
}

/* Commands. */

static struct fake_xhci_device *device_at(const uint32_t *slot_context)
{
	unsigned port = slot_context[1] >> 16 & 0xff;
	uint32_t route = slot_context[0] & 0xfffff;
	struct fake_xhci_device *fd = fake_xhci.port[port];

	for (; fd && route; route >>= 4)
		fd = fd->behind[route & 0xf];
	return fd;
}

static unsigned enable_slot(unsigned *slot)
{
	unsigned n = MIN(fake_xhci.params1 & 0xff, XHCI_SLOTS_MAX), i = 1;

	while (i <= n && fake_slots.slot[i].enabled)
		i++;
	if (i > n)
		return XHCI_NO_SLOTS;
	fake_slots.slot[i].enabled = true;
	*slot = fake_slots.new_slot ? fake_slots.new_slot : i;
	return XHCI_SUCCESS;
}

static void endpoint_enable(unsigned slot, unsigned id, uint64_t input)
{
	struct fake_xhci_endpoint *e = &fake_slots.slot[slot].endpoints[id];

	context_read(input, 1 + id, e->context, 5);
	e->state = FAKE_RUNNING;
	e->at = ((uint64_t)e->context[3] << 32 | e->context[2]) & ~15ULL;
	e->cycle = e->context[2] & 1;
	assert_int_equal(e->context[1] >> 1 & 3, 3);
	assert_true(e->context[1] >> 16);
	e->context[0] |= FAKE_RUNNING;
	context_write(slot, id, e->context, 5);
}

static unsigned address_device(unsigned slot, uint64_t input)
{
	struct fake_xhci_slot *s = &fake_slots.slot[slot];
	uint32_t control[2];

	context_read(input, 0, control, 2);
	assert_int_equal(control[0], 0);
	assert_int_equal(control[1], 3);
	context_read(input, 1, s->context, 4);
	assert_int_equal(s->context[0] >> 27, 1);
	s->fd = device_at(s->context);
	if (!s->fd)
		return XHCI_TRANSACTION_ERROR;
	if (s->fd->address_code)
		return (unsigned)s->fd->address_code;
	context_check_empty(slot);
	assert_true((s->context[0] >> 20 & 0xf) == s->fd->speed ||
		    fake_slots.lenient);
	/* Of two slots for one device the first must be disabled. */
	assert_true(s->fd->slot == 0 || fake_slots.lenient);
	s->fd->slot = slot;
	endpoint_enable(slot, 1, input);
	assert_int_equal(s->endpoints[1].context[1] >> 3 & 7, 4);
	s->context[3] = 2u << 27 | slot;
	context_write(slot, 0, s->context, 4);
	return XHCI_SUCCESS;
}

static unsigned configure_endpoint(unsigned slot, uint64_t input)
{
	struct fake_xhci_slot *s = &fake_slots.slot[slot];
	uint32_t control[2], context[4];

	context_read(input, 0, control, 2);
	assert_int_equal(control[0], 0);
	assert_int_equal(control[1] & 3, 1);
	context_read(input, 1, context, 4);
	memcpy(s->context, context, 3 * sizeof(uint32_t));
	for (unsigned id = 2; id < 32; id++) {
		if (!(control[1] >> id & 1))
			continue;
		assert_true(id <= context[0] >> 27);
		assert_true(s->endpoints[id].state == FAKE_DISABLED ||
			    fake_slots.lenient);
		endpoint_enable(slot, id, input);
	}
	return XHCI_SUCCESS;
}

static unsigned evaluate_context(unsigned slot, uint64_t input)
{
	struct fake_xhci_slot *s = &fake_slots.slot[slot];
	uint32_t control[2], context[5];

	context_read(input, 0, control, 2);
	assert_int_equal(control[0], 0);
	assert_int_equal(control[1], 2);
	context_read(input, 2, context, 5);
	s->endpoints[1].context[1] = context[1];
	return XHCI_SUCCESS;
}

static unsigned set_dequeue(struct fake_xhci_endpoint *e, uint64_t param)
{
	if (e->state != FAKE_STOPPED)
		return XHCI_CONTEXT_STATE;
	e->at = param & ~15ULL;
	e->cycle = param & 1;
	return XHCI_SUCCESS;
}

static unsigned endpoint_command(unsigned type, struct fake_xhci_slot *s,
				 unsigned id, uint64_t param)
{
	struct fake_xhci_endpoint *e = &s->endpoints[id];

	if (type == XHCI_SET_TR_DEQUEUE)
		return set_dequeue(e, param);
	if (e->state !=
	    (type == XHCI_RESET_ENDPOINT ? FAKE_HALTED : FAKE_RUNNING))
		return XHCI_CONTEXT_STATE;
	/* [QEMU hw/usb/hcd-xhci.c, xhci_reset_ep] */
	if (!s->fd)
		return XHCI_TRANSACTION_ERROR;
	e->state = FAKE_STOPPED;
	return XHCI_SUCCESS;
}

static unsigned run_command(unsigned type, uint64_t param, uint32_t control,
			    unsigned *slot)
{
	struct fake_xhci_slot *s;

	if (type == XHCI_ENABLE_SLOT)
		return enable_slot(slot);
	*slot = control >> 24;
	if (*slot > XHCI_SLOTS_MAX || !fake_slots.slot[*slot].enabled)
		return 11;
	s = &fake_slots.slot[*slot];
	switch (type) {
	case XHCI_DISABLE_SLOT:
		slot_disable(s);
		return XHCI_SUCCESS;
	case XHCI_ADDRESS_DEVICE:
		return address_device(*slot, param);
	case XHCI_CONFIGURE_ENDPOINT:
		return configure_endpoint(*slot, param);
	case XHCI_EVALUATE_CONTEXT:
		return evaluate_context(*slot, param);
	case XHCI_RESET_ENDPOINT:
	case XHCI_STOP_ENDPOINT:
	case XHCI_SET_TR_DEQUEUE:
		return endpoint_command(type, s, control >> 16 & 0x1f, param);
	default:
		fail_msg("command %u", type);
		return 0;
	}
}

unsigned fake_slots_command(unsigned type, uint64_t param, uint32_t control,
			    unsigned *slot)
{
	fake_slots.commands[type]++;
	if (fake_slots.code[type]) {
		*slot = control >> 24;
		return fake_slots.code[type];
	}
	return run_command(type, param, control, slot);
}

/* Transfers. */

static void td_check(const struct td *td, unsigned i)
{
	uint32_t control = td->trbs[i].control, len = td->trbs[i].len;

	if (control & XHCI_TRB_IDT)
		return;
	/* [xHCI 1.2, 6.4.1] */
	assert_true(td->trbs[i].param % 0x10000 + len <= 0x10000);
}

/* Reads the TRBs up to the end of a transfer. Returns false: not complete. */
static bool td_read(struct td *td, const struct fake_xhci_endpoint *e,
		    bool control)
{
	uint64_t at = e->at;
	bool cycle = e->cycle, ends = false;

	td->n = 0;
	td->len = 0;
	while (!ends) {
		uint8_t *trb = fake_dma_ptr(at, 16, DMA_TO_DEVICE);
		uint32_t word = le32_load(trb + 12);
		unsigned type = word >> 10 & 0x3f;

		if ((word & 1) != cycle)
			return false;
		if (type == XHCI_LINK) {
			/* It belongs to the chain that it is in. */
			assert_int_equal(word & XHCI_TRB_CHAIN,
					 td->n && !control ? XHCI_TRB_CHAIN
							   : 0);
			at = le64_load(trb);
			cycle ^= word >> 1 & 1;
			continue;
		}
		assert_true(td->n < TD_MAX);
		td->trbs[td->n].at = at;
		td->trbs[td->n].param = le64_load(trb);
		td->trbs[td->n].len = le32_load(trb + 8) & 0x1ffff;
		td->trbs[td->n].control = word;
		td_check(td, td->n++);
		at += 16;
		ends = control ? type == XHCI_STATUS : !(word & XHCI_TRB_CHAIN);
	}
	td->next = at;
	td->cycle = cycle;
	return true;
}

/* Between the TRBs' memory and td->data. */
static void td_copy(struct td *td, bool in, uint32_t bytes)
{
	uint32_t at = 0;

	for (unsigned i = 0; i < td->n; i++) {
		uint32_t len = MIN(td->trbs[i].len, bytes - at);
		uint8_t *ptr;

		if (td->trbs[i].control & XHCI_TRB_IDT || !len)
			continue;
		ptr = fake_dma_ptr(td->trbs[i].param, len,
				   in ? DMA_FROM_DEVICE : DMA_TO_DEVICE);
		if (in)
			memcpy(ptr, td->data + at, len);
		else
			memcpy(td->data + at, ptr, len);
		at += len;
	}
}

static void td_event(struct fake_xhci_endpoint *e, unsigned slot, unsigned id,
		     const struct td *td, unsigned i, unsigned code,
		     uint32_t residual)
{
	e->last = td->trbs[i].at;
	for (unsigned n = 0; n < (fake_slots.twice ? 2 : 1); n++)
		fake_xhci_event(td->trbs[i].at,
				code << 24 | (residual + fake_slots.residual),
				XHCI_TRB_TYPE(XHCI_TRANSFER_EVENT) | id << 16 |
					slot << 24);
}

/* [QEMU hw/usb/hcd-xhci.c, xhci_xfer_report] */
static void td_report(struct fake_xhci_endpoint *e, unsigned slot, unsigned id,
		      const struct td *td, uint32_t bytes)
{
	bool reported = false;

	for (unsigned i = 0; i < td->n; i++) {
		uint32_t control = td->trbs[i].control, len = td->trbs[i].len;
		uint32_t here = MIN(len, bytes);
		bool is_short = here < len;

		if (control & XHCI_TRB_IDT)
			continue;
		bytes -= here;
		if ((control >> 10 & 0x3f) == XHCI_STATUS)
			reported = false;
		if (reported || !((is_short && control & XHCI_TRB_ISP) ||
				  control & XHCI_TRB_IOC))
			continue;
		td_event(e, slot, id, td, i,
			 is_short ? XHCI_SHORT_PACKET : XHCI_SUCCESS,
			 len - here);
		reported = true;
	}
}

static long serve_control(struct fake_xhci_device *fd, struct td *td)
{
	struct usb_setup setup;
	uint32_t type = td->trbs[0].control >> 10 & 0x3f;
	bool in;
	long n;

	assert_int_equal(type, XHCI_SETUP);
	assert_true(td->trbs[0].control & XHCI_TRB_IDT);
	assert_int_equal(td->trbs[0].len, 8);
	le64_store(&setup, td->trbs[0].param);
	in = setup.type & USB_IN;
	if (td->n == 3) {
		td->len = td->trbs[1].len;
		assert_int_equal(td->trbs[0].control >> 16 & 3, in ? 3 : 2);
		assert_int_equal(td->trbs[1].control >> 16 & 1, in);
	} else {
		assert_int_equal(td->n, 2);
		assert_int_equal(td->trbs[0].control >> 16 & 3, 0);
	}
	/* The status stage goes the other way. */
	assert_int_equal(td->trbs[td->n - 1].control >> 16 & 1,
			 !(td->n == 3 && in));
	if (!in)
		td_copy(td, false, td->len);
	n = fd->control ? fd->control(fd, &setup, td->data, td->len)
			: USB_STALL;
	if (in && n > 0)
		td_copy(td, true, (uint32_t)n);
	return n;
}

static long serve_data(struct fake_xhci_device *fd, struct td *td, unsigned id)
{
	unsigned endpoint = id / 2 | (id & 1 ? USB_IN : 0);
	long n;

	for (unsigned i = 0; i < td->n; i++)
		td->len += td->trbs[i].len;
	assert_true(td->len <= sizeof(td->data));
	if (!(endpoint & USB_IN))
		td_copy(td, false, td->len);
	n = fd->data ? fd->data(fd, endpoint, td->data, td->len) : USB_STALL;
	if (endpoint & USB_IN && n > 0)
		td_copy(td, true, (uint32_t)n);
	return n;
}

static unsigned code_of(long n)
{
	if (n == USB_STALL)
		return XHCI_STALL;
	return n == ERR_IO ? XHCI_TRANSACTION_ERROR : (unsigned)(-2000 - n);
}

/* Serves one transfer. Returns false if there is none, or no data yet. */
static bool serve(struct fake_xhci_slot *s, unsigned slot, unsigned id)
{
	static struct td td;
	struct fake_xhci_endpoint *e = &s->endpoints[id];
	unsigned code;
	long n;

	if (e->state != FAKE_RUNNING || !s->fd || !td_read(&td, e, id == 1))
		return false;
	n = id == 1 ? serve_control(s->fd, &td) : serve_data(s->fd, &td, id);
	if (n == FAKE_XHCI_NAK)
		return false;
	s->fd->transfers++;
	s->fd->trbs = td.n;
	if (n >= 0) {
		assert_true((uint32_t)n <= td.len);
		s->fd->bytes = (unsigned)n;
		e->at = td.next;
		e->cycle = td.cycle;
		td_report(e, slot, id, &td, (uint32_t)n);
		return true;
	}
	code = code_of(n);
	if (code == XHCI_STALL || code == XHCI_BABBLE ||
	    code == XHCI_TRANSACTION_ERROR)
		e->state = FAKE_HALTED;
	e->at = td.next;
	e->cycle = td.cycle;
	td_event(e, slot, id, &td, 0, code, td.trbs[0].len);
	return true;
}

void fake_slots_ring(unsigned slot, unsigned id)
{
	struct fake_xhci_slot *s = &fake_slots.slot[slot];

	assert_true(id >= 1 && id <= 31);
	if (fake_slots.lenient && !s->endpoints[id].state)
		return;
	assert_true(s->enabled);
	assert_int_not_equal(s->endpoints[id].state, FAKE_DISABLED);
	if (s->endpoints[id].state == FAKE_STOPPED)
		s->endpoints[id].state = FAKE_RUNNING;
	while (!fake_slots.silent && serve(s, slot, id))
		;
}

void fake_slots_wake(void)
{
	for (unsigned slot = 1; slot < ARRAY_SIZE(fake_slots.slot); slot++) {
		for (unsigned id = 1; id < 32; id++) {
			while (!fake_slots.silent &&
			       serve(&fake_slots.slot[slot], slot, id))
				;
		}
	}
}
