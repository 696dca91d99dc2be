// SPDX-License-Identifier: BSD-2-Clause
/* Tests of boot/policy.c: a client that is loaded first and entered later. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fake/policy.h"

/* What the commands load and go call. */
static const struct prompt_ops *prompt_ops(void)
{
	if (!setjmp(fake_at_prompt))
		boot_prompt(false);
	fake_events[0] = '\0';
	return &fake_prompted;
}

static void load_keeps_the_first_that_loads(void **state)
{
	const struct prompt_ops *ops = prompt_ops();

	(void)state;
	fake_load_result[0] = ERR_NODEV;
	assert_int_equal(ops->load("disk quiet"), 0);
	assert_string_equal(fake_asked_device, "disk");
	assert_string_equal(fake_asked_args, "quiet");
	assert_string_equal(fake_events,
			    "begin load:a cancel begin load:b keep free ");
	fake_events[0] = '\0';
	assert_int_equal(ops->go(), 0);
	assert_string_equal(fake_events, "run:b cleanup ");
	/* Once. */
	assert_int_equal(ops->go(), ERR_NOENT);
}

static void load_without_a_client_has_said_why(void **state)
{
	const struct prompt_ops *ops = prompt_ops();

	(void)state;
	fake_load_result[0] = fake_load_result[1] = ERR_NODEV;
	assert_int_equal(ops->load(""), ERR_NODEV);
	assert_true(fake_log_has("E3407: Load failed: 2 devices tried"));
	assert_int_equal(ops->go(), ERR_NOENT);
	fake_target_count = 0;
	assert_int_equal(ops->load(""), ERR_NODEV);
	assert_true(fake_log_has("E3401"));
}

/* A card for `boot net` without a driver: no message names it. */
static void what_could_have_been_tried_is_explained_at_the_end(void **state)
{
	const struct prompt_ops *ops = prompt_ops();

	(void)state;
	fake_target_count = 1;
	fake_load_result[0] = ERR_NODEV;
	fake_wants_rest = true;
	assert_int_equal(ops->load("net"), ERR_NODEV);
	assert_string_equal(fake_events, "begin load:a cancel explain free ");
	fake_events[0] = '\0';
	fake_load_result[0] = 0;
	assert_int_equal(ops->load("net"), 0);
	assert_null(strstr(fake_events, "explain"));
	/* All that was named is there. */
	fake_load_result[0] = ERR_NODEV;
	fake_wants_rest = false;
	assert_int_equal(ops->load("net"), ERR_NODEV);
	assert_null(strstr(fake_events, "explain"));
}

static void another_load_or_boot_forgets_the_first(void **state)
{
	const struct prompt_ops *ops = prompt_ops();

	(void)state;
	fake_target_count = 1;
	assert_int_equal(ops->load(""), 0);
	assert_int_equal(ops->load(""), 0);
	assert_string_equal(fake_events, "begin load:a keep free "
					 "forget begin load:a keep free ");
	fake_events[0] = '\0';
	assert_int_equal(ops->sender->boot(""), 0);
	assert_string_equal(fake_events,
			    "forget begin load:a run:a cleanup free ");
	assert_int_equal(ops->go(), ERR_NOENT);
}

static void a_client_that_go_entered_may_ask_for_a_boot(void **state)
{
	const struct prompt_ops *ops = prompt_ops();

	(void)state;
	fake_target_count = 1;
	fake_left[0] = CI_BOOT;
	fake_boot_text = "net:1";
	assert_int_equal(ops->load("disk"), 0);
	fake_events[0] = '\0';
	assert_int_equal(ops->go(), 0);
	assert_string_equal(fake_events, "run:a cleanup begin load:a run:a "
					 "cleanup free ");
	assert_string_equal(fake_asked_device, "net:1");
}

static void load_is_not_for_a_given_kernel(void **state)
{
	const struct prompt_ops *ops = prompt_ops();

	(void)state;
	fake_have_kernel = true;
	assert_int_equal(ops->load(""), 0);
	assert_null(strstr(fake_events, "kernel"));
	assert_true(fake_have_kernel);
}

#define T(name) cmocka_unit_test_setup(name, fake_policy_start)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(load_keeps_the_first_that_loads),
		T(load_without_a_client_has_said_why),
		T(what_could_have_been_tried_is_explained_at_the_end),
		T(another_load_or_boot_forgets_the_first),
		T(a_client_that_go_entered_may_ask_for_a_boot),
		T(load_is_not_for_a_given_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
