// SPDX-License-Identifier: BSD-2-Clause
// ibm,client-architecture-support: the client reports options, the tree
// changes to match the platform, and all handles stay valid (LoPAR
// B.6.2.3).

#include "tests/guest/conformance/cas_vectors.h"

static void is_accepted(void)
{
	cas_negotiate(true);
}

static void is_accepted_again(void)
{
	cas_negotiate(true);
	cas_negotiate(true);
	cas_negotiate(false);
	cas_negotiate(true);
}

static void check_choice(bool newer)
{
	unsigned char answer[64] = { 0 };
	uint32_t n;

	if (!cas_negotiate(newer))
		return;
	n = get_property(find("/chosen"), "ibm,architecture-vec-5", answer,
			 sizeof(answer));
	expect_not(n, MISSING, "getprop of ibm,architecture-vec-5");
	expect_is(answer[OV5_INTERRUPTS] & OV5_CHOICE,
		  cas_vectors[CAS_VECTOR5_AT + OV5_INTERRUPTS], "byte 23");
	expect_is(answer[OV5_MMU] & OV5_CHOICE,
		  cas_vectors[CAS_VECTOR5_AT + OV5_MMU], "byte 24");
}

static void answer_is_in_chosen(void)
{
	check_choice(true);
	check_choice(false);
}

// Identifies a node by handle and path.
static struct {
	uint32_t node;
	char path[120];
} nodes[600];

static uint32_t count_nodes(void)
{
	uint32_t n = 0;

	for (struct walk w = WALK; walk_step(&w);) {
		if (n == sizeof(nodes) / sizeof(nodes[0]))
			return n;
		memset(nodes[n].path, 0, sizeof(nodes[n].path));
		path_of(w.node, nodes[n].path, sizeof(nodes[n].path) - 1);
		nodes[n++].node = w.node;
	}
	return n;
}

static void phandles_stay(void)
{
	char path[120];
	uint32_t n = count_nodes(), i;

	expect(n > 5, "the tree has fewer than six nodes");
	if (!cas_negotiate(true))
		return;
	for (i = 0; i < n; i++) {
		// The platform replaces it when the choice changes.
		if (has_text(nodes[i].path, "/interrupt-controller"))
			continue;
		memset(path, 0, sizeof(path));
		path_of(nodes[i].node, path, sizeof(path) - 1);
		if (!expect_text(path, nodes[i].path, "the path of a phandle"))
			return;
		expect_is(find(nodes[i].path), nodes[i].node, nodes[i].path);
	}
}

static void stdout_stays(void)
{
	static const char name[] = "stdout";
	uint32_t before = guest_number("/chosen", name, 0);
	uint32_t package = ci1("instance-to-package", 1, before, 0, 0, 0);

	if (!cas_negotiate(true))
		return;
	expect_is(ci1("instance-to-package", 1,
		      guest_number("/chosen", name, 0), 0, 0, 0),
		  package, "the package of /chosen stdout");
	expect_is(ci1("instance-to-package", 1, before, 0, 0, 0), package,
		  "the package of the ihandle of before");
	expect_is(write_bytes(before, "# cas\r\n", 7), 7, "write");
}

static void disk_stays_open(void)
{
	const char *path = data_disk();
	static unsigned char data[SECTOR];
	uint32_t disk;

	if (!path)
		return;
	disk = open_path(path);
	if (!expect_not(disk, 0, "open of the disk"))
		return;
	seek_to(disk, DISK_WORDS + 0x4000);
	cas_negotiate(true);
	expect_is(read_bytes(disk, data, SECTOR), SECTOR, "read");
	expect(is_disk_data(data, DISK_WORDS + 0x4000, SECTOR),
	       "the data is not what the disk has there");
	close_instance(disk);
}

// Properties that the client creates, on nodes that the platform resends and
// on the firmware's.
static void own_properties_stay(void)
{
	static const char *const paths[] = { "/", "/chosen", "/rtas", "/cpus",
					     "/options" };
	static const char name[] = "conformance,cas";
	unsigned int i;
	char value[16];

	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		set_property(find(paths[i]), name, paths[i],
			     strlen(paths[i]) + 1);
	cas_negotiate(true);
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		text_property(paths[i], name, value, sizeof(value));
		expect_text(value, paths[i], "a property set before");
	}
}

// The platform's new tree has no bootargs: the old ones stay.
static void bootargs_stay(void)
{
	char before[128], after[128];
	uint32_t chosen = find("/chosen");

	text_property("/chosen", "bootargs", before, sizeof(before));
	set_property(chosen, "bootargs", "root=/dev/cas", 14);
	cas_negotiate(true);
	text_property("/chosen", "bootargs", after, sizeof(after));
	expect_text(after, "root=/dev/cas", "/chosen bootargs");
	set_property(chosen, "bootargs", before, strlen(before) + 1);
}

