// SPDX-License-Identifier: BSD-2-Clause
/* Tests of ci/cas.c: negotiation, the new tree, what hostile ones do. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "ci/cas.h"
#include "ci/fdt.h"
#include "ci/nodes.h"
#include "ci/quiesce.h"
#include "ci/mem.h"
#include "drivers/console.h"
#include "drivers/vio/vio.h"
#include "lib/endian.h"
#include "lib/fmt.h"
#include "lib/reason.h"
#include "tests/fake/instances.h"
#include "tests/fake/fdt.h"
#include "tests/fake/keys.h"
#include "tree/fdt.h"
#include "tree/path.h"
#include "tests/fake/machine.h"

/* What the fake hypervisor answers to H_CAS. */
static int64_t cas_status;
static uint32_t cas_version;
static const void *cas_blob;
static size_t cas_blob_size;
static uint64_t cas_vec;
static size_t cas_room;

static int64_t cas(struct hcall *h)
{
	uint8_t *buf = (uint8_t *)(uintptr_t)h->reg[1];

	cas_vec = h->reg[0];
	cas_room = h->reg[2];
	/* The version word is clear, the tree behind it aligned. */
	assert_int_equal(be32_load(buf), 0);
	assert_int_equal((uintptr_t)(buf + 4) % 8, 0);
	/* All of it may be written. */
	memset(buf + 4, 0xcc, cas_room - 4);
	if (cas_status)
		return cas_status;
	memcpy(buf, &cas_version, 4);
	if (cas_blob)
		memcpy(buf + 4, cas_blob, cas_blob_size);
	return H_SUCCESS;
}

static void answer(uint32_t version, const void *blob, size_t size)
{
	fake_hcall_set(KVMPPC_H_CAS, cas);
	cas_status = H_SUCCESS;
	cas_version = version;
	cas_blob = blob;
	cas_blob_size = size;
}

/* A controller that must be asked what hangs on it: with two requests. */
static bool host_scan(struct device *dev)
{
	bool first = !dev->priv;

	fake_event("scan=%s", dev->node->name);
	dev->priv = dev;
	return first;
}

static void host_found(struct device *dev)
{
	fake_event("found=%s", dev->node->name);
	assert_int_equal(tree_add_alias("host", dev->node), 0);
}

DRIVER(fake_host) = {
	.name = "fake-host",
	.bus = &vio_bus,
	.match = "fake,host",
	.scan = host_scan,
	.found = host_found,
};

/* A host bridge, whose bus knows what is below it. */
static int bridge_attach(struct device *dev)
{
	fake_event("attach=%s", dev->node->name);
	return 0;
}

static void bridge_offer(struct device *parent, struct node *node)
{
	fake_event("offer=%s/%s", parent->node->name, node->name);
}

BUS(fake_bridge_bus) = {
	.name = "fake-bridge",
	.match = bus_match_compatible,
	.offer = bridge_offer,
};

DRIVER(fake_bridge) = {
	.name = "fake-bridge",
	.bus = &platform_bus,
	.match = "fake,bridge",
	.children = &fake_bridge_bus,
	.attach = bridge_attach,
};

/* The machine's tree as QEMU would write it again, with what is new. */
static const void *new_tree(size_t *size)
{
	static const char *const vtys[] = { "vty@71000001", "vty@71000000",
					    "vty@71000005" };

	fake_fdt_start();
	fake_fdt_node("cpus");
	fake_fdt_node("PowerPC,POWER9@8");
	fake_fdt_u32("reg", 8);
	fake_fdt_u32("ibm,new", 1);
	fake_fdt_end();
	fake_fdt_end();
	fake_fdt_node("memory@0");
	fake_fdt_end();
	fake_fdt_node("rtas");
	fake_fdt_end();
	fake_fdt_node("vdevice");
	fake_fdt_str("device_type", "vdevice");
	for (size_t i = 0; i < 3; i++) {
		fake_fdt_node(vtys[i]);
		fake_fdt_str("compatible", "hvterm1");
		fake_fdt_u32("reg", i == 2 ? 0x71000005
				    : i	   ? 0x71000000
					   : 0x71000001);
		fake_fdt_end();
	}
	fake_fdt_node("host@71000006");
	fake_fdt_str("compatible", "fake,host");
	fake_fdt_end();
	fake_fdt_end();
	fake_fdt_node("pci@800000020000000");
	fake_fdt_str("compatible", "fake,bridge");
	fake_fdt_node("ethernet@3");
	fake_fdt_end();
	fake_fdt_end();
	return fake_fdt_finish(size);
}

