// SPDX-License-Identifier: BSD-2-Clause
/* Tests of drivers/vio/vty.c: the hypervisor's virtual terminals. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/console.h"
#include "drivers/device.h"
#include "lib/endian.h"
#include "tests/fake/blocks.h"
#include "tests/fake/hcall.h"
#include "tests/fake/log.h"
#include "tests/fake/table.h"
#include "tests/fake/timebase.h"
#include "tree/path.h"

TABLE_LINK(drivers, driver_vdevice);
TABLE_LINK(drivers, driver_vty);

static char out[256];
static uint64_t unit;
static unsigned busy, calls;
static int64_t broken_after; /* calls that work; -1: all */

static int64_t put(struct hcall *h)
{
	char text[H_TERM_CHARS];

	calls++;
	if (busy) {
		busy--;
		return H_BUSY;
	}
	if (!broken_after)
		return H_HARDWARE;
	broken_after--;
	unit = h->reg[0];
	be64_store(text, h->reg[2]);
	be64_store(text + 8, h->reg[3]);
	assert_in_range(h->reg[1], 1, 16);
	strncat(out, text, h->reg[1]);
	return H_SUCCESS;
}

static int64_t get(struct hcall *h)
{
	if (busy) {
		busy--;
		return H_BUSY;
	}
	unit = h->reg[0];
	h->reg[0] = 3;
	h->reg[1] = 0x6162630000000000;
	return H_SUCCESS;
}

static struct node *add_node(struct node *parent, const char *name)
{
	struct node *node = tree_add_node(parent, name, TREE_QEMU);

	assert_non_null(node);
	return node;
}

static struct node *add_vty(const char *name, uint32_t reg)
{
	struct node *node = add_node(tree_find("/vdevice"), name);

	assert_int_equal(tree_set_str(node, "compatible", "hvterm1"), 0);
	assert_int_equal(tree_set_u32(node, "reg", reg), 0);
	return node;
}

static int start(void **state)
{
	(void)state;
	fake_blocks_reset();
	fake_hcall_reset();
	fake_log_start();
	fake_hcall_set(H_PUT_TERM_CHAR, put);
	fake_hcall_set(H_GET_TERM_CHAR, get);
	fake_clock_set(0);
	fake_clock_step(1);
	deadline_init(0);
	out[0] = '\0';
	busy = calls = 0;
	broken_after = -1;
	assert_int_equal(tree_init(), 0);
	device_init();
	assert_int_equal(tree_set_str(add_node(tree_root(), "vdevice"),
				      "compatible", "IBM,vdevice"),
			 0);
	add_node(tree_root(), "aliases");
	return 0;
}

/* The first terminal, which plays both roles, or NULL. */
static const struct device *first(void)
{
	struct device_role *in = device_next_role(NULL, &console_input_role);
	struct device_role *out_as =
		device_next_role(NULL, &console_output_role);

	if (!in) {
		assert_null(out_as);
		return NULL;
	}
	assert_ptr_equal(in->dev, out_as->dev);
	return in->dev;
}

static long write_text(const char *text)
{
	struct console_output *con = console_output_of(first());

	assert_non_null(con);
	return con->write(con, text, strlen(text));
}

static long read_text(char *buf, size_t len)
{
	return console_read(console_input_of(first()), buf, len);
}

static void each_terminal_is_a_console_with_an_alias(void **state)
{
	(void)state;
	add_vty("vty@71000000", 0x71000000);
	add_vty("vty@71000001", 0x71000001);
	bus_offer_all(true);
	bus_offer_all(false);
	assert_ptr_equal(first()->node, tree_find("/vdevice/vty@71000000"));
	assert_ptr_equal(tree_find("hvterm"),
			 tree_find("/vdevice/vty@71000000"));
	assert_ptr_equal(tree_find("hvterm1"),
			 tree_find("/vdevice/vty@71000001"));
	assert_string_equal(fake_printed, "");
}

static void text_goes_out_sixteen_bytes_at_a_time(void **state)
{
	(void)state;
	add_vty("vty@71000007", 0x71000007);
	bus_offer_all(true);
	bus_offer_all(false);
	assert_int_equal(write_text("0123456789abcdef0123456789abcdefXY"), 34);
	assert_string_equal(out, "0123456789abcdef0123456789abcdefXY");
	assert_int_equal(calls, 3);
	assert_int_equal(unit, 0x71000007);
	assert_int_equal(write_text(""), 0);
	assert_int_equal(calls, 3);
}

static void input_comes_from_its_own_unit(void **state)
{
	char buf[8];

	(void)state;
	add_vty("vty@71000007", 0x71000007);
	bus_offer_all(true);
	bus_offer_all(false);
	assert_int_equal(read_text(buf, 8), 3);
	assert_memory_equal(buf, "abc", 3);
	assert_int_equal(unit, 0x71000007);
}

static void a_busy_terminal_has_no_input_yet(void **state)
{
	char buf[8];

	(void)state;
	add_vty("vty@71000007", 0x71000007);
	bus_offer_all(true);
	bus_offer_all(false);
	busy = 1;
	assert_int_equal(read_text(buf, 8), 0);
	assert_int_equal(read_text(buf, 8), 3);
}

