// SPDX-License-Identifier: BSD-2-Clause
/* Tests of ci/phrases.c while secure boot is enforced. */
#include "ci/phrases.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ci/ci.h"
#include "ci/mem.h"
#include "lib/reason.h"
#include "packages/secure/keys.h"
#include "tests/fake/measure.h"
#include "tests/fake/tree.h"
#include "tree/path.h"
#include "tree/prop.h"

#define ADDRESS ((cell_t)-9)

/* Writable memory at 0x4000. */
static uint8_t mem[16];
static char booted[32];
static bool locked;

bool keys_is_locked(void)
{
	return locked;
}

void *ci_buf(uint64_t addr, uint64_t len)
{
	assert_in_range(addr, 0x4000, 0x4000 + sizeof(mem) - len);
	return mem + (addr - 0x4000);
}

int ci_leave_boot(const char *text)
{
	snprintf(booted, sizeof(booted), "%s", text);
	return 0;
}

static int setup(void **state)
{
	(void)state;
	memset(mem, 0, sizeof(mem));
	booted[0] = '\0';
	locked = true;
	reason_clear();
	return tree_init();
}

static int teardown(void **state)
{
	(void)state;
	tree_free();
	return 0;
}

static void assert_untouched(void)
{
	for (size_t i = 0; i < sizeof(mem); i++)
		assert_int_equal(mem[i], 0);
	assert_string_equal(booted, "");
	assert_null(tree_getprop(tree_root(), "x", NULL));
}

static bool is_at_root(void)
{
	return true;
}

/* No sender may run `text`, because of `word` in it. */
static void assert_locked(const char *text, const char *word)
{
	static const struct phrase_sender prompt = { .name = "the firmware",
						     .boot = ci_leave_boot,
						     .at_root = is_at_root };
	const struct phrase_sender *const senders[] = { &phrase_client,
							&phrase_script,
							&prompt };
	char why[80];

	snprintf(why, sizeof(why), "%s is not allowed: secure boot is enforced",
		 word);
	for (size_t i = 0; i < ARRAY_SIZE(senders); i++) {
		cell_t result = 0;

		reason_clear();
		assert_int_equal(phrases_run(text, strlen(text), senders[i],
					     &result),
				 ERR_PERM);
		assert_string_equal(reason(), why);
		assert_int_equal(result, ADDRESS);
		assert_untouched();
	}
}

static void nobody_may_change_memory(void **state)
{
	(void)state;
	assert_locked("1 4000 c!", "c!");
	assert_locked("1 4000 W!", "w!");
	assert_locked("1 4000 l!", "l!");
	assert_locked("cursor-on 1 4000 l! boot disk", "l!");
	assert_locked("\\ x\n1 4000 l!\n", "l!");
	/* Not even an address that is none. */
	assert_locked("1 0 l!", "l!");
}

/* An empty ibm,secure-boot would tell GRUB that nothing is enforced. */
static void nobody_may_change_properties(void **state)
{
	(void)state;
	assert_locked("dev / 0 0 s\" x\" property", "property");
	assert_locked("0 0 s\" ibm,secure-boot\" property", "property");
	assert_locked("DEV / 0 0 S\" x\" PROPERTY boot", "property");
	assert_locked("0 0 s\" \" property", "property");
}

static void what_steers_stays_allowed(void **state)
{
	static const char text[] = "cursor-on 1 ms dev / device-end\n\\ x\n"
				   "devalias sys /x\nboot sys";

	(void)state;
	assert_non_null(tree_add_node(tree_root(), "aliases", TREE_QUOIN));
	assert_int_equal(phrases_run(text, strlen(text), &phrase_client, NULL),
			 0);
	assert_string_equal(booted, "sys");
	assert_string_equal(tree_get_str(tree_find("/aliases"), "sys"), "/x");
}

static void without_enforcing_nothing_is_locked(void **state)
{
	static const char text[] = "1 4000 c! dev / 0 0 s\" x\" property";

	(void)state;
	locked = false;
	assert_int_equal(phrases_run(text, strlen(text), &phrase_client, NULL),
			 0);
	assert_int_equal(mem[0], 1);
	assert_non_null(tree_getprop(tree_root(), "x", NULL));
}

/* Or PCR 4 would not tell that something else runs. */
static void what_changes_memory_or_properties_is_measured(void **state)
{
	static const char text[] = " 1 4000 C!\n\\ x\ndev / "
				   "0 0 s\" x\" property device-end";
	static const char again[] = "17 4000 l! frob";

	(void)state;
	locked = false;
	fake_measure_start();
	assert_int_equal(phrases_run(text, strlen(text), &phrase_script, NULL),
			 0);
	fake_measured(MEASURE_PHRASE, NULL, "1 4000 C!", 9);
	fake_measured(MEASURE_PHRASE, NULL, "0 0 s\" x\" property", 18);
	fake_measured_end();
	/* Not what does not run. */
	assert_int_equal(phrases_run(again, strlen(again), &phrase_script,
				     NULL),
			 ERR_NOTSUP);
	locked = true;
	assert_int_equal(phrases_run(again, 10, &phrase_script, NULL),
			 ERR_PERM);
	fake_measured_end();
	fake_measure_stop();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nobody_may_change_memory),
		TEST(nobody_may_change_properties),
		TEST(what_steers_stays_allowed),
		TEST(without_enforcing_nothing_is_locked),
		TEST(what_changes_memory_or_properties_is_measured),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
