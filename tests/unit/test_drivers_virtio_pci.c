// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/virtio/pci.c: which registers a function has.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "drivers/virtio/pci.h"
#include "lib/endian.h"
#include "lib/reason.h"
#include <cmocka.h>

#include "tests/fake/virtio.h"

static struct virtio_device vd;

static int modern(void **state)
{
	(void)state;
	fake_virtio_reset(true);
	return 0;
}

/* A modern function whose list of capabilities is still to be made. */
static int bare(void **state)
{
	(void)state;
	fake_virtio_reset(true);
	memset(fake_virtio.pci_config, 0, sizeof(fake_virtio.pci_config));
	return 0;
}

static int legacy(void **state)
{
	(void)state;
	fake_virtio_reset(false);
	return 0;
}

static void capabilities_lead_to_the_modern_registers(void **state)
{
	(void)state;
	assert_int_equal(virtio_pci_init(&vd, &fake_virtio_fn), 0);
	assert_ptr_equal(vd.transport, &virtio_pci_modern);
	assert_int_equal(vd.common, FAKE_MEM_BAR);
	assert_int_equal(vd.isr, FAKE_MEM_BAR + 0x1000);
	assert_int_equal(vd.config, FAKE_MEM_BAR + 0x2000);
	assert_int_equal(vd.config_len, sizeof(fake_virtio.config));
	assert_int_equal(vd.notify_base, FAKE_MEM_BAR + 0x3000);
	assert_int_equal(vd.notify_multiplier, 4);
}

static void a_function_without_capabilities_is_legacy(void **state)
{
	(void)state;
	assert_int_equal(virtio_pci_init(&vd, &fake_virtio_fn), 0);
	assert_ptr_equal(vd.transport, &virtio_pci_legacy);
	assert_int_equal(vd.common, FAKE_IO_BAR);
	assert_int_equal(vd.config, FAKE_IO_BAR + 20);
}

static void the_first_capability_of_a_type_wins(void **state)
{
	(void)state;
	fake_virtio_cap(1, 4, 0x3f00, 0x100);
	fake_virtio_cap(2, 4, 0x3f00, 0x100);
	fake_virtio_cap(4, 4, 0x3f00, 0x100);
	assert_int_equal(virtio_pci_init(&vd, &fake_virtio_fn), 0);
	assert_int_equal(vd.common, FAKE_MEM_BAR);
	assert_int_equal(vd.config, FAKE_MEM_BAR + 0x2000);
	assert_int_equal(vd.notify_base, FAKE_MEM_BAR + 0x3000);
}

static void unusable_capabilities_are_passed_over(void **state)
{
	(void)state;
	fake_virtio_cap(1, 6, 0, 0x1000);	   /* reserved BAR */
	fake_virtio_cap(1, 3, 0, 0x1000);	   /* no such BAR */
	fake_virtio_cap(1, 4, 0x3000, 0x1001);	   /* leaves its BAR */
	fake_virtio_cap(1, 4, 0xfffff000, 0x1000); /* starts behind it */
	fake_virtio_cap(1, 4, 0, 55);		   /* too short */
	fake_virtio_cap(9, 4, 0, 0x1000);	   /* unknown type */
	fake_virtio_cap(1, 4, 0x200, 56);
	fake_virtio_cap(2, 4, 0x3000, 1);
	fake_virtio_cap(2, 4, 0x3000, 2);
	assert_int_equal(virtio_pci_init(&vd, &fake_virtio_fn), 0);
	assert_int_equal(vd.common, FAKE_MEM_BAR + 0x200);
	assert_int_equal(vd.notify_len, 2);
	assert_int_equal(vd.config, 0);
}

static void structures_at_odd_offsets_are_passed_over(void **state)
{
	(void)state;
	fake_virtio_cap(1, 4, 0x1ffe, 56); /* not a multiple of 4 */
	fake_virtio_cap(2, 4, 0x2001, 2);  /* not a multiple of 2 */
	fake_virtio_cap(3, 4, 0x2001, 1);  /* need not be */
	fake_virtio_cap(4, 4, 0x2102, 64);
	fake_virtio_cap(1, 4, 0x204, 56);
	fake_virtio_cap(2, 4, 0x3002, 2);
	assert_int_equal(virtio_pci_init(&vd, &fake_virtio_fn), 0);
	assert_int_equal(vd.common, FAKE_MEM_BAR + 0x204);
	assert_int_equal(vd.notify_base, FAKE_MEM_BAR + 0x3002);
	assert_int_equal(vd.isr, FAKE_MEM_BAR + 0x2001);
	assert_int_equal(vd.config, 0);
}

static void a_notify_capability_without_multiplier_is_passed_over(void **state)
{
	unsigned at = 0x40 + 20;

	(void)state;
	fake_virtio_cap(1, 4, 0, 0x1000);
	fake_virtio_cap(2, 4, 0x3000, 0x1000);
	assert_int_equal(fake_virtio.pci_config[at + 3], 2);
	fake_virtio.pci_config[at + 2] = 16;
	assert_int_equal(virtio_pci_init(&vd, &fake_virtio_fn), ERR_NOTSUP);
}

static void a_function_with_neither_kind_is_refused(void **state)
{
	(void)state;
	assert_int_equal(virtio_pci_init(&vd, &fake_virtio_fn), ERR_NOTSUP);
	assert_string_equal(reason(),
			    "neither modern nor legacy virtio registers");
}

static void a_memory_bar_0_holds_no_legacy_registers(void **state)
{
	(void)state;
	fake_virtio_fn.bar[0].space = PCI_MEM32;
	assert_int_equal(virtio_pci_init(&vd, &fake_virtio_fn), ERR_NOTSUP);
}

static void configuration_bytes_come_in_the_order_of_addresses(void **state)
{
	uint8_t buf[7];
	unsigned i;

	(void)state;
	pci_enable(&fake_virtio_fn);
	for (i = 0; i < 16; i++)
		fake_virtio.config[i] = (uint8_t)i;
	virtio_pci_config_read(FAKE_MEM_BAR + 0x2004, buf, sizeof(buf));
	for (i = 0; i < sizeof(buf); i++)
		assert_int_equal(buf[i], i + 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
			capabilities_lead_to_the_modern_registers, modern),
		cmocka_unit_test_setup(
			a_function_without_capabilities_is_legacy, legacy),
		cmocka_unit_test_setup(the_first_capability_of_a_type_wins,
				       modern),
		cmocka_unit_test_setup(unusable_capabilities_are_passed_over,
				       bare),
		cmocka_unit_test_setup(
			structures_at_odd_offsets_are_passed_over, bare),
		cmocka_unit_test_setup(
			a_notify_capability_without_multiplier_is_passed_over,
			bare),
		cmocka_unit_test_setup(a_function_with_neither_kind_is_refused,
				       bare),
		cmocka_unit_test_setup(a_memory_bar_0_holds_no_legacy_registers,
				       legacy),
		cmocka_unit_test_setup(
			configuration_bytes_come_in_the_order_of_addresses,
			modern),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
