// SPDX-License-Identifier: BSD-2-Clause
/* Tests of drivers/pci/phb.c: host bridges and their windows. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"
#include "tests/fake/pci.h"
#include "tree/node.h"

static void windows_come_from_ranges(void **state)
{
	const struct pci_phb *phb = pci_phb_new(fake_phb_add(2, 1024 * GiB));

	(void)state;
	assert_non_null(phb);
	assert_int_equal(phb->buid, 0x800000020000002);
	assert_int_equal(phb->window[PCI_IO].bus, 0);
	assert_int_equal(phb->window[PCI_IO].cpu, 0x200000020000);
	assert_int_equal(phb->window[PCI_IO].size, 0x10000);
	assert_int_equal(phb->window[PCI_MEM32].bus, 0x80000000);
	assert_int_equal(phb->window[PCI_MEM32].cpu, 0x200180000000);
	assert_int_equal(phb->window[PCI_MEM32].size, 0x80000000);
	assert_int_equal(phb->window[PCI_MEM64].bus, 0x230000000000);
	assert_int_equal(phb->window[PCI_MEM64].size, 0x10000000000);
}

static void windows_end_where_bridges_and_addresses_end(void **state)
{
	struct node *node = fake_phb_add(0, 1024 * GiB);
	const struct pci_phb *phb;

	(void)state;
	fake_window(node, 1, 0x8000, 0, 4 * GiB);
	fake_window(node, 2, 0xc0000000, 0, UINT64_MAX);
	fake_window(node, 3, UINT64_MAX - 0xfff, UINT64_MAX - 1, UINT64_MAX);
	phb = pci_phb_new(node);
	assert_non_null(phb);
	assert_int_equal(phb->window[PCI_IO].size, 0x8000);
	assert_int_equal(phb->window[PCI_MEM32].size, 0x40000000);
	assert_int_equal(phb->window[PCI_MEM64].size, 1);
}

static void windows_that_no_bridge_reaches_are_ignored(void **state)
{
	struct node *node = fake_phb_add(0, 0);
	const struct pci_phb *phb;

	(void)state;
	fake_window(node, 1, 0x10000, 0, 0x1000);
	fake_window(node, 2, 4 * GiB, 0, 0x1000);
	phb = pci_phb_new(node);
	assert_non_null(phb);
	for (enum pci_space space = 0; space < PCI_SPACES; space++)
		assert_int_equal(phb->window[space].size, 0);
}

static void a_configuration_range_and_a_cut_one_are_ignored(void **state)
{
	static const uint32_t cells[13] = { 0, 0, 0, 0, 0, 1, 1, 0x01000000 };
	struct node *node = fake_phb_add(0, 0);
	const struct pci_phb *phb;

	(void)state;
	assert_int_equal(tree_set_cells(node, "ranges", cells, 13), 0);
	phb = pci_phb_new(node);
	assert_non_null(phb);
	assert_int_equal(phb->window[PCI_IO].size, 0);
}

static void only_nodes_of_logical_phbs_count(void **state)
{
	struct node *node = fake_phb_add(0, 0);

	(void)state;
	assert_int_equal(tree_set_str(node, "compatible", "other"), 0);
	bus_offer(node);
	assert_null(device_of(node));
	assert_int_equal(tree_set_str(node, "compatible", "IBM,Logical_PHB"),
			 0);
	/* And only directly below the root. */
	bus_offer(tree_add_node(node, "pci@1", TREE_QEMU));
	assert_null(device_of(node->child));
	assert_string_equal(fake_printed, "");
	bus_offer(node);
	assert_non_null(device_of(node));
}

static void a_phb_without_unit_id_is_reported(void **state)
{
	struct node *node = fake_phb_add(0, 0);

	(void)state;
	tree_delprop(node, "reg");
	assert_null(pci_phb_new(node));
	assert_string_equal(reason(), "a PHB has no unit id");
	bus_offer(node);
	assert_null(device_of(node));
	assert_int_equal(fake_log_lines(), 1);
	assert_non_null(strstr(fake_printed, "a PHB has no unit id"));
}

static void functions_share_the_dma_window_of_their_phb(void **state)
{
	struct pci_phb *phb = pci_phb_new(fake_phb_add(1, 0));
	const struct pci_function a = { .phb = phb }, b = { .phb = phb };
	struct dma first, second;

	(void)state;
	assert_non_null(phb);
	assert_int_equal(phb->dma_liobn, 0x80000100);
	assert_int_equal(phb->dma_size, GiB);
	assert_int_equal(pci_dma_init(&a, &first), 0);
	assert_int_equal(pci_dma_init(&b, &second), 0);
	assert_false(first.bypass);
	assert_ptr_equal(first.window, second.window);
}

static void without_a_dma_window_there_is_a_reason(void **state)
{
	struct node *node = fake_phb_add(0, 0);
	struct pci_function fn = { 0 };
	struct dma dma;

	(void)state;
	tree_delprop(node, "ibm,dma-window");
	fn.phb = pci_phb_new(node);
	assert_non_null(fn.phb);
	assert_int_equal(pci_dma_init(&fn, &dma), ERR_NODEV);
}

static unsigned count_children(const struct pci_phb *phb,
			       const struct pci_function *bridge)
{
	const struct pci_function *fn = pci_child_first(phb, bridge);
	unsigned count = 0;

	for (; fn; fn = pci_child_next(fn)) {
		assert_ptr_equal(fn->bridge, bridge);
		count++;
	}
	return count;
}

static void children_are_those_directly_on_the_bus(void **state)
{
	struct node *phb = fake_phb_add(0, 0);
	struct fake_function *a = fake_bridge_add(phb, 1, 1, 2), *b;
	struct pci_function *fn;

	(void)state;
	fake_function_add(a->node, 1, 0x020000, fake_none);
	b = fake_bridge_add(a->node, 2, 2, 2);
	fake_function_add(b->node, 1, 0x020000, fake_none);
	fake_function_add(b->node, 2, 0x020000, fake_none);
	fake_function_add(a->node, 3, 0x020000, fake_none);
	fake_bridge_add(phb, 2, 3, 3);
	fake_function_add(phb, 3, 0x020000, fake_none);
	bus_offer_all(true);
	bus_offer_all(false);
	fn = fake_devices[1];
	assert_int_equal(count_children(fn->phb, NULL), 3);
	assert_int_equal(count_children(fn->phb, fn->bridge), 2);
	assert_int_equal(count_children(fn->phb, fn->bridge->bridge), 3);
	fn = pci_child_first(fn->phb, NULL);
	fn = pci_child_next(fn);
	assert_true(fn->is_bridge);
	assert_int_equal(count_children(fn->phb, fn), 0);
}

#define TEST(fn)                                                               \
	cmocka_unit_test_setup_teardown(fn, fake_pci_start, fake_pci_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(windows_come_from_ranges),
		TEST(windows_end_where_bridges_and_addresses_end),
		TEST(windows_that_no_bridge_reaches_are_ignored),
		TEST(a_configuration_range_and_a_cut_one_are_ignored),
		TEST(only_nodes_of_logical_phbs_count),
		TEST(a_phb_without_unit_id_is_reported),
		TEST(functions_share_the_dma_window_of_their_phb),
		TEST(without_a_dma_window_there_is_a_reason),
		TEST(children_are_those_directly_on_the_bus),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
