// SPDX-License-Identifier: BSD-2-Clause
/* Tests of boot/config.c: the variables in NVRAM and /options. */
#include "boot/config.h"

#include <string.h>

#include "lib/log.h"
#include "lib/reason.h"
#include "tests/fake/heap.h"
#include "tests/fake/nvram.h"
#include "tests/fake/terminal.h"
#include "tests/fake/tree.h"
#include "tree/path.h"
#include "tree/prop.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Where the variables start in an NVRAM that was formatted. */
#define COMMON 0x2810

static int setup(void **state)
{
	(void)state;
	fake_terminal_reset();
	fake_nvram_reset(64 * 1024);
	reason_clear();
	return tree_init();
}

static int teardown(void **state)
{
	(void)state;
	/* NVRAM's copy goes, too. */
	fake_nvram_reset(0);
	config_init();
	tree_free();
	return 0;
}

static const char *option(const char *name)
{
	return tree_get_str(tree_find("/options"), name);
}

static void prom_env(const char *strings, uint32_t len)
{
	fake_nvram_prom_env(strings, len);
	config_init();
}

static void defaults_are_those_that_slof_shows_in_options(void **state)
{
	/* `dev /options .properties` of SLOF 20220719. */
	static const char *const slof[][2] = {
		{ "auto-boot?", "true" },
		{ "boot-device", "" },
		{ "boot-file", "" },
		{ "boot-command", "boot" },
		{ "diag-device", "" },
		{ "diag-file", "" },
		{ "diag-switch?", "false" },
		{ "fcode-debug?", "true" },
		{ "input-device", "" },
		{ "nvramrc", "" },
		{ "oem-banner", "" },
		{ "oem-banner?", "false" },
		{ "oem-logo", "" },
		{ "oem-logo?", "false" },
		{ "output-device", "" },
		{ "screen-#columns", "512" },
		{ "screen-#rows", "512" },
		{ "security-#badlogins", "0" },
		{ "security-mode", "0" },
		{ "security-password", "" },
		{ "selftest-#megs", "0" },
		{ "use-nvramrc?", "false" },
		{ "direct-serial?", "false" },
		{ "real-mode?", "true" },
		{ "load-base", "16384" },
	};

	(void)state;
	config_init();
	for (size_t i = 0; i < ARRAY_SIZE(slof); i++)
		assert_string_equal(option(slof[i][0]), slof[i][1]);
	assert_string_equal(option("trace"), "");
	assert_string_equal(option("boot-menu-wait"), "2000");
}

static void a_fresh_nvram_holds_all_defaults(void **state)
{
	(void)state;
	config_init();
	assert_memory_equal(fake_nvram + COMMON, "auto-boot?=true\0boot-de",
			    23);
	assert_int_equal(config_set("load-base", "0x5000"), 0);
	config_init();
	assert_int_equal(config_num("load-base"), 0x5000);
	assert_string_equal(config_str("real-mode?"), "true");
}

static void an_options_node_that_is_there_is_used(void **state)
{
	struct node *node = tree_add_node(tree_root(), "options", TREE_QEMU);

	(void)state;
	config_init();
	assert_ptr_equal(tree_find("/options"), node);
	assert_null(node->next);
}

static void prom_env_overrides_defaults(void **state)
{
	(void)state;
	prom_env(FAKE_STRINGS("auto-boot?=false\0boot-device=disk cdrom\0"
			      "boot-device=net\0"));
	assert_false(config_flag("auto-boot?"));
	assert_string_equal(config_str("boot-device"), "net");
	assert_string_equal(option("boot-device"), "net");
	assert_string_equal(config_str("boot-command"), "boot");
}

static void trace_takes_effect_at_once(void **state)
{
	(void)state;
	prom_env(FAKE_STRINGS("trace=ci,boot\0"));
	assert_true(log_on(LOG_CI) && log_on(LOG_BOOT));
	assert_int_equal(config_set("trace", "drivers"), 0);
	assert_false(log_on(LOG_CI) || log_on(LOG_BOOT));
	assert_true(log_on(LOG_DRIVERS));
	config_option_changed("trace", "ci", 2);
	assert_true(log_on(LOG_CI));
	assert_int_equal(config_set_defaults(), 0);
	assert_int_equal(log_topics, 0);
	/* It is kept as it is; what is unknown in it is told. */
	assert_int_equal(config_set("trace", "ci,tree"), 0);
	assert_string_equal(option("trace"), "ci,tree");
	assert_true(log_on(LOG_CI));
	assert_true(fake_log_has("no such topic: tree"));
	log_set_topics("");
}

