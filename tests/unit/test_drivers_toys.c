// SPDX-License-Identifier: BSD-2-Clause
/*
 * Tests of tests/toys/: a new PCI disk, a new bus and a new role are one file
 * each, and clients use them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fake/instances.h"
#include "tests/fake/machine.h"
#include "tests/fake/table.h"
#include "tests/fake/timebase.h"
#include "tests/fake/toy_disk.h"
#include "tree/path.h"
/* The real one, in the table before the machine's. */
#include "packages/disk_label.c"

TABLE_LINK(drivers, driver_pci_phb);
TABLE_LINK(drivers, driver_toy_disk);
TABLE_LINK(drivers, driver_toy_controller);
TABLE_LINK(drivers, driver_toy_lamp);
TABLE_LINK(drivers, driver_toy_abacus);

static struct node *add_node(struct node *parent, const char *name,
			     const char *compatible)
{
	struct node *node = tree_add_node(parent, name, TREE_QEMU);

	assert_non_null(node);
	if (compatible)
		assert_int_equal(tree_set_str(node, "compatible", compatible),
				 0);
	return node;
}

static void set_cells(struct node *node, const char *name,
		      const uint32_t *cells, size_t n)
{
	assert_int_equal(tree_set_cells(node, name, cells, n), 0);
}
#define SET_CELLS(node, name, ...)                                             \
	set_cells(node, name, (const uint32_t[]){ __VA_ARGS__ },               \
		  ARRAY_SIZE(((const uint32_t[]){ __VA_ARGS__ })))

static void add_pci_disk(void)
{
	bus_offer(fake_toy_plug());
	device_scan_all();
}

static int start(void **state)
{
	fake_machine_start(state);
	fake_toy_reset();
	fake_clock_set(0);
	fake_clock_step(TIMEBASE_DEFAULT_HZ / 100);
	deadline_init(0);
	return 0;
}

static int stop(void **state)
{
	instance_close_all();
	while (tree_root()->child)
		tree_remove_node(tree_root()->child);
	return fake_machine_stop(state);
}

static cell_t open_path(const char *path)
{
	cell_t handle = CI("open", fake_str(path));

	assert_int_not_equal(handle, 0);
	assert_int_not_equal(handle, CELL_FAIL);
	return handle;
}

static cell_t test_method(const char *path, const char *name)
{
	return CI("test-method", fake_phandle(path), fake_str(name));
}

#define TOY "/pci@800000020000000/toy@3"

static void a_client_reads_a_new_pci_disk(void **state)
{
	cell_t disk, buf = fake_buf(20000);

	(void)state;
	add_pci_disk();
	assert_ptr_equal(tree_find("disk1"), tree_find(TOY));
	assert_string_equal(tree_get_str(tree_find(TOY), "device_type"),
			    "block");
	/* Nothing is done before somebody opens it. */
	assert_false(toy.runs);
	assert_int_equal(fake_toy_mapped(), 0);
	disk = open_path("disk1:0");
	assert_int_equal(CI("seek", disk, 0, 1000), 0);
	assert_int_equal(CI("read", disk, buf, 20000), 20000);
	assert_memory_equal(fake_text(buf), toy.medium + 1000, 20000);
	/* Several requests of eight blocks were in flight. */
	assert_int_equal(toy.most, 4);
	/* At its end. */
	assert_int_equal(CI("seek", disk, 0, TOY_BLOCKS * 512 - 10), 0);
	assert_int_equal(CI("read", disk, buf, 20000), 10);
	assert_int_equal(CI("read", disk, buf, 20000), 0);
	CI_N("close", 0, disk);
	assert_string_equal(fake_printed, "");
}

static void disk_label_is_on_the_new_disk(void **state)
{
	cell_t disk, buf = fake_buf(100);

	(void)state;
	add_pci_disk();
	assert_int_equal(test_method(TOY, "read"), 0);
	assert_int_equal(test_method(TOY, "block-size"), 0);
	assert_int_equal(test_method(TOY, "add"), CELL_TRUE);
	disk = open_path(TOY ":0");
	assert_int_equal(CI_N("call-method", 2, fake_str("#blocks"), disk), 0);
	assert_int_equal(fake_ret[0], 0);
	assert_int_equal(fake_ret[1], TOY_BLOCKS);
	assert_int_equal(CI("instance-to-interposed-path", disk, buf, 100),
			 strlen(TOY "/%disk-label:0"));
	assert_string_equal(fake_text(buf), TOY "/%disk-label:0");
	/* Its partition table is protected, the rest is not. */
	assert_int_equal(CI("write", disk, buf, 512), CELL_FAIL);
	assert_int_equal(CI("seek", disk, 0, 40 * 512), 0);
	memset(fake_text(buf), 'w', 100);
	assert_int_equal(CI("write", disk, buf, 512), 512);
	assert_int_equal(toy.medium[40 * 512 + 99], 'w');
}

