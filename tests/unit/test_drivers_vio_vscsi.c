// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/vio/vscsi.c: the scan, and the node's methods.
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "drivers/block.h"
#include "drivers/device.h"
#include "drivers/instance.h"
#include "drivers/scsi/cdb.h"
#include "lib/endian.h"
#include "lib/reason.h"
#include "tree/path.h"
#include <cmocka.h>

#include "tests/fake/heap.h"
#include "tests/fake/scsi.h"
#include "tests/fake/virtio_dma.h"
#include "tests/fake/vscsi.h"
#include "tests/fake/vscsi_machine.h"
#include "tests/fake/watched.h"

/* A target's own list has no targets. */
static uint64_t lun_only(uint64_t lun)
{
	return lun & 0x1fULL << 48;
}

static unsigned children(void)
{
	const struct node *child;
	unsigned n = 0;

	for (child = vscsi_node->child; child; child = child->next)
		n++;
	return n;
}

static void attaching_does_nothing_to_the_partner(void **state)
{
	(void)state;
	assert_int_equal(fake_hcall_count(H_REG_CRQ), 0);
	assert_false(fake_vscsi.bypass);
}

static void one_command_finds_the_targets_of_all_buses(void **state)
{
	(void)state;
	vscsi_add_disk(VSCSI_UNIT(7, 63, 0))->type = 5;
	vscsi_add_disk(VSCSI_UNIT(1, 2, 3));
	vscsi_add_disk(VSCSI_UNIT(0, 0, 0));
	device_scan_all();
	assert_non_null(tree_find("/v-scsi/disk@8000000000000000"));
	assert_non_null(tree_find("/v-scsi/disk@8223000000000000"));
	assert_non_null(tree_find("/v-scsi/disk@bfe0000000000000"));
	assert_int_equal(children(), 3);
	assert_ptr_equal(tree_find("disk"),
			 tree_find("/v-scsi/disk@8000000000000000"));
	assert_ptr_equal(tree_find("cdrom"),
			 tree_find("/v-scsi/disk@bfe0000000000000"));
	assert_int_equal(fake_scsi_served[SCSI_REPORT_LUNS], 1);
	assert_string_equal(fake_printed, "");
}

/* 64 targets on each of 8 buses, LUNs 0 to 31. [QEMU hw/scsi/spapr_vscsi.c] */
static void every_target_of_every_bus_has_its_disk(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < 512; i++)
		vscsi_add_disk(VSCSI_UNIT(i / 64, i % 64, i % 32));
	device_scan_all();
	assert_int_equal(children(), 512);
	assert_int_equal(fake_scsi_served[SCSI_REPORT_LUNS], 1);
	for (i = 0; i < 512; i++) {
		char path[40];

		snprintf(path, sizeof(path), "/v-scsi/disk@%llx",
			 VSCSI_UNIT(i / 64, i % 64, i % 32));
		assert_non_null(tree_find(path));
	}
	assert_int_equal(
		block_open(vscsi_disk("/v-scsi/disk@bfff000000000000")), 0);
	assert_string_equal(fake_printed, "");
}

static void all_32_luns_of_a_target_are_found(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < 32; i++)
		vscsi_add_disk(VSCSI_UNIT(7, 63, i));
	device_scan_all();
	assert_int_equal(children(), 32);
}

/*
 * QEMU drops a 25th command without an answer, and has one less after a REPORT
 * LUNS for all targets. [hw/scsi/spapr_vscsi.c, VSCSI_REQ_LIMIT]
 */
static void a_partner_never_has_more_than_23_commands(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < 500; i++)
		vscsi_add_disk(VSCSI_UNIT(0, i % 64, i / 64));
	fake_vscsi.answers = 1;
	device_scan_all();
	assert_in_range(fake_vscsi.most_kept, 2, 23);
}

static void an_empty_host_takes_two_commands(void **state)
{
	(void)state;
	device_scan_all();
	assert_int_equal(children(), 0);
	assert_int_equal(fake_vscsi.commands, 2);
}

