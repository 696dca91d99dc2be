// SPDX-License-Identifier: BSD-2-Clause
/* Tests of drivers/pci/probe.c: the walk, hot-plug, quiesce. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fake/pci.h"
#include "tree/node.h"

/* Configuration cycles for a device with four BARs, one of them 64 bits wide:
 * the types of two memory BARs, the command, five BAR registers. */
#define CYCLES_NET 8u
/* A bridge: bus numbers, width of its window, its BAR's type, the command
 * twice, its BAR's two registers, five for the windows. */
#define CYCLES_BRIDGE 12u

static struct fake_function *nics[64];

static void add_nics_behind_bridges(struct node *phb)
{
	for (unsigned b = 0; b < 8; b++) {
		uint8_t bus = (uint8_t)(b + 1);
		struct fake_function *bridge =
			fake_bridge_add(phb, b + 1, bus, bus);

		for (unsigned i = 0; i < 8; i++)
			nics[8 * b + i] = fake_function_add(
				bridge->node, i + 1, 0x020000, fake_virtio_net);
	}
}

static void only_functions_in_the_tree_see_configuration_cycles(void **state)
{
	(void)state;
	add_nics_behind_bridges(fake_phb_add(0, 1024 * GiB));
	bus_offer_all(true);
	bus_offer_all(false);
	assert_int_equal(fake_pci_strays, 0);
	assert_int_equal(fake_hcall_count(KVMPPC_H_RTAS),
			 64 * CYCLES_NET + 8 * CYCLES_BRIDGE);
	for (unsigned i = 0; i < 64; i++)
		assert_int_equal(nics[i]->accesses, CYCLES_NET);
	assert_string_equal(fake_printed, "");
}

static void
drivers_attach_in_tree_order_after_their_phb_is_assigned(void **state)
{
	(void)state;
	add_nics_behind_bridges(fake_phb_add(0, 1024 * GiB));
	fake_function_add(fake_phb_add(1, 1024 * GiB), 0, 0x020000,
			  fake_virtio_net);
	bus_offer_all(true);
	bus_offer_all(false);
	assert_int_equal(fake_device_count, 65);
	for (unsigned i = 0; i < 64; i++) {
		assert_ptr_equal(fake_devices[i]->node, nics[i]->node);
		assert_int_equal(fake_devices[i]->class_code, 0x020000);
	}
	assert_int_equal(fake_devices[64]->phb->buid, 0x800000020000001);
	assert_true(fake_devices[64]->bar[4].addr >= 0x220000000000);
	assert_int_equal(fake_unassigned, 0);
}

static void nodes_that_are_no_phbs_are_left_alone(void **state)
{
	struct node *node;

	(void)state;
	node = tree_add_node(tree_root(), "vdevice", TREE_QEMU);
	assert_int_equal(tree_set_str(node, "device_type", "vdevice"), 0);
	node = tree_add_node(tree_root(), "pci@1", TREE_QEMU);
	assert_int_equal(tree_set_str(node, "device_type", "pci"), 0);
	bus_offer_all(true);
	bus_offer_all(false);
	assert_int_equal(fake_hcall_count(KVMPPC_H_RTAS), 0);
	assert_string_equal(fake_printed, "");
}

static void a_node_after_the_phb_is_not_taken_for_its_function(void **state)
{
	struct node *phb = fake_phb_add(0, 1024 * GiB), *node;
	const uint32_t reg[5] = { 0 };

	(void)state;
	fake_function_add(phb, 0, 0x020000, fake_virtio_net);
	node = tree_add_node(tree_root(), "memory@0", TREE_QEMU);
	assert_int_equal(tree_set_cells(node, "reg", reg, 5), 0);
	bus_offer_all(true);
	bus_offer_all(false);
	assert_int_equal(fake_device_count, 1);
	assert_null(tree_getprop(node, "assigned-addresses", NULL));
}

static void what_hangs_on_a_function_is_not_a_function(void **state)
{
	struct fake_function *fn = fake_function_add(
		fake_phb_add(0, 1024 * GiB), 0, 0x0c0330, fake_xhci);
	const uint32_t reg[5] = { 0 };
	struct node *node = tree_add_node(fn->node, "hub@1", TREE_QEMU);

	(void)state;
	assert_int_equal(tree_set_cells(node, "reg", reg, 5), 0);
	bus_offer_all(true);
	bus_offer_all(false);
	assert_int_equal(fake_device_count, 1);
	assert_null(tree_getprop(node, "assigned-addresses", NULL));
}

static void below_a_bridge_without_bus_number_nothing_is_touched(void **state)
{
	struct node *phb = fake_phb_add(0, 1024 * GiB);
	struct fake_function *bridge = fake_bridge_add(phb, 1, 0, 0);

	(void)state;
	fake_function_add(bridge->node, 1, 0x020000, fake_virtio_net);
	bus_offer_all(true);
	bus_offer_all(false);
	assert_int_equal(fake_device_count, 0);
	assert_int_equal(fake_pci_strays, 0);
	assert_int_equal(fake_log_lines(), 1);
	assert_true(fake_log_has("no bus number"));
	assert_null(tree_getprop(bridge->node, "ranges", NULL));
}