#define NAMES 64u

static void properties_stay(const char *path)
{
	static char names[NAMES][NAME_ROOM];
	static uint32_t lengths[NAMES];
	uint32_t node = find(path), n = 0, i;

	if (node == MISSING)
		return;
	for (struct properties p = PROPERTIES(node); property_step(&p);) {
		if (n == NAMES)
			break;
		memcpy(names[n], p.name, NAME_ROOM);
		lengths[n] = property_length(node, p.name);
		n++;
	}
	if (!cas_negotiate(true))
		return;
	for (i = 0; i < n; i++)
		if (!same_text(names[i], "ibm,architecture-vec-5"))
			expect_is(property_length(node, names[i]), lengths[i],
				  names[i]);
}

static void firmwares_properties_stay(void)
{
	properties_stay("/chosen");
	properties_stay("/aliases");
	properties_stay("/options");
	properties_stay("/openprom");
}

static void check_phandle(uint32_t node, const char *name)
{
	unsigned char value[4];

	if (get_property(node, name, value, 4) == 4)
		expect_of(node, guest_be32(value) == node,
			  "a phandle property is not the node's phandle");
}

static void check_interrupt_parent(uint32_t node)
{
	unsigned char value[4];
	uint32_t parent;

	if (get_property(node, "interrupt-parent", value, 4) != 4)
		return;
	parent = guest_be32(value);
	if (expect_of(node, is_node(parent), "interrupt-parent is no node"))
		expect_of(node,
			  property_length(parent, "#interrupt-cells") == 4,
			  "interrupt-parent is no interrupt controller");
}

// The platform's interrupt controller, not a bus's.
static uint32_t controller(uint32_t *count)
{
	uint32_t node, found = 0;
	char name[32];

	*count = 0;
	for (node = child_of(find("/")); node; node = peer_of(node)) {
		memset(name, 0, sizeof(name));
		get_property(node, "name", name, sizeof(name) - 1);
		if (!same_text(name, "interrupt-controller"))
			continue;
		found = node;
		++*count;
	}
	return found;
}

static void check_tree(void)
{
	uint32_t controllers;

	for (struct walk w = WALK; walk_step(&w);) {
		expect_of(w.node, w.count == 1 || is_node(parent_of(w.node)),
			  "a node without a parent");
		check_phandle(w.node, "phandle");
		check_phandle(w.node, "linux,phandle");
		check_interrupt_parent(w.node);
	}
	controller(&controllers);
	expect_is(controllers, 1, "interrupt controllers below /");
}

static void tree_is_consistent(void)
{
	if (cas_negotiate(true))
		check_tree();
	if (cas_negotiate(false))
		check_tree();
}

// Of a POWER9's two, only XIVE has this property.
static void check_controller(bool newer)
{
	uint32_t count, node;

	cas_negotiate(newer);
	node = controller(&count);
	expect_is(property_length(node, "ibm,xive-eq-sizes") != MISSING,
		  cas_vectors[CAS_VECTOR5_AT + OV5_INTERRUPTS] == OV5_NEWER,
		  "the interrupt controller is XIVE");
}

static void controller_is_the_chosen_one(void)
{
	check_controller(true);
	check_controller(false);
	check_controller(true);
}

static void node_count_stays(void)
{
	uint32_t first, second;

	cas_negotiate(true);
	first = count_nodes();
	cas_negotiate(true);
	second = count_nodes();
	expect_is(second, first, "nodes after the second time");
}

static void aliases_resolve(void)
{
	char path[PATH_SIZE];
	uint32_t aliases = find("/aliases");

	if (aliases == MISSING) {
		skip("there is no /aliases");
		return;
	}
	cas_negotiate(true);
	for (struct properties p = PROPERTIES(aliases); property_step(&p);) {
		if (same_text(p.name, "name") || same_text(p.name, "phandle"))
			continue;
		text_property("/aliases", p.name, path, sizeof(path));
		if (!expect_not(find(path), MISSING, p.name))
			note(path);
	}
}

static void memory_stays(void)
{
	static unsigned char before[1024], after[1024];
	uint32_t memory = find("/memory"), base = claim(0, 0x10000, 0x1000), n;

	if (!expect_not(base, MISSING, "claim"))
		return;
	memset((void *)(uintptr_t)base, 0x3c, 0x10000);
	n = get_property(memory, "available", before, sizeof(before));
	cas_negotiate(true);
	expect_is(get_property(memory, "available", after, sizeof(after)), n,
		  "the length of available");
	expect_bytes(after, before, sizeof(before), "available");
	expect_is(claim(base, 0x1000, 0), MISSING, "claim of what was claimed");
	for (n = 0;
	     n < 0x10000 && ((unsigned char *)(uintptr_t)base)[n] == 0x3c; n++)
		;
	expect_is(n, 0x10000, "claimed memory keeps its bytes up to");
	release(base, 0x10000);
}