static void where_lun_0_does_not_list_each_target_is_asked(void **state)
{
	(void)state;
	fake_report = NULL;
	fake_lun_entry = lun_only;
	vscsi_add_disk(VSCSI_UNIT(0, 0, 0));
	vscsi_add_disk(VSCSI_UNIT(3, 9, 1));
	vscsi_add_disk(VSCSI_UNIT(3, 9, 0));
	device_scan_all();
	assert_int_equal(children(), 3);
	assert_non_null(tree_find("/v-scsi/disk@8961000000000000"));
	assert_in_range(fake_scsi_served[SCSI_REPORT_LUNS], 512, 520);
}

/* grub-core/disk/ieee1275/ofdisk.c calls it on every device_type vscsi. */
static void grub_gets_the_luns_by_vscsi_report_luns(void **state)
{
	const struct method *method;
	struct instance inst = { 0 };
	cell_t rets[2] = { 9, 9 };

	(void)state;
	method = device_of(vscsi_node)->methods;
	inst.node = vscsi_node;
	assert_string_equal(method->name, "vscsi-report-luns");
	assert_int_equal(method->nargs, 0);
	assert_int_equal(method->nrets, 2);
	assert_null(method[1].name);
	/* Before the scan there is nothing. */
	assert_int_equal(method->call(&inst, NULL, rets), 0);
	assert_int_equal(rets[0], 0);
	assert_int_equal(rets[1], 0);
	vscsi_add_disk(VSCSI_UNIT(0, 0, 0));
	vscsi_add_disk(VSCSI_UNIT(0, 0, 1));
	vscsi_add_disk(VSCSI_UNIT(0, 5, 0));
	device_scan_all();
	assert_int_equal(method->call(&inst, NULL, rets), 0);
	assert_int_equal(rets[0], 2);
	assert_true(rets[1] != 0);
}

static void without_bypass_and_window_there_is_a_reason(void **state)
{
	(void)state;
	fake_vscsi.no_bypass = true;
	tree_delprop(vscsi_node, "ibm,my-dma-window");
	device_scan_all();
	assert_string_equal(fake_printed,
			    "spapr-vscsi /v-scsi@71000002: neither TCE "
			    "bypass nor a DMA window\r\n");
}

static void a_mute_partner_is_told_once(void **state)
{
	(void)state;
	fake_vscsi.greeting = FAKE_MUTE;
	device_scan_all();
	assert_string_equal(fake_printed,
			    "spapr-vscsi /v-scsi@71000002: the partner "
			    "does not respond\r\n");
	assert_int_equal(fake_dma_live(), 0);
	assert_false(fake_vscsi.bypass);
}

/* A batch ends, also those not yet submitted; then the next one. */
static void a_partner_that_goes_away_in_a_scan_is_asked_again(void **state)
{
	unsigned before;

	(void)state;
	fake_vscsi.lie = FAKE_SRP_CLOSES;
	before = fake_vscsi.frees;
	device_scan_all();
	assert_null(vscsi_node->child);
	/* 512 targets, 32 at a time; then LUN 0 of each. */
	assert_true(fake_vscsi.frees - before > 2 * 512 / 32);
}

static void quiesce_frees_the_queue_and_ends_bypass(void **state)
{
	struct block_device *bd = vscsi_open_disk();

	(void)state;
	assert_true(fake_vscsi.bypass);
	device_quiesce_all(NULL);
	assert_int_equal(fake_vscsi.queue, 0);
	assert_false(fake_vscsi.bypass);
	assert_int_equal(fake_dma_live(), 0);
	assert_int_equal(watched_read(bd, 0, 1, vscsi_buf), ERR_NODEV);
	device_quiesce_all(NULL);
}

#define TEST(test)                                                             \
	cmocka_unit_test_setup_teardown(test, vscsi_plug, vscsi_unplug)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(attaching_does_nothing_to_the_partner),
		TEST(one_command_finds_the_targets_of_all_buses),
		TEST(every_target_of_every_bus_has_its_disk),
		TEST(all_32_luns_of_a_target_are_found),
		TEST(a_partner_never_has_more_than_23_commands),
		TEST(an_empty_host_takes_two_commands),
		TEST(where_lun_0_does_not_list_each_target_is_asked),
		TEST(grub_gets_the_luns_by_vscsi_report_luns),
		TEST(without_bypass_and_window_there_is_a_reason),
		TEST(a_mute_partner_is_told_once),
		TEST(a_partner_that_goes_away_in_a_scan_is_asked_again),
		TEST(quiesce_frees_the_queue_and_ends_bypass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
