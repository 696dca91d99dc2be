// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/scsi/scan.c: hosts whose targets are their LUNs.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "drivers/block.h"
#include "drivers/device.h"
#include "drivers/scsi/cdb.h"
#include "tests/fake/log.h"
#include "tests/fake/table.h"
#include "tree/path.h"
#include <cmocka.h>

#include "tests/fake/heap.h"
#include "tests/fake/scsi.h"
#include "tests/fake/tree.h"

TABLE_LINK(drivers, driver_scsi_disk);

#define LUN(i) (0x0105ULL << 48 | (uint64_t)(i) << 32)
/* The second unit address of each LUN. */
#define OTHER(i) (0x0102ULL << 48 | (uint64_t)(i) << 32)

static struct device *controller;
/* LUNs before and after the first response. */
static size_t before, after;
/* No second unit address for this LUN; 0: for none at all. */
static uint64_t plain;

static size_t targets(const struct scsi_host *host, unsigned round)
{
	(void)host;
	assert_int_equal(round, 0);
	return fake_scsi_served[SCSI_INQUIRY] ? after : before;
}

static uint64_t target(const struct scsi_host *host, unsigned round, size_t i)
{
	(void)host;
	(void)round;
	return LUN(i);
}

static uint64_t other_unit(const struct scsi_host *host, uint64_t lun)
{
	(void)host;
	return lun == plain ? 0 : lun - LUN(0) + OTHER(0);
}

static const struct scsi_addressing one_name = {
	.targets = targets,
	.target = target,
};

static const struct scsi_addressing two_names = {
	.targets = targets,
	.target = target,
	.other_unit = other_unit,
};

static int setup(void **state)
{
	(void)state;
	fake_scsi_start();
	controller = fake_scsi_plug("storage@5");
	fake_scsi_host.host.addressing = &one_name;
	before = after = 1;
	plain = 0;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_heap_fail_after(-1);
	tree_remove_node(controller->node);
	tree_free();
	assert_int_equal(fake_heap_live(), 0);
	return 0;
}

static unsigned children(void)
{
	const struct node *child;
	unsigned n = 0;

	for (child = controller->node->child; child; child = child->next)
		n++;
	return n;
}

static void add_units(size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		fake_unit_add(LUN(i), i % 2 ? SCSI_TYPE_CDROM : 0);
}

static const char *product_of(const char *inquiry)
{
	fake_scsi_product = inquiry;
	add_units(1);
	device_scan_all();
	fake_scsi_product = FAKE_SCSI_PRODUCT;
	return block_of(device_of(tree_find("disk")))->product;
}

static void a_disk_knows_its_vendor_and_product(void **state)
{
	(void)state;
	assert_string_equal(product_of(FAKE_SCSI_PRODUCT),
			    "QEMU QEMU HARDDISK");
}

static void a_product_may_fill_its_field(void **state)
{
	(void)state;
	assert_string_equal(product_of("VENDOR78PRODUCT 9abcdef.REV1"),
			    "VENDOR78 PRODUCT 9abcdef.");
}

static void a_product_without_a_vendor_has_no_blank_before_it(void **state)
{
	(void)state;
	assert_string_equal(product_of("        Stick\0          \xff   "),
			    "Stick");
}

static void a_product_may_be_empty(void **state)
{
	(void)state;
	assert_string_equal(product_of("\0       \0                   "), "");
}

/* QEMU's usb-storage answers to LUN 0 alone. */
static void no_lun_is_asked_for_a_list(void **state)
{
	(void)state;
	add_units(2);
	before = after = 2;
	device_scan_all();
	assert_int_equal(fake_scsi_served[SCSI_REPORT_LUNS], 0);
	assert_int_equal(fake_scsi_served[SCSI_INQUIRY], 2);
	assert_int_equal(children(), 2);
	assert_ptr_equal(tree_find("disk"),
			 tree_find("/storage@5/disk@105000000000000"));
	assert_ptr_equal(tree_find("cdrom"),
			 tree_find("/storage@5/disk@105000100000000"));
	assert_string_equal(fake_printed, "");
}

static void the_first_response_may_add_luns(void **state)
{
	(void)state;
	add_units(4);
	after = 4;
	device_scan_all();
	assert_int_equal(fake_scsi_served[SCSI_INQUIRY], 4);
	assert_int_equal(children(), 4);
	assert_non_null(tree_find("/storage@5/disk@105000300000000"));
}

static void a_host_without_luns_is_not_asked(void **state)
{
	(void)state;
	before = after = 0;
	device_scan_all();
	assert_int_equal(fake_scsi_host.kicks, 0);
	assert_int_equal(children(), 0);
	assert_string_equal(fake_printed, "");
}

static void a_lun_is_found_by_both_unit_addresses(void **state)
{
	const struct node *node;

	(void)state;
	add_units(2);
	before = after = 2;
	plain = LUN(1);
	fake_scsi_host.host.addressing = &two_names;
	device_scan_all();
	node = tree_find("/storage@5/disk@105000000000000");
	assert_non_null(node);
	assert_ptr_equal(tree_find("/storage@5/disk@102000000000000"), node);
	assert_non_null(tree_find("/storage@5/disk@105000100000000"));
	assert_null(tree_find("/storage@5/disk@102000100000000"));
}

static void running_out_of_memory_leaks_nothing(void **state)
{
	unsigned n;

	(void)state;
	add_units(2);
	before = after = 2;
	fake_scsi_host.host.addressing = &two_names;
	for (n = 0; n < 16; n++) {
		fake_heap_fail_after(n);
		while (scsi_scan(controller))
			request_wait();
		scsi_found(controller);
	}
	fake_heap_fail_after(-1);
	while (scsi_scan(controller))
		request_wait();
	scsi_found(controller);
	assert_int_equal(children(), 2);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_disk_knows_its_vendor_and_product),
		TEST(a_product_may_fill_its_field),
		TEST(a_product_without_a_vendor_has_no_blank_before_it),
		TEST(a_product_may_be_empty),
		TEST(no_lun_is_asked_for_a_list),
		TEST(the_first_response_may_add_luns),
		TEST(a_host_without_luns_is_not_asked),
		TEST(a_lun_is_found_by_both_unit_addresses),
		TEST(running_out_of_memory_leaks_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
