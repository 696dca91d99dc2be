// SPDX-License-Identifier: BSD-2-Clause
/* Tests of drivers/console.c: a client's terminal on all of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/instance.h"
#include "lib/log.h"
#include "tests/fake/consoles.h"

static struct instance *terminal(const char *path)
{
	struct instance *inst = instance_open(path);

	assert_non_null(inst);
	console_merge(inst);
	return inst;
}

static void a_terminal_reads_all_inputs_and_writes_to_all_outputs(void **state)
{
	struct instance *inst;
	char buf[8];

	(void)state;
	fake_console_add("in-a");
	fake_console_add("b");
	inst = terminal("/in-a");
	assert_int_equal(instance_read(inst, buf, 8), ERR_AGAIN);
	fake_b.input = "serial";
	assert_int_equal(instance_read(inst, buf, 8), 6);
	assert_memory_equal(buf, "serial", 6);
	fake_a.input = "key";
	assert_int_equal(instance_read(inst, buf, 2), 2);
	assert_int_equal(instance_read(inst, buf, 2), 1);
	/* A broken one is as good as a silent one. */
	fake_a.most = 0;
	assert_int_equal(instance_read(inst, buf, 2), ERR_AGAIN);
	fake_console_add("out-a");
	assert_int_equal(instance_write(inst, "text", 4), 4);
	assert_string_equal(fake_a.text, "text");
	assert_string_equal(fake_b.text, "text");
	assert_int_equal(instance_seek(inst, 0), ERR_NOTSUP);
}

/* A keyboard and a screen, which is also a terminal. */
static void terminals_leave_each_other_nothing_out(void **state)
{
	struct instance *in, *out;
	char buf[8];

	(void)state;
	fake_console_add("a");
	fake_console_add("b");
	in = terminal("/a");
	out = terminal("/b");
	fake_b.input = "b";
	assert_int_equal(instance_read(in, buf, 8), 1);
	assert_int_equal(instance_write(out, "1", 1), 1);
	assert_string_equal(fake_a.text, "1");
}

static void a_console_that_a_client_opens_is_its_own(void **state)
{
	struct instance *inst, *own;
	char buf[8];

	(void)state;
	fake_console_add("a");
	fake_console_add("b");
	inst = terminal("/a");
	own = instance_open("/b");
	assert_non_null(own);
	fake_b.input = "b";
	assert_int_equal(instance_read(inst, buf, 8), ERR_AGAIN);
	assert_int_equal(instance_write(inst, "1", 1), 1);
	assert_int_equal(instance_write(own, "2", 1), 1);
	assert_string_equal(fake_a.text, "1");
	assert_string_equal(fake_b.text, "2");
	fake_a.input = "a";
	assert_int_equal(instance_read(own, buf, 8), 1);
	assert_int_equal(buf[0], 'b');
	assert_int_equal(instance_read(own, buf, 8), ERR_AGAIN);
	assert_int_equal(instance_read(inst, buf, 8), 1);
	assert_int_equal(buf[0], 'a');
	/* The firmware, at its prompt, hears all. */
	fake_b.input = "b";
	assert_int_equal(console_getchar(), 'b');
	instance_close(own);
	fake_b.input = "c";
	assert_int_equal(instance_read(inst, buf, 8), 1);
	assert_int_equal(instance_write(inst, "3", 1), 1);
	assert_string_equal(fake_b.text, "23");
}

static void linux_opens_a_screen_and_text_still_comes_there(void **state)
{
	struct instance *inst, *own, *more;

	(void)state;
	fake_console_add("a");
	fake_console_add("out-b");
	inst = terminal("/a");
	own = instance_open("/out-b");
	more = instance_open("/out-b");
	assert_int_equal(instance_write(inst, "1", 1), 1);
	assert_string_equal(fake_b.text, "1");
	/* One that draws on it has it for itself. */
	assert_int_equal(instance_write(own, "2", 1), 1);
	assert_int_equal(instance_write(own, "3", 1), 1);
	instance_close(more);
	assert_int_equal(instance_write(inst, "4", 1), 1);
	assert_string_equal(fake_b.text, "123");
	instance_close(own);
	assert_int_equal(instance_write(inst, "5", 1), 1);
	assert_string_equal(fake_b.text, "1235");
}

/* Opening the console once more does not take it away from stdin and stdout. */
static void the_terminals_own_console_stays_its_own(void **state)
{
	struct instance *inst, *own;
	char buf[8];

	(void)state;
	fake_console_add("a");
	inst = terminal("/a");
	own = instance_open("/a");
	assert_non_null(own);
	fake_a.input = "a";
	assert_int_equal(instance_read(inst, buf, 8), 1);
	assert_int_equal(instance_write(inst, "1", 1), 1);
	assert_string_equal(fake_a.text, "1");
	instance_close(own);
	instance_close(inst);
	inst = terminal("/a");
	fake_console_add("b");
	assert_int_equal(instance_write(inst, "2", 1), 1);
	assert_string_equal(fake_b.text, "2");
}

static void the_early_output_comes_first(void **state)
{
	struct instance *inst;

	(void)state;
	fake_console_add("out-a");
	fake_b.out.early = true;
	fake_console_add("out-b");
	fake_b.result = ERR_IO;
	inst = terminal("/out-b");
	/* What counts is the terminal's own. */
	assert_int_equal(instance_write(inst, "1", 1), ERR_IO);
	assert_string_equal(fake_a.text, "1");
	assert_true(fake_b.order < fake_a.order);
	/* It has the firmware's text already. */
	console_follow_all();
	print("2");
	assert_string_equal(fake_a.text, "12");
	assert_string_equal(fake_b.text, "1");
}

static void a_spare_screen_stays_black_until_it_is_chosen(void **state)
{
	struct instance *inst;

	(void)state;
	fake_a.out.spare = true;
	fake_console_add("out-a");
	fake_console_add("out-b");
	console_follow_all();
	print("1");
	inst = terminal("/out-b");
	assert_int_equal(instance_write(inst, "2", 1), 1);
	assert_string_equal(fake_a.text, "");
	assert_string_equal(fake_b.text, "12");
	/* A client writes to it. */
	inst = terminal("/out-a");
	assert_int_equal(instance_write(inst, "3", 1), 1);
	assert_string_equal(fake_a.text, "3");
	/* The user has named it. */
	console_follow(&fake_a.out, true);
	inst = terminal("/out-b");
	assert_int_equal(instance_write(inst, "4", 1), 1);
	assert_string_equal(fake_a.text, "314");
}

#define T(name)                                                                \
	cmocka_unit_test_setup_teardown(name, fake_consoles_start,             \
					fake_consoles_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_terminal_reads_all_inputs_and_writes_to_all_outputs),
		T(terminals_leave_each_other_nothing_out),
		T(a_console_that_a_client_opens_is_its_own),
		T(linux_opens_a_screen_and_text_still_comes_there),
		T(the_terminals_own_console_stays_its_own),
		T(the_early_output_comes_first),
		T(a_spare_screen_stays_black_until_it_is_chosen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
