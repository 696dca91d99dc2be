// SPDX-License-Identifier: BSD-2-Clause
/* Tests of boot/handover.c: registers at entry, cleaning up afterwards. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "boot/handover.h"
#include "ci/call.h"
#include "ci/claim.h"
#include "ci/nodes.h"
#include "ci/quiesce.h"
#include "tree/path.h"
#include "tests/fake/instances.h"
#include "tests/fake/handover.h"
#include "tests/fake/machine.h"
#include "tests/fake/timebase.h"

static void a_32_bit_client_has_sf_clear(void **state)
{
	const struct elf_entry entry = { .pc = 0x200000 };
	uint64_t result = 1;

	(void)state;
	fake_handover_start();
	fake_client_result = 77;
	assert_int_equal(handover_client(&entry, &result), CI_EXIT);
	assert_int_equal(result, 77);
	fake_handover_common(0x200000, MSR_ME | MSR_FP);
	assert_int_equal(fake_entered.gpr1[1], 0);
	assert_int_equal(fake_entered.gpr1[2], 0);
	assert_int_equal(fake_entered.gpr1[3], 0);
	assert_int_equal(fake_entered.gpr1[5], 0);
	assert_int_equal(fake_entered.gpr1[6], 0);
	assert_int_equal(fake_entered.r12, 0);
}

static void a_64_bit_client_gets_its_toc(void **state)
{
	const struct elf_entry entry = {
		.is_64 = true, .pc = 0x1000, .toc = 0x9000, .r12 = 0x1000
	};
	uint64_t result;

	(void)state;
	fake_handover_start();
	handover_client(&entry, &result);
	fake_handover_common(0x1000, MSR_SF | MSR_ME | MSR_FP);
	assert_int_equal(fake_entered.gpr1[1], 0x9000);
	assert_int_equal(fake_entered.r12, 0x1000);
}

static void a_little_endian_client_has_le_set(void **state)
{
	const struct elf_entry entry = { .is_64 = true,
					 .little_endian = true,
					 .pc = 0x1000 };
	uint64_t result;

	(void)state;
	fake_handover_start();
	handover_client(&entry, &result);
	fake_handover_common(0x1000, MSR_SF | MSR_LE | MSR_ME | MSR_FP);
}

/* boot1 reads them; they lie on the client's own stack. */
static void freebsd_finds_its_arguments_in_r6_and_r7(void **state)
{
	const struct elf_entry entry = { .pc = 0x1000 };
	struct node *chosen = tree_find("/chosen");
	uint64_t result;

	(void)state;
	fake_handover_start();
	assert_int_equal(tree_set_str(chosen, "bootargs", "-s verbose=15 x"),
			 0);
	handover_client(&entry, &result);
	fake_handover_common(0x1000, MSR_ME | MSR_FP);
	assert_int_equal(fake_entered.gpr1[6], 15);
	assert_string_equal(fake_text((cell_t)fake_entered.gpr1[5]),
			    "-s verbose=15 x");
	assert_in_range(fake_entered.gpr1[5], fake_entered.gpr1[0] + 32,
			FAKE_STACK_END - 16);
	/* Without a NUL at their end they are none. */
	assert_int_equal(
		tree_setprop(chosen, "bootargs", "abc", 3, TREE_CLIENT), 0);
	handover_client(&entry, &result);
	assert_int_equal(fake_entered.gpr1[5], 0);
	assert_int_equal(fake_entered.gpr1[6], 0);
}

/* `boot` takes 64 KiB of text: as much as the stack has. */
static void huge_arguments_leave_the_stack_alone(void **state)
{
	static char text[65000];
	const struct elf_entry entry = { .pc = 0x1000 };
	uint64_t result;

	(void)state;
	fake_handover_start();
	memset(text, 'x', sizeof(text) - 1);
	assert_int_equal(tree_set_str(tree_find("/chosen"), "bootargs", text),
			 0);
	handover_client(&entry, &result);
	fake_handover_common(0x1000, MSR_ME | MSR_FP);
	assert_true(fake_entered.gpr1[0] >= FAKE_STACK_END - 0x2000);
	assert_int_equal(fake_entered.gpr1[5], 0);
	assert_int_equal(fake_entered.gpr1[6], 0);
	text[4096] = '\0';
	fake_entries = 0;
	assert_int_equal(tree_set_str(tree_find("/chosen"), "bootargs", text),
			 0);
	handover_client(&entry, &result);
	fake_handover_common(0x1000, MSR_ME | MSR_FP);
	assert_int_equal(fake_entered.gpr1[6], 4096);
}

/* What was waited for the disk it came from is in it. */
static void a_client_is_told_what_was_waited_until_its_entry(void **state)
{
	const struct elf_entry entry = { .pc = 0x1000 };
	struct node *openprom = tree_find("/openprom");
	uint64_t result, told;
	struct deadline wait;

	(void)state;
	fake_handover_start();
	deadline_start(&wait, 1000);
	fake_clock_advance(12345678);
	deadline_stop(&wait);
	handover_client(&entry, &result);
	assert_int_equal(tree_get_u64(openprom, "quoin,wait-ticks", 0, &told),
			 0);
	assert_true(told >= 12345678);
	assert_int_equal(told, deadline_waited());
}

