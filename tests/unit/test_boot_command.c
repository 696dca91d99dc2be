// SPDX-License-Identifier: BSD-2-Clause
/* Tests of boot/command.c: the table, words, and what is no command. */
#include "boot/command.h"
#include "boot/history.h"

#include <stdio.h>
#include <string.h>

#include "lib/reason.h"
#include "tests/fake/prompt.h"
#include "tests/fake/terminal.h"
#include "tests/fake/tree.h"
#include "tree/prop.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static int setup(void **state)
{
	(void)state;
	fake_terminal_reset();
	fake_prompt_reset();
	reason_clear();
	return tree_init();
}

static int teardown(void **state)
{
	(void)state;
	tree_free();
	return 0;
}

static void words_are_cut_off_one_by_one(void **state)
{
	char text[] = "  one two   three ", *args = text;

	(void)state;
	assert_string_equal(command_word(&args), "one");
	assert_string_equal(args, "two   three ");
	assert_string_equal(command_word(&args), "two");
	assert_string_equal(command_word(&args), "three");
	assert_string_equal(command_word(&args), "");
	assert_string_equal(args, "");
}

static void an_empty_line_does_nothing(void **state)
{
	(void)state;
	assert_int_equal(fake_prompt_run(""), COMMAND_QUIET);
	assert_int_equal(fake_prompt_run("   "), COMMAND_QUIET);
	assert_string_equal(fake_printed, "");
}

static void boot_gets_its_text_without_outer_blanks(void **state)
{
	(void)state;
	assert_int_equal(fake_prompt_run("  boot   disk:1,\\x  -s  v  "),
			 COMMAND_QUIET);
	assert_string_equal(fake_prompt.booted, "disk:1,\\x  -s  v");
	assert_int_equal(fake_prompt_run("boot"), COMMAND_QUIET);
	assert_string_equal(fake_prompt.booted, "");
	assert_int_equal(fake_prompt.boots, 2);
}

static void a_failed_boot_has_said_why_itself(void **state)
{
	(void)state;
	fake_prompt.boot_rc = ERR_NODEV;
	assert_int_equal(fake_prompt_run("boot disk"), COMMAND_QUIET);
}

static void reset_and_power_off_that_come_back_say_so(void **state)
{
	(void)state;
	assert_int_equal(fake_prompt_run("reset-all"), ERR_NOTSUP);
	assert_non_null(strstr(reason(), "did not reset"));
	assert_int_equal(fake_prompt_run("power-off"), ERR_NOTSUP);
	assert_non_null(strstr(reason(), "did not power off"));
	assert_int_equal(fake_prompt.resets, 1);
	assert_int_equal(fake_prompt.power_offs, 1);
}

static void commands_match_in_any_case_and_tabs_are_blanks(void **state)
{
	(void)state;
	assert_int_equal(fake_prompt_run("BOOT\tDisk:1 \t Quiet\t"),
			 COMMAND_QUIET);
	assert_string_equal(fake_prompt.booted, "Disk:1   Quiet");
	assert_int_equal(fake_prompt_run("\tReset-All"), ERR_NOTSUP);
	assert_int_equal(fake_prompt.resets, 1);
	assert_int_equal(fake_prompt_run(" \t "), COMMAND_QUIET);
}

static void words_that_are_too_many_are_refused(void **state)
{
	(void)state;
	assert_int_equal(fake_prompt_run("reset-all now"), ERR_INVAL);
	assert_string_equal(reason(),
			    "reset-all: too many words; usage: reset-all");
	assert_int_equal(fake_prompt_run("power-off x y"), ERR_INVAL);
	assert_int_equal(fake_prompt.resets + fake_prompt.power_offs, 0);
	assert_int_equal(fake_prompt_run("help boot ls"), ERR_INVAL);
	assert_string_equal(reason(),
			    "help: too many words; usage: help [command]");
	assert_int_equal(fake_prompt_run("nvalias sys /x y"), ERR_INVAL);
}

static void words_that_are_missing_are_asked_for(void **state)
{
	(void)state;
	assert_int_equal(fake_prompt_run("nvalias sys"), ERR_INVAL);
	assert_string_equal(reason(), "nvalias: something is missing; usage: "
				      "nvalias alias path");
	assert_int_equal(fake_prompt_run("dev"), ERR_INVAL);
	assert_int_equal(fake_prompt_run("nvunalias"), ERR_INVAL);
}

static void go_resumes_a_client(void **state)
{
	const struct prompt_ops ops = { .sender = &fake_sender,
					.can_go = true };
	char go[] = "go", load[] = "load disk";

	(void)state;
	assert_int_equal(command_run(&ops, go), COMMAND_GO);
	/* Its memory is in use. */
	assert_int_equal(command_run(&ops, load), ERR_NOTSUP);
	assert_non_null(strstr(reason(), "a client is in memory"));
}

