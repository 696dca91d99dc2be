// SPDX-License-Identifier: BSD-2-Clause
/*
 * Tests of tests/toys/: a new PCI disk, a new bus and a new role are one file
 * each, and clients use them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/block.h"
#include "drivers/dma.h"
#include "hcall/rtas.h"
#include "lib/endian.h"
#include "lib/fmt.h"
#include "tests/fake/instances.h"
#include "tests/fake/machine.h"
#include "tests/fake/table.h"
#include "tests/fake/timebase.h"
#include "tree/path.h"
/* The real one, in the table before the machine's. */
#include "packages/disk_label.c"

TABLE_LINK(drivers, driver_pci_phb);
TABLE_LINK(drivers, driver_toy_disk);
TABLE_LINK(drivers, driver_toy_controller);
TABLE_LINK(drivers, driver_toy_lamp);
TABLE_LINK(drivers, driver_toy_abacus);

/* The PCI disk. Where its registers are; what its DMA window has. */
#define WINDOW_CPU 0x200080000000ULL
#define WINDOW_BUS 0x80000000ULL
#define LIOBN 0x80000000u
#define PAGES 1024u
#define BLOCKS 100u

static struct {
	uint8_t config[256];
	uint64_t tce[PAGES];
	uint8_t medium[BLOCKS * 512];
	bool runs;
	uint32_t ring, rung, most; /* entries in flight, and how many at most */
	/* What it does wrong. */
	uint32_t status, bad_ended;
	bool silent;
} toy;

static unsigned mapped(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < PAGES; i++)
		n += toy.tce[i] != 0;
	return n;
}

static int64_t toy_put_tce(struct hcall *h)
{
	assert_int_equal(h->reg[0], LIOBN);
	assert_true(h->reg[1] / 4096 < PAGES);
	toy.tce[h->reg[1] / 4096] = h->reg[2];
	return H_SUCCESS;
}

/* A bus address as the device sees it: only what is mapped so. */
static uint8_t *toy_reach(uint64_t bus, unsigned access)
{
	assert_true(bus / 4096 < PAGES);
	assert_int_equal(toy.tce[bus / 4096] & access, access);
	return (uint8_t *)(uintptr_t)((toy.tce[bus / 4096] & ~4095ULL) +
				      bus % 4096);
}

static void toy_transfer(uint64_t bus, uint64_t offset, size_t len, bool write)
{
	for (; len; len--, bus++, offset++) {
		assert_true(offset < sizeof(toy.medium));
		if (write)
			toy.medium[offset] = *toy_reach(bus, DMA_TO_DEVICE);
		else
			*toy_reach(bus, DMA_FROM_DEVICE) = toy.medium[offset];
	}
}

/* Entries of the ring: write, count, lba, data, status. */
static void toy_answer(unsigned slot)
{
	uint8_t *entry = toy_reach(toy.ring + 32 * slot, DMA_BOTH);

	if (!toy.status)
		toy_transfer(le64_load(entry + 16), le64_load(entry + 8) * 512,
			     le32_load(entry + 4) * 512, le32_load(entry));
	le32_store(entry + 24, toy.status);
}

static uint32_t toy_ended(void)
{
	uint32_t ended = toy.silent ? 0 : toy.rung;

	for (unsigned i = 0; i < 32; i++) {
		if (ended >> i & 1)
			toy_answer(i);
	}
	toy.rung &= ~ended;
	return ended | toy.bad_ended;
}

static int64_t toy_load(struct hcall *h)
{
	uint32_t value = 0;

	assert_int_equal(h->reg[0], 4);
	switch (h->reg[1] & 0xfff) {
	case 0x00:
		value = BLOCKS;
		break;
	case 0x10:
		value = toy_ended();
		break;
	}
	h->reg[0] = __builtin_bswap32(value);
	return H_SUCCESS;
}

static int64_t toy_store(struct hcall *h)
{
	uint32_t value = __builtin_bswap32((uint32_t)h->reg[2]);

	/* It decodes, and may reach memory. */
	assert_int_equal(toy.config[4] & 6, 6);
	switch (h->reg[1] & 0xfff) {
	case 0x04:
		toy.runs = value;
		toy.rung = 0;
		break;
	case 0x08:
		toy.ring = value;
		break;
	case 0x0c:
		assert_true(toy.runs);
		toy.rung |= value;
		toy.most =
			MAX(toy.most, (uint32_t)__builtin_popcount(toy.rung));
		break;
	}
	return H_SUCCESS;
}