static void a_chained_image_gets_its_arguments(void **state)
{
	uint64_t result = 0;

	(void)state;
	fake_handover_start();
	assert_int_equal(claim_exact(0x4000, 0x2000), 0);
	CI_N("chain", 0, 0x4000, 0x1000, 0x8000, 0x9000, 12);
	fake_client_result = 9;
	assert_int_equal(handover_chain(&result), CI_EXIT);
	assert_int_equal(result, 9);
	fake_handover_common(0x8000, MSR_ME | MSR_FP);
	assert_int_equal(fake_entered.gpr1[5], 0x9000);
	assert_int_equal(fake_entered.gpr1[6], 12);
	/* virt and size of the caller are free again. */
	assert_true(claim_is_free(0x4000, 0x1000));
	assert_false(claim_is_free(0x5000, 1));
}

static void a_client_that_left_holds_nothing(void **state)
{
	size_t open = fake_instance_count();
	cell_t disk;

	(void)state;
	fake_handover_start();
	handover_begin();
	disk = CI("open", fake_str("disk"));
	assert_int_equal(claim_exact(0x4000, 0x2000), 0);
	fake_events_clear();
	handover_cleanup();
	assert_int_equal(fake_instance_count(), open);
	assert_null(instance_get(disk));
	assert_true(claim_is_free(0x4000, 0x2000));
	/* Its disk is stopped, /chosen is whole again. */
	assert_string_equal(fake_events, "stop=disk ");
	assert_non_null(instance_get(ci_stdout()));
}

static void what_could_not_be_loaded_holds_nothing(void **state)
{
	size_t open = fake_instance_count();

	(void)state;
	fake_handover_start();
	handover_begin();
	assert_int_equal(claim_exact(0x4000, 0x2000), 0);
	handover_cancel();
	assert_true(claim_is_free(0x4000, 0x2000));
	assert_int_equal(fake_instance_count(), open);
	assert_string_equal(fake_events, "");
}

static void a_client_may_wait_in_memory(void **state)
{
	const struct elf_entry entry = { .pc = 0x4000 };
	struct elf_entry taken;

	(void)state;
	fake_handover_start();
	assert_false(handover_take(&taken));
	handover_begin();
	assert_int_equal(claim_exact(0x4000, 0x2000), 0);
	handover_keep(&entry);
	assert_true(handover_take(&taken));
	assert_int_equal(taken.pc, 0x4000);
	/* Once; and what runs is not forgotten. */
	assert_false(handover_take(&taken));
	handover_forget();
	assert_false(claim_is_free(0x4000, 0x2000));
	handover_cleanup();
	assert_true(claim_is_free(0x4000, 0x2000));
}

static void one_that_waits_can_be_forgotten(void **state)
{
	const struct elf_entry entry = { .pc = 0x4000 };
	struct elf_entry taken;

	(void)state;
	fake_handover_start();
	handover_begin();
	assert_int_equal(claim_exact(0x4000, 0x2000), 0);
	handover_keep(&entry);
	handover_forget();
	assert_true(claim_is_free(0x4000, 0x2000));
	assert_false(handover_take(&taken));
	/* After an exception at the prompt, too. */
	handover_begin();
	handover_keep(&entry);
	handover_abandon();
	assert_false(handover_take(&taken));
}

static void a_failed_client_is_cleaned_up_once(void **state)
{
	(void)state;
	fake_handover_start();
	handover_begin();
	assert_int_equal(claim_exact(0x4000, 0x2000), 0);
	handover_abandon();
	assert_true(claim_is_free(0x4000, 0x2000));
	/* Nobody runs now: what is claimed is the firmware's. */
	assert_int_equal(claim_exact(0x4000, 0x2000), 0);
	handover_abandon();
	assert_false(claim_is_free(0x4000, 0x2000));
}

/* Only a reset helps, and that is the user's. */
static void a_failed_client_that_quiesced_is_left_alone(void **state)
{
	(void)state;
	fake_handover_start();
	handover_begin();
	assert_int_equal(claim_exact(0x4000, 0x2000), 0);
	ci_quiesce();
	fake_events_clear();
	handover_abandon();
	assert_string_equal(fake_events, "");
	assert_false(claim_is_free(0x4000, 0x2000));
	handover_cancel();
}

static void a_quiesced_machine_is_reset(void **state)
{
	(void)state;
	fake_handover_start();
	handover_begin();
	ci_quiesce();
	fake_events_clear();
	handover_cleanup();
	assert_int_equal(strncmp(fake_events, "rtas=system-reboot ", 19), 0);
}

static void cleaning_up_without_memory_says_so(void **state)
{
	(void)state;
	fake_handover_start();
	handover_begin();
	tree_delprop(tree_find("/chosen"), "bootpath");
	fake_blocks_fail_after(0);
	handover_cleanup();
	assert_true(fake_log_has("out of memory for /chosen"));
}

#define T(name)                                                                \
	cmocka_unit_test_setup_teardown(name, fake_machine_start,              \
					fake_machine_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_32_bit_client_has_sf_clear),
		T(a_64_bit_client_gets_its_toc),
		T(a_little_endian_client_has_le_set),
		T(freebsd_finds_its_arguments_in_r6_and_r7),
		T(huge_arguments_leave_the_stack_alone),
		T(a_client_is_told_what_was_waited_until_its_entry),
		T(a_chained_image_gets_its_arguments),
		T(a_client_that_left_holds_nothing),
		T(what_could_not_be_loaded_holds_nothing),
		T(a_client_may_wait_in_memory),
		T(one_that_waits_can_be_forgotten),
		T(a_failed_client_is_cleaned_up_once),
		T(a_failed_client_that_quiesced_is_left_alone),
		T(a_quiesced_machine_is_reset),
		T(cleaning_up_without_memory_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
