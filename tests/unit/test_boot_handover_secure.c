// SPDX-License-Identifier: BSD-2-Clause
/* Tests of boot/handover.c with secure boot: -kernel, what clients are told. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "boot/handover.h"
#include "ci/claim.h"
#include "packages/secure/keys.h"
#include "tests/fake/handover.h"
#include "tests/fake/machine.h"
#include "tree/prop.h"

static enum keys_mode mode;
static bool refuse_kernel;

enum keys_mode keys_mode(void)
{
	return mode;
}

bool keys_is_locked(void)
{
	return mode == KEYS_ENFORCE;
}

bool keys_refuse_kernel(void)
{
	return refuse_kernel;
}

static int start(void **state)
{
	fake_machine_start(state);
	mode = KEYS_ENFORCE;
	refuse_kernel = false;
	fake_handover_kernel(0x6000, 0x1000);
	fake_handover_start();
	fake_events_clear();
	return 0;
}

/* Returns as handover_kernel(); `entered`: was it? */
static int kernel(bool entered)
{
	unsigned entries = fake_entries;
	enum ci_leave why;
	uint64_t result;
	int rc = handover_kernel(&why, &result);

	assert_int_equal(fake_entries, entries + entered);
	return rc;
}

static bool printed(const char *text)
{
	return strstr(fake_printed, text) != NULL;
}

static uint32_t told(void)
{
	uint32_t value = 0x55;

	assert_int_equal(
		tree_get_u32(tree_root(), "ibm,secure-boot", 0, &value), 0);
	return value;
}

static void a_kernel_of_the_host_is_entered_and_not_checked(void **state)
{
	(void)state;
	assert_int_equal(kernel(true), 0);
	assert_true(printed("\r\n-kernel: from the host, not checked\r\n"));
	/* It locks itself down. */
	assert_int_equal(told(), 2);
	handover_cleanup();
}

static void a_kernel_that_the_host_forbids_is_not_entered(void **state)
{
	(void)state;
	refuse_kernel = true;
	assert_int_equal(kernel(false), ERR_PERM);
	assert_true(printed("\r\nE3403: Bad executable: -kernel: the host's "
			    "keys forbid it\r\n"));
	assert_false(printed("not checked"));
	assert_false(printed("Booting"));
	/* Its memory is free for what is tried next. */
	assert_true(claim_is_free(0x6000, 0x1000));
	assert_int_equal(kernel(false), ERR_NOENT);
}

static void audit_enters_a_kernel_that_the_host_forbids(void **state)
{
	(void)state;
	mode = KEYS_AUDIT;
	refuse_kernel = true;
	assert_int_equal(kernel(true), 0);
	assert_true(printed("Secure boot: would refuse -kernel: the host's "
			    "keys forbid it\r\n"));
	assert_int_equal(told(), 1);
	handover_cleanup();
}

static void without_keys_nothing_is_said_or_set(void **state)
{
	(void)state;
	mode = KEYS_OFF;
	refuse_kernel = true;
	assert_int_equal(kernel(true), 0);
	assert_false(printed("not checked"));
	assert_false(printed("Secure"));
	assert_null(tree_getprop(tree_root(), "ibm,secure-boot", NULL));
	handover_cleanup();
}

/* One that has left may have written there. */
static void each_client_finds_the_policy(void **state)
{
	const struct elf_entry entry = { .pc = 0x1000 };
	uint64_t result;

	(void)state;
	assert_int_equal(tree_setprop(tree_root(), "ibm,secure-boot", NULL, 0,
				      TREE_CLIENT),
			 0);
	handover_client(&entry, &result);
	assert_int_equal(told(), 2);
	handover_cleanup();
	tree_delprop(tree_root(), "ibm,secure-boot");
	handover_client(&entry, &result);
	assert_int_equal(told(), 2);
	assert_int_equal(tree_set_u32(tree_root(), "ibm,secure-boot", 0), 0);
	assert_int_equal(handover_chain(&result), CI_EXIT);
	assert_int_equal(told(), 2);
	handover_cleanup();
}

#define T(name) cmocka_unit_test_setup_teardown(name, start, fake_machine_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_kernel_of_the_host_is_entered_and_not_checked),
		T(a_kernel_that_the_host_forbids_is_not_entered),
		T(audit_enters_a_kernel_that_the_host_forbids),
		T(without_keys_nothing_is_said_or_set),
		T(each_client_finds_the_policy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