static void a_busy_terminal_is_asked_again(void **state)
{
	(void)state;
	add_vty("vty@71000000", 0x71000000);
	bus_offer_all(true);
	bus_offer_all(false);
	busy = 50;
	assert_int_equal(write_text("hello"), 5);
	assert_string_equal(out, "hello");
	assert_int_equal(calls, 51);
}

static void a_terminal_that_stays_busy_is_given_up(void **state)
{
	(void)state;
	add_vty("vty@71000000", 0x71000000);
	bus_offer_all(true);
	bus_offer_all(false);
	fake_clock_step(TIMEBASE_DEFAULT_HZ / 100);
	busy = UINT32_MAX;
	assert_int_equal(write_text("hello"), ERR_BUSY);
	assert_in_range(calls, 50, 150);
}

/* Else a terminal that nobody reads would hold up the others for long. */
static void a_terminal_that_was_given_up_is_not_waited_for_again(void **state)
{
	uint64_t before;

	(void)state;
	add_vty("vty@71000000", 0x71000000);
	bus_offer_all(true);
	bus_offer_all(false);
	fake_clock_step(TIMEBASE_DEFAULT_HZ / 100);
	busy = UINT32_MAX;
	assert_int_equal(write_text("hello"), ERR_BUSY);
	before = deadline_ms();
	calls = 0;
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(write_text("hello"), ERR_BUSY);
	assert_int_equal(calls, 100);
	assert_in_range(deadline_ms() - before, 0, 50);
	/* Not before it takes text again. */
	busy = 0;
	assert_int_equal(write_text("hello"), 5);
	busy = 20;
	assert_int_equal(write_text("hello"), 5);
	assert_string_equal(out, "hellohello");
}

/* The hypervisor's unit 0, which has the text of before. */
static void the_lowest_terminal_is_the_early_one(void **state)
{
	(void)state;
	add_vty("vty@71000001", 0x71000001);
	add_vty("vty@71000000", 0x71000000);
	tree_delprop(add_vty("vty@1", 1), "reg");
	assert_int_equal(tree_set_u32(add_node(tree_find("/vdevice"), "nvram"),
				      "reg", 2),
			 0);
	bus_offer_all(true);
	bus_offer_all(false);
	assert_true(
		console_output_of(device_of(tree_find("/vdevice/vty@71000000")))
			->early);
	assert_false(console_output_of(first())->early);
}

static void a_broken_terminal_says_how_much_went(void **state)
{
	(void)state;
	add_vty("vty@71000000", 0x71000000);
	bus_offer_all(true);
	bus_offer_all(false);
	broken_after = 2;
	assert_int_equal(write_text("0123456789abcdef0123456789abcdefXY"), 32);
	assert_int_equal(write_text("more"), ERR_IO);
}

static void a_terminal_without_reg_is_left_out(void **state)
{
	struct node *node = add_vty("vty@71000000", 0);

	(void)state;
	tree_delprop(node, "reg");
	bus_offer_all(true);
	bus_offer_all(false);
	assert_null(first());
	assert_null(device_of(node));
	assert_true(fake_log_has("vty /vdevice/vty@71000000: no reg"));
}

/* A console in the list whose device is freed would be used again. */
static void a_terminal_that_cannot_attach_leaves_nothing(void **state)
{
	struct node *node;
	long n = 0;

	(void)state;
	bus_offer_all(true);
	bus_offer_all(false);
	node = add_vty("vty@71000000", 0x71000000);
	for (; !device_of(node); n++) {
		size_t live = fake_blocks_live();

		assert_null(first());
		fake_blocks_fail_after(n);
		bus_offer(node);
		fake_blocks_fail_after(-1);
		if (!device_of(node))
			assert_int_equal(fake_blocks_live(), live);
	}
	assert_true(n > 2);
	assert_non_null(first());
}

static void a_removed_terminal_is_no_console(void **state)
{
	struct node *node = add_vty("vty@71000000", 0x71000000);

	(void)state;
	add_vty("vty@71000001", 0x71000001);
	bus_offer_all(true);
	bus_offer_all(false);
	tree_remove_node(node);
	assert_ptr_equal(first()->node, tree_find("/vdevice/vty@71000001"));
}

#define T(name) cmocka_unit_test_setup(name, start)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(each_terminal_is_a_console_with_an_alias),
		T(text_goes_out_sixteen_bytes_at_a_time),
		T(input_comes_from_its_own_unit),
		T(a_busy_terminal_has_no_input_yet),
		T(a_busy_terminal_is_asked_again),
		T(a_terminal_that_stays_busy_is_given_up),
		T(a_terminal_that_was_given_up_is_not_waited_for_again),
		T(the_lowest_terminal_is_the_early_one),
		T(a_broken_terminal_says_how_much_went),
		T(a_terminal_without_reg_is_left_out),
		T(a_terminal_that_cannot_attach_leaves_nothing),
		T(a_removed_terminal_is_no_console),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
