// SPDX-License-Identifier: BSD-2-Clause
/* Tests of boot/handover.c: -kernel, its entry and its initrd. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "boot/handover.h"
#include "ci/claim.h"
#include "tests/fake/handover.h"
#include "tests/fake/machine.h"
#include "tree/path.h"
#include "tree/prop.h"

static void assert_no_initrd(void)
{
	const struct node *chosen = tree_find("/chosen");
	uint32_t len;

	assert_int_equal(fake_entered.gpr1[2], 0);
	assert_int_equal(fake_entered.gpr1[3], 0);
	assert_null(tree_getprop(chosen, "linux,initrd-start", &len));
	assert_null(tree_getprop(chosen, "linux,initrd-end", &len));
}

/* QEMU's cells are one or two wide. */
static void linux_finds_its_initrd_in_r3_and_r4(void **state)
{
	struct node *chosen = tree_find("/chosen");
	enum ci_leave why;
	uint64_t result;

	(void)state;
	fake_handover_kernel(0x400000, 0x1000);
	fake_handover_initrd(0x500000, 0x512345);
	fake_handover_start();
	assert_int_equal(handover_kernel(&why, &result), 0);
	assert_int_equal(fake_entered.gpr1[2], 0x500000);
	assert_int_equal(fake_entered.gpr1[3], 0x12345);
	handover_cleanup();
	assert_int_equal(
		tree_set_u64(chosen, "linux,initrd-start", 0x100500000), 0);
	assert_int_equal(tree_set_u64(chosen, "linux,initrd-end", 0x100600000),
			 0);
	fake_handover_start();
	assert_int_equal(handover_kernel(&why, &result), 0);
	assert_int_equal(fake_entered.gpr1[2], 0x100500000);
	assert_int_equal(fake_entered.gpr1[3], 0x100000);
	handover_cleanup();
	/* An end before the start is no initrd. */
	fake_handover_initrd(0x500000, 0x4fffff);
	fake_handover_start();
	assert_int_equal(handover_kernel(&why, &result), 0);
	assert_int_equal(fake_entered.gpr1[2], 0);
	assert_int_equal(fake_entered.gpr1[3], 0);
	handover_cleanup();
}

static void the_initrd_goes_with_the_kernel_that_left(void **state)
{
	const struct elf_entry entry = { .pc = 0x1000 };
	enum ci_leave why;
	uint64_t result;

	(void)state;
	fake_handover_kernel(0x400000, 0x1000);
	fake_handover_initrd(0x500000, 0x512345);
	fake_handover_start();
	assert_int_equal(handover_kernel(&why, &result), 0);
	/* Linux sets them, too, as wide as it likes. */
	assert_int_equal(tree_set_u64(tree_find("/chosen"),
				      "linux,initrd-start", 0x500000),
			 0);
	handover_cleanup();
	fake_entered.gpr1[2] = fake_entered.gpr1[3] = 0;
	assert_no_initrd();
	handover_client(&entry, &result);
	assert_no_initrd();
	assert_int_equal(handover_chain(&result), CI_EXIT);
	assert_no_initrd();
}

/* `boot disk` at the prompt, then `boot`. */
static void a_kernel_finds_its_own_after_another_client(void **state)
{
	const struct elf_entry entry = { .pc = 0x1000 };
	struct node *chosen = tree_find("/chosen");
	enum ci_leave why;
	uint64_t result;
	uint32_t end;

	(void)state;
	fake_handover_kernel(0x400000, 0x1000);
	fake_handover_initrd(0x500000, 0x512345);
	assert_int_equal(tree_set_str(chosen, "bootargs", "root=/dev/sda"), 0);
	fake_handover_start();
	assert_int_equal(tree_set_str(chosen, "bootargs", "the disk's"), 0);
	assert_int_equal(tree_set_str(chosen, "bootpath", "/disk"), 0);
	handover_client(&entry, &result);
	assert_no_initrd();
	handover_cleanup();
	assert_int_equal(handover_kernel(&why, &result), 0);
	assert_int_equal(fake_entered.gpr1[2], 0x500000);
	assert_int_equal(fake_entered.gpr1[3], 0x12345);
	assert_int_equal(tree_get_u32(chosen, "linux,initrd-end", 0, &end), 0);
	assert_int_equal(end, 0x512345);
	assert_string_equal(tree_get_str(chosen, "bootargs"), "root=/dev/sda");
	assert_string_equal(tree_get_str(chosen, "bootpath"), "");
	handover_cleanup();
}

