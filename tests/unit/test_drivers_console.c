// SPDX-License-Identifier: BSD-2-Clause
/* Tests of drivers/console.c: reading ahead, several consoles, terminals. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/console.h"
#include "drivers/instance.h"
#include "lib/log.h"
#include "tests/fake/blocks.h"
#include "tests/fake/log.h"
#include "tests/fake/timebase.h"
#include "tests/fake/tree.h"
#include "tree/path.h"

struct fake {
	struct console_input in;
	struct console_output out;
	const char *input; /* what is still to come */
	size_t most;	   /* per read; 0: ERR_IO */
	unsigned reads;
	char text[64];	/* what was written */
	unsigned order; /* when */
	int result;	/* of a write; 0: the length */
	unsigned flushes;
};

static long fake_read(struct console_input *in, char *buf, size_t len)
{
	struct fake *fake = container_of(in, struct fake, in);
	size_t n = MIN(MIN(strlen(fake->input), fake->most), len);

	fake->reads++;
	assert_true(len >= 16);
	if (!fake->most)
		return ERR_IO;
	memcpy(buf, fake->input, n);
	fake->input += n;
	return (long)n;
}

static unsigned writes;

static long fake_write(struct console_output *out, const char *buf, size_t len)
{
	struct fake *fake = container_of(out, struct fake, out);

	assert_true(len < sizeof(fake->text) - strlen(fake->text));
	strncat(fake->text, buf, len);
	fake->order = ++writes;
	return fake->result ? fake->result : (long)len;
}

static void flush(struct console_output *out)
{
	container_of(out, struct fake, out)->flushes++;
}

static struct fake a, b;

/* Nodes are named after what they read from and write to: a, in-a, out-b. */
static int attach(struct device *dev)
{
	const char *name = dev->node->name;
	struct fake *fake = strchr(name, 'a') ? &a : &b;
	int err = 0;

	if (strncmp(name, "out", 3))
		err = device_add_role(dev, &fake->in.as, &console_input_role);
	if (err == 0 && strncmp(name, "in", 2))
		err = device_add_role(dev, &fake->out.as, &console_output_role);
	return err;
}

DRIVER(fake_console) = {
	.name = "fake-console",
	.bus = &platform_bus,
	.match = "fake,console",
	.attach = attach,
};

static void add(const char *name)
{
	struct node *node = tree_add_node(tree_root(), name, TREE_QEMU);

	assert_non_null(node);
	assert_int_equal(tree_set_str(node, "compatible", "fake,console"), 0);
	bus_offer(node);
	assert_non_null(device_of(node));
}

static int start(void **state)
{
	(void)state;
	fake_blocks_reset();
	log_reset();
	assert_int_equal(tree_init(), 0);
	device_init();
	a = (struct fake){ .in.read = fake_read,
			   .out.write = fake_write,
			   .input = "",
			   .most = 16 };
	b = a;
	return 0;
}

static int stop(void **state)
{
	(void)state;
	instance_close_all();
	while (tree_root()->child)
		tree_remove_node(tree_root()->child);
	tree_free();
	return 0;
}

static struct device_role *first_input(void)
{
	return device_next_role(NULL, &console_input_role);
}

static void the_first_console_is_the_first_added(void **state)
{
	(void)state;
	assert_null(first_input());
	add("a");
	add("b");
	assert_ptr_equal(first_input(), &a.in.as);
	assert_ptr_equal(device_next_role(&a.in.as, &console_input_role),
			 &b.in.as);
	assert_ptr_equal(console_input_of(a.in.as.dev), &a.in);
	assert_ptr_equal(console_output_of(a.in.as.dev), &a.out);
	tree_remove_node(tree_find("/a"));
	assert_ptr_equal(first_input(), &b.in.as);
	tree_remove_node(tree_find("/b"));
	assert_null(first_input());
}

/* A keyboard and a screen. */
static void input_and_output_are_roles_of_their_own(void **state)
{
	(void)state;
	add("in-a");
	add("out-b");
	assert_null(console_output_of(a.in.as.dev));
	assert_null(console_input_of(b.out.as.dev));
	assert_ptr_equal(first_input(), &a.in.as);
	assert_null(device_next_role(&a.in.as, &console_input_role));
	assert_ptr_equal(device_next_role(NULL, &console_output_role),
			 &b.out.as);
	a.input = "a";
	assert_int_equal(console_getchar(), 'a');
}

