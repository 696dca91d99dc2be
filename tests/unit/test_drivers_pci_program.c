// SPDX-License-Identifier: BSD-2-Clause
/* Tests of drivers/pci/program.c: addresses in registers and properties. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fake/pci.h"
#include "tree/node.h"

/* A property of a node must be exactly these cells. */
static void check_cells(const struct node *node, const char *name,
			const uint32_t *cells, size_t count)
{
	uint32_t len, value = 0;

	assert_non_null(tree_getprop(node, name, &len));
	assert_int_equal(len, 4 * count);
	for (uint32_t i = 0; i < count; i++) {
		assert_int_equal(tree_get_u32(node, name, i, &value), 0);
		assert_int_equal(value, cells[i]);
	}
}
#define CHECK_CELLS(node, name, ...)                                           \
	check_cells(node, name, (const uint32_t[]){ __VA_ARGS__ },             \
		    sizeof((const uint32_t[]){ __VA_ARGS__ }) / 4)

static void registers_hold_what_was_assigned(void **state)
{
	struct fake_function *fake = fake_function_add(
		fake_phb_add(0, 1024 * GiB), 1, 0x020000, fake_virtio_net);

	(void)state;
	fake_config_put(fake, PCI_COMMAND, 2, 7);
	bus_offer_all(true);
	bus_offer_all(false);
	assert_int_equal(fake_config_get(fake, 0x10, 4), 0x1001);
	assert_int_equal(fake_config_get(fake, 0x14, 4), 0x80040000);
	assert_int_equal(fake_config_get(fake, 0x20, 4), 0x0000000c);
	assert_int_equal(fake_config_get(fake, 0x24, 4), 0x00002100);
	/* The ROM is not enabled. */
	assert_int_equal(fake_config_get(fake, 0x30, 4), 0x80000000);
	/* Nothing decodes before a driver asks for it. */
	assert_int_equal(fake_config_get(fake, PCI_COMMAND, 2), 0x140);
}

static void assigned_addresses_has_the_rom_first(void **state)
{
	struct fake_function *fake = fake_function_add(
		fake_phb_add(0, 1024 * GiB), 1, 0x020000, fake_virtio_net);

	(void)state;
	bus_offer_all(true);
	bus_offer_all(false);
	CHECK_CELLS(fake->node, "assigned-addresses", 0x82000830, 0, 0x80000000,
		    0, 0x40000, 0x81000810, 0, 0x1000, 0, 0x20, 0x82000814, 0,
		    0x80040000, 0, 0x1000, 0xc3000820, 0x2100, 0, 0, 0x4000);
}

static void codes_tell_the_space_where_the_address_is(void **state)
{
	static const struct fake_bar bars[] = {
		{ 0x10, FAKE_MEM32_PREF, 0x40000 },
		{ 0x14, FAKE_MEM64, 0x20000 },
		{ 0 },
	};
	struct fake_function *fake = fake_function_add(
		fake_phb_add(0, 1024 * GiB), 2, 0x00ff00, bars);

	(void)state;
	bus_offer_all(true);
	bus_offer_all(false);
	CHECK_CELLS(fake->node, "assigned-addresses", 0xc2001010, 0, 0x80000000,
		    0, 0x40000, 0x82001014, 0, 0x80040000, 0, 0x20000);
}

static void
a_prefetchable_64_bit_bar_below_4_gib_is_told_as_32_bit(void **state)
{
	static const struct fake_bar bars[] = {
		{ 0x10, FAKE_MEM64_PREF, 0x40000 }, { 0 }
	};
	struct fake_function *fake =
		fake_function_add(fake_phb_add(0, 0), 2, 0x00ff00, bars);

	(void)state;
	bus_offer_all(true);
	bus_offer_all(false);
	CHECK_CELLS(fake->node, "assigned-addresses", 0xc2001010, 0, 0x80000000,
		    0, 0x40000);
	assert_int_equal(fake_config_get(fake, 0x14, 4), 0);
}

static void a_function_without_bars_has_an_empty_property(void **state)
{
	struct fake_function *fake = fake_function_add(
		fake_phb_add(0, 1024 * GiB), 1, 0x020000, fake_none);
	uint32_t len = 1;

	(void)state;
	bus_offer_all(true);
	bus_offer_all(false);
	assert_non_null(tree_getprop(fake->node, "assigned-addresses", &len));
	assert_int_equal(len, 0);
}

static void bridges_forward_their_windows(void **state)
{
	struct fake_function *bridge =
		fake_bridge_add(fake_phb_add(0, 1024 * GiB), 2, 1, 1);

	(void)state;
	fake_function_add(bridge->node, 1, 0x020000, fake_virtio_net);
	bus_offer_all(true);
	bus_offer_all(false);
	/* 64 KiB + 256 KiB, 1 MiB reserve, whole MiB. */
	assert_int_equal(fake_config_get(bridge, PCI_MEM_BASE_LIMIT, 4),
			 0x80108000);
	assert_int_equal(fake_config_get(bridge, PCI_IO_BASE_LIMIT, 2), 0x1010);
	/* 16 KiB, 2 GiB reserve. */
	assert_int_equal(fake_config_get(bridge, PCI_PREF_BASE_LIMIT, 4),
			 0x80000000);
	assert_int_equal(fake_config_get(bridge, PCI_PREF_BASE_UPPER, 4),
			 0x2100);
	assert_int_equal(fake_config_get(bridge, PCI_PREF_LIMIT_UPPER, 4),
			 0x2100);
	assert_int_equal(fake_config_get(bridge, PCI_COMMAND, 2), 0x147);
	CHECK_CELLS(bridge->node, "ranges", 0x02000000, 0, 0x80000000,
		    0x02000000, 0, 0x80000000, 0, 0x200000, 0x43000000, 0x2100,
		    0, 0x43000000, 0x2100, 0, 0, 0x80100000, 0x01000000, 0,
		    0x1000, 0x01000000, 0, 0x1000, 0, 0x1000);
}

