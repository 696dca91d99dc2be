// SPDX-License-Identifier: BSD-2-Clause
/* A fake hypervisor: a table of handlers by hypercall number. */
#include "tests/fake/hcall.h"

#include <string.h>

/* H_* numbers are multiples of 4 up to 0x500, QEMU's own start at 0xf000. */
#define FAKE_PAPR 0x600
#define FAKE_QEMU 0xf000
#define FAKE_QEMU_COUNT 16

static struct fake_slot {
	fake_hcall_fn fn;
	unsigned count;
} fake_slots[FAKE_PAPR + FAKE_QEMU_COUNT];

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
}

unsigned fake_hcall_count(uint64_t op)
{
	return fake_slot(op)->count;
}

int64_t hcall(struct hcall *h)
{
	struct fake_slot *slot = fake_slot(h->op);

	if (!slot)
		return H_FUNCTION;
	slot->count++;
	return slot->fn ? slot->fn(h) : H_FUNCTION;
}