static void an_instance_can_do_what_its_device_plays(void **state)
{
	struct instance *both, *in, *out;
	char buf[8];

	(void)state;
	add("a");
	add("in-b");
	add("out-b");
	both = instance_open("/a");
	in = instance_open("/in-b");
	out = instance_open("/out-b");
	assert_true(both && in && out);
	/* "Nothing yet" is no end. */
	assert_int_equal(instance_read(in, buf, 8), ERR_AGAIN);
	b.input = "key";
	assert_int_equal(instance_read(in, buf, 2), 2);
	assert_int_equal(instance_read(in, buf, 8), 1);
	assert_int_equal(instance_write(in, "x", 1), ERR_NOTSUP);
	assert_int_equal(instance_read(out, buf, 8), ERR_NOTSUP);
	assert_int_equal(instance_write(out, "text", 4), 4);
	assert_int_equal(instance_write(both, "more", 4), 4);
	assert_string_equal(b.text, "text");
	assert_string_equal(a.text, "more");
	a.most = 0;
	assert_int_equal(instance_read(both, buf, 8), ERR_IO);
}

static void input_is_read_ahead_and_kept(void **state)
{
	char buf[16];

	(void)state;
	add("a");
	a.input = "0123456789abcdefgh";
	assert_int_equal(console_read(&a.in, buf, 3), 3);
	assert_memory_equal(buf, "012", 3);
	assert_int_equal(console_read(&a.in, buf, 12), 12);
	assert_memory_equal(buf, "3456789abcde", 12);
	/* One hypercall was enough so far. */
	assert_int_equal(a.reads, 1);
	assert_int_equal(console_read(&a.in, buf, 16), 1);
	assert_int_equal(buf[0], 'f');
	assert_int_equal(console_read(&a.in, buf, 16), 2);
	assert_int_equal(console_read(&a.in, buf, 16), 0);
	assert_int_equal(a.reads, 3);
}

static void a_read_of_nothing_loses_nothing(void **state)
{
	char buf[1];

	(void)state;
	add("a");
	a.input = "xy";
	assert_int_equal(console_read(&a.in, buf, 0), 0);
	assert_int_equal(console_read(&a.in, buf, 1), 1);
	assert_int_equal(buf[0], 'x');
}

static void a_broken_console_says_so(void **state)
{
	char buf[16];

	(void)state;
	add("a");
	a.most = 0;
	assert_int_equal(console_read(&a.in, buf, 16), ERR_IO);
}

static void keys_come_from_every_console(void **state)
{
	(void)state;
	add("a");
	add("b");
	assert_int_equal(console_getchar(), -1);
	b.input = "b";
	assert_int_equal(console_getchar(), 'b');
	a.input = "A";
	b.input = "B";
	assert_int_equal(console_getchar(), 'A');
	assert_int_equal(console_getchar(), 'B');
	assert_int_equal(console_getchar(), -1);
}

static void keys_are_unsigned_bytes(void **state)
{
	(void)state;
	add("a");
	a.input = "\xff\xc3";
	assert_int_equal(console_getchar(), 0xff);
	assert_int_equal(console_getchar(), 0xc3);
}

static void a_broken_console_does_not_hide_the_next(void **state)
{
	(void)state;
	add("a");
	add("b");
	a.most = 0;
	b.input = "b";
	assert_int_equal(console_getchar(), 'b');
}

/* Its struct may have been another console's. */
static void a_followed_console_gets_all_text_from_the_first_on(void **state)
{
	(void)state;
	add("a");
	add("b");
	print("one ");
	console_follow(&b.out, true);
	print("two ");
	console_follow(&b.out, true);
	console_follow(&b.out, false);
	console_follow(&a.out, true);
	print("three");
	console_follow(NULL, true);
	console_follow(&a.out, false);
	console_follow(&a.out, false);
	print("four");
	assert_string_equal(b.text, "one two ");
	assert_string_equal(a.text, "one two three");
}

static void several_outputs_follow_together(void **state)
{
	(void)state;
	add("out-a");
	add("out-b");
	console_follow(&a.out, true);
	print("one ");
	console_follow(&b.out, true);
	print("two ");
	console_follow(&a.out, false);
	print("three");
	assert_string_equal(a.text, "one two ");
	assert_string_equal(b.text, "one two three");
}

