// SPDX-License-Identifier: BSD-2-Clause
/* Tests of drivers/pci/config.c: registers, decoding, capabilities, BARs. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fake/pci.h"
#include "tree/node.h"

static struct fake_function *fake;
static struct pci_function *fn;

static void one_function(const struct fake_bar *bars)
{
	fake = fake_function_add(fake_phb_add(0, 1024 * GiB), 3, 0x020000,
				 bars);
	bus_offer_all(true);
	bus_offer_all(false);
	fn = fake_devices[0];
}

static void registers_above_255_use_the_top_nibble_of_the_address(void **state)
{
	(void)state;
	one_function(fake_none);
	fake_config_put(fake, 0xabc, 4, 0x12345678);
	assert_int_equal(pci_config_read(fn, 0xabc, 4), 0x12345678);
	assert_int_equal(fake_pci_last, 0xa00018bc);
	pci_config_write(fn, 0xabe, 2, 0x4321);
	assert_int_equal(fake_config_get(fake, 0xabc, 4), 0x43215678);
}

static void an_absent_function_reads_as_all_ones(void **state)
{
	(void)state;
	one_function(fake_none);
	fn->devfn = 0;
	assert_int_equal(pci_config_read(fn, 0, 1), 0xff);
	assert_int_equal(pci_config_read(fn, 0, 2), 0xffff);
	assert_int_equal(pci_config_read(fn, 0, 4), 0xffffffff);
	pci_config_write(fn, 0, 4, 0);
	assert_int_equal(pci_find_capability(fn, 9, 0), 0);
}

static void enabling_turns_on_what_the_function_has(void **state)
{
	(void)state;
	one_function(fake_virtio_net);
	assert_int_equal(fake_config_get(fake, PCI_COMMAND, 2), 0x140);
	pci_enable(fn);
	assert_int_equal(fake_config_get(fake, PCI_COMMAND, 2), 0x147);
	pci_disable(fn);
	assert_int_equal(fake_config_get(fake, PCI_COMMAND, 2), 0x140);
}

static void a_function_without_dma_only_decodes(void **state)
{
	(void)state;
	one_function(fake_virtio_net);
	pci_enable(fn);
	pci_enable_decoding(fn);
	assert_int_equal(fake_config_get(fake, PCI_COMMAND, 2), 0x143);
	fn->bar[4].addr = 0;
	pci_enable_decoding(fn);
	assert_int_equal(fake_config_get(fake, PCI_COMMAND, 2), 0x141);
}

static void a_space_with_an_unassigned_bar_stays_off(void **state)
{
	(void)state;
	one_function(fake_virtio_net);
	fn->bar[0].addr = 0;
	pci_enable(fn);
	assert_int_equal(fake_config_get(fake, PCI_COMMAND, 2), 0x146);
	fn->bar[4].addr = 0;
	pci_enable(fn);
	assert_int_equal(fake_config_get(fake, PCI_COMMAND, 2), 0x144);
}

static void add_capability(unsigned at, unsigned id, unsigned next)
{
	fake_config_put(fake, PCI_STATUS, 2, 0x10);
	fake_config_put(fake, at, 2, next << 8 | id);
}

static void capabilities_are_found_in_their_order(void **state)
{
	(void)state;
	one_function(fake_none);
	fake_config_put(fake, 0x34, 1, 0x98);
	add_capability(0x98, 9, 0x40);
	add_capability(0x40, 5, 0x70);
	add_capability(0x70, 9, 0);
	assert_int_equal(pci_find_capability(fn, 9, 0), 0x98);
	assert_int_equal(pci_find_capability(fn, 9, 0x98), 0x70);
	assert_int_equal(pci_find_capability(fn, 9, 0x70), 0);
	assert_int_equal(pci_find_capability(fn, 5, 0), 0x40);
	assert_int_equal(pci_find_capability(fn, 1, 0), 0);
}

static void without_the_status_bit_there_are_no_capabilities(void **state)
{
	(void)state;
	one_function(fake_none);
	fake_config_put(fake, 0x34, 1, 0x40);
	add_capability(0x40, 9, 0);
	fake_config_put(fake, PCI_STATUS, 2, 0);
	assert_int_equal(pci_find_capability(fn, 9, 0), 0);
}

static void a_looping_capability_list_ends(void **state)
{
	unsigned at = 0, count = 0;

	(void)state;
	one_function(fake_none);
	fake_config_put(fake, 0x34, 1, 0x40);
	add_capability(0x40, 9, 0x50);
	add_capability(0x50, 9, 0x40);
	while ((at = pci_find_capability(fn, 9, at)) && count < 100)
		count++;
	assert_int_equal(count, 2);
}

static void a_capability_inside_the_header_ends_the_list(void **state)
{
	(void)state;
	one_function(fake_none);
	fake_config_put(fake, 0x34, 1, 0x3c);
	add_capability(0x3c, 9, 0);
	assert_int_equal(pci_find_capability(fn, 9, 0), 0);
}

static void bars_appear_in_the_windows_of_their_phb(void **state)
{
	uint64_t size = 0;

	(void)state;
	one_function(fake_virtio_net);
	assert_int_equal(pci_bar_address(fn, 0, &size),
			 0x200000000000 + fn->bar[0].addr);
	assert_int_equal(size, 0x20);
	assert_int_equal(pci_bar_address(fn, 1, &size),
			 0x200000000000 + fn->bar[1].addr);
	assert_int_equal(size, 0x1000);
	assert_int_equal(pci_bar_address(fn, 4, &size), fn->bar[4].addr);
	assert_int_equal(size, 0x4000);
}

static void bars_that_are_not_there_have_no_address(void **state)
{
	uint64_t size = 0;

	(void)state;
	one_function(fake_virtio_net);
	assert_int_equal(pci_bar_address(fn, 2, &size), 0);
	assert_int_equal(pci_bar_address(fn, 5, &size), 0);
	assert_int_equal(pci_bar_address(fn, PCI_BAR_ROM, &size), 0);
	assert_int_equal(pci_bar_address(fn, UINT32_MAX, &size), 0);
	fn->bar[0].addr = 0;
	assert_int_equal(pci_bar_address(fn, 0, &size), 0);
}

static uint64_t stored_addr, stored_size, stored_value;

static int64_t ci_load(struct hcall *h)
{
	if (h->reg[1] == 0x1000)
		return H_PARAMETER;
	h->reg[0] = 0x11223344u >> (32 - 8 * h->reg[0]);
	return H_SUCCESS;
}

static int64_t ci_store(struct hcall *h)
{
	stored_size = h->reg[0];
	stored_addr = h->reg[1];
	stored_value = h->reg[2];
	return H_SUCCESS;
}

static void device_registers_are_little_endian(void **state)
{
	(void)state;
	fake_hcall_set(H_LOGICAL_CI_LOAD, ci_load);
	fake_hcall_set(H_LOGICAL_CI_STORE, ci_store);
	assert_int_equal(pci_io_read(0x2000, 1), 0x11);
	assert_int_equal(pci_io_read(0x2000, 2), 0x2211);
	assert_int_equal(pci_io_read(0x2000, 4), 0x44332211);
	pci_io_write(0x200000000123, 4, 0x55667788);
	assert_int_equal(stored_addr, 0x200000000123);
	assert_int_equal(stored_size, 4);
	assert_int_equal(stored_value, 0x88776655);
	pci_io_write(0x2000, 2, 0x5566);
	assert_int_equal(stored_value, 0x6655);
	pci_io_write(0x2000, 1, 0x55);
	assert_int_equal(stored_value, 0x55);
}

static void a_failing_device_reads_as_all_ones(void **state)
{
	(void)state;
	fake_hcall_set(H_LOGICAL_CI_LOAD, ci_load);
	assert_int_equal(pci_io_read(0x1000, 1), 0xff);
	assert_int_equal(pci_io_read(0x1000, 2), 0xffff);
	assert_int_equal(pci_io_read(0x1000, 4), 0xffffffff);
	pci_io_write(0x1000, 4, 0);
}

#define TEST(fn)                                                               \
	cmocka_unit_test_setup_teardown(fn, fake_pci_start, fake_pci_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(registers_above_255_use_the_top_nibble_of_the_address),
		TEST(an_absent_function_reads_as_all_ones),
		TEST(enabling_turns_on_what_the_function_has),
		TEST(a_function_without_dma_only_decodes),
		TEST(a_space_with_an_unassigned_bar_stays_off),
		TEST(capabilities_are_found_in_their_order),
		TEST(without_the_status_bit_there_are_no_capabilities),
		TEST(a_looping_capability_list_ends),
		TEST(a_capability_inside_the_header_ends_the_list),
		TEST(bars_appear_in_the_windows_of_their_phb),
		TEST(bars_that_are_not_there_have_no_address),
		TEST(device_registers_are_little_endian),
		TEST(a_failing_device_reads_as_all_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
