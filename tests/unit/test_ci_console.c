// SPDX-License-Identifier: BSD-2-Clause
/* Tests of ci/console.c: which consoles are stdin and stdout, and the lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "ci/console.h"
#include "ci/nodes.h"
#include "drivers/console.h"
#include "drivers/device.h"
#include "lib/log.h"
#include "tree/path.h"
#include "tests/fake/machine.h"
#include "tests/fake/tree.h"

#define VTY0 "/vdevice/vty@71000000"
#define VTY1 "/vdevice/vty@71000001"
#define NULL_CONSOLE "/openprom/devnull-console"

/* A screen, a keyboard, a virtio console: named after their alias. */
struct fake {
	struct console_input in;
	struct console_output out;
	char text[256];
	unsigned kept;
	unsigned columns, rows;
};
static struct fake screen, keyboard, vsterm;

static long read_nothing(struct console_input *in, char *buf, size_t len)
{
	(void)in;
	(void)buf;
	(void)len;
	return 0;
}

static long write_text(struct console_output *out, const char *buf, size_t len)
{
	struct fake *fake = container_of(out, struct fake, out);
	size_t room = sizeof(fake->text) - 1 - strlen(fake->text);

	strncat(fake->text, buf, MIN(len, room));
	return (long)len;
}

static void keep(struct console_output *out)
{
	container_of(out, struct fake, out)->kept++;
}

static void size(struct console_output *out, unsigned *columns, unsigned *rows)
{
	const struct fake *fake = container_of(out, struct fake, out);

	*columns = fake->columns;
	*rows = fake->rows;
}

static int attach(struct device *dev)
{
	const char *name = dev->node->name;
	struct fake *fake = !strcmp(name, "screen")	? &screen
			    : !strcmp(name, "keyboard") ? &keyboard
							: &vsterm;
	int err = tree_add_alias(name, dev->node);

	*fake = (struct fake){
		.in.read = read_nothing,
		.out = { .write = write_text, .keep = keep, .size = size },
		.columns = fake == &screen ? 100 : 0,
		.rows = 37,
	};
	if (err == 0 && fake != &screen)
		err = device_add_role(dev, &fake->in.as, &console_input_role);
	if (err == 0 && fake != &keyboard)
		err = device_add_role(dev, &fake->out.as, &console_output_role);
	return err;
}

static void stop(struct device *dev)
{
	fake_event("stop=%s", dev->node->name);
}

DRIVER(fake_console) = {
	.name = "fake-console",
	.bus = &platform_bus,
	.match = "fake,console",
	.attach = attach,
	.stop = stop,
};

static void add(const char *name)
{
	struct node *node = tree_add_node(tree_root(), name, TREE_QEMU);

	assert_non_null(node);
	assert_int_equal(tree_set_str(node, "compatible", "fake,console"), 0);
	bus_offer(node);
	assert_non_null(device_of(node));
}

static uint32_t chosen(const char *name)
{
	uint32_t handle = 0;

	(void)!tree_get_u32(tree_find("/chosen"), name, 0, &handle);
	return handle;
}

static const char *chosen_path(const char *name)
{
	static char path[64];
	const struct instance *inst = instance_get(chosen(name));

	assert_non_null(inst);
	instance_path(inst, false, path, sizeof(path));
	return path;
}

/* The next reset of the machine, as far as it concerns the console. */
static void again(void)
{
	instance_close_all();
	ci_console_reset();
	fake_events_clear();
	assert_int_equal(ci_chosen_open(), 0);
}

static void set(const char *node, const char *name, const char *value)
{
	assert_int_equal(tree_set_str(tree_find(node), name, value), 0);
}

/* A machine with a display: QEMU names no console. */
static void name_none(void)
{
	tree_delprop(tree_find("/chosen"), "stdout-path");
}

static void are(const char *in, const char *out)
{
	assert_string_equal(chosen_path("stdin"), in);
	assert_string_equal(chosen_path("stdout"), out);
}

static void stdout_path_chooses_the_console(void **state)
{
	(void)state;
	set("/chosen", "stdout-path", VTY1);
	again();
	are(VTY1, VTY1);
	assert_string_equal(fake_printed,
			    "Using default console: " VTY1 "\r\n");
	name_none();
	set("/chosen", "linux,stdout-path", VTY0);
	again();
	are(VTY0, VTY0);
	assert_string_equal(fake_printed,
			    "Using default console: " VTY0 "\r\n");
	assert_true(ci_console_is_named());
	/* The first one wins. */
	set("/chosen", "stdout-path", VTY1);
	again();
	are(VTY1, VTY1);
}

static void a_wrong_stdout_path_gives_the_lowest_vty(void **state)
{
	static const char *const wrong[] = { "/none", "/vdevice/disk" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		set("/chosen", "stdout-path", wrong[i]);
		again();
		are(VTY0, VTY0);
		assert_int_equal(fake_log_lines(), 2);
		assert_true(fake_log_has("Warning: stdout-path "));
	}
}