static void the_last_close_stops_the_new_disk(void **state)
{
	cell_t a, b, buf = fake_buf(512);

	(void)state;
	add_pci_disk();
	a = open_path("disk1:0");
	b = open_path("disk1:0");
	assert_int_equal(CI("read", a, buf, 512), 512);
	assert_int_equal(fake_toy_mapped(), 1);
	CI_N("close", 0, a);
	assert_true(toy.runs);
	CI_N("close", 0, b);
	assert_false(toy.runs);
	assert_int_equal(fake_toy_mapped(), 0);
	assert_int_equal(toy.config[4] & 4, 0);
	/* And so does the end of its node. */
	a = open_path("disk1:0");
	assert_true(toy.runs);
	tree_remove_node(tree_find(TOY));
	assert_false(toy.runs);
	assert_int_equal(fake_toy_mapped(), 0);
	assert_int_equal(CI("read", a, buf, 512), CELL_FAIL);
}

static void the_new_disks_errors_have_its_name(void **state)
{
	cell_t disk, buf = fake_buf(512);

	(void)state;
	add_pci_disk();
	disk = open_path("disk1:0");
	toy.status = 5;
	assert_int_equal(CI("read", disk, buf, 512), CELL_FAIL);
	assert_non_null(strstr(fake_printed,
			       "toy-disk " TOY ": read of block 0 failed: "
			       "device status 5"));
	toy.status = 0;
	assert_int_equal(CI("read", disk, buf, 512), 512);
}

/* The request engine does the rest: deadlines, resets, new starts. */
static void a_new_disk_that_misbehaves_is_reset(void **state)
{
	cell_t disk, buf = fake_buf(512);

	(void)state;
	add_pci_disk();
	disk = open_path("disk1:0");
	toy.silent = true;
	assert_int_equal(CI("read", disk, buf, 512), CELL_FAIL);
	assert_non_null(
		strstr(fake_printed, "no response in 15 s; device reset"));
	assert_false(toy.runs);
	assert_int_equal(fake_toy_mapped(), 0);
	toy.bad_ended = 0x80000000;
	assert_int_equal(CI("read", disk, buf, 512), CELL_FAIL);
	assert_non_null(strstr(fake_printed, "it ended what nobody began"));
	assert_int_equal(fake_toy_mapped(), 0);
	toy.bad_ended = 0;
	toy.silent = false;
	assert_int_equal(CI("read", disk, buf, 512), 512);
	assert_memory_equal(fake_text(buf), toy.medium, 512);
}

#define CONTROLLER "/vdevice/toy@71000009"

/* Sockets 0 and 2 have lamps; QEMU's node says what is in number 5. */
static struct node *add_controller(void)
{
	struct node *node = add_node(tree_find("/vdevice"), "toy@71000009",
				     "toy,controller");
	struct node *known = add_node(node, "plug@5", NULL);

	SET_CELLS(node, "toy,sockets", 7, 0, 7, 8);
	SET_CELLS(known, "reg", 5);
	SET_CELLS(known, "toy,kind", 7);
	bus_offer(node);
	device_scan_all();
	return node;
}

static void assert_lamp(cell_t lamp, const char *text)
{
	cell_t buf = fake_buf(16);

	assert_int_equal(CI("read", lamp, buf, 16), strlen(text));
	assert_memory_equal(fake_text(buf), text, strlen(text));
}

static void what_is_on_a_new_bus_can_be_opened(void **state)
{
	struct device *controller, *dev;
	cell_t a, b;

	(void)state;
	controller = device_of(add_controller());
	dev = device_of(tree_find(CONTROLLER "/plug@2"));
	assert_ptr_equal(dev->parent, controller);
	assert_string_equal(dev->bus->name, "toy");
	a = open_path(CONTROLLER "/plug@2");
	b = open_path(CONTROLLER "/plug@5");
	/* To use it starts the controller, too. */
	assert_int_equal(controller->state, DEVICE_OFF);
	assert_lamp(a, "lamp 2");
	assert_int_equal(controller->state, DEVICE_READY);
	assert_lamp(b, "lamp 5");
	assert_int_equal(test_method(CONTROLLER "/plug@2", "read"), 0);
	/* A reset of the controller does not keep it from working. */
	device_stop(controller);
	assert_lamp(a, "lamp 2");
	CI_N("close", 0, a);
	assert_int_equal(dev->state, DEVICE_OFF);
	assert_int_equal(controller->state, DEVICE_READY);
	CI_N("close", 0, b);
	assert_int_equal(controller->state, DEVICE_OFF);
	assert_string_equal(fake_printed, "");
}