/* Linux sets them in /chosen (kexec); they are gone when it has left. */
static void a_kernel_does_not_find_another_clients_initrd(void **state)
{
	const struct elf_entry entry = { .pc = 0x1000 };
	const struct node *chosen = tree_find("/chosen");
	enum ci_leave why;
	uint64_t result;
	uint32_t cell;

	(void)state;
	fake_handover_kernel(0x400000, 0x1000);
	fake_handover_initrd(0x500000, 0x512345);
	fake_handover_start();
	handover_client(&entry, &result);
	fake_handover_initrd(0x700000, 0x777777);
	handover_cleanup();
	assert_no_initrd();
	assert_int_equal(handover_kernel(&why, &result), 0);
	assert_int_equal(fake_entered.gpr1[2], 0x500000);
	assert_int_equal(fake_entered.gpr1[3], 0x12345);
	assert_int_equal(tree_get_u32(chosen, "linux,initrd-start", 0, &cell),
			 0);
	assert_int_equal(cell, 0x500000);
	assert_int_equal(tree_get_u32(chosen, "linux,initrd-end", 0, &cell), 0);
	assert_int_equal(cell, 0x512345);
	handover_cleanup();
}

/* Without -initrd it has none, whatever another client had. */
static void a_kernel_without_an_initrd_finds_none(void **state)
{
	const struct elf_entry entry = { .pc = 0x1000 };
	enum ci_leave why;
	uint64_t result;

	(void)state;
	fake_handover_kernel(0x400000, 0x1000);
	fake_handover_start();
	handover_client(&entry, &result);
	fake_handover_initrd(0x700000, 0x777777);
	handover_cleanup();
	assert_int_equal(handover_kernel(&why, &result), 0);
	assert_no_initrd();
	handover_cleanup();
}

static void a_kernel_without_memory_for_its_initrd_says_so(void **state)
{
	const struct elf_entry entry = { .pc = 0x1000 };
	enum ci_leave why;
	uint64_t result;

	(void)state;
	fake_handover_kernel(0x400000, 0x1000);
	fake_handover_initrd(0x500000, 0x512345);
	fake_handover_start();
	handover_client(&entry, &result);
	handover_cleanup();
	fake_blocks_fail_after(0);
	assert_int_equal(handover_kernel(&why, &result), 0);
	fake_blocks_fail_after(-1);
	assert_true(fake_log_has("out of memory for /chosen"));
	handover_cleanup();
}

/* Little-endian kernels, too: they turn the processor round themselves. */
static void linux_by_kernel_is_entered_32_bit_big_endian(void **state)
{
	enum ci_leave why = CI_BOOT;
	uint64_t result = 0;

	(void)state;
	fake_handover_kernel(0x400000, 0x123456);
	fake_handover_start();
	fake_client_why = CI_RETURNED;
	fake_client_result = 9;
	assert_int_equal(handover_kernel(&why, &result), 0);
	assert_int_equal(why, CI_RETURNED);
	assert_int_equal(result, 9);
	fake_handover_common(0x400000, MSR_ME | MSR_FP);
	assert_int_equal(fake_entered.gpr1[1], 0);
	assert_true(fake_log_has("Detected RAM kernel at 400000 "
				 "(123456 bytes)"));
}

static void a_kernel_with_its_elf_header_is_entered_at_its_entry(void **state)
{
	enum ci_leave why;
	uint64_t result;

	(void)state;
	fake_handover_elf(0x6000, 21);
	fake_handover_initrd(0x8000, 0x8100);
	fake_handover_start();
	assert_int_equal(handover_kernel(&why, &result), 0);
	fake_handover_common(0x6200, MSR_SF | MSR_LE | MSR_ME | MSR_FP);
	assert_int_equal(fake_entered.r12, 0x6200);
	assert_int_equal(fake_entered.gpr1[2], 0x8000);
	assert_int_equal(fake_entered.gpr1[3], 0x100);
	handover_cleanup();
}

