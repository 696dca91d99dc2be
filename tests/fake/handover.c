// SPDX-License-Identifier: BSD-2-Clause
/* A machine whose clients only record how they were entered. */
#include "tests/fake/handover.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tree/path.h"
#include "tree/prop.h"

struct client_regs fake_entered;
unsigned fake_entries;
uint64_t fake_client_result;
enum ci_leave fake_client_why;

static int64_t enter(const struct client_regs *regs, uint64_t *result)
{
	fake_entered = *regs;
	fake_entries++;
	*result = fake_client_result;
	return fake_client_why;
}

void fake_handover_start(void)
{
	static const struct boot_machine machine = {
		.enter = enter,
		.interface = FAKE_INTERFACE,
		.stack_top = FAKE_STACK_END,
	};

	fake_entries = 0;
	fake_client_result = 0;
	fake_client_why = CI_EXIT;
	handover_init(&machine);
}

void fake_handover_common(uint64_t pc, uint64_t msr)
{
	uint64_t sp = fake_entered.gpr1[0];

	assert_int_equal(fake_entries, 1);
	assert_int_equal(fake_entered.pc, pc);
	assert_int_equal(fake_entered.msr, msr);
	/* A stack frame with a zero back chain, inside the client's stack. */
	assert_int_equal(sp % 16, 0);
	assert_true(sp >= FAKE_STACK && sp <= FAKE_STACK_END - 32);
	for (uint64_t i = sp; i < sp + 64; i++)
		assert_int_equal(fake_memory[i], 0);
	assert_int_equal(fake_entered.gpr1[4], FAKE_INTERFACE);
}

void fake_handover_kernel(uint64_t base, uint64_t size)
{
	const uint32_t cells[4] = { (uint32_t)(base >> 32), (uint32_t)base,
				    (uint32_t)(size >> 32), (uint32_t)size };

	assert_int_equal(tree_set_cells(tree_find("/chosen"),
					"qemu,boot-kernel", cells, 4),
			 0);
}

void fake_handover_elf(uint64_t base, uint8_t machine)
{
	static const uint8_t header[] = {
		0x7f,	     'E',
		'L',	     'F',
		2,	     1,
		1,	     0,
		[16] = 2,    [18] = 21,
		[20] = 1,    [24] = 0x00,
		0x02,	     0x00,
		0x10, /* e_entry 0x10000200 */
		[32] = 64,   [48] = 2,
		[54] = 56,   [56] = 1,
		[64] = 1,    [80] = 0x00,
		0x00,	     0x00,
		0x10, /* p_vaddr */
		[88] = 0x00, 0x00,
		0x00,	     0x10, /* p_paddr */
		[97] = 0x10, [105] = 0x10,
		[112] = 0,
	};

	memcpy(fake_memory + base, header, sizeof(header));
	fake_memory[base + 18] = machine;
	fake_handover_kernel(base, 0x1000);
}

void fake_handover_elf_with_gaps(uint64_t base, uint8_t count)
{
	fake_handover_elf(base, 21);
	fake_memory[base + 56] = count;
	for (uint8_t i = 1; i < count; i++) {
		uint8_t *header = fake_memory + base + 64 + i * 56u;

		memcpy(header, fake_memory + base + 64, 56);
		header[9] = 0x10;		  /* p_offset */
		header[17] = (uint8_t)(0x20 * i); /* p_vaddr */
		header[25] = (uint8_t)(0x20 * i); /* p_paddr */
	}
	fake_handover_kernel(base, 0x1000u * count);
}

void fake_handover_initrd(uint32_t start, uint32_t end)
{
	struct node *chosen = tree_find("/chosen");

	assert_int_equal(tree_set_u32(chosen, "linux,initrd-start", start), 0);
	assert_int_equal(tree_set_u32(chosen, "linux,initrd-end", end), 0);
}