static void linux_gets_the_merged_tree(void **state)
{
	size_t size;
	const void *blob = new_tree(&size);
	uint32_t value;

	(void)state;
	answer(0x01000000, blob, size);
	assert_int_equal(ci_cas(0x8000), 0);
	assert_int_equal(cas_vec, 0x8000);
	assert_int_equal(tree_get_u32(tree_find("/cpus/PowerPC,POWER9"),
				      "ibm,new", 0, &value),
			 0);
	/* Absent from the blob: QEMU's goes, ours stays. */
	assert_null(tree_find("/vdevice/disk@71000002"));
	assert_non_null(tree_find("/openprom"));
	assert_string_equal(fake_printed, "");
}

/* QEMU's tree has its own value again, which may be less. */
static void secure_boot_stays_what_the_keys_say(void **state)
{
	const void *blob;
	uint32_t value;
	size_t size;

	(void)state;
	fake_keys_begin(KEYS_ENFORCE, 0);
	fake_keys_add_key("key", 2048, 0xff, 3);
	assert_int_equal(fake_keys_read(), 0);
	assert_int_equal(ci_nodes_policy(), 0);
	fake_fdt_start();
	fake_fdt_u32("ibm,secure-boot", 1);
	blob = fake_fdt_finish(&size);
	answer(1, blob, size);
	assert_int_equal(ci_cas(0x8000), 0);
	fake_keys_reset();
	assert_int_equal(
		tree_get_u32(tree_root(), "ibm,secure-boot", 0, &value), 0);
	assert_int_equal(value, KEYS_ENFORCE);
}

/* The version word is in the host's byte order: anything but 0 counts. */
static void versions_of_either_byte_order_count(void **state)
{
	static const uint32_t versions[] = { 1, 0x01000000, 0x80000000,
					     0xffffffff };
	size_t size;
	const void *blob = new_tree(&size);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
		tree_delprop(tree_find("/cpus/PowerPC,POWER9"), "ibm,new");
		answer(versions[i], blob, size);
		assert_int_equal(ci_cas(0x8000), 0);
		assert_non_null(tree_getprop(tree_find("/cpus/PowerPC,POWER9"),
					     "ibm,new", NULL));
	}
}

static void version_zero_leaves_the_tree_alone(void **state)
{
	(void)state;
	answer(0, NULL, 0);
	assert_int_equal(ci_cas(0x8000), 0);
	assert_non_null(tree_find("/vdevice/disk@71000002"));
}

static void new_nodes_get_drivers(void **state)
{
	size_t size;
	const void *blob = new_tree(&size);
	struct node *vty;

	(void)state;
	answer(1, blob, size);
	assert_int_equal(ci_cas(0x8000), 0);
	vty = tree_find("/vdevice/vty@71000005");
	assert_non_null(vty);
	assert_non_null(device_of(vty));
	assert_non_null(device_role(device_of(vty), &console_output_role));
	/*
	 * The disk is no more. A new host bridge first, then what is below it;
	 * then all is asked.
	 */
	assert_string_equal(fake_events,
			    "stop=disk attach=pci offer=pci/ethernet "
			    "scan=host scan=host found=host ");
	assert_ptr_equal(tree_find("host"), tree_find("/vdevice/host"));
}

static void new_nodes_stay_alone_after_quiesce(void **state)
{
	size_t size;
	const void *blob = new_tree(&size);

	(void)state;
	ci_quiesce();
	fake_events_clear();
	answer(1, blob, size);
	assert_int_equal(ci_cas(0x8000), 0);
	assert_non_null(tree_find("/vdevice/vty@71000005"));
	assert_null(device_of(tree_find("/vdevice/vty@71000005")));
	assert_string_equal(fake_events, "stop=disk ");
}