static void unknown_names_become_properties(void **state)
{
	(void)state;
	prom_env(FAKE_STRINGS("boot-args=-v\0"));
	assert_string_equal(option("boot-args"), "-v");
	assert_string_equal(config_str("boot-args"), "-v");
	assert_string_equal(config_str("never-heard-of"), "");
}

static void names_that_cannot_be_properties_are_counted(void **state)
{
	(void)state;
	prom_env(FAKE_STRINGS(
		"0123456789012345678901234567890123456789012345678901234567890"
		"123=x\0a/b=1\0name=evil\0phandle=evil\0ok=1\0"));
	assert_true(fake_log_has("NVRAM: 4 variables do not fit"));
	assert_string_equal(option("name"), "options");
	assert_string_equal(option("ok"), "1");
}

static void values_of_a_wrong_type_give_way_to_the_default(void **state)
{
	(void)state;
	prom_env(FAKE_STRINGS("auto-boot?=maybe\0load-base=here\0"
			      "security-mode=loose\0"));
	assert_true(config_flag("auto-boot?"));
	assert_int_equal(config_num("load-base"), 16384);
	assert_string_equal(config_str("security-mode"), "0");
	assert_true(fake_log_has("auto-boot?: \"maybe\" is not true or false"));
	assert_true(fake_log_has("using the default, true"));
	assert_int_equal(fake_log_lines(), 3);
}

static void numbers_are_decimal_or_hexadecimal(void **state)
{
	(void)state;
	config_init();
	assert_int_equal(config_num("load-base"), 16384);
	assert_int_equal(config_set("load-base", "0X1f"), 0);
	assert_int_equal(config_num("load-base"), 31);
	assert_int_equal(config_num("boot-command"), 0);
	assert_int_equal(config_set("load-base", "1f"), ERR_INVAL);
	assert_int_equal(config_set("load-base", ""), ERR_INVAL);
	assert_int_equal(config_set("load-base", "0x"), ERR_INVAL);
	assert_int_equal(config_num("load-base"), 31);
}

static void set_persists_and_shows_in_options(void **state)
{
	(void)state;
	config_init();
	assert_int_equal(config_set("boot-device", "disk:1"), 0);
	assert_string_equal(option("boot-device"), "disk:1");
	tree_free();
	assert_int_equal(tree_init(), 0);
	config_init();
	assert_string_equal(option("boot-device"), "disk:1");
}

static void set_refuses_what_is_no_variable(void **state)
{
	(void)state;
	config_init();
	assert_int_equal(config_set("foo", "1"), ERR_NOENT);
	assert_string_equal(reason(), "foo: not a configuration variable");
	assert_int_equal(config_set_default("foo"), ERR_NOENT);
	assert_null(option("foo"));
}

/* What svc_setprop does before it calls config_option_changed(). */
static void client_sets(const char *name, const void *value, uint32_t len)
{
	struct node *options = tree_find("/options");
	const void *stored;

	assert_int_equal(tree_setprop(options, name, value, len, TREE_CLIENT),
			 0);
	stored = tree_getprop(options, name, &len);
	config_option_changed(name, stored, len);
}

static void set_refuses_what_is_no_flag(void **state)
{
	(void)state;
	config_init();
	assert_int_equal(config_set("auto-boot?", "yes"), ERR_INVAL);
	assert_string_equal(reason(),
			    "auto-boot?: \"yes\" is not true or false");
	assert_int_equal(config_set("auto-boot?", ""), ERR_INVAL);
	assert_int_equal(config_set("auto-boot?", "-"), ERR_INVAL);
	assert_int_equal(config_set("auto-boot?", "truer"), ERR_INVAL);
	assert_true(config_flag("auto-boot?"));
}