static char loaded[64];
static int load_rc, goes;

static int load(const char *text)
{
	snprintf(loaded, sizeof(loaded), "%s", text);
	return load_rc;
}

static int go(void)
{
	goes++;
	return *loaded ? 0 : ERR_NOENT;
}

static void go_enters_what_load_has_loaded(void **state)
{
	const struct prompt_ops ops = { .sender = &fake_sender,
					.load = load,
					.go = go };
	char line[64];

	(void)state;
	loaded[0] = '\0';
	load_rc = goes = 0;
	assert_int_equal(command_run(&ops, strcpy(line, "go")), ERR_NOENT);
	assert_string_equal(reason(), "go: no client is loaded; load does "
				      "that, boot does both");
	assert_int_equal(command_run(&ops, strcpy(line, "load disk:2 x  y")),
			 COMMAND_OK);
	assert_string_equal(loaded, "disk:2 x  y");
	assert_int_equal(command_run(&ops, strcpy(line, "go")), COMMAND_QUIET);
	assert_int_equal(goes, 2);
	/* Each reason has been printed. */
	load_rc = ERR_NODEV;
	assert_int_equal(command_run(&ops, strcpy(line, "load")),
			 COMMAND_QUIET);
	assert_int_equal(fake_prompt_run("go"), ERR_NOENT);
}

static void banner_and_version_tell_who_we_are(void **state)
{
	(void)state;
	assert_int_equal(fake_prompt_run("banner"), COMMAND_OK);
	assert_true(fake_log_has("SLOF"));
	assert_true(fake_log_has(": Open Firmware client interface"));
	fake_terminal_reset();
	assert_int_equal(fake_prompt_run(".version"), COMMAND_OK);
	assert_memory_equal(fake_printed, "QUOIN ", 6);
	assert_int_equal(fake_log_lines(), 1);
}

static void help_lists_every_command(void **state)
{
	unsigned count = 0;

	(void)state;
	assert_int_equal(fake_prompt_run("help"), COMMAND_OK);
	for (; command_at(count); count++) {
		assert_true(fake_log_has(command_at(count)->name));
		assert_true(fake_log_has(command_at(count)->help));
		assert_ptr_equal(command_name(count), command_at(count)->name);
	}
	assert_null(command_name(count));
	assert_int_equal(fake_log_lines(), count);
}

static void help_explains_each_command(void **state)
{
	char line[64];

	(void)state;
	for (size_t i = 0; command_at(i); i++) {
		fake_terminal_reset();
		snprintf(line, sizeof(line), "help %s", command_name(i));
		assert_int_equal(fake_prompt_run(line), COMMAND_OK);
		assert_true(fake_log_has(command_at(i)->help));
		assert_in_range(fake_log_lines(), 2, 6);
	}
	fake_terminal_reset();
	assert_int_equal(fake_prompt_run("HELP Reset-All"), COMMAND_OK);
	assert_string_equal(fake_printed,
			    "reset-all: reset the machine\r\n"
			    "  The machine starts again, as after power-on."
			    "\r\n");
	assert_int_equal(fake_prompt_run("help frob"), ERR_NOENT);
	assert_string_equal(reason(), "frob: no such command; help lists all");
}

static void lines_of_help_fit_on_a_screen(void **state)
{
	char line[64];

	(void)state;
	fake_terminal_reset();
	for (size_t i = 0; command_at(i); i++) {
		snprintf(line, sizeof(line), "help %s", command_name(i));
		assert_int_equal(fake_prompt_run(line), COMMAND_OK);
	}
	assert_int_equal(fake_prompt_run("help"), COMMAND_OK);
	for (const char *at = fake_printed; *at;) {
		size_t len = strcspn(at, "\r");

		assert_in_range(len, 1, 79);
		at += len + 2;
	}
}

/* The page has a row for each command, in the order of the table. */
static void the_page_has_the_same_table(void **state)
{
	FILE *page = fopen("docs/prompt.md", "r");
	char row[512], want[128];
	size_t i = 0;

	(void)state;
	assert_non_null(page);
	while (fgets(row, sizeof(row), page)) {
		if (strncmp(row, "| `", 3))
			continue;
		assert_non_null(command_at(i));
		snprintf(want, sizeof(want), "| `%s%s%s` | ", command_name(i),
			 *command_at(i)->usage ? " " : "",
			 command_at(i)->usage);
		row[strlen(want)] = '\0';
		assert_string_equal(row, want);
		i++;
	}
	fclose(page);
	assert_null(command_at(i));
}

static void history_shows_old_lines_first(void **state)
{
	(void)state;
	history_clear();
	assert_int_equal(fake_prompt_run("history"), COMMAND_OK);
	assert_string_equal(fake_printed, "");
	history_add("boot disk");
	history_add("ls \x1b[2J");
	assert_int_equal(fake_prompt_run("history"), COMMAND_OK);
	assert_string_equal(fake_printed, "boot disk\r\nls \\x1b[2J\r\n");
	history_clear();
}

