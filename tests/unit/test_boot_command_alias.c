// SPDX-License-Identifier: BSD-2-Clause
/* Tests of boot/command_alias.c: devalias, nvalias, nvunalias. */
#include "boot/command.h"

#include <stdio.h>
#include <string.h>

#include "boot/config.h"
#include "lib/reason.h"
#include "tests/fake/heap.h"
#include "tests/fake/nvram.h"
#include "tests/fake/prompt.h"
#include "tests/fake/terminal.h"
#include "tests/fake/tree.h"
#include "tree/path.h"
#include "tree/prop.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct node *aliases;

/* What a reset does to the tree; NVRAM stays. */
static void start(void)
{
	struct node *node;

	assert_int_equal(tree_init(), 0);
	aliases = tree_add_node(tree_root(), "aliases", TREE_QUOIN);
	assert_non_null(aliases);
	node = tree_add_node(tree_root(), "scsi@1", TREE_QEMU);
	assert_non_null(node);
	assert_int_equal(tree_add_alias("disk", node), 0);
	assert_int_equal(tree_set_str(aliases, "net", "/net@2"), 0);
	config_init();
	fake_terminal_reset();
	reason_clear();
}

static int setup(void **state)
{
	(void)state;
	fake_terminal_reset();
	fake_prompt_reset();
	fake_nvram_reset(64 * 1024);
	start();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_nvram_reset(0);
	config_init();
	tree_free();
	return 0;
}

/* A reset, and what the boot policy does with nvramrc. */
static void restart(void)
{
	const char *text;

	tree_free();
	start();
	text = config_str("nvramrc");
	if (config_flag("use-nvramrc?"))
		assert_int_equal(
			phrases_run(text, strlen(text), &fake_sender, NULL), 0);
}

static void set_nvramrc(const char *text)
{
	assert_int_equal(config_set("nvramrc", text), 0);
}

#define assert_nvramrc(want) assert_string_equal(config_str("nvramrc"), want)
#define assert_alias(name, want)                                               \
	assert_string_equal(tree_get_str(aliases, name), want)

static void devalias_shows_all_or_one(void **state)
{
	(void)state;
	assert_int_equal(fake_prompt_run("devalias"), COMMAND_OK);
	assert_string_equal(fake_printed, "disk                 /scsi@1\r\n"
					  "net                  /net@2\r\n");
	fake_terminal_reset();
	assert_int_equal(fake_prompt_run("devalias net"), COMMAND_OK);
	assert_string_equal(fake_printed, "net                  /net@2\r\n");
}

static void devalias_of_nothing_gives_reasons(void **state)
{
	(void)state;
	assert_int_equal(fake_prompt_run("devalias cdrom"), ERR_NOENT);
	assert_string_equal(reason(), "cdrom: no such alias");
	assert_int_equal(fake_prompt_run("devalias name"), ERR_NOENT);
	tree_remove_node(aliases);
	assert_int_equal(fake_prompt_run("devalias"), COMMAND_OK);
	assert_int_equal(fake_prompt_run("devalias disk"), ERR_NOENT);
	assert_int_equal(fake_prompt_run("devalias d /disk"), ERR_NOENT);
}

static void devalias_defines_one_for_the_session(void **state)
{
	(void)state;
	assert_int_equal(fake_prompt_run("devalias Sys disk:2,\\Boot"),
			 COMMAND_OK);
	assert_alias("Sys", "disk:2,\\Boot");
	assert_string_equal(fake_printed, "");
	assert_int_equal(fake_prompt_run("devalias disk /net@2"), COMMAND_OK);
	assert_alias("disk", "/net@2");
	assert_true(fake_log_has("(there is no device /net@2 now)"));
	assert_nvramrc("");
	assert_int_equal(fake_prompt_run("devalias a/b /scsi@1"), ERR_INVAL);
	assert_string_equal(reason(), "\"a/b\" is not a valid alias name");
	restart();
	assert_null(tree_get_str(aliases, "Sys"));
}

static void nvalias_outlasts_a_reset(void **state)
{
	(void)state;
	assert_int_equal(fake_prompt_run("nvalias sys /scsi@1:2"), COMMAND_OK);
	assert_alias("sys", "/scsi@1:2");
	assert_nvramrc("devalias sys /scsi@1:2\r\n");
	assert_string_equal(config_str("use-nvramrc?"), "true");
	assert_string_equal(fake_printed, "");
	restart();
	assert_alias("sys", "/scsi@1:2");
}