/* SLOF evaluates them: False, 0, -1 and FALSE work there. */
static void slofs_spellings_of_a_flag_are_understood(void **state)
{
	static const char *const on[] = { "true", "TRUE", "True", "1",
					  "-1",	  "5",	  "ff" };
	static const char *const off[] = { "false", "False", "FALSE", "0",
					   "00",    "-0",    "0x0" };

	(void)state;
	config_init();
	for (size_t i = 0; i < ARRAY_SIZE(on); i++) {
		assert_int_equal(config_set("diag-switch?", "false"), 0);
		assert_int_equal(config_set("diag-switch?", on[i]), 0);
		assert_true(config_flag("diag-switch?"));
		assert_string_equal(option("diag-switch?"), "true");
		assert_int_equal(config_set("diag-switch?", off[i]), 0);
		assert_false(config_flag("diag-switch?"));
		assert_string_equal(option("diag-switch?"), "false");
	}
	prom_env(FAKE_STRINGS("auto-boot?=False\0real-mode?=0\0"
			      "use-nvramrc?=1\0"));
	assert_false(config_flag("auto-boot?"));
	assert_string_equal(option("real-mode?"), "false");
	assert_true(config_flag("use-nvramrc?"));
	assert_false(fake_log_has("Warning"));
	/* As a client has set it. */
	client_sets("diag-switch?", "1", 2);
	assert_true(config_flag("diag-switch?"));
}

/* SLOF stops at its start over a word for it in NVRAM. */
static void security_mode_is_stored_as_slof_reads_it(void **state)
{
	const struct config_var *var = config_find("security-mode");

	(void)state;
	config_init();
	assert_string_equal(config_shown(var, option("security-mode")), "none");
	assert_int_equal(config_set("security-mode", "command"), 0);
	assert_string_equal(option("security-mode"), "1");
	assert_string_equal(config_shown(var, "1"), "command");
	assert_int_equal(config_set("security-mode", "2"), 0);
	assert_string_equal(config_shown(var, option("security-mode")), "full");
	assert_int_equal(config_set("security-mode", "loose"), ERR_INVAL);
	assert_int_equal(config_set("security-mode", "3"), ERR_INVAL);
	assert_string_equal(config_shown(var, "3"), "3");
}

static void a_full_nvram_leaves_the_property_as_it_was(void **state)
{
	static char big[4096];

	(void)state;
	memset(big, 'v', sizeof(big) - 1);
	config_init();
	assert_int_equal(config_set("nvramrc", big), ERR_NOSPACE);
	assert_non_null(strstr(reason(), "NVRAM is full"));
	assert_string_equal(option("nvramrc"), "");
}

static void without_nvram_every_variable_has_its_default(void **state)
{
	(void)state;
	fake_nvram_reset(0);
	config_init();
	assert_true(config_flag("auto-boot?"));
	assert_true(fake_log_has("the machine has no NVRAM; all"));
	assert_int_equal(config_set("boot-device", "disk"), ERR_NODEV);
	assert_string_equal(option("boot-device"), "");
}

static void an_unreadable_nvram_is_named(void **state)
{
	(void)state;
	fake_nvram_fail_after(0);
	config_init();
	assert_true(config_flag("auto-boot?"));
	assert_int_equal(fake_log_lines(), 1);
}

static void defaults_come_back_one_by_one_or_all_together(void **state)
{
	(void)state;
	prom_env(FAKE_STRINGS("boot-args=-v\0auto-boot?=false\0"
			      "boot-command=boot net\0"));
	assert_int_equal(config_set_default("auto-boot?"), 0);
	assert_true(config_flag("auto-boot?"));
	assert_string_equal(config_str("boot-command"), "boot net");
	assert_int_equal(config_set_defaults(), 0);
	assert_string_equal(config_str("boot-command"), "boot");
	assert_string_equal(config_str("boot-args"), "-v");
	config_init();
	assert_string_equal(config_str("boot-command"), "boot");
	assert_string_equal(config_str("boot-args"), "-v");
}

static void set_defaults_ends_at_the_first_failure(void **state)
{
	(void)state;
	fake_nvram_reset(0);
	config_init();
	assert_int_equal(config_set_defaults(), ERR_NODEV);
}

