// SPDX-License-Identifier: BSD-2-Clause
/* Tests of ci/phrases.c: what is understood, and that the rest is refused. */
#include "ci/phrases.h"

#include <stdio.h>
#include <string.h>

#include "ci/ci.h"
#include "ci/mem.h"
#include "ci/quiesce.h"
#include "lib/deadline.h"
#include "lib/reason.h"
#include "tests/fake/heap.h"
#include "tests/fake/tree.h"
#include "tree/path.h"
#include "tree/prop.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define ABORT ((cell_t)-2)
#define ADDRESS ((cell_t)-9)
#define RANGE ((cell_t)-11)
#define UNDEFINED ((cell_t)-13)

/* Writable memory at 0x4000. */
#define MEM_BASE 0x4000u
static uint8_t mem[16];

static char booted[128];
static int boots, resets, power_offs, boot_rc;
static uint64_t delayed;

void deadline_delay(uint32_t ms)
{
	delayed += ms;
}

int ci_leave_boot(const char *text)
{
	snprintf(booted, sizeof(booted), "%s", text);
	boots++;
	return boot_rc;
}

void ci_reboot(void)
{
	resets++;
}

void ci_power_off(void)
{
	power_offs++;
}

void *ci_buf(uint64_t addr, uint64_t len)
{
	if (addr < MEM_BASE || addr - MEM_BASE > sizeof(mem) ||
	    len > sizeof(mem) - (addr - MEM_BASE))
		return NULL;
	return mem + (addr - MEM_BASE);
}

static int setup(void **state)
{
	(void)state;
	memset(mem, 0, sizeof(mem));
	booted[0] = '\0';
	boots = resets = power_offs = boot_rc = 0;
	delayed = 0;
	reason_clear();
	return tree_init();
}

static int teardown(void **state)
{
	(void)state;
	tree_free();
	return 0;
}

static int run(const char *text, cell_t result)
{
	cell_t got = 1;
	int rc = phrases_run(text, strlen(text), &phrase_client, &got);

	assert_int_equal(got, result);
	return rc;
}

static void assert_refused(const char *text)
{
	assert_int_equal(run(text, UNDEFINED), ERR_NOTSUP);
	assert_int_equal(boots + resets + power_offs, 0);
	assert_int_equal(delayed, 0);
	for (size_t i = 0; i < sizeof(mem); i++)
		assert_int_equal(mem[i], 0);
}

static void grubs_console_phrases_do_nothing(void **state)
{
	(void)state;
	assert_int_equal(run("output-device output", 0), 0);
	assert_int_equal(run("cursor-on", 0), 0);
	assert_int_equal(run("cursor-off", 0), 0);
	assert_refused("output-device screen");
	assert_refused("output-device");
}

static void grubs_reboot_resets(void **state)
{
	(void)state;
	/* It came back: the machine could not. */
	assert_int_equal(run("reset-all", UNDEFINED), ERR_NOTSUP);
	assert_int_equal(resets, 1);
}

static void grubs_halt_powers_off_with_any_of_its_words(void **state)
{
	(void)state;
	assert_int_equal(run("power-off", UNDEFINED), ERR_NOTSUP);
	assert_int_equal(run("shut-down", UNDEFINED), ERR_NOTSUP);
	assert_int_equal(run("poweroff", UNDEFINED), ERR_NOTSUP);
	assert_int_equal(power_offs, 3);
	assert_non_null(strstr(reason(), "the machine keeps running"));
}

/* second/prom.c of yaboot, between reads that failed. */
static void yaboots_delay_waits(void **state)
{
	(void)state;
	assert_int_equal(run(" 10 ms", 0), 0);
	assert_int_equal(delayed, 0x10);
}

static void delays_are_bounded_together(void **state)
{
	(void)state;
	assert_int_equal(run("2710 ms", 0), 0);
	assert_int_equal(delayed, PHRASES_MS_MAX);
	delayed = 0;
	assert_int_equal(run("2711 ms", RANGE), ERR_RANGE);
	assert_int_equal(run("2710 ms 1 ms", RANGE), ERR_RANGE);
	assert_int_equal(run("ffffffffffffffff ms", RANGE), ERR_RANGE);
	assert_int_equal(delayed, 0);
}

