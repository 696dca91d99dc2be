// SPDX-License-Identifier: BSD-2-Clause
/* Tests of drivers/pci/assign.c: where BARs and bridge windows go. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fake/pci.h"
#include "tree/node.h"

/* A PHB with what its functions became, in tree order. */
static struct pci_function *found[512];
static unsigned found_count;

/* Look at everything below the PHB of the first device. */
static const struct pci_phb *probe(void)
{
	const struct pci_phb *phb;
	struct pci_function *fn;

	bus_offer_all(true);
	bus_offer_all(false);
	assert_true(fake_device_count > 0);
	phb = fake_devices[0]->phb;
	found_count = 0;
	list_for_each(fn, &phb->functions, link)
		found[found_count++] = fn;
	return phb;
}

/* A range of bus addresses that somebody has. */
struct range {
	uint64_t base, size;
	const struct pci_function *on; /* the bridge above */
	const struct pci_function *to; /* the bridge it leads to, or NULL */
};
static struct range ranges[4096];
static unsigned range_count;

static void collect(enum pci_space space)
{
	range_count = 0;
	for (unsigned i = 0; i < found_count; i++) {
		const struct pci_function *fn = found[i];

		if (fn->is_bridge && fn->aperture[space].size)
			ranges[range_count++] =
				(struct range){ fn->aperture[space].base,
						fn->aperture[space].size,
						fn->bridge, fn };
		for (unsigned k = 0; k < PCI_BARS; k++) {
			const struct pci_bar *bar = &fn->bar[k];

			if (bar->size && bar->space == space && bar->addr)
				ranges[range_count++] =
					(struct range){ bar->addr, bar->size,
							fn->bridge, NULL };
		}
	}
}

static void check_inside(const struct pci_phb *phb, enum pci_space space,
			 const struct range *r)
{
	const struct pci_aperture *room = r->on ? &r->on->aperture[space]
						: &phb->aperture[space];

	assert_true(r->base >= room->base);
	assert_true(r->base - room->base <= room->size);
	assert_true(r->size <= room->size - (r->base - room->base));
}

/* BARs are naturally aligned, windows to what bridges can forward. */
static void check_aligned(enum pci_space space, const struct range *r)
{
	uint64_t unit = space == PCI_IO ? 4 * KiB : MiB;
	uint64_t least = space == PCI_IO ? 16 : 64 * KiB;

	if (r->to) {
		assert_int_equal(r->base % unit, 0);
		assert_int_equal(r->size % unit, 0);
	} else {
		assert_int_equal(r->base % MAX(r->size, least), 0);
	}
}

static void check_space(const struct pci_phb *phb, enum pci_space space)
{
	collect(space);
	for (unsigned i = 0; i < range_count; i++) {
		const struct range *a = &ranges[i];

		check_inside(phb, space, a);
		check_aligned(space, a);
		for (unsigned k = 0; k < i; k++) {
			const struct range *b = &ranges[k];

			if (a->on == b->on)
				assert_true(a->base + a->size <= b->base ||
					    b->base + b->size <= a->base);
		}
	}
}

/* Nothing overlaps, all is inside what leads to it. */
static void check(const struct pci_phb *phb)
{
	for (enum pci_space space = 0; space < PCI_SPACES; space++)
		check_space(phb, space);
}

static unsigned unassigned(void)
{
	unsigned count = 0;

	for (unsigned i = 0; i < found_count; i++) {
		for (unsigned k = 0; k < PCI_BARS; k++)
			count += found[i]->bar[k].size &&
				 !found[i]->bar[k].addr;
	}
	return count;
}

static void every_bar_gets_its_own_aligned_range(void **state)
{
	struct node *phb = fake_phb_add(0, 1024 * GiB);

	(void)state;
	for (unsigned i = 0; i < 28; i++)
		fake_function_add(phb, i, 0x020000, fake_virtio_net);
	fake_function_add(phb, 28, 0x030000, fake_vga);
	fake_function_add(phb, 29, 0x0c0330, fake_xhci);
	check(probe());
	assert_int_equal(unassigned(), 0);
	assert_string_equal(fake_printed, "");
}