static void the_table_can_be_walked_and_searched(void **state)
{
	size_t n = 0;

	(void)state;
	for (; config_var(n); n++) {
		const struct config_var *var = config_var(n);

		assert_ptr_equal(config_find(var->name), var);
		assert_int_not_equal(strlen(var->effect), 0);
	}
	assert_int_equal(n, 27);
	assert_null(config_find("foo"));
}

/* petitboot and bootlist write boot-device for the next boot. */
static void a_clients_setprop_of_a_variable_persists(void **state)
{
	(void)state;
	config_init();
	fake_terminal_reset();
	client_sets("boot-device", "/pci@1/scsi@2", 14);
	config_init();
	assert_string_equal(config_str("boot-device"), "/pci@1/scsi@2");
	assert_string_equal(fake_printed, "");
}

static void a_clients_text_without_nul_is_stored_whole(void **state)
{
	uint32_t len;

	(void)state;
	config_init();
	client_sets("boot-file", "linux", 5);
	assert_string_equal(config_str("boot-file"), "linux");
	assert_non_null(tree_getprop(tree_find("/options"), "boot-file", &len));
	assert_int_equal(len, 6);
	client_sets("boot-file", NULL, 0);
	assert_string_equal(config_str("boot-file"), "");
	config_init();
	assert_string_equal(config_str("boot-file"), "");
}

/* yaboot sets boot-once, RHEL's GRUB boot-last-label: only properties. */
static void yaboots_unknown_options_do_not_reach_nvram(void **state)
{
	(void)state;
	config_init();
	fake_nvram_written = 0;
	client_sets("boot-once", "x", 2);
	assert_int_equal(fake_nvram_written, 0);
	assert_string_equal(option("boot-once"), "x");
}

static void a_setprop_that_nvram_refuses_is_reported_once(void **state)
{
	(void)state;
	config_init();
	fake_terminal_reset();
	client_sets("auto-boot?", "maybe", 6);
	assert_int_equal(fake_log_lines(), 1);
	assert_true(fake_log_has("auto-boot?"));
	assert_string_equal(option("auto-boot?"), "maybe");
	config_init();
	assert_true(config_flag("auto-boot?"));
}

static void running_out_of_memory_is_reported_and_survived(void **state)
{
	(void)state;
	for (int n = 0; n < 120; n++) {
		tree_free();
		assert_int_equal(tree_init(), 0);
		fake_nvram_reset(64 * 1024);
		fake_heap_fail_after(n);
		config_init();
		config_option_changed("boot-device", "disk", 5);
		fake_heap_fail_after(-1);
		if (!tree_find("/options"))
			assert_true(fake_log_has("no memory"));
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(defaults_are_those_that_slof_shows_in_options),
		TEST(a_fresh_nvram_holds_all_defaults),
		TEST(trace_takes_effect_at_once),
		TEST(an_options_node_that_is_there_is_used),
		TEST(prom_env_overrides_defaults),
		TEST(unknown_names_become_properties),
		TEST(names_that_cannot_be_properties_are_counted),
		TEST(values_of_a_wrong_type_give_way_to_the_default),
		TEST(numbers_are_decimal_or_hexadecimal),
		TEST(set_persists_and_shows_in_options),
		TEST(set_refuses_what_is_no_variable),
		TEST(set_refuses_what_is_no_flag),
		TEST(slofs_spellings_of_a_flag_are_understood),
		TEST(security_mode_is_stored_as_slof_reads_it),
		TEST(a_full_nvram_leaves_the_property_as_it_was),
		TEST(without_nvram_every_variable_has_its_default),
		TEST(an_unreadable_nvram_is_named),
		TEST(defaults_come_back_one_by_one_or_all_together),
		TEST(set_defaults_ends_at_the_first_failure),
		TEST(the_table_can_be_walked_and_searched),
		TEST(a_clients_setprop_of_a_variable_persists),
		TEST(a_clients_text_without_nul_is_stored_whole),
		TEST(yaboots_unknown_options_do_not_reach_nvram),
		TEST(a_setprop_that_nvram_refuses_is_reported_once),
		TEST(running_out_of_memory_is_reported_and_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