static void yaboots_word_definitions_are_undefined_words(void **state)
{
	(void)state;
	assert_refused(": D2NIP decode-int nip nip ;\r");
	assert_refused("\" /\" find-package drop");
	assert_refused("0 0 0 fill-rectangle");
	assert_string_equal(reason(), "\"0\" is not a known phrase");
}

/* tests/qtest/prom-env-test.c of QEMU. */
static void qemus_prom_env_test_stores_its_word(void **state)
{
	(void)state;
	assert_int_equal(run("cafec0de 4000 l!", 0), 0);
	assert_memory_equal(mem, "\xca\xfe\xc0\xde", 4);
}

/* tests/qtest/boot-sector.c of QEMU: a file that is evaluated. */
static void qemus_boot_script_stores_its_signature(void **state)
{
	(void)state;
	assert_int_equal(run("\\ Bootscript\nad 4000 c! de 4001 c!\n", 0), 0);
	assert_memory_equal(mem, "\xad\xde\x00", 3);
}

static void stores_cut_the_value_and_take_any_alignment(void **state)
{
	(void)state;
	assert_int_equal(run("12345 4001 w! 1ff 4000 c!", 0), 0);
	assert_memory_equal(mem, "\xff\x23\x45\x00", 4);
	assert_int_equal(run("0x1 0x400c l!", 0), 0);
	assert_int_equal(mem[15], 1);
}

static void stores_outside_of_memory_are_refused(void **state)
{
	(void)state;
	assert_int_equal(run("1 3fff c!", ADDRESS), ERR_PERM);
	assert_int_equal(run("1 400d l!", ADDRESS), ERR_PERM);
	assert_int_equal(run("1 100004000 c!", ADDRESS), ERR_PERM);
	assert_string_equal(reason(), "100004000: not writable memory");
}

static void nothing_runs_unless_all_of_it_can(void **state)
{
	(void)state;
	assert_refused("1 4000 c! 2 4001 c! frob");
	assert_refused("10 ms reset-all boot-it");
	assert_int_equal(run("1 4000 c! 1 0 c!", ADDRESS), ERR_PERM);
	assert_int_equal(mem[0], 0);
	assert_refused("dev / 0 0 s\" x\" property frob");
	assert_null(tree_getprop(tree_root(), "x", NULL));
}

static void numbers_that_are_none_are_refused(void **state)
{
	(void)state;
	assert_refused("xyz 4000 l!");
	assert_refused("11111111111111111 4000 l!");
	assert_refused("4000 l!");
	assert_refused("1 2 4000 l!");
	assert_refused("ms");
	assert_refused("0x 4000 l!");
}

#define AIX "dev / 0 0 s\" ibm,aix-diagnostics\" property"

static void aix_recipe_makes_a_property_and_boots(void **state)
{
	uint32_t len = 1;

	(void)state;
	assert_int_equal(
		run(AIX " boot cdrom:\\ppc\\chrp\\bootfile.exe -s verbose", 0),
		0);
	assert_non_null(tree_getprop(tree_root(), "ibm,aix-diagnostics", &len));
	assert_int_equal(len, 0);
	assert_string_equal(booted,
			    "cdrom:\\ppc\\chrp\\bootfile.exe -s verbose");
}

static void property_names_are_checked(void **state)
{
	(void)state;
	assert_refused("dev / 0 0 s\" a/b\" property");
	assert_refused("dev / 0 0 s\" \" property");
	assert_refused("dev / 0 0 s\" never-ends property");
	assert_refused("dev / 0 0 s\"");
	assert_refused("dev / 0 0 s\" 0123456789012345678901234567890123456789"
		       "012345678901234567890123\" property");
	assert_refused("dev / 1 0 s\" x\" property");
}

static bool at_root;

static bool is_at_root(void)
{
	return at_root;
}