// Fails; the tree stays intact.
static void expect_failure(uint32_t address)
{
	uint32_t root = open_path("/"), package = find("/");

	if (!needs_pseries())
		return;
	expect(!cas_call(root, address), "the method says that it succeeded");
	expect_is(ci1("instance-to-package", 1, root, 0, 0, 0), package,
		  "the instance's package");
	close_instance(root);
	expect_alive();
	cas_negotiate(true);
}

static void unknown_processor_fails(void)
{
	unsigned int i;

	cas_make_vectors(true);
	for (i = 0; i < CAS_VERSIONS; i++)
		cas_vectors[8 * i + 4] = 0x7e; // no such version
	expect_failure(cell(cas_vectors));
}

static void missing_vectors_fail(void)
{
	cas_make_vectors(true);
	cas_vectors[CAS_COUNT_AT] = 0; // only the first one
	expect_failure(cell(cas_vectors));
}

static void wild_vectors_fail(void)
{
	expect_failure(0xfffffff0);
	expect_failure(0xf0000000);
}

static void firmwares_memory_fails(void)
{
	expect_failure((uint32_t)guest_entry.gpr[5]);
}

static void other_instance_fails(void)
{
	cas_make_vectors(true);
	expect(!cas_call(guest_number("/chosen", "stdout", 0),
			 cell(cas_vectors)),
	       "the console's instance has the method");
	expect(!cas_call(find("/"), cell(cas_vectors)),
	       "a phandle is taken for an instance");
	expect(!cas_call(0, cell(cas_vectors)), "instance 0 is taken");
	expect_alive();
}

static void missing_argument_fails(void)
{
	uint32_t root, cells[4] = { cell("ibm,client-architecture-support") };

	cas_negotiate(true); // an earlier good call
	root = cells[1] = open_path("/");
	cells[2] = cells[3] = UNTOUCHED;
	if (!ci("call-method", 2, 2, cells))
		expect(cells[2] || cells[3], "it succeeded without vectors");
	close_instance(root);
	expect_alive();
}

#define SUPPORT "LoPAR B.6.2.3"

static const struct test_case cases[] = {
	RUNS("Linux: ibm,client-architecture-support succeeds", SUPPORT,
	     REQUIRED, is_accepted),
	RUNS("CAS: it may be called again, with another choice", SUPPORT,
	     EXPECTED, is_accepted_again),
	RUNS("CAS: the choice stands in ibm,architecture-vec-5", SUPPORT,
	     REQUIRED, answer_is_in_chosen),
	RUNS("Linux: phandles and paths stay valid across CAS",
	     "Linux prom_init.c", EXPECTED, phandles_stay),
	RUNS("Linux: stdout stays valid across CAS", "Linux prom_init.c",
	     EXPECTED, stdout_stays),
	RUNS("CAS: a disk stays open, at its position",
	     "GRUB kern/ieee1275/init.c", EXPECTED, disk_stays_open),
	RUNS("CAS: the client's properties stay", "Linux prom_init.c", EXPECTED,
	     own_properties_stay),
	RUNS("Linux: bootargs stay across CAS", "Linux prom_init.c", EXPECTED,
	     bootargs_stay),
	RUNS("CAS: properties of the firmware's nodes stay",
	     "Linux prom_init.c", EXPECTED, firmwares_properties_stay),
	RUNS("CAS: parents, phandles and interrupt parents are right", SUPPORT,
	     REQUIRED, tree_is_consistent),
	RUNS("CAS: the interrupt controller is the chosen one", SUPPORT,
	     REQUIRED, controller_is_the_chosen_one),
	RUNS("CAS: the second time adds no node", SUPPORT, EXPECTED,
	     node_count_stays),
	RUNS("CAS: every alias still names a node", "IEEE 1275 3.5", REQUIRED,
	     aliases_resolve),
	RUNS("CAS: claims and available stay", "Linux prom_init.c", EXPECTED,
	     memory_stays),
	RUNS("CAS: vectors of an unknown processor fail", SUPPORT, EXPECTED,
	     unknown_processor_fails),
	RUNS("CAS: vectors without the fifth one fail", SUPPORT, EXPECTED,
	     missing_vectors_fail),
	RUNS("CAS: it fails without its argument", SUPPORT, EXPECTED,
	     missing_argument_fails),
	RUNS("CAS: only the root's instance has it", SUPPORT, EXPECTED,
	     other_instance_fails),
	RUNS("CAS: vectors outside memory fail", SUPPORT, EXPECTED,
	     wild_vectors_fail),
	RUNS("CAS: vectors in the firmware's memory fail", SUPPORT, EXPECTED,
	     firmwares_memory_fails),
};

GROUP("90", "client-architecture-support", "cas");
