// SPDX-License-Identifier: BSD-2-Clause
/* Tests of drivers/instance.c: opening, handles, methods, ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"
#include "tests/fake/instances.h"
#include "tests/fake/table.h"
#include "tree/path.h"
#include "tests/fake/machine.h"

TABLE_LINK(drivers, driver_vty);

#define DISK "/vdevice/disk@71000002"

static void a_disk_is_opened_below_disk_label(void **state)
{
	struct instance *inst = instance_open("disk:1,\\boot");

	(void)state;
	assert_non_null(inst);
	assert_true(inst->interposed);
	assert_string_equal(inst->args, "1,\\boot");
	assert_non_null(inst->parent);
	assert_false(inst->parent->interposed);
	assert_null(inst->parent->parent);
	assert_ptr_equal(inst->node, inst->parent->node);
	instance_close(inst);
}

static void closing_closes_what_was_opened_upon(void **state)
{
	size_t open = fake_instance_count(), live = fake_blocks_live();

	(void)state;
	instance_close(instance_open("disk"));
	assert_int_equal(fake_instance_count(), open);
	/* The slot table stays. */
	live = fake_blocks_live();
	instance_close(instance_open("disk"));
	assert_int_equal(fake_blocks_live(), live);
	instance_close(NULL);
}

static void the_last_close_of_an_instance_stops_the_disk(void **state)
{
	struct instance *a = instance_open("disk"), *b = instance_open("disk");

	(void)state;
	fake_events_clear();
	instance_close(a);
	assert_string_equal(fake_events, "");
	instance_close(b);
	assert_string_equal(fake_events, "stop=disk ");
}

static void reasons_say_what_is_missing(void **state)
{
	(void)state;
	assert_null(instance_open("/vdevice"));
	assert_string_equal(reason(), "no driver for vdevice");
	fake_disk_error = ERR_IO;
	assert_null(instance_open("disk"));
	assert_non_null(strstr(reason(), "it is broken"));
	fake_disk_error = 0;
	assert_null(instance_open("disk:9"));
	assert_string_equal(reason(), "no partition 9");
	fake_blocks_fail_after(0);
	assert_null(instance_open("disk"));
	assert_non_null(strstr(reason(), "out of memory"));
}

static void handles_differ_from_phandles(void **state)
{
	struct instance *inst = instance_open("disk");

	(void)state;
	assert_true(inst->handle < TREE_PHANDLE_FIRST ||
		    inst->handle > TREE_PHANDLE_MAX);
	assert_ptr_equal(instance_get(inst->handle), inst);
	assert_null(instance_get(inst->node->phandle));
	assert_null(instance_get(0));
	assert_null(instance_get(0xffffffff));
	assert_null(instance_get(inst->handle ^ 0x40000000));
	assert_null(instance_get(inst->handle ^ 0x80000000));
	instance_close(inst);
}

/* Only disk-label uses disk-label's parent. */
static void an_instance_below_another_has_no_handle(void **state)
{
	struct instance *inst = instance_open("disk");

	(void)state;
	assert_null(instance_get(inst->parent->handle));
	instance_close(inst);
}

static void the_handle_of_a_closed_instance_is_not_used_again(void **state)
{
	struct instance *inst = instance_open("/mmu");
	ihandle_t first = inst->handle;

	(void)state;
	for (int i = 0; i < 5000; i++) {
		instance_close(inst);
		assert_null(instance_get(first));
		inst = instance_open("/mmu");
		assert_int_not_equal(inst->handle, first);
		assert_int_not_equal(inst->handle, 0);
		assert_int_not_equal(inst->handle, 0xffffffff);
		assert_ptr_equal(instance_get(inst->handle), inst);
	}
	instance_close(inst);
}

/* As many as memory holds; the table of handles has no end. */
static void ten_thousand_instances_have_a_handle_each(void **state)
{
	static ihandle_t handles[10000];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(handles); i++) {
		struct instance *inst = instance_open("/mmu");

		assert_non_null(inst);
		handles[i] = inst->handle;
		if (i)
			assert_int_not_equal(handles[i], handles[i - 1]);
	}
	for (i = 0; i < ARRAY_SIZE(handles); i += 997)
		assert_int_equal(instance_get(handles[i])->handle, handles[i]);
	instance_close_all();
	assert_int_equal(fake_instance_count(), 0);
	assert_null(instance_get(handles[0]));
}

static void a_failing_open_leaks_no_parent(void **state)
{
	size_t open = fake_instance_count(), live;
	struct instance *inst = NULL;
	long n = 0;

	(void)state;
	instance_close(instance_open("disk"));
	live = fake_blocks_live();
	while (!inst) {
		fake_blocks_fail_after(n++);
		inst = instance_open("disk:1");
		fake_blocks_fail_after(-1);
		if (inst)
			break;
		assert_int_equal(fake_instance_count(), open);
		assert_int_equal(fake_blocks_live(), live);
	}
	assert_true(n > 4);
	instance_close(inst);
	assert_null(instance_open("disk:9"));
	assert_int_equal(fake_instance_count(), open);
	assert_int_equal(fake_blocks_live(), live);
}