/* Whatever another console has typed. */
static void a_key_is_taken_from_the_input_that_has_it_next(void **state)
{
	(void)state;
	add("a");
	add("b");
	assert_false(console_take_key('s'));
	a.input = "xs";
	b.input = "sy";
	assert_true(console_take_key('s'));
	assert_false(console_take_key('s'));
	assert_int_equal(console_getchar(), 'x');
	assert_int_equal(console_getchar(), 's');
	assert_int_equal(console_getchar(), 'y');
	assert_int_equal(console_getchar(), -1);
}

static void a_removed_console_is_not_written_to(void **state)
{
	(void)state;
	add("a");
	console_follow(&a.out, true);
	tree_remove_node(tree_find("/a"));
	print("text");
	assert_string_equal(a.text, "");
}

/* One that always has something, and one that has an escape sequence. */
static void no_input_drowns_or_tears_another(void **state)
{
	char text[8] = "";

	(void)state;
	add("a");
	add("b");
	a.input = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
	for (unsigned i = 0; i < 16; i++)
		assert_int_equal(console_getchar(), 'a');
	b.input = "\033[A";
	for (unsigned i = 0; i < 3; i++)
		text[i] = (char)console_getchar();
	assert_string_equal(text, "\033[A");
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(console_getchar(), 'a');
	b.input = "b";
	for (unsigned i = 0; i < 13; i++)
		assert_int_equal(console_getchar(), 'a');
	assert_int_equal(console_getchar(), 'b');
}

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
	add("in-a");
	add("b");
	inst = terminal("/in-a");
	assert_int_equal(instance_read(inst, buf, 8), ERR_AGAIN);
	b.input = "serial";
	assert_int_equal(instance_read(inst, buf, 8), 6);
	assert_memory_equal(buf, "serial", 6);
	a.input = "key";
	assert_int_equal(instance_read(inst, buf, 2), 2);
	assert_int_equal(instance_read(inst, buf, 2), 1);
	/* A broken one is as good as a silent one. */
	a.most = 0;
	assert_int_equal(instance_read(inst, buf, 2), ERR_AGAIN);
	add("out-a");
	assert_int_equal(instance_write(inst, "text", 4), 4);
	assert_string_equal(a.text, "text");
	assert_string_equal(b.text, "text");
	assert_int_equal(instance_seek(inst, 0), ERR_NOTSUP);
}

/* A keyboard and a screen, which is also a terminal. */
static void terminals_leave_each_other_nothing_out(void **state)
{
	struct instance *in, *out;
	char buf[8];

	(void)state;
	add("a");
	add("b");
	in = terminal("/a");
	out = terminal("/b");
	b.input = "b";
	assert_int_equal(instance_read(in, buf, 8), 1);
	assert_int_equal(instance_write(out, "1", 1), 1);
	assert_string_equal(a.text, "1");
}

static void a_console_that_a_client_opens_is_its_own(void **state)
{
	struct instance *inst, *own;
	char buf[8];

	(void)state;
	add("a");
	add("b");
	inst = terminal("/a");
	own = instance_open("/b");
	assert_non_null(own);
	b.input = "b";
	assert_int_equal(instance_read(inst, buf, 8), ERR_AGAIN);
	assert_int_equal(instance_write(inst, "1", 1), 1);
	assert_int_equal(instance_write(own, "2", 1), 1);
	assert_string_equal(a.text, "1");
	assert_string_equal(b.text, "2");
	a.input = "a";
	assert_int_equal(instance_read(own, buf, 8), 1);
	assert_int_equal(buf[0], 'b');
	assert_int_equal(instance_read(own, buf, 8), ERR_AGAIN);
	assert_int_equal(instance_read(inst, buf, 8), 1);
	assert_int_equal(buf[0], 'a');
	/* The firmware, at its prompt, hears all. */
	b.input = "b";
	assert_int_equal(console_getchar(), 'b');
	instance_close(own);
	b.input = "c";
	assert_int_equal(instance_read(inst, buf, 8), 1);
	assert_int_equal(instance_write(inst, "3", 1), 1);
	assert_string_equal(b.text, "23");
}