static bool overlap(const struct pci_bar *a, const struct pci_bar *b)
{
	return a->space == b->space && a->addr < b->addr + b->size &&
	       b->addr < a->addr + a->size;
}

static void a_new_function_gets_addresses_from_the_room_left(void **state)
{
	struct node *phb = fake_phb_add(0, 1024 * GiB);
	struct fake_function *bridge = fake_bridge_add(phb, 1, 1, 1), *fn;
	const struct pci_function *old, *new, *above;

	(void)state;
	fake_function_add(bridge->node, 1, 0x020000, fake_virtio_net);
	bus_offer_all(true);
	bus_offer_all(false);
	fn = fake_function_add(bridge->node, 2, 0x020000, fake_virtio_net);
	bus_offer(fn->node);
	assert_int_equal(fake_device_count, 2);
	old = fake_devices[0];
	new = fake_devices[1];
	above = new->bridge;
	for (unsigned i = 0; i < PCI_BARS; i++) {
		const struct pci_bar *bar = &new->bar[i];
		const struct pci_aperture *room = &above->aperture[bar->space];

		if (!bar->size)
			continue;
		assert_true(bar->addr >= room->base);
		assert_true(bar->addr + bar->size <= room->base + room->size);
		assert_int_equal(bar->addr % bar->size, 0);
		for (unsigned k = 0; k < PCI_BARS; k++)
			assert_false(overlap(bar, &old->bar[k]));
	}
	assert_int_equal(fake_config_get(fn, 0x14, 4), new->bar[1].addr);
	assert_non_null(tree_getprop(fn->node, "assigned-addresses", NULL));
	assert_string_equal(fake_printed, "");
}

static void a_new_function_is_among_the_children_of_its_bridge(void **state)
{
	struct node *phb = fake_phb_add(0, 1024 * GiB);
	struct fake_function *bridge = fake_bridge_add(phb, 1, 1, 1), *fn;
	const struct pci_function *child, *new;

	(void)state;
	fake_function_add(bridge->node, 1, 0x020000, fake_virtio_net);
	fake_function_add(phb, 2, 0x020000, fake_virtio_net);
	bus_offer_all(true);
	bus_offer_all(false);
	fn = fake_function_add(bridge->node, 2, 0x020000, fake_virtio_net);
	bus_offer(fn->node);
	new = fake_devices[2];
	child = pci_child_first(new->phb, new->bridge);
	while (child && child != new)
		child = pci_child_next(child);
	assert_ptr_equal(child, new);
}

static void a_function_sits_on_its_bridge_and_that_on_its_phb(void **state)
{
	struct node *phb = fake_phb_add(0, 1024 * GiB);
	struct fake_function *bridge = fake_bridge_add(phb, 1, 1, 1);
	struct fake_function *a, *b;

	(void)state;
	a = fake_function_add(bridge->node, 1, 0x020000, fake_virtio_net);
	bus_offer_all(true);
	bus_offer_all(false);
	b = fake_function_add(bridge->node, 2, 0x020000, fake_virtio_net);
	bus_offer(b->node);
	assert_non_null(device_of(phb));
	assert_ptr_equal(device_of(bridge->node)->parent, device_of(phb));
	assert_ptr_equal(device_of(a->node)->parent, device_of(bridge->node));
	assert_ptr_equal(device_of(b->node)->parent, device_of(bridge->node));
	assert_ptr_equal(pci_function_of(device_of(b->node)), fake_devices[1]);
}

static void a_known_function_is_not_attached_again(void **state)
{
	struct fake_function *fn = fake_function_add(
		fake_phb_add(0, 1024 * GiB), 0, 0x020000, fake_virtio_net);

	(void)state;
	bus_offer_all(true);
	bus_offer_all(false);
	bus_offer(fn->node);
	bus_offer(fn->node->parent);
	bus_offer(tree_root());
	assert_int_equal(fake_device_count, 1);
}

static void a_new_phb_is_walked(void **state)
{
	struct node *phb;

	(void)state;
	fake_phb_add(0, 1024 * GiB);
	bus_offer_all(true);
	bus_offer_all(false);
	phb = fake_phb_add(1, 1024 * GiB);
	fake_function_add(phb, 3, 0x020000, fake_virtio_net);
	bus_offer(phb);
	assert_int_equal(fake_device_count, 1);
	assert_true(fake_devices[0]->bar[0].addr != 0);
}