static void bars_go_to_the_space_that_suits_them(void **state)
{
	static const struct fake_bar bars[] = {
		{ 0x10, FAKE_MEM32_PREF, 0x1000 },
		{ 0x14, FAKE_MEM64, 0x1000 },
		{ 0x1c, FAKE_MEM64_PREF, 0x1000 },
		{ 0x24, FAKE_IO, 0x10 },
		{ 0 },
	};
	const struct pci_bar *bar;

	(void)state;
	fake_function_add(fake_phb_add(0, 1024 * GiB), 0, 0x00ff00, bars);
	probe();
	bar = found[0]->bar;
	assert_int_equal(bar[0].addr >> 32, 0);
	assert_int_equal(bar[1].addr >> 32, 0);
	assert_true(bar[3].addr >= 0x210000000000);
	/* Linux reserves the first 4 KiB of I/O space. */
	assert_int_equal(bar[5].addr, 0x1000);
}

static void without_a_64_bit_window_all_memory_is_below_4_gib(void **state)
{
	struct node *phb = fake_phb_add(0, 0);
	struct fake_function *bridge = fake_bridge_add(phb, 1, 1, 1);

	(void)state;
	/* As on pseries-2.1. */
	fake_window(phb, 2, 0x80000000, 0x100a0000000, 0x20000000);
	fake_function_add(phb, 2, 0x020000, fake_virtio_net);
	fake_function_add(bridge->node, 1, 0x020000, fake_virtio_net);
	check(probe());
	assert_int_equal(unassigned(), 0);
	for (unsigned i = 0; i < found_count; i++)
		assert_true(found[i]->bar[4].addr >> 32 == 0);
	assert_int_equal(found[0]->aperture[PCI_MEM64].size, 0);
}

static void
behind_a_bridge_with_32_bit_prefetch_all_memory_is_below_4_gib(void **state)
{
	struct node *phb = fake_phb_add(0, 1024 * GiB);
	struct fake_function *outer = fake_bridge_add(phb, 1, 1, 2);
	struct fake_function *inner = fake_bridge_add(outer->node, 1, 2, 2);

	(void)state;
	fake_config_put(outer, PCI_PREF_BASE_LIMIT, 4, 0);
	fake_function_add(inner->node, 1, 0x020000, fake_virtio_net);
	check(probe());
	assert_int_equal(found[2]->bar[4].space, PCI_MEM32);
	assert_int_equal(found[1]->aperture[PCI_MEM64].size, 0);
}

static void twelve_nested_bridges_with_devices_fit(void **state)
{
	struct node *at = fake_phb_add(0, 1024 * GiB);

	(void)state;
	fake_function_add(at, 2, 0x020000, fake_virtio_net);
	for (uint8_t depth = 1; depth <= 12; depth++) {
		at = fake_bridge_add(at, 1, depth, 12)->node;
		fake_function_add(at, 2, 0x020000, fake_virtio_net);
		fake_function_add(at, 3, 0x030000, fake_vga);
	}
	check(probe());
	assert_int_equal(found_count, 12 * 3 + 1);
	assert_int_equal(unassigned(), 0);
	assert_string_equal(fake_printed, "");
}

static void bridges_keep_room_for_hot_plug_at_the_end(void **state)
{
	struct node *phb = fake_phb_add(0, 1024 * GiB);
	struct fake_function *bridge = fake_bridge_add(phb, 1, 1, 1);
	const struct pci_aperture *room;

	(void)state;
	fake_function_add(bridge->node, 1, 0x020000, fake_virtio_net);
	check(probe());
	room = found[0]->aperture;
	assert_true(room[PCI_IO].base + room[PCI_IO].size - room[PCI_IO].next >=
		    0x800);
	assert_true(room[PCI_MEM32].base + room[PCI_MEM32].size -
			    room[PCI_MEM32].next >=
		    MiB);
	assert_true(room[PCI_MEM64].base + room[PCI_MEM64].size -
			    room[PCI_MEM64].next >=
		    2 * GiB);
	assert_int_equal(found[1]->bar[1].addr & 0xf0000000, 0x80000000);
}

