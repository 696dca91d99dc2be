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
	fake_measure_start();
}

static void run_measured(void)
{
	enum ci_leave why;
	uint64_t result;

	assert_int_equal(handover_kernel(&why, &result), 0);
	handover_cleanup();
}

/* The client has ended. */
static void assert_left(void)
{
	fake_measured(MEASURE_RETURNED, NULL, NULL, 0);
	fake_measured_end();
}

static void set_args(const char *args)
{
	assert_int_equal(tree_set_str(tree_find("/chosen"), "bootargs", args),
			 0);
}

/* Not the gap between its segments. */
static void every_byte_of_kernel_initrd_and_append_is_measured(void **state)
{
	static const char append[] = "root=/dev/sda";
	uint8_t kernel[0x2000];

	(void)state;
	fake_handover_elf_with_gaps(0x6000, 2);
	fake_handover_initrd(0xa000, 0xa123);
	fake_memory[0x8fff] = 0x42;
	set_args(append);
	start_measured();
	/* It counts what is there at the end. */
	fake_memory[0x6800] = 0x17;
	memcpy(kernel, fake_memory + 0x6000, 0x1000);
	memcpy(kernel + 0x1000, fake_memory + 0x8000, 0x1000);
	run_measured();
	fake_measured(MEASURE_BOOTING, "-kernel", NULL, 0);
	fake_measured(MEASURE_LOADER, "kernel", kernel, sizeof(kernel));
	fake_measured(MEASURE_CMDLINE, NULL, append, strlen(append));
	fake_measured(MEASURE_INITRD, NULL, fake_memory + 0xa000, 0x123);
	assert_left();
	fake_measure_stop();
}

static void a_kernel_without_its_header_is_measured_whole(void **state)
{
	(void)state;
	fake_handover_kernel(0x6000, 0x2345);
	start_measured();
	run_measured();
	fake_measured(MEASURE_BOOTING, "-kernel", NULL, 0);
	fake_measured(MEASURE_LOADER, "kernel", fake_memory + 0x6000, 0x2345);
	fake_measured(MEASURE_CMDLINE, NULL, NULL, 0);
	assert_left();
	fake_measure_stop();
}

static void enter(bool is_kernel, const char *args)
{
	static const struct elf_entry entry = { .pc = 0x6000 };
	uint64_t result;

	fake_handover_start();
	fake_measure_start();
	handover_begin();
	if (is_kernel)
		handover_give_kernel();
	set_args(args);
	(void)handover_client(&entry, &result);
	handover_cleanup();
}

static void a_loaders_arguments_are_a_text(void **state)
{
	(void)state;
	enter(false, "quiet");
	fake_measured(MEASURE_TEXT, "bootargs", "quiet", 5);
	assert_left();
	enter(false, "");
	assert_left();
	fake_measure_stop();
}

static void a_loaded_kernels_arguments_are_a_command_line(void **state)
{
	(void)state;
	enter(true, "quiet");
	fake_measured(MEASURE_CMDLINE, NULL, "quiet", 5);
	assert_left();
	/* The next client is no kernel. */
	enter(false, "quiet");
	fake_measured(MEASURE_TEXT, "bootargs", "quiet", 5);
	assert_left();
	fake_measure_stop();
}

static void a_client_that_fails_has_left(void **state)
{
	(void)state;
	fake_handover_start();
	fake_measure_start();
	handover_begin();
	handover_abandon();
	assert_left();
	/* There is none now. */
	handover_abandon();
	fake_measured_end();
	fake_measure_stop();
}

static void what_waits_for_a_client_that_is_dropped_is_forgotten(void **state)
{
	static const struct elf_entry entry = { .pc = 0x6000 };

	(void)state;
	fake_handover_start();
	fake_measure_start();
	handover_begin();
	measure_later(MEASURE_LOADER, "x", "x", 1);
	handover_keep(&entry);
	assert_int_equal(fake_measured_waits(), 1);
	handover_forget();
	assert_int_equal(fake_measured_waits(), 0);
	fake_measure_stop();
}

#define T(name)                                                                \
	cmocka_unit_test_setup_teardown(name, fake_machine_start,              \
					fake_machine_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(every_byte_of_kernel_initrd_and_append_is_measured),
		T(a_kernel_without_its_header_is_measured_whole),
		T(a_loaders_arguments_are_a_text),
		T(a_loaded_kernels_arguments_are_a_command_line),
		T(a_client_that_fails_has_left),
		T(what_waits_for_a_client_that_is_dropped_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