static void a_window_that_is_not_used_is_closed(void **state)
{
	struct node *phb = fake_phb_add(0, 0);
	struct fake_function *bridge = fake_bridge_add(phb, 2, 1, 1);

	(void)state;
	fake_window(phb, 1, 0, 0x200000000000, 0);
	bus_offer_all(true);
	bus_offer_all(false);
	assert_int_equal(fake_config_get(bridge, PCI_IO_BASE_LIMIT, 2), 0x00f0);
	assert_int_equal(fake_config_get(bridge, PCI_PREF_BASE_LIMIT, 4) &
				 0xfff0fff0,
			 0x0000fff0);
	CHECK_CELLS(bridge->node, "ranges", 0x02000000, 0, 0x80000000,
		    0x02000000, 0, 0x80000000, 0, 0x100000);
}

static void a_bridge_is_described_for_clients(void **state)
{
	struct node *phb = fake_phb_add(0, 1024 * GiB);
	struct fake_function *outer = fake_bridge_add(phb, 2, 1, 2);
	struct fake_function *inner = fake_bridge_add(outer->node, 3, 2, 2);

	(void)state;
	bus_offer_all(true);
	bus_offer_all(false);
	assert_string_equal(tree_get_str(inner->node, "device_type"), "pci");
	CHECK_CELLS(inner->node, "bus-range", 2, 2);
	CHECK_CELLS(outer->node, "bus-range", 1, 2);
	CHECK_CELLS(inner->node, "primary-bus", 1);
	CHECK_CELLS(inner->node, "secondary-bus", 2);
	CHECK_CELLS(inner->node, "subordinate-bus", 2);
	CHECK_CELLS(inner->node, "#address-cells", 3);
	CHECK_CELLS(inner->node, "#size-cells", 2);
	CHECK_CELLS(inner->node, "#interrupt-cells", 1);
}

/* What a client makes of an interrupt-map: the parent's pin, and its unit. */
static uint32_t map_pin(const struct node *node, uint32_t slot, uint32_t pin,
			uint32_t *parent, uint32_t *unit)
{
	uint32_t mask = 0, pins = 0, cell[9] = { 0 };

	assert_int_equal(tree_get_u32(node, "interrupt-map-mask", 0, &mask), 0);
	assert_int_equal(tree_get_u32(node, "interrupt-map-mask", 3, &pins), 0);
	for (uint32_t at = 0;; at += 9) {
		for (uint32_t i = 0; i < 9; i++)
			assert_int_equal(tree_get_u32(node, "interrupt-map",
						      at + i, &cell[i]),
					 0);
		if ((cell[0] & mask) == (slot << 11 & mask) &&
		    (cell[3] & pins) == (pin & pins))
			break;
	}
	*parent = cell[4];
	*unit = cell[5];
	return cell[8];
}

static void interrupt_pins_rotate_with_the_slot_at_each_bridge(void **state)
{
	struct node *phb = fake_phb_add(0, 1024 * GiB);
	struct fake_function *outer = fake_bridge_add(phb, 2, 1, 2);
	struct fake_function *inner = fake_bridge_add(outer->node, 3, 2, 2);
	uint32_t parent, unit;

	(void)state;
	bus_offer_all(true);
	bus_offer_all(false);
	for (uint32_t slot = 0; slot < 32; slot++) {
		for (uint32_t pin = 1; pin <= 4; pin++) {
			assert_int_equal(map_pin(inner->node, slot, pin,
						 &parent, &unit),
					 ((slot + pin - 1) & 3) + 1);
			assert_int_equal(parent, outer->node->phandle);
			assert_int_equal(unit, 0x11800);
		}
	}
	map_pin(outer->node, 0, 1, &parent, &unit);
	assert_int_equal(parent, phb->phandle);
	assert_int_equal(unit, 0x1000);
}

#define TEST(fn)                                                               \
	cmocka_unit_test_setup_teardown(fn, fake_pci_start, fake_pci_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(registers_hold_what_was_assigned),
		TEST(assigned_addresses_has_the_rom_first),
		TEST(codes_tell_the_space_where_the_address_is),
		TEST(a_prefetchable_64_bit_bar_below_4_gib_is_told_as_32_bit),
		TEST(a_function_without_bars_has_an_empty_property),
		TEST(bridges_forward_their_windows),
		TEST(a_window_that_is_not_used_is_closed),
		TEST(a_bridge_is_described_for_clients),
		TEST(interrupt_pins_rotate_with_the_slot_at_each_bridge),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
