// SPDX-License-Identifier: BSD-2-Clause
/* A machine whose clients only say how they were entered. */
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
