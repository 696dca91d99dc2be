// SPDX-License-Identifier: BSD-2-Clause
/* Tests of drivers/vio/nvram.c: bytes through RTAS, instances. */
#include "drivers/vio/nvram.h"

#include <string.h>

#include "drivers/instance.h"
#include "hcall/rtas.h"
#include "lib/endian.h"
#include "lib/reason.h"
#include "tests/fake/hcall.h"
#include "tests/fake/real_heap.h"
#include "tests/fake/table.h"
#include "tests/fake/tree.h"
#include "tree/path.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

TABLE_LINK(drivers, driver_vdevice);
TABLE_LINK(drivers, driver_nvram);

#define SIZE 65536u
#define FETCH 0x201eu
#define STORE 0x201fu

/* device_init() forgets what it had: the heap starts anew each time. */
static uint8_t heap[256 * 1024];
static uint8_t machine[SIZE];
static bool machine_fails, machine_is_short;

/* QEMU hw/nvram/spapr_nvram.c, rtas_nvram_fetch() and rtas_nvram_store(). */
static int64_t fake_rtas(struct hcall *h)
{
	be32 *block = (be32 *)(uintptr_t)h->reg[0];
	uint32_t off = be32_get(block[3]), len = be32_get(block[5]);
	uint8_t *buf = (uint8_t *)(uintptr_t)be32_get(block[4]);

	assert_int_equal(be32_get(block[1]), 3);
	assert_int_equal(be32_get(block[2]), 2);
	if (machine_fails || off > SIZE || len > SIZE - off) {
		block[6] = be32_make((uint32_t)-3);
		return H_SUCCESS;
	}
	len -= machine_is_short;
	if (be32_get(block[0]) == FETCH)
		memcpy(buf, machine + off, len);
	else
		memcpy(machine + off, buf, len);
	block[6] = be32_make(0);
	block[7] = be32_make(len);
	return H_SUCCESS;
}

static struct node *add_node(uint32_t size)
{
	struct node *node = tree_add_node(tree_find("/vdevice"),
					  "nvram@71000001", TREE_QEMU);

	assert_int_equal(tree_set_str(node, "compatible", "qemu,spapr-nvram"),
			 0);
	if (size)
		assert_int_equal(tree_set_u32(node, "#bytes", size), 0);
	return node;
}

static int setup(void **state)
{
	(void)state;
	heap_init(heap, sizeof(heap));
	machine_fails = machine_is_short = false;
	for (uint32_t i = 0; i < SIZE; i++)
		machine[i] = (uint8_t)(i * 7 + (i >> 8));
	fake_hcall_reset();
	fake_hcall_set(KVMPPC_H_RTAS, fake_rtas);
	rtas_set_token(RTAS_NVRAM_FETCH, FETCH);
	rtas_set_token(RTAS_NVRAM_STORE, STORE);
	assert_int_equal(tree_init(), 0);
	device_init();
	assert_int_equal(
		tree_set_str(tree_add_node(tree_root(), "vdevice", TREE_QEMU),
			     "compatible", "IBM,vdevice"),
		0);
	assert_non_null(tree_add_node(tree_root(), "aliases", TREE_QUOIN));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	tree_remove_node(tree_find("/vdevice"));
	tree_free();
	return 0;
}

static int setup_attached(void **state)
{
	setup(state);
	add_node(SIZE);
	bus_offer_all(true);
	bus_offer_all(false);
	return 0;
}

static void attaching_gives_a_size_and_an_alias(void **state)
{
	(void)state;
	assert_int_equal(nvram_raw_size(), 0);
	add_node(SIZE);
	bus_offer_all(true);
	bus_offer_all(false);
	assert_int_equal(nvram_raw_size(), SIZE);
	assert_ptr_equal(tree_find("nvram"), tree_find("/vdevice/nvram"));
	/* Nothing is read before somebody asks. */
	assert_int_equal(fake_hcall_count(KVMPPC_H_RTAS), 0);
}

static void without_a_size_it_is_not_attached(void **state)
{
	(void)state;
	add_node(0);
	bus_offer_all(true);
	bus_offer_all(false);
	assert_int_equal(nvram_raw_size(), 0);
	assert_null(device_of(tree_find("/vdevice/nvram")));
}

static void a_second_one_is_refused(void **state)
{
	struct node *second;

	(void)state;
	second = tree_add_node(tree_find("/vdevice"), "nvram@71000002",
			       TREE_QEMU);
	assert_int_equal(tree_set_str(second, "compatible", "qemu,spapr-nvram"),
			 0);
	assert_int_equal(tree_set_u32(second, "#bytes", 8192), 0);
	bus_offer(second);
	assert_null(device_of(second));
	assert_int_equal(nvram_raw_size(), SIZE);
	/* It takes nothing along. */
	tree_remove_node(second);
	assert_int_equal(nvram_raw_size(), SIZE);
}

