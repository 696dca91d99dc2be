// SPDX-License-Identifier: BSD-2-Clause
/* Tests of drivers/pci/function.c: what QEMU's nodes tell about functions. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fake/pci.h"
#include "tree/node.h"

static struct pci_phb *make_phb(void)
{
	struct pci_phb *phb = pci_phb_new(fake_phb_add(0, 1024 * GiB));

	assert_non_null(phb);
	return phb;
}

static void ids_and_place_come_from_the_node(void **state)
{
	struct pci_phb *phb = make_phb();
	struct pci_function *fn;
	struct fake_function *fake =
		fake_function_add(phb->node, 0x1f, 0x010203, fake_none);

	(void)state;
	fn = pci_function_new(phb, NULL, fake->node);
	assert_non_null(fn);
	assert_int_equal(fn->vendor, 0x1af4);
	assert_int_equal(fn->device, 0x1000);
	assert_int_equal(fn->class_code, 0x010203);
	assert_int_equal(fn->bus, 0);
	assert_int_equal(fn->devfn, 0xf8);
	assert_false(fn->is_bridge);
	assert_int_equal(fake->accesses, 0);
}

static void sizes_come_from_reg_and_prefetchability_from_the_bar(void **state)
{
	struct pci_phb *phb = make_phb();
	struct fake_function *fake =
		fake_function_add(phb->node, 1, 0x020000, fake_virtio_net);
	struct pci_function *fn = pci_function_new(phb, NULL, fake->node);
	const struct pci_bar *bar;

	(void)state;
	assert_non_null(fn);
	bar = fn->bar;
	assert_int_equal(bar[0].size, 0x20);
	assert_int_equal(bar[0].space, PCI_IO);
	assert_int_equal(bar[1].size, 0x1000);
	assert_int_equal(bar[1].reg, 0x14);
	assert_int_equal(bar[1].space, PCI_MEM32);
	assert_false(bar[1].prefetchable || bar[1].is_64);
	assert_int_equal(bar[2].size, 0);
	assert_int_equal(bar[3].size, 0);
	assert_int_equal(bar[4].size, 0x4000);
	assert_int_equal(bar[4].space, PCI_MEM64);
	assert_true(bar[4].prefetchable && bar[4].is_64);
	assert_int_equal(bar[PCI_BAR_ROM].size, 0x40000);
	assert_int_equal(bar[PCI_BAR_ROM].reg, 0x30);
	/* The two memory BARs; I/O and ROM are never prefetchable. */
	assert_int_equal(fake->accesses, 2);
}

static void a_function_that_does_not_respond_is_not_prefetchable(void **state)
{
	struct pci_phb *phb = make_phb();
	struct fake_function *fake =
		fake_function_add(phb->node, 1, 0x020000, fake_virtio_net);
	struct pci_function *fn;

	(void)state;
	fake->bus = 99;
	fn = pci_function_new(phb, NULL, fake->node);
	assert_non_null(fn);
	assert_false(fn->bar[4].prefetchable);
	assert_int_equal(fn->bar[4].space, PCI_MEM32);
}

static void impossible_bars_are_left_out_with_a_reason(void **state)
{
	static const struct fake_bar bad[] = {
		{ 0x10, FAKE_MEM32, 0x3000 },  /* no power of two */
		{ 0x14, FAKE_IO, 2 },	       /* too small */
		{ 0x18, FAKE_MEM32, 4 * GiB }, /* no 32-bit BAR */
		{ 0x24, FAKE_MEM64, 0x1000 },  /* no upper half */
		{ 0x38, FAKE_MEM32, 0x1000 },  /* no BAR here */
		{ 0x12, FAKE_MEM32, 0x1000 },  /* between two */
		{ 0x30, FAKE_IO, 0x1000 },     /* a ROM is memory */
		{ 0 },
	};
	struct pci_phb *phb = make_phb();
	struct fake_function *fake =
		fake_function_add(phb->node, 1, 0x020000, bad);
	struct pci_function *fn = pci_function_new(phb, NULL, fake->node);

	(void)state;
	assert_non_null(fn);
	for (unsigned i = 0; i < PCI_BARS; i++)
		assert_int_equal(fn->bar[i].size, 0);
	assert_int_equal(fake->accesses, 0);
	assert_int_equal(fake_log_lines(), 7);
	assert_true(fake_log_has("/device@1: invalid BAR in reg"));
}

static void a_bridge_has_two_bars_and_its_rom_at_0x38(void **state)
{
	static const struct fake_bar bars[] = {
		{ 0x10, FAKE_MEM64, 0x100 },
		{ 0x18, FAKE_MEM32, 0x1000 },
		{ 0x38, FAKE_ROM, 0x1000 },
		{ 0 },
	};
	struct pci_phb *phb = make_phb();
	struct fake_function *fake =
		fake_function_add(phb->node, 1, 0x060400, bars);
	struct pci_function *fn;

	(void)state;
	fake_config_put(fake, PCI_BUS_NUMBERS, 4, 0x00030100);
	fn = pci_function_new(phb, NULL, fake->node);
	assert_non_null(fn);
	assert_int_equal(fn->bar[0].size, 0x100);
	assert_int_equal(fn->bar[2].size, 0);
	assert_int_equal(fn->bar[PCI_BAR_ROM].reg, 0x38);
}