static void a_new_function_that_does_not_fit_gets_one_reason(void **state)
{
	static const struct fake_bar big[] = {
		{ 0x10, FAKE_MEM32, 0x40000000 },
		{ 0x14, FAKE_MEM32, 0x40000000 },
		{ 0 },
	};
	struct node *phb = fake_phb_add(0, 1024 * GiB);
	struct fake_function *fn;

	(void)state;
	fake_function_add(phb, 0, 0x020000, fake_virtio_net);
	bus_offer_all(true);
	bus_offer_all(false);
	fn = fake_function_add(phb, 1, 0x00ff00, big);
	bus_offer(fn->node);
	assert_int_equal(fake_log_lines(), 1);
	assert_non_null(strstr(fake_printed, "32-bit memory window is full"));
}

static void a_function_that_went_away_may_come_back(void **state)
{
	struct node *phb = fake_phb_add(0, 1024 * GiB);
	struct fake_function *fn =
		fake_function_add(phb, 0, 0x020000, fake_virtio_net);

	(void)state;
	bus_offer_all(true);
	bus_offer_all(false);
	tree_remove_node(fn->node);
	fn->accesses = 0;
	device_quiesce_all(NULL);
	assert_int_equal(fn->accesses, 0);
	fn = fake_function_add(phb, 1, 0x020000, fake_virtio_net);
	bus_offer(fn->node);
	assert_int_equal(fake_device_count, 2);
	assert_ptr_equal(fake_devices[1]->node, fn->node);
	assert_ptr_equal(pci_child_first(fake_devices[1]->phb, NULL),
			 fake_devices[1]);
	assert_null(pci_child_next(fake_devices[1]));
}

static void a_phb_goes_away_after_its_functions(void **state)
{
	size_t room = real_heap_available();
	struct node *phb = fake_phb_add(0, 1024 * GiB);

	(void)state;
	fake_function_add(fake_bridge_add(phb, 1, 1, 1)->node, 0, 0x020000,
			  fake_virtio_net);
	bus_offer_all(true);
	bus_offer_all(false);
	tree_remove_node(phb);
	device_quiesce_all(NULL);
	assert_int_equal(real_heap_available(), room);
	phb = fake_phb_add(0, 1024 * GiB);
	fake_function_add(phb, 0, 0x020000, fake_virtio_net);
	bus_offer(phb);
	assert_int_equal(fake_device_count, 2);
}

static void
quiesce_switches_bus_mastering_off_but_not_on_the_kept_path(void **state)
{
	struct node *phb = fake_phb_add(0, 1024 * GiB);
	struct fake_function *bridge = fake_bridge_add(phb, 1, 1, 1);
	struct fake_function *a, *b;
	struct node *port;

	(void)state;
	a = fake_function_add(bridge->node, 1, 0x020000, fake_virtio_net);
	b = fake_function_add(bridge->node, 2, 0x070000, fake_virtio_net);
	port = tree_add_node(b->node, "port@0", TREE_QEMU);
	bus_offer_all(true);
	bus_offer_all(false);
	pci_enable(fake_devices[0]);
	pci_enable(fake_devices[1]);
	device_quiesce_all(port);
	assert_int_equal(fake_config_get(a, PCI_COMMAND, 2), 0x140);
	assert_int_equal(fake_config_get(b, PCI_COMMAND, 2), 0x147);
	assert_int_equal(fake_config_get(bridge, PCI_COMMAND, 2), 0x147);
	device_quiesce_all(NULL);
	assert_int_equal(fake_config_get(b, PCI_COMMAND, 2), 0x140);
}

/* A display, which has none: Linux's offb uses its memory. */
static void quiesce_leaves_decoding_without_bus_mastering_alone(void **state)
{
	struct fake_function *fn = fake_function_add(
		fake_phb_add(0, 1024 * GiB), 1, 0x030000, fake_vga);

	(void)state;
	bus_offer_all(true);
	bus_offer_all(false);
	pci_enable_decoding(fake_devices[0]);
	device_quiesce_all(NULL);
	assert_int_equal(fake_config_get(fn, PCI_COMMAND, 2), 0x142);
}

#define TEST(fn)                                                               \
	cmocka_unit_test_setup_teardown(fn, fake_pci_start, fake_pci_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(only_functions_in_the_tree_see_configuration_cycles),
		TEST(drivers_attach_in_tree_order_after_their_phb_is_assigned),
		TEST(nodes_that_are_no_phbs_are_left_alone),
		TEST(a_node_after_the_phb_is_not_taken_for_its_function),
		TEST(what_hangs_on_a_function_is_not_a_function),
		TEST(below_a_bridge_without_bus_number_nothing_is_touched),
		TEST(a_new_function_gets_addresses_from_the_room_left),
		TEST(a_new_function_is_among_the_children_of_its_bridge),
		TEST(a_function_sits_on_its_bridge_and_that_on_its_phb),
		TEST(a_known_function_is_not_attached_again),
		TEST(a_new_phb_is_walked),
		TEST(a_new_function_that_does_not_fit_gets_one_reason),
		TEST(a_function_that_went_away_may_come_back),
		TEST(a_phb_goes_away_after_its_functions),
		TEST(quiesce_switches_bus_mastering_off_but_not_on_the_kept_path),
		TEST(quiesce_leaves_decoding_without_bus_mastering_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