static void a_removed_node_takes_the_nvram_along(void **state)
{
	uint8_t byte;

	(void)state;
	tree_remove_node(tree_find("/vdevice/nvram"));
	assert_int_equal(nvram_raw_size(), 0);
	assert_int_equal(nvram_raw_read(0, &byte, 1), ERR_NODEV);
}

static void any_length_is_read_and_written(void **state)
{
	static uint8_t buf[SIZE];

	(void)state;
	assert_int_equal(nvram_raw_read(0, buf, SIZE), 0);
	assert_memory_equal(buf, machine, SIZE);
	assert_int_equal(nvram_raw_read(3, buf, 5000), 0);
	assert_memory_equal(buf, machine + 3, 5000);
	memset(buf, 0x5a, sizeof(buf));
	assert_int_equal(nvram_raw_write(SIZE - 4097, buf, 4097), 0);
	assert_memory_equal(machine + SIZE - 4097, buf, 4097);
	assert_int_equal(machine[SIZE - 4098],
			 (uint8_t)((SIZE - 4098) * 7 + ((SIZE - 4098) >> 8)));
}

static void nothing_outside_is_touched(void **state)
{
	uint8_t buf[8];

	(void)state;
	assert_int_equal(nvram_raw_read(SIZE - 4, buf, 5), ERR_RANGE);
	assert_int_equal(nvram_raw_write(SIZE + 1, buf, 0), ERR_RANGE);
	assert_int_equal(nvram_raw_write(UINT32_MAX, buf, 2), ERR_RANGE);
	assert_int_equal(nvram_raw_read(SIZE, buf, 0), 0);
	assert_int_equal(fake_hcall_count(KVMPPC_H_RTAS), 0);
}

static void what_rtas_refuses_is_named(void **state)
{
	uint8_t buf[8];

	(void)state;
	machine_fails = true;
	assert_int_equal(nvram_raw_read(16, buf, 8), ERR_IO);
	assert_non_null(strstr(reason(), "reading 8 bytes at 16"));
	assert_int_equal(nvram_raw_write(0, buf, 8), ERR_IO);
	assert_non_null(strstr(reason(), "writing 8 bytes at 0"));
	machine_fails = false;
	machine_is_short = true;
	assert_int_equal(nvram_raw_read(0, buf, 8), ERR_IO);
	assert_non_null(strstr(reason(), "short transfer"));
	rtas_set_token(RTAS_NVRAM_STORE, 0);
	assert_int_equal(nvram_raw_write(0, buf, 8), ERR_NOTSUP);
}

static void an_instance_reads_writes_and_seeks(void **state)
{
	struct instance *inst = instance_open("nvram");
	uint8_t buf[16];

	(void)state;
	assert_non_null(inst);
	assert_int_equal(inst->ops.size(inst), SIZE);
	assert_int_equal(instance_seek(inst, 100), 0);
	assert_int_equal(instance_read(inst, buf, 16), 16);
	assert_memory_equal(buf, machine + 100, 16);
	assert_int_equal(instance_write(inst, "hello", 5), 5);
	assert_memory_equal(machine + 116, "hello", 5);
	instance_close(inst);
}

static void an_instance_ends_where_the_nvram_does(void **state)
{
	struct instance *inst = instance_open("nvram");
	uint8_t buf[16];

	(void)state;
	assert_int_equal(instance_seek(inst, SIZE + 1), ERR_RANGE);
	assert_int_equal(instance_seek(inst, SIZE - 4), 0);
	assert_int_equal(instance_read(inst, buf, 16), 4);
	assert_int_equal(instance_read(inst, buf, 16), 0);
	assert_int_equal(instance_write(inst, buf, 16), 0);
	assert_int_equal(instance_seek(inst, 0), 0);
	machine_fails = true;
	assert_int_equal(instance_read(inst, buf, 16), ERR_IO);
	machine_fails = false;
	assert_int_equal(instance_read(inst, buf, 1), 1);
	assert_int_equal(buf[0], machine[0]);
	instance_close(inst);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define ATTACHED(name)                                                         \
	cmocka_unit_test_setup_teardown(name, setup_attached, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(attaching_gives_a_size_and_an_alias),
		TEST(without_a_size_it_is_not_attached),
		ATTACHED(a_second_one_is_refused),
		ATTACHED(a_removed_node_takes_the_nvram_along),
		ATTACHED(any_length_is_read_and_written),
		ATTACHED(nothing_outside_is_touched),
		ATTACHED(what_rtas_refuses_is_named),
		ATTACHED(an_instance_reads_writes_and_seeks),
		ATTACHED(an_instance_ends_where_the_nvram_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