static void nvalias_keeps_what_nvramrc_holds(void **state)
{
	(void)state;
	set_nvramrc("1 4000 c! boot");
	assert_int_equal(fake_prompt_run("nvalias one /scsi@1"), COMMAND_OK);
	assert_true(fake_log_has("all of nvramrc runs at each start"));
	assert_int_equal(fake_prompt_run("nvalias two /scsi@1:2"), COMMAND_OK);
	/* In front: what follows may boot. */
	assert_nvramrc("devalias two /scsi@1:2\r\n"
		       "devalias one /scsi@1\r\n"
		       "1 4000 c! boot");
	/* In its place. */
	assert_int_equal(fake_prompt_run("nvalias one /scsi@1:5"), COMMAND_OK);
	assert_nvramrc("devalias two /scsi@1:2\r\n"
		       "devalias one /scsi@1:5\r\n"
		       "1 4000 c! boot");
	restart();
	assert_alias("one", "/scsi@1:5");
	assert_alias("two", "/scsi@1:2");
	assert_int_equal(fake_prompt.mem[0], 1);
	assert_int_equal(fake_prompt.boots, 1);
}

/* SLOF's nvramrc, and users': other line ends, blanks, case, duplicates. */
static void lines_of_others_are_recognised(void **state)
{
	(void)state;
	set_nvramrc("\\ mine\n\t DEVALIAS\tsys  /a\n"
		    "devalias system /b\rdevalias Sys /c\n\n"
		    "devalias sys /d\ndevalias sys");
	assert_int_equal(fake_prompt_run("nvalias sys /scsi@1"), COMMAND_OK);
	assert_nvramrc("\\ mine\ndevalias sys /scsi@1\r\n"
		       "devalias system /b\rdevalias Sys /c\n\n"
		       "devalias sys");
}

static void nvunalias_deletes_only_its_line(void **state)
{
	(void)state;
	set_nvramrc("devalias one /a\r\ndevalias two /b\r\n1 4000 c!");
	assert_int_equal(fake_prompt_run("nvunalias one"), COMMAND_OK);
	assert_nvramrc("devalias two /b\r\n1 4000 c!");
	assert_string_equal(fake_printed, "");
	assert_int_equal(fake_prompt_run("nvunalias one"), ERR_NOENT);
	assert_string_equal(reason(), "nvramrc defines no alias one");
	assert_string_equal(config_str("use-nvramrc?"), "false");
}

/* It may have replaced one of ours, which a reset brings back. */
static void the_alias_itself_lasts_until_the_reset(void **state)
{
	(void)state;
	assert_int_equal(fake_prompt_run("nvalias disk /net@2"), COMMAND_OK);
	fake_terminal_reset();
	assert_int_equal(fake_prompt_run("nvunalias disk"), COMMAND_OK);
	assert_alias("disk", "/net@2");
	assert_string_equal(fake_printed, "disk                 /net@2\r\n"
					  "(until the next reset)\r\n");
	assert_nvramrc("");
	restart();
	assert_alias("disk", "/scsi@1");
}

static void what_nvram_cannot_store_is_not_defined(void **state)
{
	static char big[4000];

	(void)state;
	memset(big, 'x', 3000);
	assert_int_equal(config_set("oem-banner", big), 0);
	memset(big, 'p', 900);
	memcpy(big, "nvalias sys /", 13);
	big[900] = '\0';
	assert_int_equal(fake_prompt_run(big), ERR_NOSPACE);
	assert_non_null(strstr(reason(), "NVRAM is full"));
	assert_null(tree_get_str(aliases, "sys"));
	assert_nvramrc("");
	assert_string_equal(config_str("use-nvramrc?"), "false");
	fake_nvram_fail_after(0);
	assert_true(fake_prompt_run("nvalias sys /scsi@1") < 0);
	fake_nvram_fail_after(-1);
	assert_null(tree_get_str(aliases, "sys"));
}

static void nvalias_gives_reasons(void **state)
{
	(void)state;
	assert_int_equal(fake_prompt_run("nvalias a:b /scsi@1"), ERR_INVAL);
	assert_string_equal(reason(), "\"a:b\" is not a valid alias name");
	for (int i = 0; i < 2; i++) {
		fake_heap_fail_after(i);
		assert_int_equal(fake_prompt_run("nvalias sys /scsi@1"),
				 ERR_NOMEM);
	}
	fake_heap_fail_after(0);
	assert_int_equal(fake_prompt_run("nvunalias sys"), ERR_NOMEM);
	fake_heap_fail_after(-1);
	assert_nvramrc("");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(devalias_shows_all_or_one),
		TEST(devalias_of_nothing_gives_reasons),
		TEST(devalias_defines_one_for_the_session),
		TEST(nvalias_outlasts_a_reset),
		TEST(nvalias_keeps_what_nvramrc_holds),
		TEST(lines_of_others_are_recognised),
		TEST(nvunalias_deletes_only_its_line),
		TEST(the_alias_itself_lasts_until_the_reset),
		TEST(what_nvram_cannot_store_is_not_defined),
		TEST(nvalias_gives_reasons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