static void an_empty_bridge_has_windows_for_hot_plug(void **state)
{
	struct node *phb = fake_phb_add(0, 1024 * GiB);

	(void)state;
	fake_bridge_add(phb, 1, 1, 1);
	fake_function_add(phb, 2, 0x020000, fake_virtio_net);
	check(probe());
	for (enum pci_space space = 0; space < PCI_SPACES; space++)
		assert_true(found[0]->aperture[space].size > 0);
}

static void when_io_is_tight_existing_devices_come_before_hot_plug(void **state)
{
	struct node *phb = fake_phb_add(0, 1024 * GiB);

	(void)state;
	/* 60 KiB hold 15 windows; with a reserve there would be 20. */
	for (uint8_t i = 1; i <= 20; i++) {
		struct fake_function *b = fake_bridge_add(phb, i, i, i);

		if (i <= 12)
			fake_function_add(b->node, 1, 0x020000,
					  fake_virtio_net);
	}
	fake_function_add(phb, 21, 0x020000, fake_virtio_net);
	check(probe());
	assert_int_equal(unassigned(), 0);
	assert_string_equal(fake_printed, "");
}

static void a_full_window_gives_one_reason_and_no_overlap(void **state)
{
	struct node *phb = fake_phb_add(0, 1024 * GiB);

	(void)state;
	for (uint8_t i = 1; i <= 20; i++) {
		struct fake_function *b = fake_bridge_add(phb, i, i, i);

		fake_function_add(b->node, 1, 0x020000, fake_virtio_net);
	}
	check(probe());
	/* 15 windows of 4 KiB, 20 BARs. */
	assert_int_equal(unassigned(), 5);
	assert_int_equal(fake_log_lines(), 1);
	assert_true(fake_log_has("/pci@800000020000000: the I/O window "
				 "is full: 5 BARs without an address"));
}

static void memory_that_does_not_fit_leaves_the_rest_assigned(void **state)
{
	static const struct fake_bar big[] = { { 0x10, FAKE_MEM32, 2 * GiB },
					       { 0 } };
	struct node *phb = fake_phb_add(0, 1024 * GiB);
	struct fake_function *bridge = fake_bridge_add(phb, 1, 1, 1);

	(void)state;
	fake_function_add(bridge->node, 1, 0x00ff00, big);
	fake_function_add(bridge->node, 2, 0x020000, fake_virtio_net);
	fake_function_add(phb, 2, 0x020000, fake_virtio_net);
	check(probe());
	assert_int_equal(found[3]->bar[1].addr >> 28, 8);
	assert_int_equal(found[1]->bar[0].addr, 0);
	assert_int_equal(fake_log_lines(), 1);
	assert_true(fake_log_has("32-bit memory"));
}

static void sizes_that_overflow_the_address_space_are_not_assigned(void **state)
{
	static const struct fake_bar huge[] = {
		{ 0x10, FAKE_MEM64_PREF, 1ULL << 63 },
		{ 0x18, FAKE_MEM64_PREF, 1ULL << 63 },
		{ 0x20, FAKE_MEM64_PREF, 1ULL << 62 },
		{ 0 },
	};
	struct node *at = fake_phb_add(0, 1024 * GiB);

	(void)state;
	for (uint8_t depth = 1; depth <= 3; depth++) {
		at = fake_bridge_add(at, 1, depth, 3)->node;
		fake_function_add(at, 2, 0x00ff00, huge);
	}
	check(probe());
	assert_int_equal(unassigned(), 9);
	assert_int_equal(fake_log_lines(), 1);
}

static void a_phb_without_windows_assigns_nothing(void **state)
{
	struct node *phb = fake_phb_add(0, 0);
	struct fake_function *bridge = fake_bridge_add(phb, 1, 1, 1);

	(void)state;
	tree_delprop(phb, "ranges");
	fake_function_add(bridge->node, 1, 0x020000, fake_virtio_net);
	check(probe());
	assert_int_equal(unassigned(), 5);
	assert_int_equal(fake_log_lines(), 2);
}