static void a_header_without_an_entry_is_not_entered(void **state)
{
	enum ci_leave why;
	uint64_t result;

	(void)state;
	assert_int_equal(claim_exact(0x6000, 0x1000), 0);
	fake_handover_elf(0x6000, 62);
	fake_handover_start();
	assert_int_equal(handover_kernel(&why, &result), ERR_FORMAT);
	assert_int_equal(fake_entries, 0);
	assert_true(fake_log_has("E3403: Bad executable: -kernel: "
				 "ELF64 for machine 62"));
	assert_false(fake_log_has("Booting from memory"));
	assert_false(handover_has_kernel());
	assert_true(claim_is_free(0x6000, 0x1000));
}

static void a_raw_kernel_without_memory_to_note_it_says_so(void **state)
{
	enum ci_leave why;
	uint64_t result;

	(void)state;
	fake_handover_kernel(0x6000, 0x1000);
	fake_blocks_fail_after(1);
	fake_handover_start();
	fake_blocks_fail_after(-1);
	assert_int_equal(handover_kernel(&why, &result), ERR_NOMEM);
	assert_true(fake_log_has("E3407: Load failed: -kernel"));
}

/* Of each thing that is allocated at the start; /chosen has room. */
static void a_kernel_without_memory_to_look_at_it_is_a_failed_load(void **state)
{
	enum ci_leave why;
	uint64_t result;

	(void)state;
	for (long n = 1; n < 3; n++) {
		fake_handover_elf(0x6000, 21);
		fake_log_clear();
		fake_blocks_fail_after(n);
		fake_handover_start();
		fake_blocks_fail_after(-1);
		assert_int_equal(handover_kernel(&why, &result), ERR_NOMEM);
		assert_int_equal(fake_entries, 0);
		assert_true(fake_log_has("E3407: Load failed: -kernel"));
		assert_true(claim_is_free(0x6000, 0x1000));
	}
}

static void assert_claimed(uint64_t start, uint64_t size, bool claimed)
{
	assert_int_equal(claim_is_free(start, 1), !claimed);
	assert_int_equal(claim_is_free(start + size - 1, 1), !claimed);
}

/* What QEMU reserves ends in front of the second segment. */
static void a_kernel_with_a_gap_holds_what_is_behind_it(void **state)
{
	enum ci_leave why;
	uint64_t result;

	(void)state;
	assert_int_equal(claim_exact(0x6000, 0x2000), 0);
	fake_handover_elf_with_gaps(0x6000, 2);
	fake_handover_start();
	assert_claimed(0x6000, 0x1000, true);
	assert_claimed(0x8000, 0x1000, true);
	assert_int_equal(handover_kernel(&why, &result), 0);
	fake_handover_common(0x6200, MSR_SF | MSR_LE | MSR_ME | MSR_FP);
	assert_claimed(0x6000, 0x1000, true);
	assert_claimed(0x8000, 0x1000, true);
	handover_cleanup();
	assert_true(claim_is_free(0x6000, 0x3000));
}

static void a_kernel_may_have_many_gaps(void **state)
{
	enum ci_leave why;
	uint64_t result;

	(void)state;
	fake_handover_elf_with_gaps(0x6000, 7);
	fake_handover_start();
	assert_int_equal(handover_kernel(&why, &result), 0);
	for (uint64_t i = 0; i < 7; i++) {
		assert_claimed(0x6000 + 0x2000 * i, 0x1000, true);
		assert_claimed(0x7000 + 0x2000 * i, 0x1000, false);
	}
	handover_cleanup();
	assert_true(claim_is_free(0x6000, 0xe000));
}