static void a_screen_that_is_named_reads_from_the_vty(void **state)
{
	(void)state;
	add("screen");
	set("/chosen", "stdout-path", "/screen");
	again();
	are(VTY0, "/screen");
}

/* SLOF: the alias, which is the first in the tree. */
static void without_a_path_the_console_is_hvterm(void **state)
{
	(void)state;
	name_none();
	set("/chosen", "linux,stdout-path", "");
	assert_false(ci_console_is_named());
	again();
	are(VTY1, VTY1);
	assert_string_equal(fake_printed,
			    "No console specified using hvterm\r\n");
}

static void screen_and_keyboard_go_before_terminals(void **state)
{
	(void)state;
	name_none();
	add("vsterm");
	add("screen");
	again();
	are(VTY1, VTY1);
	add("keyboard");
	again();
	are("/keyboard", "/screen");
	assert_string_equal(fake_printed,
			    "No console specified using screen & keyboard\r\n");
}

static void direct_serial_takes_input_from_the_terminal(void **state)
{
	(void)state;
	name_none();
	add("screen");
	add("keyboard");
	set("/options", "direct-serial?", "true");
	again();
	are(VTY1, "/screen");
	assert_string_equal(fake_printed,
			    "No console specified using screen & hvterm\r\n");
	set("/options", "direct-serial?", "false");
	again();
	are("/keyboard", "/screen");
}

static void remove_terminals(void)
{
	instance_close_all();
	tree_remove_node(tree_find("/vdevice"));
	tree_drop_aliases();
	name_none();
}

static void a_virtio_console_is_the_last_choice(void **state)
{
	(void)state;
	remove_terminals();
	add("vsterm");
	again();
	are("/vsterm", "/vsterm");
	assert_string_equal(fake_printed,
			    "No console specified using vsterm\r\n");
	/* It gets the lines of before, too. */
	assert_string_equal(vsterm.text,
			    "Using default console: " VTY0 "\r\n"
			    "No console specified using vsterm\r\n");
}

/* A console that only writes is none that SLOF would choose. */
static void what_is_left_out_still_shows_the_text(void **state)
{
	(void)state;
	remove_terminals();
	add("screen");
	again();
	are(NULL_CONSOLE, NULL_CONSOLE);
	assert_non_null(strstr(screen.text, "creating dev-null\r\n"));
	screen.text[0] = '\0';
	assert_int_equal(CI("write", chosen("stdout"), fake_str("client"), 6),
			 6);
	assert_string_equal(screen.text, "client");
}

static void variables_choose_input_and_output(void **state)
{
	(void)state;
	set("/options", "output-device", "hvterm");
	set("/options", "input-device", "");
	again();
	are(VTY0, VTY1);
	assert_string_equal(fake_printed,
			    "Using default console: " VTY0 "\r\n"
			    "User selected output-device console: hvterm\r\n");
	set("/options", "output-device", "");
	set("/options", "input-device", VTY1);
	again();
	are(VTY1, VTY0);
	assert_string_equal(fake_printed,
			    "Using default console: " VTY0 "\r\n"
			    "User selected input-device console: " VTY1 "\r\n");
}

/* Public recipes have it misspelt. SLOF prints it, and is silent about it. */
static void aix_recipes_with_a_wrong_console_cost_one_line(void **state)
{
	(void)state;
	set("/options", "output-device", "/ham");
	set("/options", "input-device", "disk");
	again();
	are(VTY0, VTY0);
	assert_string_equal(
		fake_printed,
		"Using default console: " VTY0 "\r\n"
		"User selected input-device console: disk\r\n"
		"Warning: input-device disk: not a console; using the default "
		"console\r\n"
		"User selected output-device console: /ham\r\n"
		"Warning: output-device /ham: no such device; using the "
		"default console\r\n");
}

static unsigned scans;

static bool scan_for_keyboard(struct device *dev)
{
	(void)dev;
	scans++;
	return false;
}

static void found_keyboard(struct device *dev)
{
	(void)dev;
	add("keyboard");
}

DRIVER(fake_usb) = {
	.name = "fake-usb",
	.bus = &platform_bus,
	.match = "fake,usb",
	.on_demand = true,
	.scan = scan_for_keyboard,
	.found = found_keyboard,
};

/* USB, on a machine without a display. */
static void a_keyboard_that_a_variable_names_is_looked_for(void **state)
{
	struct node *usb = tree_add_node(tree_root(), "usb", TREE_QEMU);

	(void)state;
	assert_int_equal(tree_set_str(usb, "compatible", "fake,usb"), 0);
	bus_offer(usb);
	scans = 0;
	again();
	assert_int_equal(scans, 0);
	set("/options", "input-device", "keyboard");
	again();
	assert_int_equal(scans, 1);
	are("/keyboard", VTY0);
}