/* AIX users type the recipe in several lines: `dev /` was a command. */
static void a_sender_may_have_selected_the_root(void **state)
{
	const struct phrase_sender sender = { .name = "a test",
					      .at_root = is_at_root };
	static const char text[] = "0 0 s\" x\" property";

	(void)state;
	at_root = false;
	assert_int_equal(phrases_run(text, strlen(text), &sender, NULL),
			 ERR_NOTSUP);
	assert_string_equal(reason(),
			    "property: only the root takes one, after dev /");
	at_root = true;
	assert_int_equal(phrases_run(text, strlen(text), &sender, NULL), 0);
	assert_non_null(tree_getprop(tree_root(), "x", NULL));
}

static void the_root_is_selected_until_device_end(void **state)
{
	(void)state;
	assert_int_equal(run("dev / 0 0 s\" a\" property 0 0 s\" b\" property "
			     "device-end",
			     0),
			 0);
	assert_non_null(tree_getprop(tree_root(), "a", NULL));
	assert_non_null(tree_getprop(tree_root(), "b", NULL));
	assert_refused("0 0 s\" c\" property");
	assert_refused("dev / device-end 0 0 s\" c\" property");
	assert_refused("dev /memory");
	assert_refused("dev");
}

/* IEEE 1275: the dictionary ignores case. */
static void words_match_in_any_case(void **state)
{
	(void)state;
	assert_int_equal(run("1 4000 C! DEV / 0 0 S\" Name\" Property", 0), 0);
	assert_int_equal(mem[0], 1);
	assert_non_null(tree_getprop(tree_root(), "Name", NULL));
}

/* The lines that nvalias adds to nvramrc. */
static void devalias_defines_an_alias(void **state)
{
	const struct node *aliases;

	(void)state;
	aliases = tree_add_node(tree_root(), "aliases", TREE_QUOIN);
	assert_non_null(aliases);
	assert_int_equal(run("devalias sys /vdevice/disk:2\r\n"
			     "devalias\ttwo \t /x \n1 4000 c!",
			     0),
			 0);
	assert_string_equal(tree_get_str(aliases, "sys"), "/vdevice/disk:2");
	assert_string_equal(tree_get_str(aliases, "two"), "/x");
	assert_int_equal(mem[0], 1);
}

static void devalias_gives_reasons(void **state)
{
	(void)state;
	assert_non_null(tree_add_node(tree_root(), "aliases", TREE_QUOIN));
	assert_refused("devalias");
	assert_refused("devalias sys");
	assert_refused("devalias sys /x boot");
	assert_refused("1 4000 c! devalias");
	assert_int_equal(run("devalias a/b /x", ABORT), ERR_INVAL);
	fake_heap_fail_after(0);
	assert_int_equal(run("devalias sys /x", ABORT), ERR_NOMEM);
	fake_heap_fail_after(-1);
	assert_null(tree_get_str(tree_find("/aliases"), "sys"));
}

static void boot_takes_the_rest_of_its_line(void **state)
{
	(void)state;
	assert_int_equal(run("boot", 0), 0);
	assert_string_equal(booted, "");
	assert_int_equal(run("  boot   disk:1,\\x  a  b \r\n", 0), 0);
	assert_string_equal(booted, "disk:1,\\x  a  b");
	assert_int_equal(run("boot\tnet\n1 4000 c!", 0), 0);
	assert_string_equal(booted, "net");
	assert_int_equal(mem[0], 1);
	assert_int_equal(boots, 3);
}

static void a_failed_boot_ends_the_text(void **state)
{
	(void)state;
	boot_rc = ERR_NODEV;
	assert_int_equal(run("boot net\n1 4000 c!", ABORT), ERR_NODEV);
	assert_int_equal(mem[0], 0);
}

static void empty_text_and_comments_are_fine(void **state)
{
	(void)state;
	assert_int_equal(run("", 0), 0);
	assert_int_equal(run(" \t\r\n", 0), 0);
	assert_int_equal(run("\\ frob\n\\\n", 0), 0);
	assert_refused("\\frob");
}