/* QEMU puts it behind what it has reserved. */
static void a_kernel_with_its_initrd_in_a_gap_has_both(void **state)
{
	enum ci_leave why;
	uint64_t result;

	(void)state;
	assert_int_equal(claim_exact(0x6000, 0x1000), 0);
	assert_int_equal(claim_exact(0x7100, 0x200), 0);
	fake_handover_elf_with_gaps(0x6000, 2);
	fake_handover_kernel(0x6000, 0x1000);
	fake_handover_initrd(0x7100, 0x7300);
	fake_handover_start();
	assert_int_equal(handover_kernel(&why, &result), 0);
	assert_int_equal(fake_entered.gpr1[2], 0x7100);
	assert_claimed(0x6000, 0x1000, true);
	assert_claimed(0x7100, 0x200, true);
	assert_claimed(0x8000, 0x1000, true);
	assert_claimed(0x7300, 0xd00, false);
	assert_false(fake_log_has("cannot be claimed"));
	handover_cleanup();
	assert_true(claim_is_free(0x6000, 0x3000));
}

static void a_segment_in_anothers_memory_is_not_entered(void **state)
{
	enum ci_leave why;
	uint64_t result;

	(void)state;
	assert_int_equal(claim_exact(0x8fff, 1), 0);
	fake_handover_elf_with_gaps(0x6000, 2);
	fake_handover_start();
	assert_int_equal(handover_kernel(&why, &result), ERR_EXIST);
	assert_int_equal(fake_entries, 0);
	assert_true(fake_log_has("E3408: Failed to claim memory for the "
				 "executable: -kernel: segment at 8000, "
				 "1000 bytes: memory in use"));
	assert_true(claim_is_free(0x6000, 0x2fff));
	assert_false(claim_is_free(0x8fff, 1));
}

static void without_a_kernel_nothing_is_entered(void **state)
{
	enum ci_leave why;
	uint64_t result;

	(void)state;
	fake_handover_start();
	assert_int_equal(handover_kernel(&why, &result), ERR_NOENT);
	assert_int_equal(
		tree_set_u64(tree_find("/chosen"), "qemu,boot-kernel", 5), 0);
	fake_handover_start();
	assert_int_equal(handover_kernel(&why, &result), ERR_NOENT);
	assert_int_equal(fake_entries, 0);
}

/* What the firmware held for it is free memory once it has left. */
static void a_kernel_is_entered_once_and_leaves_its_memory(void **state)
{
	enum ci_leave why;
	uint64_t result;

	(void)state;
	fake_handover_kernel(0x6000, 0x2000);
	assert_int_equal(claim_exact(0x6000, 0x2000), 0);
	fake_handover_start();
	assert_true(handover_has_kernel());
	assert_int_equal(handover_kernel(&why, &result), 0);
	assert_false(claim_is_free(0x6000, 0x2000));
	handover_cleanup();
	assert_true(claim_is_free(0x6000, 0x2000));
	assert_false(handover_has_kernel());
	assert_int_equal(handover_kernel(&why, &result), ERR_NOENT);
	assert_int_equal(fake_entries, 1);
}

#define T(name)                                                                \
	cmocka_unit_test_setup_teardown(name, fake_machine_start,              \
					fake_machine_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(linux_finds_its_initrd_in_r3_and_r4),
		T(the_initrd_goes_with_the_kernel_that_left),
		T(a_kernel_finds_its_own_after_another_client),
		T(a_kernel_does_not_find_another_clients_initrd),
		T(a_kernel_without_an_initrd_finds_none),
		T(a_kernel_without_memory_for_its_initrd_says_so),
		T(linux_by_kernel_is_entered_32_bit_big_endian),
		T(a_kernel_with_its_elf_header_is_entered_at_its_entry),
		T(a_header_without_an_entry_is_not_entered),
		T(a_raw_kernel_without_memory_to_note_it_says_so),
		T(a_kernel_without_memory_to_look_at_it_is_a_failed_load),
		T(a_kernel_with_a_gap_holds_what_is_behind_it),
		T(a_kernel_may_have_many_gaps),
		T(a_kernel_with_its_initrd_in_a_gap_has_both),
		T(a_segment_in_anothers_memory_is_not_entered),
		T(without_a_kernel_nothing_is_entered),
		T(a_kernel_is_entered_once_and_leaves_its_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
