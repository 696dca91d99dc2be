// SPDX-License-Identifier: BSD-2-Clause
/* Tests of boot/policy.c: which target next, what happens when one leaves. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "boot/loader.h"
#include "boot/measured.h"
#include "tests/fake/blocks.h"
#include "tests/fake/measure.h"
#include "tests/fake/policy.h"

/* The prompt ends boot_main(). */
static void run(void)
{
	static const struct boot_machine machine;

	if (!setjmp(fake_at_prompt))
		boot_main(&machine);
}

/* As the prompt does it; what it has to do with is not recorded. */
static int boot(const char *text)
{
	size_t len = strlen(fake_events);

	if (!setjmp(fake_at_prompt))
		boot_prompt(false);
	fake_events[len] = '\0';
	return fake_prompted.sender->boot(text);
}

static void targets_are_tried_until_none_is_left(void **state)
{
	(void)state;
	fake_load_result[0] = ERR_NODEV;
	run();
	assert_string_equal(fake_events,
			    "begin load:a cancel begin load:b run:b "
			    "cleanup free prompt ");
	assert_true(fake_log_has("Welcome to Open Firmware"));
}

static void a_list_that_wants_all_devices_scans_first(void **state)
{
	(void)state;
	fake_has_rest = fake_wants_rest = true;
	run();
	assert_string_equal(fake_events,
			    "scan begin load:a run:a cleanup begin load:b "
			    "run:b cleanup free prompt ");
}

/* Not before: what boots without a scan is not delayed by one. */
static void a_target_that_is_not_there_makes_a_scan(void **state)
{
	(void)state;
	fake_has_rest = true;
	fake_target_path[1] = "b";
	run();
	assert_string_equal(fake_events,
			    "begin load:a run:a cleanup scan free begin load:b "
			    "run:b cleanup free prompt ");
}

/* One that was tried is not tried again; the new one is. */
static void the_end_of_the_list_makes_a_scan(void **state)
{
	(void)state;
	fake_has_rest = true;
	fake_target_count = 1;
	fake_load_result[0] = ERR_NODEV;
	fake_target_path[0] = "/a";
	run();
	assert_string_equal(fake_events,
			    "begin load:a cancel scan free prompt ");
	assert_true(fake_log_has("E3407: Load failed: 1 device tried"));
}

static void the_prompt_makes_a_scan(void **state)
{
	(void)state;
	fake_has_rest = true;
	fake_var_auto_boot = false;
	run();
	assert_string_equal(fake_events, "scan prompt ");
}

/* The default: the policy, not a device. */
static void boot_without_a_device_asks_the_policy(void **state)
{
	(void)state;
	run();
	assert_string_equal(fake_asked_device, "(none)");
	assert_string_equal(fake_asked_args, "(none)");
}