static void a_window_that_begins_at_zero_gives_no_zero_address(void **state)
{
	struct node *phb = fake_phb_add(0, 1024 * GiB);

	(void)state;
	fake_window(phb, 2, 0, 0x200000000000, 0x10000000);
	fake_function_add(phb, 1, 0x030000, fake_vga);
	check(probe());
	assert_int_equal(unassigned(), 0);
}

static void large_bars_are_packed_before_small_ones(void **state)
{
	static const struct fake_bar big[] = { { 0x10, FAKE_MEM32, GiB },
					       { 0 } };
	static const struct fake_bar half[] = { { 0x10, FAKE_MEM32, GiB / 2 },
						{ 0 } };
	struct node *phb = fake_phb_add(0, 1024 * GiB);

	(void)state;
	/* In the order of the tree they would not fit in 2 GiB. */
	fake_function_add(phb, 1, 0x00ff00, half);
	fake_function_add(phb, 2, 0x00ff00, big);
	fake_function_add(phb, 3, 0x00ff00, half);
	check(probe());
	assert_int_equal(unassigned(), 0);
}

static void the_largest_bar_of_a_bus_comes_first(void **state)
{
	struct node *phb = fake_phb_add(0, 1024 * GiB);

	(void)state;
	fake_function_add(phb, 1, 0x020000, fake_virtio_net);
	fake_function_add(phb, 2, 0x030000, fake_vga);
	check(probe());
	assert_int_equal(found[1]->bar[0].addr, 0x80000000);
	assert_int_equal(found[0]->bar[PCI_BAR_ROM].addr, 0x81000000);
}

static void a_bridge_is_aligned_for_the_largest_bar_below_it(void **state)
{
	struct node *phb = fake_phb_add(0, 1024 * GiB);
	struct fake_function *a = fake_bridge_add(phb, 1, 1, 1);
	struct fake_function *b = fake_bridge_add(phb, 2, 2, 2);

	(void)state;
	fake_function_add(a->node, 1, 0x020000, fake_virtio_net);
	fake_function_add(b->node, 1, 0x020000, fake_virtio_net);
	fake_function_add(b->node, 2, 0x030000, fake_vga);
	check(probe());
	assert_int_equal(unassigned(), 0);
	assert_int_equal(found[2]->aperture[PCI_MEM32].align, 16 * MiB);
	assert_string_equal(fake_printed, "");
}

static void aligning_past_the_end_of_all_addresses_does_not_wrap(void **state)
{
	static const struct fake_bar bars[] = {
		{ 0x10, FAKE_MEM64_PREF, MiB },
		{ 0x18, FAKE_MEM64_PREF, MiB },
		{ 0 },
	};
	struct node *phb = fake_phb_add(0, 0);

	(void)state;
	fake_window(phb, 3, UINT64_MAX - 0xffff, 0x1000, 0xffff);
	fake_function_add(phb, 1, 0x00ff00, bars);
	check(probe());
	assert_int_equal(unassigned(), 2);
}

#define TEST(fn)                                                               \
	cmocka_unit_test_setup_teardown(fn, fake_pci_start, fake_pci_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_bar_gets_its_own_aligned_range),
		TEST(bars_go_to_the_space_that_suits_them),
		TEST(without_a_64_bit_window_all_memory_is_below_4_gib),
		TEST(behind_a_bridge_with_32_bit_prefetch_all_memory_is_below_4_gib),
		TEST(twelve_nested_bridges_with_devices_fit),
		TEST(bridges_keep_room_for_hot_plug_at_the_end),
		TEST(an_empty_bridge_has_windows_for_hot_plug),
		TEST(when_io_is_tight_existing_devices_come_before_hot_plug),
		TEST(a_full_window_gives_one_reason_and_no_overlap),
		TEST(memory_that_does_not_fit_leaves_the_rest_assigned),
		TEST(sizes_that_overflow_the_address_space_are_not_assigned),
		TEST(a_phb_without_windows_assigns_nothing),
		TEST(a_window_that_begins_at_zero_gives_no_zero_address),
		TEST(large_bars_are_packed_before_small_ones),
		TEST(the_largest_bar_of_a_bus_comes_first),
		TEST(a_bridge_is_aligned_for_the_largest_bar_below_it),
		TEST(aligning_past_the_end_of_all_addresses_does_not_wrap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