static void text_ends_at_its_length_or_nul(void **state)
{
	cell_t result = 1;

	(void)state;
	assert_int_equal(phrases_run("cursor-onX", 9, &phrase_client, &result),
			 0);
	assert_int_equal(result, 0);
	assert_int_equal(
		phrases_run("cursor-on\0frob", 14, &phrase_client, NULL), 0);
	assert_int_equal(phrases_run("frob", 4, &phrase_client, NULL),
			 ERR_NOTSUP);
}

static int run_script(const char *text)
{
	return phrases_run(text, strlen(text), &phrase_script, NULL);
}

/* What it would do besides is not done either. */
static void a_boot_script_neither_boots_nor_ends_the_machine(void **state)
{
	(void)state;
	assert_int_equal(run_script("1 4000 c! boot"), ERR_NOTSUP);
	assert_string_equal(reason(), "boot is not allowed in a boot script");
	assert_int_equal(run_script("1 4000 c! reset-all"), ERR_NOTSUP);
	assert_string_equal(reason(),
			    "reset-all is not allowed in a boot script");
	assert_int_equal(run_script("1 4000 c! poweroff"), ERR_NOTSUP);
	assert_int_equal(mem[0] + boots + resets + power_offs, 0);
	assert_int_equal(run_script("1 4000 c!"), 0);
	assert_int_equal(mem[0], 1);
}

static void a_refused_phrase_is_an_undefined_word(void **state)
{
	cell_t result = 1;

	(void)state;
	assert_int_equal(phrases_run("boot", 4, &phrase_script, &result),
			 ERR_NOTSUP);
	assert_int_equal(result, UNDEFINED);
}

static void running_out_of_memory_is_a_failure(void **state)
{
	(void)state;
	fake_heap_fail_after(0);
	assert_int_equal(run("boot disk", ABORT), ERR_NOMEM);
	assert_int_equal(run(AIX, ABORT), ERR_NOMEM);
	fake_heap_fail_after(-1);
	assert_int_equal(boots, 0);
}

static void assert_all_or_nothing(const char *text, size_t len)
{
	memset(mem, 0, sizeof(mem));
	boots = 0;
	if (phrases_run(text, len, &phrase_client, NULL) == ERR_NOTSUP)
		assert_int_equal(mem[0] + boots, 0);
}

/* Every prefix and every changed byte of a real text. */
static void hostile_text_is_never_half_executed(void **state)
{
	static const char real[] = AIX " 1 4000 c! 10 ms boot disk\n";
	char text[sizeof(real)];

	(void)state;
	for (size_t i = 0; i < sizeof(real) - 1; i++) {
		for (int c = 1; c < 256; c++) {
			memcpy(text, real, sizeof(real));
			text[i] = (char)c;
			assert_all_or_nothing(text, i);
			assert_all_or_nothing(text, sizeof(real));
		}
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(grubs_console_phrases_do_nothing),
		TEST(grubs_reboot_resets),
		TEST(grubs_halt_powers_off_with_any_of_its_words),
		TEST(yaboots_delay_waits),
		TEST(delays_are_bounded_together),
		TEST(yaboots_word_definitions_are_undefined_words),
		TEST(qemus_prom_env_test_stores_its_word),
		TEST(qemus_boot_script_stores_its_signature),
		TEST(stores_cut_the_value_and_take_any_alignment),
		TEST(stores_outside_of_memory_are_refused),
		TEST(nothing_runs_unless_all_of_it_can),
		TEST(numbers_that_are_none_are_refused),
		TEST(aix_recipe_makes_a_property_and_boots),
		TEST(property_names_are_checked),
		TEST(a_sender_may_have_selected_the_root),
		TEST(the_root_is_selected_until_device_end),
		TEST(words_match_in_any_case),
		TEST(devalias_defines_an_alias),
		TEST(devalias_gives_reasons),
		TEST(boot_takes_the_rest_of_its_line),
		TEST(a_failed_boot_ends_the_text),
		TEST(empty_text_and_comments_are_fine),
		TEST(text_ends_at_its_length_or_nul),
		TEST(a_boot_script_neither_boots_nor_ends_the_machine),
		TEST(a_refused_phrase_is_an_undefined_word),
		TEST(running_out_of_memory_is_a_failure),
		TEST(hostile_text_is_never_half_executed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