static void linux_handles_survive_cas(void **state)
{
	cell_t root = fake_phandle("/"),
	       cpu = CI("finddevice", fake_str("/cpus/@8"));
	cell_t vty = fake_phandle("/vdevice/vty@71000000");
	size_t size, open = fake_instance_count();
	const void *blob = new_tree(&size);
	uint32_t out;

	(void)state;
	assert_int_equal(tree_get_u32(tree_find("/chosen"), "stdout", 0, &out),
			 0);
	answer(1, blob, size);
	assert_int_equal(ci_cas(0x8000), 0);
	assert_int_equal(fake_phandle("/"), root);
	assert_int_equal(fake_phandle("/vdevice/vty@71000000"), vty);
	assert_int_equal(CI("finddevice", fake_str("/cpus/@8")), cpu);
	assert_int_equal(fake_instance_count(), open);
	assert_int_equal(CI("write", out, fake_str("x"), 1), 1);
}

static void instances_of_removed_nodes_die(void **state)
{
	cell_t disk = CI("open", fake_str("disk:0")), buf = fake_buf(16);
	cell_t node = fake_phandle("/vdevice/disk@71000002");
	size_t size;
	const void *blob = new_tree(&size);

	(void)state;
	assert_int_not_equal(disk, 0);
	answer(1, blob, size);
	assert_int_equal(ci_cas(0x8000), 0);
	assert_int_equal(CI("read", disk, buf, 16), CELL_FAIL);
	assert_int_equal(CI("instance-to-package", disk), CELL_FAIL);
	assert_int_equal(CI("getproplen", node, fake_str("name")), CELL_FAIL);
	assert_int_equal(CI("open", fake_str("disk:0")), 0);
	CI_N("close", 0, disk);
}

static void cas_works_a_second_time(void **state)
{
	size_t size;
	const void *blob = new_tree(&size);

	(void)state;
	answer(1, blob, size);
	assert_int_equal(ci_cas(0x8000), 0);
	assert_int_equal(ci_cas(0x8000), 0);
}

static void a_refusing_hypervisor_is_not_negotiated(void **state)
{
	static const int64_t refusals[] = { H_PARAMETER, H_HARDWARE,
					    H_FUNCTION };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		answer(1, NULL, 0);
		cas_status = refusals[i];
		assert_true(ci_cas(0x8000) < 0);
		assert_non_null(strstr(reason(), "CAS: the hypervisor"));
	}
	assert_non_null(tree_find("/vdevice/disk@71000002"));
}

/* QEMU ends when it cannot read them. */
static void vectors_that_are_not_memory_never_reach_qemu(void **state)
{
	static const uint32_t bad[] = { FAKE_MEMORY,	 FAKE_MEMORY - 1,
					FAKE_MEMORY - 7, FAKE_WINDOW,
					FAKE_WINDOW - 1, 0xffffffff };

	(void)state;
	answer(0, NULL, 0);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(ci_cas(bad[i]), ERR_INVAL);
	assert_int_equal(fake_hcall_count(KVMPPC_H_CAS), 0);
	assert_int_equal(ci_cas(FAKE_MEMORY - 8), 0);
}

static void damage(uint8_t *blob, size_t at, uint32_t value)
{
	uint32_t old = be32_load(blob + at);

	be32_store(blob + at, value);
	fake_events_clear();
	assert_int_equal(ci_cas(0x8000), ERR_FORMAT);
	assert_non_null(strstr(fake_printed, "CAS: the new device tree"));
	assert_non_null(tree_find("/vdevice/disk@71000002"));
	be32_store(blob + at, old);
}

