// SPDX-License-Identifier: BSD-2-Clause
/* Tests of boot/handover.c: what of -kernel, -initrd, -append is measured. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "boot/handover.h"
#include "tests/fake/handover.h"
#include "tests/fake/machine.h"
#include "tests/fake/measure.h"
#include "tree/path.h"
#include "tree/prop.h"

static void start_measured(void)
{
	fake_handover_start();
	fake_measure_reset();
	measure_set_hook(fake_measure);
}

static void run_measured(void)
{
	enum ci_leave why;
	uint64_t result;

	assert_int_equal(handover_kernel(&why, &result), 0);
	measure_set_hook(NULL);
	handover_cleanup();
}

/* Not the gap between its segments. */
static void every_byte_of_kernel_initrd_and_append_is_measured(void **state)
{
	static const char append[] = "root=/dev/sda";

	(void)state;
	fake_handover_elf_with_gaps(0x6000, 2);
	fake_handover_initrd(0xa000, 0xa123);
	fake_memory[0x8fff] = 0x42;
	assert_int_equal(tree_set_str(tree_find("/chosen"), "bootargs", append),
			 0);
	start_measured();
	/* It counts what is there at the end. */
	fake_memory[0x6800] = 0x17;
	run_measured();
	fake_measured(MEASURE_KERNEL, "-kernel", fake_memory + 0x6000, 0x1000);
	fake_measured(MEASURE_KERNEL, "-kernel", fake_memory + 0x8000, 0x1000);
	fake_measured(MEASURE_INITRD, "-initrd", fake_memory + 0xa000, 0x123);
	fake_measured(MEASURE_ARGS, "bootargs", append, strlen(append));
	assert_int_equal(fake_measured_all(), 0x2123 + strlen(append));
	fake_measure_reset();
}

static void a_kernel_without_its_header_is_measured_whole(void **state)
{
	(void)state;
	fake_handover_kernel(0x6000, 0x2345);
	start_measured();
	run_measured();
	fake_measured(MEASURE_KERNEL, "-kernel", fake_memory + 0x6000, 0x2345);
	assert_int_equal(fake_measured_all(), 0x2345);
	fake_measure_reset();
}

#define T(name)                                                                \
	cmocka_unit_test_setup_teardown(name, fake_machine_start,              \
					fake_machine_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(every_byte_of_kernel_initrd_and_append_is_measured),
		T(a_kernel_without_its_header_is_measured_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