/* A setting is for the next reset, as in SLOF; a client gets new handles. */
static void consoles_are_selected_once(void **state)
{
	uint32_t old = chosen("stdout");

	(void)state;
	set("/options", "output-device", VTY1);
	instance_close_all();
	assert_int_equal(ci_chosen_open(), 0);
	are(VTY0, VTY0);
	assert_string_equal(fake_printed, "");
	assert_int_not_equal(chosen("stdout"), old);
	assert_null(instance_get(old));
}

static void a_console_that_is_gone_is_replaced(void **state)
{
	(void)state;
	remove_terminals();
	add("vsterm");
	again();
	tree_remove_node(tree_find("/vsterm"));
	assert_int_equal(ci_chosen_open(), 0);
	are(NULL_CONSOLE, NULL_CONSOLE);
}

static void all_consoles_but_the_lowest_vty_follow(void **state)
{
	(void)state;
	add("screen");
	add("vsterm");
	again();
	fake_events_clear();
	screen.text[0] = vsterm.text[0] = '\0';
	print("to all");
	/* entry/main.c sends it to the hypervisor's unit 0. */
	assert_string_equal(fake_console_out, "1:to all");
	assert_string_equal(screen.text, "to all");
	assert_string_equal(vsterm.text, "to all");
}

static void a_spare_screen_follows_if_the_user_names_it(void **state)
{
	(void)state;
	add("screen");
	add("vsterm");
	screen.out.spare = vsterm.out.spare = true;
	set("/options", "output-device", "screen");
	again();
	are(VTY0, "/screen");
	screen.text[0] = vsterm.text[0] = '\0';
	print("to one");
	assert_string_equal(screen.text, "to one");
	assert_string_equal(vsterm.text, "");
}

static void the_console_is_told_that_it_is_kept(void **state)
{
	(void)state;
	add("vsterm");
	set("/chosen", "stdout-path", "/vsterm");
	again();
	CI_N("quiesce", 0);
	assert_int_equal(vsterm.kept, 1);
	assert_null(strstr(fake_events, "stop=vsterm"));
	vsterm.text[0] = '\0';
	assert_int_equal(CI("write", chosen("stdout"), fake_str("on"), 2), 2);
	assert_string_equal(vsterm.text, "on");
	assert_non_null(strstr(fake_console_out, "0:on1:on"));
}

static void a_console_that_is_not_kept_gets_no_more_text(void **state)
{
	(void)state;
	add("vsterm");
	again();
	CI_N("quiesce", 0);
	assert_int_equal(vsterm.kept, 0);
	assert_non_null(strstr(fake_events, "stop=vsterm"));
	vsterm.text[0] = '\0';
	assert_int_equal(CI("write", chosen("stdout"), fake_str("on"), 2), 2);
	assert_string_equal(vsterm.text, "");
}

#define T(name)                                                                \
	cmocka_unit_test_setup_teardown(name, fake_machine_start,              \
					fake_machine_stop)

static void sizes_are(const char *columns, const char *rows)
{
	const struct node *options = tree_find("/options");

	assert_string_equal(tree_get_str(options, "screen-#columns"), columns);
	assert_string_equal(tree_get_str(options, "screen-#rows"), rows);
}

/* GRUB takes 512 for 80 by 24. */
static void the_size_of_a_screen_is_in_options(void **state)
{
	(void)state;
	name_none();
	set("/options", "screen-#columns", "512");
	set("/options", "screen-#rows", "512");
	add("vsterm");
	again();
	sizes_are("512", "512");
	add("screen");
	again();
	sizes_are("512", "512");
	add("keyboard");
	again();
	sizes_are("100", "37");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(stdout_path_chooses_the_console),
		T(a_wrong_stdout_path_gives_the_lowest_vty),
		T(a_screen_that_is_named_reads_from_the_vty),
		T(without_a_path_the_console_is_hvterm),
		T(screen_and_keyboard_go_before_terminals),
		T(direct_serial_takes_input_from_the_terminal),
		T(a_virtio_console_is_the_last_choice),
		T(what_is_left_out_still_shows_the_text),
		T(variables_choose_input_and_output),
		T(aix_recipes_with_a_wrong_console_cost_one_line),
		T(a_keyboard_that_a_variable_names_is_looked_for),
		T(consoles_are_selected_once),
		T(a_console_that_is_gone_is_replaced),
		T(all_consoles_but_the_lowest_vty_follow),
		T(a_spare_screen_follows_if_the_user_names_it),
		T(the_console_is_told_that_it_is_kept),
		T(a_console_that_is_not_kept_gets_no_more_text),
		T(the_size_of_a_screen_is_in_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