/* Magic, size, offsets and sizes of the blocks, versions: as in libfdt. */
static void hostile_blobs_change_nothing(void **state)
{
	static const uint32_t wild[] = { 0, 0x7fffffff, 0x80000000,
					 0xffffffff };
	static uint8_t blob[65536];
	size_t size;

	(void)state;
	memcpy(blob, new_tree(&size), sizeof(blob));
	answer(1, blob, size);
	for (size_t i = 0; i < ARRAY_SIZE(wild); i++) {
		damage(blob, 0, wild[i]);
		damage(blob, 4, wild[i]);
		damage(blob, 8, wild[i]);
		damage(blob, 12, wild[i]);
		damage(blob, 16, wild[i]);
	}
	/* Larger than the buffer, though all else is right. */
	damage(blob, 4, (uint32_t)cas_room - 3);
	/* Nothing but a version word. */
	answer(1, NULL, 0);
	assert_int_equal(ci_cas(0x8000), ERR_FORMAT);
}

/* Every byte of a small tree, one by one. */
static void flipped_bytes_never_crash_a_merge(void **state)
{
	static uint8_t blob[4096];
	size_t size;

	(void)state;
	fake_fdt_start();
	fake_fdt_node("vdevice");
	fake_fdt_str("device_type", "vdevice");
	fake_fdt_end();
	memcpy(blob, fake_fdt_finish(&size), sizeof(blob));
	assert_true(size < sizeof(blob));
	for (size_t i = 0; i < size; i++) {
		blob[i] ^= 0xff;
		answer(1, blob, size);
		fake_events_clear();
		(void)!ci_cas(0x8000);
		blob[i] ^= 0xff;
	}
	assert_non_null(tree_root());
}

static void the_buffer_is_twice_the_first_tree(void **state)
{
	(void)state;
	answer(0, NULL, 0);
	assert_int_equal(ci_cas_init(100), 0);
	assert_int_equal(ci_cas(0x8000), 0);
	assert_int_equal(cas_room, 2 * MiB);
	assert_int_equal(ci_cas_init(3 * MiB), 0);
	assert_int_equal(ci_cas(0x8000), 0);
	assert_int_equal(cas_room, 6 * MiB);
	fake_blocks_fail_after(0);
	assert_int_equal(ci_cas_init(100), ERR_NOMEM);
}

static void a_merge_without_memory_fails(void **state)
{
	size_t size;
	const void *blob = new_tree(&size);

	(void)state;
	answer(1, blob, size);
	fake_blocks_fail_after(0);
	assert_int_equal(ci_cas(0x8000), ERR_NOMEM);
}

/* The tree that came by CAS is the measure from then on. */
static void cas_moves_the_limit(void **state)
{
	static char big[60000];
	size_t size;
	const void *blob = new_tree(&size);
	char line[64];

	(void)state;
	memset(big, 'x', sizeof(big) - 1);
	assert_int_equal(tree_set_str(tree_find("/options"), "nvramrc", big),
			 0);
	ci_fdt_update();
	assert_string_equal(fake_printed, "");
	answer(1, blob, size);
	assert_int_equal(ci_cas(0x8000), 0);
	ci_fdt_update();
	fmt_str(line, sizeof(line), "the hypervisor accepts %zu\r\n", 2 * size);
	assert_non_null(strstr(fake_printed, line));
}

#define T(name)                                                                \
	cmocka_unit_test_setup_teardown(name, fake_machine_start,              \
					fake_machine_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(linux_gets_the_merged_tree),
		T(secure_boot_stays_what_the_keys_say),
		T(versions_of_either_byte_order_count),
		T(version_zero_leaves_the_tree_alone),
		T(new_nodes_get_drivers),
		T(new_nodes_stay_alone_after_quiesce),
		T(linux_handles_survive_cas),
		T(instances_of_removed_nodes_die),
		T(cas_works_a_second_time),
		T(a_refusing_hypervisor_is_not_negotiated),
		T(vectors_that_are_not_memory_never_reach_qemu),
		T(hostile_blobs_change_nothing),
		T(flipped_bytes_never_crash_a_merge),
		T(the_buffer_is_twice_the_first_tree),
		T(a_merge_without_memory_fails),
		T(cas_moves_the_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