static void paths_are_cut_to_the_buffer(void **state)
{
	struct instance *inst = instance_open("disk:1");
	const char *full = DISK "/%disk-label:1";
	char buf[64];

	(void)state;
	for (size_t size = 1; size < 48; size++) {
		memset(buf, 'x', sizeof(buf));
		assert_int_equal(instance_path(inst, true, buf, size), 36);
		assert_int_equal(strlen(buf), MIN(size - 1, 36u));
		assert_memory_equal(buf, full, strlen(buf));
		assert_int_equal(buf[size], 'x');
	}
	assert_int_equal(instance_path(inst, false, buf, sizeof(buf)), 24);
	assert_string_equal(buf, DISK ":1");
	instance_close(inst);
}

static void what_an_instance_cannot_do_is_not_supported(void **state)
{
	struct instance *mmu = instance_open("/mmu");
	char buf[4] = { 0 };

	(void)state;
	assert_int_equal(instance_read(mmu, buf, 4), ERR_NOTSUP);
	assert_int_equal(instance_write(mmu, buf, 4), ERR_NOTSUP);
	assert_int_equal(instance_seek(mmu, 0), ERR_NOTSUP);
	instance_close(mmu);
}

static void methods_are_found_down_the_chain(void **state)
{
	static const struct method raw[] = { { "raw", 0, 0, NULL },
					     { "turn", 0, 0, NULL },
					     { .name = NULL } };
	struct device *dev = device_of(tree_find(DISK));
	struct instance *inst;

	(void)state;
	dev->methods = raw;
	inst = instance_open("disk");
	assert_ptr_equal(instance_method(inst, "raw"), raw);
	/* The topmost wins. */
	assert_int_equal(instance_method(inst, "turn")->nargs, 3);
	assert_null(instance_method(inst, "none"));
	assert_null(instance_method(inst, ""));
	assert_ptr_equal(node_method(dev->node, "raw"), raw);
	assert_null(node_method(dev->node, "none"));
	instance_close(inst);
}

static void a_removed_node_takes_its_instances_along(void **state)
{
	struct instance *a = instance_open("disk"), *b = instance_open("disk");
	ihandle_t ha = a->handle, hb = b->handle;
	size_t open = fake_instance_count();

	(void)state;
	instance_remove_node(tree_find(DISK));
	assert_null(instance_get(ha));
	assert_null(instance_get(hb));
	assert_int_equal(fake_instance_count(), open - 4);
}

/* Its memory may become another node's. */
static void a_removed_node_takes_its_methods_along(void **state)
{
	static const char name[] = "get-time";
	struct node *rtc = tree_find("/rtc");

	(void)state;
	assert_non_null(node_method(rtc, name));
	tree_remove_node(rtc);
	rtc = tree_add_node(tree_root(), "rtc", TREE_QEMU);
	assert_null(device_of(rtc));
	assert_null(node_method(rtc, name));
	assert_null(instance_open("/rtc"));
	assert_non_null(node_method(tree_find("/mmu"), "translate"));
}

static void registered_nodes_can_be_opened(void **state)
{
	static const struct method none[] = { { .name = NULL } };
	struct node *chosen = tree_find("/chosen");
	struct instance *inst;

	(void)state;
	assert_null(instance_open("/chosen"));
	assert_int_equal(node_methods_register(chosen, NULL, none), 0);
	inst = instance_open("/chosen");
	assert_non_null(inst);
	instance_close(inst);
	fake_blocks_fail_after(0);
	assert_int_equal(node_methods_register(tree_find("/aliases"), NULL,
					       none),
			 ERR_NOMEM);
	assert_null(device_of(tree_find("/aliases")));
}

static void after_quiesce_only_the_console_lives(void **state)
{
	struct instance *out = instance_open("/vdevice/vty@71000001");
	struct instance *in = instance_open("/vdevice/vty@71000001");
	struct instance *disk = instance_open("disk");
	char buf[16];

	(void)state;
	instance_quiesce(out);
	assert_null(instance_open("disk"));
	assert_string_equal(reason(), "the firmware is quiesced");
	assert_int_equal(instance_write(out, "x", 1), 1);
	assert_int_equal(instance_write(in, "y", 1), 1);
	assert_int_equal(instance_read(in, buf, 16), ERR_AGAIN);
	assert_int_equal(instance_read(disk, buf, 16), ERR_NODEV);
	assert_int_equal(instance_write(disk, buf, 16), ERR_NODEV);
	assert_int_equal(instance_seek(disk, 0), ERR_NODEV);
	assert_string_equal(fake_console_out, "1:x1:y");
}

static void without_a_console_nothing_lives(void **state)
{
	struct instance *out = instance_open("/vdevice/vty@71000001");

	(void)state;
	instance_quiesce(NULL);
	assert_int_equal(instance_write(out, "x", 1), ERR_NODEV);
}

#define T(name)                                                                \
	cmocka_unit_test_setup_teardown(name, fake_machine_start,              \
					fake_machine_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_disk_is_opened_below_disk_label),
		T(closing_closes_what_was_opened_upon),
		T(the_last_close_of_an_instance_stops_the_disk),
		T(reasons_say_what_is_missing),
		T(handles_differ_from_phandles),
		T(an_instance_below_another_has_no_handle),
		T(the_handle_of_a_closed_instance_is_not_used_again),
		T(ten_thousand_instances_have_a_handle_each),
		T(a_failing_open_leaks_no_parent),
		T(paths_are_cut_to_the_buffer),
		T(what_an_instance_cannot_do_is_not_supported),
		T(methods_are_found_down_the_chain),
		T(a_removed_node_takes_its_instances_along),
		T(a_removed_node_takes_its_methods_along),
		T(registered_nodes_can_be_opened),
		T(after_quiesce_only_the_console_lives),
		T(without_a_console_nothing_lives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