static void other_text_is_tried_as_phrases(void **state)
{
	(void)state;
	assert_int_equal(fake_prompt_run(" cafec0de 4000 l! "), COMMAND_OK);
	assert_memory_equal(fake_prompt.mem, "\xca\xfe\xc0\xde", 4);
	assert_int_equal(fake_prompt_run("1 5000 l!"), ERR_PERM);
	assert_int_equal(fake_prompt_run("poweroff"), ERR_NOTSUP);
	assert_int_equal(fake_prompt.power_offs, 1);
}

static void an_unknown_command_is_named(void **state)
{
	(void)state;
	assert_int_equal(fake_prompt_run("frob disk"), ERR_NOTSUP);
	assert_string_equal(reason(), "\"frob\" is not a known phrase; this is "
				      "no Forth: help lists the commands");
	assert_int_equal(fake_prompt_run("printen"), ERR_NOTSUP);
	assert_int_equal(fake_prompt_run("printenvs"), ERR_NOTSUP);
	assert_int_equal(fake_prompt_run("bootdisk"), ERR_NOTSUP);
	assert_int_equal(fake_prompt.boots, 0);
}

static void forth_is_refused_in_a_line(void **state)
{
	static const char *const lines[] = {
		"words",
		"see boot",
		".s",
		"4000 l@",
		": x 1 ;",
		"42",
		"4000 100 dump",
		"\" /cpus\" find-device",
		"1 2 + .",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		assert_int_equal(fake_prompt_run(lines[i]), ERR_NOTSUP);
		assert_non_null(strstr(reason(), "is not a known phrase; this "
						 "is no Forth: help"));
	}
	assert_string_equal(fake_printed, "");
}

/* In one line, and as its users type it in several. */
static void recipes_for_aix_make_a_property(void **state)
{
	(void)state;
	assert_int_equal(
		fake_prompt_run(
			"dev / 0 0 s\" a\" property boot cdrom:\\x -s v"),
		COMMAND_OK);
	assert_non_null(tree_getprop(tree_root(), "a", NULL));
	assert_string_equal(fake_prompt.booted, "cdrom:\\x -s v");
	assert_non_null(tree_add_node(tree_root(), "cpus", TREE_QEMU));
	assert_int_equal(fake_prompt_run("dev /cpus"), COMMAND_OK);
	assert_int_equal(fake_prompt_run("0 0 s\" b\" property"), ERR_NOTSUP);
	assert_non_null(strstr(reason(), "only the root takes one"));
	assert_int_equal(fake_prompt_run("dev /"), COMMAND_OK);
	assert_int_equal(fake_prompt_run("0 0 s\" b\" property"), COMMAND_OK);
	assert_non_null(tree_getprop(tree_root(), "b", NULL));
	assert_int_equal(fake_prompt_run("dev \t/  0 0 s\" c\" property"),
			 COMMAND_OK);
	assert_non_null(tree_getprop(tree_root(), "c", NULL));
	assert_int_equal(fake_prompt_run("dev / 0 0 s\" a\" frob"), ERR_NOTSUP);
	/* Not this, though: ls is no phrase, but a command. */
	assert_int_equal(fake_prompt_run("dev / ls"), ERR_INVAL);
	assert_string_equal(reason(), "dev: too many words; usage: dev path");
	assert_int_equal(fake_prompt_run("cd / \"x\""), ERR_INVAL);
	assert_string_equal(reason(), "cd: too many words; usage: cd path");
	assert_int_equal(fake_prompt_run("dev /cpus 0 0 s\" c\" property"),
			 ERR_INVAL);
	assert_string_equal(reason(), "dev: too many words; usage: dev path");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(words_are_cut_off_one_by_one),
		TEST(an_empty_line_does_nothing),
		TEST(boot_gets_its_text_without_outer_blanks),
		TEST(a_failed_boot_has_said_why_itself),
		TEST(reset_and_power_off_that_come_back_say_so),
		TEST(commands_match_in_any_case_and_tabs_are_blanks),
		TEST(words_that_are_too_many_are_refused),
		TEST(words_that_are_missing_are_asked_for),
		TEST(go_resumes_a_client),
		TEST(go_enters_what_load_has_loaded),
		TEST(banner_and_version_tell_who_we_are),
		TEST(help_lists_every_command),
		TEST(help_explains_each_command),
		TEST(lines_of_help_fit_on_a_screen),
		TEST(the_page_has_the_same_table),
		TEST(history_shows_old_lines_first),
		TEST(other_text_is_tried_as_phrases),
		TEST(an_unknown_command_is_named),
		TEST(forth_is_refused_in_a_line),
		TEST(recipes_for_aix_make_a_property),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