static void boot_splits_device_and_arguments(void **state)
{
	static const char *const texts[][3] = {
		{ "", "(none)", "(none)" },
		{ "disk", "disk", "(none)" },
		{ "disk:1,\\x", "disk:1,\\x", "(none)" },
		{ "disk ", "disk", "(none)" },
		{ "disk quiet", "disk", "quiet" },
		{ "disk    quiet ro ", "disk", "quiet ro " },
		{ "-s", "(none)", "-s" },
		{ "-s verbose", "(none)", "-s verbose" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		(void)!boot(texts[i][0]);
		assert_string_equal(fake_asked_device, texts[i][1]);
		assert_string_equal(fake_asked_args, texts[i][2]);
	}
}

static void boot_tells_whether_a_client_ran(void **state)
{
	(void)state;
	assert_int_equal(boot("x"), 0);
	fake_load_result[0] = fake_load_result[1] = ERR_NODEV;
	assert_int_equal(boot("x"), ERR_NODEV);
	fake_load_result[1] = LOADER_SCRIPT;
	assert_int_equal(boot("x"), 0);
	fake_target_count = 0;
	assert_int_equal(boot("x"), ERR_NODEV);
}

/* SLOF's last line; its users paste it, its harnesses wait for it. */
static void when_nothing_boots_the_last_line_is_e3407(void **state)
{
	static const char two[] = "\r\nE3407: Load failed: 2 devices tried\r\n";
	static const char one[] = "\r\nE3407: Load failed: 1 device tried\r\n";

	(void)state;
	fake_load_result[0] = fake_load_result[1] = ERR_NODEV;
	assert_int_equal(boot("x"), ERR_NODEV);
	assert_string_equal(fake_printed, two);
	fake_log_clear();
	fake_target_count = 1;
	assert_int_equal(boot("x"), ERR_NODEV);
	assert_string_equal(fake_printed, one);
}

static void when_something_ran_there_is_no_e3407(void **state)
{
	(void)state;
	fake_load_result[1] = ERR_NODEV;
	assert_int_equal(boot("x"), 0);
	fake_load_result[0] = LOADER_SCRIPT;
	assert_int_equal(boot("x"), 0);
	fake_load_result[0] = ERR_NODEV;
	fake_have_kernel = true;
	assert_int_equal(boot(""), 0);
	fake_target_count = 0;
	assert_int_equal(boot("x"), ERR_NODEV);
	assert_false(fake_log_has("E3407"));
}

static void a_boot_leaks_nothing(void **state)
{
	size_t live = fake_blocks_live();

	(void)state;
	(void)!boot("disk quiet");
	assert_int_equal(fake_blocks_live(), live);
}

static void an_empty_list_is_e3401(void **state)
{
	(void)state;
	fake_target_count = 0;
	run();
	assert_true(fake_log_has("E3401: Aborting boot, no device to "
				 "boot from"));
}

static void a_list_without_memory_is_printed(void **state)
{
	(void)state;
	fake_target_count = 0;
	fake_list_error = ERR_NOMEM;
	assert_int_equal(boot("x"), ERR_NODEV);
	assert_true(fake_log_has("boot: cannot build the device list: out of"));
	assert_false(fake_log_has("E3401"));
	fake_log_clear();
	fake_blocks_fail_after(0);
	assert_int_equal(boot("x"), ERR_NODEV);
	assert_true(fake_log_has("boot: cannot build the device list: out of"));
}

static void a_client_that_returned_is_w3411(void **state)
{
	(void)state;
	fake_target_count = 1;
	run();
	assert_true(fake_log_has("W3411: Client application returned."));
	assert_false(fake_log_has("E3406"));
}

static void a_client_that_exits_goes_on_with_the_next(void **state)
{
	(void)state;
	fake_left[0] = CI_EXIT;
	fake_left_result = 5;
	assert_int_equal(boot(""), 0);
	assert_non_null(strstr(fake_events, "run:a cleanup begin load:b"));
	/* The result is r3 only of one that returned. */
	assert_true(fake_log_has("W3411"));
}

static void a_client_that_failed_is_e3406_with_its_result(void **state)
{
	(void)state;
	fake_target_count = 1;
	fake_left_result = 0xffffffffffffffff;
	run();
	assert_true(fake_log_has("E3406: Client application returned "
				 "an error: ffffffffffffffff"));
}

static void the_service_boot_makes_a_new_list(void **state)
{
	(void)state;
	fake_left[0] = CI_BOOT;
	fake_boot_text = "net:1 fast";
	run();
	assert_string_equal(fake_events,
			    "begin load:a run:a cleanup free free "
			    "begin load:a run:a cleanup "
			    "begin load:b run:b cleanup free prompt ");
	assert_string_equal(fake_asked_device, "net:1");
	assert_string_equal(fake_asked_args, "fast");
}

static void the_service_chain_enters_the_next_client(void **state)
{
	(void)state;
	fake_target_count = 1;
	fake_left[0] = CI_CHAIN;
	run();
	assert_string_equal(fake_events,
			    "begin load:a run:a chain cleanup free prompt ");
	/* The result is that of the last one. */
	fake_left[0] = CI_CHAIN;
	fake_chain_left = CI_RETURNED;
	fake_left_result = 1;
	fake_chain_result = 0x42;
	run();
	assert_true(fake_log_has("an error: 42\r\n"));
}

static void a_given_kernel_comes_first(void **state)
{
	(void)state;
	fake_have_kernel = true;
	fake_target_count = 1;
	run();
	assert_string_equal(fake_events,
			    "kernel cleanup begin load:a run:a cleanup "
			    "free prompt ");
}

static void boot_at_the_prompt_enters_a_given_kernel(void **state)
{
	(void)state;
	fake_have_kernel = true;
	fake_target_count = 0;
	assert_int_equal(boot(""), 0);
	assert_string_equal(fake_events, "kernel cleanup ");
	/* A device that is named comes without it. */
	fake_have_kernel = true;
	fake_events[0] = '\0';
	assert_int_equal(boot("disk"), ERR_NODEV);
	assert_string_equal(fake_events, "");
}

static void a_given_kernel_may_look_for_any_disk(void **state)
{
	(void)state;
	fake_have_kernel = fake_has_rest = true;
	assert_int_equal(boot(""), 0);
	assert_null(strstr(fake_events, "scan kernel"));
	fake_have_kernel = fake_has_rest = fake_wants_rest = true;
	fake_events[0] = '\0';
	assert_int_equal(boot(""), 0);
	assert_non_null(strstr(fake_events, "scan kernel"));
}

static void a_given_kernel_may_ask_for_a_boot(void **state)
{
	(void)state;
	fake_have_kernel = true;
	fake_kernel_left = CI_BOOT;
	fake_boot_text = "disk:7";
	fake_target_count = 1;
	fake_load_result[0] = ERR_NODEV;
	run();
	assert_string_equal(fake_asked_device, "disk:7");
	assert_string_equal(fake_events,
			    "kernel cleanup begin load:a cancel free prompt ");
	fake_load_result[0] = 0;
	fake_events[0] = '\0';
	run();
	/* Without it the configured command decides. */
	assert_string_equal(fake_asked_device, "(none)");
}

static void a_given_kernel_that_failed_is_e3406(void **state)
{
	(void)state;
	fake_have_kernel = true;
	fake_kernel_left = CI_RETURNED;
	fake_left_result = 7;
	fake_target_count = 0;
	run();
	assert_true(fake_log_has("E3406: Client application returned "
				 "an error: 7"));
}

static void the_key_s_leads_to_the_prompt(void **state)
{
	(void)state;
	fake_have_kernel = true;
	fake_hotkey = HOTKEY_PROMPT;
	run();
	assert_string_equal(fake_events, "prompt ");
	assert_true(fake_hotkey_boots);
	fake_hotkey = HOTKEY_NONE;
	fake_events[0] = '\0';
	run();
	assert_non_null(strstr(fake_events, "kernel "));
}

static void without_auto_boot_nothing_is_booted(void **state)
{
	(void)state;
	fake_have_kernel = true;
	fake_var_auto_boot = false;
	run();
	assert_string_equal(fake_events, "prompt ");
	assert_false(fake_hotkey_boots);
}

static void f12_leads_to_the_menu_and_then_to_the_prompt(void **state)
{
	(void)state;
	fake_have_kernel = true;
	fake_hotkey = HOTKEY_MENU;
	run();
	/* What it boots is a device: the kernel is not entered. */
	assert_string_equal(fake_events,
			    "menu begin load:a run:a cleanup begin load:b "
			    "run:b cleanup free prompt ");
	assert_string_equal(fake_asked_device, "menu's");
	fake_var_auto_boot = false;
	fake_target_count = 0;
	fake_events[0] = '\0';
	run();
	assert_string_equal(fake_events, "menu prompt ");
	fake_menu_result = ERR_NOMEM;
	run();
	assert_true(fake_log_has("menu: the reason\r\n"));
}

static void nvramrc_runs_only_where_it_is_switched_on(void **state)
{
	(void)state;
	fake_target_count = 0;
	fake_var_nvramrc = "5a 10 c!";
	fake_memory[0x10] = 0;
	run();
	assert_int_equal(fake_memory[0x10], 0);
	fake_var_use_nvramrc = true;
	run();
	assert_int_equal(fake_memory[0x10], 0x5a);
}

static void unknown_words_are_e3409(void **state)
{
	(void)state;
	fake_var_use_nvramrc = true;
	fake_var_nvramrc = "frobnicate";
	fake_var_command = ": x ;";
	run();
	assert_true(fake_log_has("E3409: Unknown FORTH Word: nvramrc"));
	assert_true(fake_log_has("E3409: Unknown FORTH Word: boot-command"));
	assert_string_equal(fake_events, "prompt ");
}

/* Each device has said its own reason. */
static void devices_that_failed_are_no_unknown_words(void **state)
{
	(void)state;
	fake_load_result[0] = fake_load_result[1] = ERR_NODEV;
	run();
	assert_false(fake_log_has("E3409"));
}

void measured_config(void)
{
	measure_now(MEASURE_CONFIG, fake_events, NULL, 0);
}

static void the_prompt_is_measured(void **state)
{
	(void)state;
	fake_measure_start();
	run();
	/* Before anything has happened. */
	fake_measured(MEASURE_CONFIG, "", NULL, 0);
	fake_measured(MEASURE_PROMPT, NULL, NULL, 0);
	/* Not a client's. */
	if (!setjmp(fake_at_prompt))
		boot_prompt(true);
	fake_measured_end();
	fake_measure_stop();
}

static int prompted(const char *text)
{
	return phrases_run(text, strlen(text), fake_prompted.sender, NULL);
}

static void the_prompt_boots_resets_and_powers_off(void **state)
{
	(void)state;
	run();
	assert_false(fake_prompted.can_go);
	fake_events[0] = '\0';
	assert_int_equal(prompted("boot disk"), 0);
	assert_string_equal(fake_asked_device, "disk");
	fake_events[0] = '\0';
	assert_int_equal(prompted("reset-all"), ERR_NOTSUP);
	assert_int_equal(prompted("power-off"), ERR_NOTSUP);
	assert_string_equal(fake_events, "rtas rtas ");
	assert_int_equal(prompted("55 4 c!"), 0);
	assert_int_equal(fake_memory[4], 0x55);
}

/* Its stack is still in use: it is fake_left before another is loaded. */
static void a_boot_inside_a_client_leaves_it_first(void **state)
{
	(void)state;
	if (!setjmp(fake_at_prompt))
		boot_prompt(true);
	assert_true(fake_prompted.can_go);
	/* Its memory is in use. */
	assert_null(fake_prompted.load);
	assert_null(fake_prompted.go);
	fake_events[0] = '\0';
	assert_int_equal(prompted("boot disk"), 0);
	assert_string_equal(fake_events, "leave:disk ");
}

#define T(name) cmocka_unit_test_setup(name, fake_policy_start)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(targets_are_tried_until_none_is_left),
		T(a_list_that_wants_all_devices_scans_first),
		T(a_target_that_is_not_there_makes_a_scan),
		T(the_end_of_the_list_makes_a_scan),
		T(the_prompt_makes_a_scan),
		T(boot_without_a_device_asks_the_policy),
		T(boot_splits_device_and_arguments),
		T(boot_tells_whether_a_client_ran),
		T(when_nothing_boots_the_last_line_is_e3407),
		T(when_something_ran_there_is_no_e3407),
		T(a_boot_leaks_nothing),
		T(an_empty_list_is_e3401),
		T(a_list_without_memory_is_printed),
		T(a_client_that_returned_is_w3411),
		T(a_client_that_exits_goes_on_with_the_next),
		T(a_client_that_failed_is_e3406_with_its_result),
		T(the_service_boot_makes_a_new_list),
		T(the_service_chain_enters_the_next_client),
		T(a_given_kernel_comes_first),
		T(boot_at_the_prompt_enters_a_given_kernel),
		T(a_given_kernel_may_look_for_any_disk),
		T(a_given_kernel_may_ask_for_a_boot),
		T(a_given_kernel_that_failed_is_e3406),
		T(the_key_s_leads_to_the_prompt),
		T(without_auto_boot_nothing_is_booted),
		T(f12_leads_to_the_menu_and_then_to_the_prompt),
		T(nvramrc_runs_only_where_it_is_switched_on),
		T(unknown_words_are_e3409),
		T(devices_that_failed_are_no_unknown_words),
		T(the_prompt_is_measured),
		T(the_prompt_boots_resets_and_powers_off),
		T(a_boot_inside_a_client_leaves_it_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