/* Opening the console once more does not take it away from stdin and stdout. */
static void the_terminals_own_console_stays_its_own(void **state)
{
	struct instance *inst, *own;
	char buf[8];

	(void)state;
	add("a");
	inst = terminal("/a");
	own = instance_open("/a");
	assert_non_null(own);
	a.input = "a";
	assert_int_equal(instance_read(inst, buf, 8), 1);
	assert_int_equal(instance_write(inst, "1", 1), 1);
	assert_string_equal(a.text, "1");
	instance_close(own);
	instance_close(inst);
	inst = terminal("/a");
	add("b");
	assert_int_equal(instance_write(inst, "2", 1), 1);
	assert_string_equal(b.text, "2");
}

static void the_early_output_comes_first(void **state)
{
	struct instance *inst;

	(void)state;
	add("out-a");
	b.out.early = true;
	add("out-b");
	b.result = ERR_IO;
	inst = terminal("/out-b");
	/* What counts is the terminal's own. */
	assert_int_equal(instance_write(inst, "1", 1), ERR_IO);
	assert_string_equal(a.text, "1");
	assert_true(b.order < a.order);
	/* It has the firmware's text already. */
	console_follow_all();
	print("2");
	assert_string_equal(a.text, "12");
	assert_string_equal(b.text, "1");
}

static void sync_flushes_outputs_that_can(void **state)
{
	(void)state;
	add("a");
	b.out.flush = flush;
	add("b");
	device_sync_all();
	assert_int_equal(b.flushes, 1);
}

#define T(name) cmocka_unit_test_setup_teardown(name, start, stop)

/* Asleep: a key comes in the third time. */
static unsigned slept;

static void sleep_for(uint64_t ticks)
{
	fake_clock_advance(ticks);
	if (++slept == 3)
		b.input = "k";
}

static void sleepy(void)
{
	fake_clock_set(0);
	fake_clock_step(1);
	deadline_init(1000000);
	deadline_set_idle(sleep_for);
	slept = 0;
	add("a");
	add("b");
}

static void waiting_for_a_key_sleeps(void **state)
{
	(void)state;
	sleepy();
	assert_int_equal(console_wait_char(NULL), 'k');
	assert_int_equal(slept, 3);
	/* A millisecond awake, then three slices. */
	assert_in_range(deadline_waited(), 31000, 31200);
	a.input = "x";
	assert_int_equal(console_wait_char(NULL), 'x');
	assert_int_equal(slept, 3);
}

static void waiting_for_a_key_ends_in_time(void **state)
{
	struct deadline d;

	(void)state;
	sleepy();
	deadline_start(&d, 3);
	assert_int_equal(console_wait_char(&d), -1);
	assert_in_range(slept, 1, 2);
	deadline_stop(&d);
	/* The caller's own wait is not counted twice. */
	assert_in_range(deadline_waited(), 3000, 3100);
}

static void a_key_of_the_last_moment_counts(void **state)
{
	struct deadline d;

	(void)state;
	sleepy();
	slept = 2;
	deadline_start(&d, 2);
	fake_clock_advance(1500);
	assert_int_equal(console_wait_char(&d), 'k');
	assert_true(deadline_passed(&d));
	/* And one that is there already costs no time. */
	b.input = "l";
	assert_int_equal(console_wait_char(&d), 'l');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_first_console_is_the_first_added),
		T(input_and_output_are_roles_of_their_own),
		T(an_instance_can_do_what_its_device_plays),
		T(input_is_read_ahead_and_kept),
		T(a_read_of_nothing_loses_nothing),
		T(a_broken_console_says_so),
		T(keys_come_from_every_console),
		T(keys_are_unsigned_bytes),
		T(a_broken_console_does_not_hide_the_next),
		T(a_followed_console_gets_all_text_from_the_first_on),
		T(several_outputs_follow_together),
		T(a_removed_console_is_not_written_to),
		T(no_input_drowns_or_tears_another),
		T(a_terminal_reads_all_inputs_and_writes_to_all_outputs),
		T(terminals_leave_each_other_nothing_out),
		T(a_console_that_a_client_opens_is_its_own),
		T(the_terminals_own_console_stays_its_own),
		T(the_early_output_comes_first),
		T(sync_flushes_outputs_that_can),
		T(a_key_is_taken_from_the_input_that_has_it_next),
		T(waiting_for_a_key_sleeps),
		T(waiting_for_a_key_ends_in_time),
		T(a_key_of_the_last_moment_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