/* Configuration space, little-endian; what else RTAS has is not asked. */
static int64_t toy_rtas(struct hcall *h)
{
	uint8_t *block = (uint8_t *)(uintptr_t)h->reg[0];
	bool write = be32_load(block) == 0x2000 + RTAS_WRITE_PCI_CONFIG;
	uint32_t reg = be32_load(block + 12) & 0xff;
	uint32_t size = be32_load(block + 24), value = 0;
	uint8_t *status = block + 12 + 4 * be32_load(block + 4);

	assert_true(write || be32_load(block) == 0x2000 + RTAS_READ_PCI_CONFIG);
	if (write)
		value = be32_load(block + 28);
	for (uint32_t i = 0; i < size; i++) {
		if (write)
			toy.config[reg + i] = (uint8_t)(value >> 8 * i);
		else
			value |= (uint32_t)toy.config[reg + i] << 8 * i;
	}
	be32_store(status, 0);
	if (!write)
		be32_store(status + 4, value);
	return H_SUCCESS;
}

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

/* As QEMU plugs a host bridge with a function. */
static void add_pci_disk(void)
{
	struct node *phb =
		add_node(tree_root(), "pci@800000020000000", "IBM,Logical_PHB");
	struct node *node = add_node(phb, "toy@3", NULL);

	SET_CELLS(phb, "reg", 0x8000000, 0x20000000, 0, 0);
	SET_CELLS(phb, "ranges", 0x02000000, 0, WINDOW_BUS, WINDOW_CPU >> 32,
		  (uint32_t)WINDOW_CPU, 0, 0x80000000);
	SET_CELLS(phb, "ibm,dma-window", LIOBN, 0, 0, 0, PAGES * 4096);
	SET_CELLS(node, "vendor-id", 0x1de5);
	SET_CELLS(node, "device-id", 1);
	SET_CELLS(node, "class-code", 0x018000);
	SET_CELLS(node, "reg", 0x1800, 0, 0, 0, 0, 0x02001810, 0, 0, 0, 0x1000);
	bus_offer(phb);
	device_scan_all();
}

static int start(void **state)
{
	fake_machine_start(state);
	memset(&toy, 0, sizeof(toy));
	for (size_t i = 0; i < sizeof(toy.medium); i++)
		toy.medium[i] = (uint8_t)(i * 7 + i / 512);
	dma_reset_all();
	fake_clock_set(0);
	fake_clock_step(TIMEBASE_DEFAULT_HZ / 100);
	deadline_init(0);
	fake_hcall_set(KVMPPC_H_RTAS, toy_rtas);
	fake_hcall_set(H_PUT_TCE, toy_put_tce);
	fake_hcall_set(H_LOGICAL_CI_LOAD, toy_load);
	fake_hcall_set(H_LOGICAL_CI_STORE, toy_store);
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
	assert_int_equal(mapped(), 0);
	disk = open_path("disk1:0");
	assert_int_equal(CI("seek", disk, 0, 1000), 0);
	assert_int_equal(CI("read", disk, buf, 20000), 20000);
	assert_memory_equal(fake_text(buf), toy.medium + 1000, 20000);
	/* Several requests of eight blocks were in flight. */
	assert_int_equal(toy.most, 4);
	/* At its end. */
	assert_int_equal(CI("seek", disk, 0, BLOCKS * 512 - 10), 0);
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
	assert_int_equal(fake_ret[1], BLOCKS);
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
	assert_int_equal(mapped(), 1);
	CI_N("close", 0, a);
	assert_true(toy.runs);
	CI_N("close", 0, b);
	assert_false(toy.runs);
	assert_int_equal(mapped(), 0);
	assert_int_equal(toy.config[4] & 4, 0);
	/* And so does the end of its node. */
	a = open_path("disk1:0");
	assert_true(toy.runs);
	tree_remove_node(tree_find(TOY));
	assert_false(toy.runs);
	assert_int_equal(mapped(), 0);
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
	assert_int_equal(mapped(), 0);
	toy.bad_ended = 0x80000000;
	assert_int_equal(CI("read", disk, buf, 512), CELL_FAIL);
	assert_non_null(strstr(fake_printed, "it ended what nobody began"));
	assert_int_equal(mapped(), 0);
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
	/* The fourth has no driver. */
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
