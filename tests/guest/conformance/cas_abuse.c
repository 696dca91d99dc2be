// SPDX-License-Identifier: BSD-2-Clause
// Nodes that the client's choice removes while it holds their handles;
// invalid vectors (LoPAR B.6.2.3).

#include "tests/guest/conformance/cas_vectors.h"
#include "tests/guest/conformance/ranges.h"

#define SUPPORT "LoPAR B.6.2.3"

// Vector 5, byte 2 (LoPAR B.6.2.3): the client supports
// /ibm,dynamic-reconfiguration-memory. QEMU creates the node if memory can be
// added (hw/ppc/spapr.c).
#define OV5_MEMORY 2u
#define OV5_DYNAMIC_MEMORY 0x20
#define PASSING "/ibm,dynamic-reconfiguration-memory"

static bool negotiate_memory(bool dynamic)
{
	uint32_t root;
	bool good;

	if (!needs_pseries())
		return false;
	root = open_path("/");
	cas_make_vectors(true);
	if (dynamic)
		cas_vectors[CAS_VECTOR5_AT + OV5_MEMORY] = OV5_DYNAMIC_MEMORY;
	good = expect(cas_call(root, cell(cas_vectors)),
		      "the call or the method failed");
	close_instance(root);
	return good;
}

// The phandle of a removed node; 0, after skip(), if the machine removes
// none.
static uint32_t stale_phandle(void)
{
	uint32_t node;

	if (!negotiate_memory(true))
		return 0;
	node = find(PASSING);
	if (!negotiate_memory(false))
		return 0;
	if (node == MISSING) {
		skip("no memory can be added");
		return 0;
	}
	if (!expect_is(find(PASSING), MISSING, "the node, which has to go"))
		return 0;
	if (!is_node(node))
		return node;
	skip("another node has got the handle");
	return 0;
}

static void is_gone(void)
{
	uint32_t node = stale_phandle();
	char path[120];

	if (!node)
		return;
	for (struct walk w = WALK; walk_step(&w);) {
		memset(path, 0, sizeof(path));
		path_of(w.node, path, sizeof(path) - 1);
		expect_of(w.node, !has_text(path, PASSING),
			  "the node is still met");
	}
}

static void has_no_relatives(void)
{
	uint32_t node = stale_phandle(), got;

	if (!node)
		return;
	got = peer_of(node);
	expect(!got || got == MISSING, "it has a peer");
	got = child_of(node);
	expect(!got || got == MISSING, "it has a child");
	got = parent_of(node);
	expect(!got || got == MISSING, "it has a parent");
	memset(cases_buffer, CASES_FILL, 64);
	expect_is(ci1("package-to-path", 3, node, cell(cases_buffer), 64, 0),
		  MISSING, "its path");
	expect(buffer_kept(0), "package-to-path wrote to the buffer");
	expect_alive();
}

static void has_no_properties(void)
{
	uint32_t node = stale_phandle();

	if (!node)
		return;
	expect_is(property_length(node, "name"), MISSING, "getproplen");
	expect_is(get_property(node, "name", cases_buffer, 64), MISSING,
		  "getprop");
	expect_not(ci1("nextprop", 3, node, cell(""), cell(cases_buffer), 0), 1,
		   "nextprop");
	expect(buffer_kept(0), "the buffer was written to");
	expect_is(set_property(node, "name", "stale", 6), MISSING, "setprop");
	expect_is(set_property(node, "test,stale", "stale", 6), MISSING,
		  "setprop of a new property");
	expect_alive();
}

static void is_no_package(void)
{
	uint32_t node = stale_phandle(), ihandle = node;

	if (!node)
		return;
	expect_not(ci1("test-method", 2, node, cell("open"), 0, 0), 0,
		   "test-method");
	expect_is(open_path(PASSING), 0, "open");
	expect_is(ci1("instance-to-package", 1, node, 0, 0, 0), MISSING,
		  "instance-to-package");
	close_instance(ihandle);
	expect_alive();
}

// The node comes back without anything that was set before.
static void comes_back(void)
{
	uint32_t node = stale_phandle(), again;
	char path[120] = "";

	if (!node)
		return;
	if (!negotiate_memory(true))
		return;
	again = find(PASSING);
	if (expect_not(again, MISSING, "the node, which is asked for again")) {
		path_of(again, path, sizeof(path) - 1);
		expect_text(path, PASSING, "its path");
		expect_is(parent_of(again), find("/"), "its parent");
	}
	if (again != node)
		expect_is(property_length(node, "name"), MISSING,
			  "getproplen by the first handle");
	negotiate_memory(false);
	expect_alive();
}