static void a_new_bus_knows_what_it_has(void **state)
{
	struct node *node;

	(void)state;
	add_controller();
	assert_null(tree_find(CONTROLLER "/plug@1"));
	/* Nobody drives the fourth. */
	assert_null(device_of(tree_find(CONTROLLER "/plug@3")));
	assert_int_equal(CI("open", fake_str(CONTROLLER "/plug@3")), 0);
	/* As CAS does it: plug in, pull out. */
	node = add_node(tree_find(CONTROLLER), "plug@6", NULL);
	SET_CELLS(node, "reg", 6);
	SET_CELLS(node, "toy,kind", 7);
	bus_offer(node);
	bus_offer(node);
	assert_lamp(open_path(CONTROLLER "/plug@6"), "lamp 6");
	tree_remove_node(node);
	assert_int_equal(device_of(tree_find(CONTROLLER))->users, 0);
	bus_offer(add_node(tree_find(CONTROLLER), "plug@7", NULL));
	assert_non_null(strstr(fake_printed, "plug: no reg or no kind"));
}

static void a_new_bus_goes_without_a_trace(void **state)
{
	size_t live = fake_blocks_live();

	(void)state;
	tree_remove_node(add_controller());
	assert_int_equal(fake_blocks_live(), live);
}

#define ABACUS "/vdevice/abacus@7100000a"

static void add_abacus(void)
{
	bus_offer(add_node(tree_find("/vdevice"), "abacus@7100000a",
			   "toy,abacus"));
}

static void clients_see_what_a_new_role_can(void **state)
{
	static const char *const can[] = { "open", "close", "read",
					   "seek", "count", "add" };
	static const char *const cannot[] = { "write", "block-size", "" };

	(void)state;
	add_abacus();
	assert_string_equal(tree_get_str(tree_find(ABACUS), "device_type"),
			    "counter");
	for (size_t i = 0; i < ARRAY_SIZE(can); i++)
		assert_int_equal(test_method(ABACUS, can[i]), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cannot); i++)
		assert_int_equal(test_method(ABACUS, cannot[i]), CELL_TRUE);
}

static void clients_call_the_methods_of_a_new_role(void **state)
{
	cell_t handle, buf = fake_buf(16);

	(void)state;
	add_abacus();
	handle = open_path(ABACUS);
	assert_int_equal(CI_N("call-method", 1, fake_str("add"), handle, 42),
			 0);
	assert_int_equal(fake_ret[0], 0);
	assert_int_equal(CI_N("call-method", 2, fake_str("count"), handle), 0);
	assert_int_equal(fake_ret[0], 0);
	assert_int_equal(fake_ret[1], 42);
	/* One that fails, and one that it has not. */
	CI_N("call-method", 1, fake_str("add"), handle, 59);
	assert_int_not_equal(fake_ret[0], 0);
	CI_N("call-method", 1, fake_str("turn"), handle, 1);
	assert_int_not_equal(fake_ret[0], 0);
	assert_int_equal(CI("read", handle, buf, 16), 2);
	assert_memory_equal(fake_text(buf), "42", 2);
	assert_int_equal(CI("read", handle, buf, 16), 0);
	assert_int_equal(CI("seek", handle, 0, 1), 0);
	assert_int_equal(CI("read", handle, buf, 16), 1);
	assert_int_equal(CI("write", handle, buf, 16), CELL_FAIL);
}

static void instances_of_a_new_role_end_with_it(void **state)
{
	size_t open = fake_instance_count(), live;
	struct device *dev;
	cell_t handle;

	(void)state;
	add_abacus();
	dev = device_of(tree_find(ABACUS));
	live = fake_blocks_live();
	handle = open_path(ABACUS);
	assert_int_equal(dev->users, 1);
	CI_N("close", 0, handle);
	assert_int_equal(dev->users, 0);
	assert_int_equal(fake_blocks_live(), live);
	handle = open_path(ABACUS);
	tree_remove_node(dev->node);
	assert_int_equal(CI_N("call-method", 2, fake_str("count"), handle), 0);
	assert_int_not_equal(fake_ret[0], 0);
	assert_int_equal(fake_instance_count(), open);
}

#define T(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_client_reads_a_new_pci_disk),
		T(disk_label_is_on_the_new_disk),
		T(the_last_close_stops_the_new_disk),
		T(the_new_disks_errors_have_its_name),
		T(a_new_disk_that_misbehaves_is_reset),
		T(what_is_on_a_new_bus_can_be_opened),
		T(a_new_bus_knows_what_it_has),
		T(a_new_bus_goes_without_a_trace),
		T(clients_see_what_a_new_role_can),
		T(clients_call_the_methods_of_a_new_role),
		T(instances_of_a_new_role_end_with_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
