// SPDX-License-Identifier: BSD-2-Clause
/* A fake hypervisor: a table of handlers by hypercall number. */
#include "tests/fake/hcall.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* H_* numbers are multiples of 4 up to 0x500; QEMU's own start at 0xf000. */
#define FAKE_PAPR 0x600
#define FAKE_QEMU 0xf000
#define FAKE_QEMU_COUNT 16

static struct fake_slot {
	fake_hcall_fn fn;
	unsigned count;
} fake_slots[FAKE_PAPR + FAKE_QEMU_COUNT];

/* `sc 1` does not reach the hypervisor. */
static bool fake_trap;

static struct fake_slot *fake_slot(uint64_t op)
{
	if (op < FAKE_PAPR)
		return &fake_slots[op];
	if (op >= FAKE_QEMU && op < FAKE_QEMU + FAKE_QEMU_COUNT)
		return &fake_slots[FAKE_PAPR + op - FAKE_QEMU];
	return NULL;
}

void fake_hcall_set(uint64_t op, fake_hcall_fn fn)
{
	fake_slot(op)->fn = fn;
}

void fake_hcall_reset(void)
{
	memset(fake_slots, 0, sizeof(fake_slots));
	fake_trap = false;
}

void fake_hcall_trap(void)
{
	fake_trap = true;
}

unsigned fake_hcall_count(uint64_t op)
{
	return fake_slot(op)->count;
}

static int64_t fake_hcall(struct hcall *h)
{
	struct fake_slot *slot = fake_slot(h->op);

	if (!slot)
		return H_FUNCTION;
	slot->count++;
	return slot->fn ? slot->fn(h) : H_FUNCTION;
}

int64_t hcall(struct hcall *h)
{
	return fake_trap ? H_PRIVILEGE : fake_hcall(h);
}

int64_t hcall_emulated(struct hcall *h)
{
	/* On any other host it is an illegal instruction. */
	assert_true(fake_trap);
	return fake_hcall(h);
}