// /chosen keeps its earlier contents.
static void instances_stay(void)
{
	static const char *const names[] = { "memory", "mmu", "cpu", "stdin" };
	uint32_t handles[4], packages[4], i, root = open_path("/");

	for (i = 0; i < 4; i++) {
		handles[i] = guest_number("/chosen", names[i], 0);
		packages[i] =
			ci1("instance-to-package", 1, handles[i], 0, 0, 0);
	}
	if (!cas_negotiate(true))
		return;
	for (i = 0; i < 4; i++) {
		expect_is(guest_number("/chosen", names[i], 0), handles[i],
			  names[i]);
		expect_is(ci1("instance-to-package", 1, handles[i], 0, 0, 0),
			  packages[i], "its package");
	}
	expect_is(ci1("instance-to-package", 1, root, 0, 0, 0), find("/"),
		  "the package of an instance of the root");
	close_instance(root);
}

static void expect_failure(uint32_t root, uint32_t address)
{
	expect(!cas_call(root, address), "the method says that it succeeded");
	expect_alive();
}

// Mask/value pairs that match no processor, past the buffer's end.
static void endless_vectors_fail(void)
{
	uint32_t root = open_path("/");

	if (needs_pseries()) {
		memset(cases_buffer, 0x7e, CASES_BUFFER);
		expect_failure(root, cell(cases_buffer));
	}
	close_instance(root);
}

static void vectors_at_null_fail(void)
{
	unsigned char saved[VECTORS_SIZE];
	unsigned char *volatile low = NULL;
	uint32_t root = open_path("/"), i;

	if (needs_pseries()) {
		cas_make_vectors(true);
		for (i = 0; i < CAS_VERSIONS; i++)
			cas_vectors[8 * i + 4] = 0x7e; // no such version
		memcpy(saved, low, sizeof(saved));
		memcpy(low, cas_vectors, sizeof(saved));
		expect_failure(root, 0);
		memcpy(low, saved, sizeof(saved));
	}
	close_instance(root);
}

// They start in memory's last bytes and run past its end.
static void cut_vectors_do_no_harm(void)
{
	static const uint32_t left[] = { 1, 8, 48, 64 };
	uint32_t root = open_path("/"), last, i;
	uint64_t end = memory_size();

	if (!end || end > 0xf0000000) {
		skip("memory goes to 4 GiB");
	} else if (needs_pseries()) {
		last = (uint32_t)end;
		cas_make_vectors(true);
		for (i = 0; i < 4; i++) {
			if (claim(last - 4096, 4096, 0) == MISSING)
				break;
			memcpy((void *)(uintptr_t)(last - left[i]), cas_vectors,
			       left[i]);
			// A hypervisor may read missing bytes as 0.
			cas_call(root, last - left[i]);
			expect_alive();
			release(last - 4096, 4096);
		}
		cas_negotiate(true);
	}
	close_instance(root);
}

static void closed_root_fails(void)
{
	uint32_t root = open_path("/");

	close_instance(root);
	if (!needs_pseries())
		return;
	cas_make_vectors(true);
	expect_failure(root, cell(cas_vectors));
	expect_failure(MISSING, cell(cas_vectors));
}

static const struct test_case cases[] = {
	RUNS("CAS: a node that the client's choice takes away is gone", SUPPORT,
	     EXPECTED, is_gone),
	RUNS("CAS: a stale phandle has no relatives and no path", SUPPORT,
	     EXPECTED, has_no_relatives),
	RUNS("CAS: a stale phandle has no properties and takes none", SUPPORT,
	     EXPECTED, has_no_properties),
	RUNS("CAS: a stale phandle is no package and no instance", SUPPORT,
	     EXPECTED, is_no_package),
	RUNS("CAS: a node that went comes back when it is asked for", SUPPORT,
	     EXPECTED, comes_back),
	RUNS("CAS: memory, mmu, cpu and stdin of /chosen stay valid",
	     "Linux prom_init.c", EXPECTED, instances_stay),
	RUNS("CAS: vectors without an end fail", SUPPORT, EXPECTED,
	     endless_vectors_fail),
	RUNS("CAS: vectors that memory's end cuts do no harm", SUPPORT,
	     EXPECTED, cut_vectors_do_no_harm),
	RUNS("CAS: vectors of no processor at address 0 fail", SUPPORT,
	     EXPECTED, vectors_at_null_fail),
	RUNS("CAS: it fails on a closed instance", SUPPORT, EXPECTED,
	     closed_root_fails),
};

GROUP("89", "handles and vectors of client-architecture-support", "cas");