static void bus_numbers_are_read_from_the_bridge(void **state)
{
	struct pci_phb *phb = make_phb();
	struct fake_function *fake = fake_bridge_add(phb->node, 1, 3, 7);
	struct pci_function *fn = pci_function_new(phb, NULL, fake->node);

	(void)state;
	assert_non_null(fn);
	assert_true(fn->is_bridge && fn->reaches_mem64);
	assert_int_equal(fn->secondary, 3);
	assert_int_equal(fn->subordinate, 7);
}

static void contradicting_bus_numbers_make_a_bridge_lead_nowhere(void **state)
{
	static const uint8_t bad[][2] = { { 0, 0 }, { 3, 2 }, { 0, 5 } };
	struct pci_phb *phb = make_phb();

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
		struct fake_function *fake =
			fake_bridge_add(phb->node, i, bad[i][0], bad[i][1]);
		struct pci_function *fn =
			pci_function_new(phb, NULL, fake->node);

		assert_non_null(fn);
		assert_int_equal(fn->secondary, 0);
		assert_false(fn->reaches_mem64);
	}
	assert_int_equal(fake_log_lines(), ARRAY_SIZE(bad));
}

static void a_bridge_may_not_number_more_than_the_one_above(void **state)
{
	struct pci_phb *phb = make_phb();
	struct fake_function *outer = fake_bridge_add(phb->node, 1, 1, 2);
	struct fake_function *inner = fake_bridge_add(outer->node, 1, 2, 3);
	struct pci_function *a = pci_function_new(phb, NULL, outer->node), *b;

	(void)state;
	assert_non_null(a);
	b = pci_function_new(phb, a, inner->node);
	assert_non_null(b);
	assert_int_equal(b->secondary, 0);
}

static void a_node_on_another_bus_than_its_bridge_is_refused(void **state)
{
	struct pci_phb *phb = make_phb();
	struct fake_function *bridge = fake_bridge_add(phb->node, 1, 1, 1);
	struct fake_function *fake =
		fake_function_add(bridge->node, 2, 0x020000, fake_none);

	(void)state;
	assert_null(pci_function_new(phb, NULL, fake->node));
	assert_int_equal(fake_log_lines(), 1);
}

static void nodes_without_configuration_space_are_no_functions(void **state)
{
	struct pci_phb *phb = make_phb();
	struct node *node = tree_add_node(phb->node, "x@1", TREE_QEMU);
	const uint32_t io[5] = { 0x01000810 };

	(void)state;
	assert_null(pci_function_new(phb, NULL, node));
	assert_int_equal(tree_set_cells(node, "reg", io, 4), 0);
	assert_null(pci_function_new(phb, NULL, node));
	assert_int_equal(tree_set_cells(node, "reg", io, 5), 0);
	assert_null(pci_function_new(phb, NULL, node));
	assert_string_equal(fake_printed, "");
}

static void a_function_without_ids_still_gets_its_bars(void **state)
{
	struct pci_phb *phb = make_phb();
	struct fake_function *fake =
		fake_function_add(phb->node, 1, 0x020000, fake_virtio_net);
	struct pci_function *fn;

	(void)state;
	tree_delprop(fake->node, "vendor-id");
	fn = pci_function_new(phb, NULL, fake->node);
	assert_non_null(fn);
	assert_int_equal(fn->vendor, 0);
	assert_int_equal(fn->bar[0].size, 0x20);
	assert_int_equal(fake_log_lines(), 1);
}

static void the_rest_of_a_cut_reg_is_ignored(void **state)
{
	struct pci_phb *phb = make_phb();
	struct fake_function *fake =
		fake_function_add(phb->node, 1, 0x020000, fake_virtio_net);
	const void *reg = tree_getprop(fake->node, "reg", NULL);
	uint8_t copy[59];
	struct pci_function *fn;

	(void)state;
	memcpy(copy, reg, sizeof(copy));
	assert_int_equal(tree_setprop(fake->node, "reg", copy, sizeof(copy),
				      TREE_QEMU),
			 0);
	fn = pci_function_new(phb, NULL, fake->node);
	assert_non_null(fn);
	assert_int_equal(fn->bar[0].size, 0x20);
	assert_int_equal(fn->bar[1].size, 0);
}

#define TEST(fn)                                                               \
	cmocka_unit_test_setup_teardown(fn, fake_pci_start, fake_pci_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(ids_and_place_come_from_the_node),
		TEST(sizes_come_from_reg_and_prefetchability_from_the_bar),
		TEST(a_function_that_does_not_respond_is_not_prefetchable),
		TEST(impossible_bars_are_left_out_with_a_reason),
		TEST(a_bridge_has_two_bars_and_its_rom_at_0x38),
		TEST(bus_numbers_are_read_from_the_bridge),
		TEST(contradicting_bus_numbers_make_a_bridge_lead_nowhere),
		TEST(a_bridge_may_not_number_more_than_the_one_above),
		TEST(a_node_on_another_bus_than_its_bridge_is_refused),
		TEST(nodes_without_configuration_space_are_no_functions),
		TEST(a_function_without_ids_still_gets_its_bars),
		TEST(the_rest_of_a_cut_reg_is_ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
