// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/vio/vscsi.c: scan, commands, lying partners.
// LINK: drivers/vio/vscsi.c drivers/vio/vscsi_host.c drivers/vio/crq.c
// LINK: drivers/vio/luns.c
// LINK: drivers/scsi/core.c drivers/scsi/disk.c drivers/scsi/scan.c
// LINK: drivers/scsi/sense.c drivers/block.c drivers/device.c hcall/hcall.c
// LINK: lib/deadline.c lib/err.c lib/fmt.c lib/log.c lib/reason.c
// LINK: tree/alias.c tree/names.c tree/node.c tree/path.c tree/phandle.c
// LINK: tree/prop.c tests/fake/hcall.c tests/fake/heap.c tests/fake/scsi.c
// LINK: tests/fake/timebase.c tests/fake/virtio_dma.c tests/fake/vscsi.c
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "drivers/block.h"
#include "drivers/device.h"
#include "drivers/instance.h"
#include "drivers/scsi/cdb.h"
#include "lib/endian.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "tree/path.h"
/* cmocka has a macro of the name fail. */
#include <cmocka.h>

#include "tests/fake/heap.h"
#include "tests/fake/scsi.h"
#include "tests/fake/timebase.h"
#include "tests/fake/virtio_dma.h"
#include "tests/fake/vscsi.h"
#include "tests/fake/watched.h"

#define UNIT(bus, target, lun)                                                 \
	((0x8000ULL | (target) << 8 | (bus) << 5 | (lun)) << 48)

static struct node *node;
static uint8_t data[1 << 20], buf[1 << 20];
static char text[512];
static size_t text_len;

static void capture(struct log_sink *sink, const char *piece, size_t len)
{
	(void)sink;
	assert_true(len < sizeof(text) - text_len);
	memcpy(text + text_len, piece, len);
	text_len += len;
	text[text_len] = '\0';
}
static struct log_sink sink = { .write = capture };

/* LUN 0 lists all targets. [QEMU hw/scsi/spapr_vscsi.c, vscsi_report_luns] */
static uint32_t report_all(uint64_t lun, uint8_t *list, uint32_t room)
{
	bool lun0 = false;
	uint32_t len = 8;
	unsigned i;

	if (lun != 0)
		return fake_report_target(lun, list, room);
	for (i = 0; i < fake_unit_count; i++)
		lun0 |= fake_units[i].lun == UNIT(0, 0, 0);
	if (!lun0)
		len += 8;
	assert_true(len + 8 * fake_unit_count <= room);
	for (i = 0; i < fake_unit_count; i++, len += 8) {
		uint64_t entry = fake_units[i].lun;

		if (!(entry << 2 & 0xff80ULL << 48))
			entry &= ~(2ULL << 62);
		be64_store(list + len, entry);
	}
	be32_store(list, len - 8);
	return len;
}

/* A target's own list has no targets. */
static uint64_t lun_only(uint64_t lun)
{
	return lun & 0x1fULL << 48;
}

static int plug(void **state)
{
	static const uint32_t window[] = { 0x71000002, 0, 0, 0, 0x10000000 };
	unsigned i;

	(void)state;
	log_reset();
	text_len = 0;
	text[0] = '\0';
	log_add_sink(&sink);
	device_reset_all();
	fake_clock_step(TIMEBASE_DEFAULT_HZ / 1000);
	fake_vscsi_reset();
	watch_memory((uintptr_t)buf, sizeof(buf));
	fake_scsi_reset(NULL);
	fake_lun_mask = 0xffe0ULL << 48;
	fake_report = report_all;
	for (i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i / 512 * 11 + i);
	assert_int_equal(tree_init(), 0);
	assert_non_null(tree_add_node(tree_root(), "aliases", TREE_QUOIN));
	node = tree_add_node(tree_root(), "v-scsi@71000002", TREE_QEMU);
	assert_int_equal(tree_set_str(node, "compatible", "IBM,v-scsi"), 0);
	assert_int_equal(tree_set_u32(node, "reg", FAKE_VSCSI_UNIT), 0);
	assert_int_equal(tree_set_cells(node, "ibm,my-dma-window", window, 5),
			 0);
	assert_non_null(device_add(node, BUS_VIO, NULL, NULL));
	return 0;
}

static int unplug(void **state)
{
	struct node *child;

	(void)state;
	for (child = node->child; child; child = child->next) {
		if (child->device)
			device_remove(child);
	}
	device_remove(node);
	tree_free();
	assert_int_equal(fake_vscsi.queue, 0);
	assert_false(fake_vscsi.bypass);
	assert_int_equal(fake_dma_live(), 0);
	assert_int_equal(fake_heap_live(), 0);
	return 0;
}

static struct fake_unit *add_disk(uint64_t lun)
{
	struct fake_unit *unit = fake_unit_add(lun, 0);

	unit->data = data;
	unit->len = sizeof(data);
	unit->blocks = sizeof(data) / 512;
	return unit;
}

static struct block_device *open_disk(void)
{
	add_disk(UNIT(0, 0, 0));
	device_scan_all();
	assert_non_null(tree_find("disk"));
	assert_int_equal(block_open(device_of(tree_find("disk"))->block), 0);
	return device_of(tree_find("disk"))->block;
}

static unsigned children(void)
{
	const struct node *child;
	unsigned n = 0;

	for (child = node->child; child; child = child->next)
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
	add_disk(UNIT(7, 63, 0))->type = 5;
	add_disk(UNIT(1, 2, 3));
	add_disk(UNIT(0, 0, 0));
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
	assert_string_equal(text, "");
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
	add_disk(UNIT(0, 0, 0));
	add_disk(UNIT(3, 9, 1));
	add_disk(UNIT(3, 9, 0));
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
	method = device_of(node)->methods;
	inst.node = node;
	assert_string_equal(method->name, "vscsi-report-luns");
	assert_int_equal(method->nargs, 0);
	assert_int_equal(method->nrets, 2);
	assert_null(method[1].name);
	/* Before the scan there is nothing. */
	assert_int_equal(method->call(&inst, NULL, rets), 0);
	assert_int_equal(rets[0], 0);
	assert_int_equal(rets[1], 0);
	add_disk(UNIT(0, 0, 0));
	add_disk(UNIT(0, 0, 1));
	add_disk(UNIT(0, 5, 0));
	device_scan_all();
	assert_int_equal(method->call(&inst, NULL, rets), 0);
	assert_int_equal(rets[0], 2);
	assert_true(rets[1] != 0);
}

static void blocks_are_read_and_written(void **state)
{
	struct block_device *bd = open_disk();

	(void)state;
	assert_int_equal(watched_read(bd, 2, 2000, buf), 0);
	assert_memory_equal(buf, data + 2 * 512, 2000 * 512);
	memset(buf, 0x33, 1024);
	assert_int_equal(block_write(bd, 70, 2, buf), 0);
	assert_memory_equal(data + 70 * 512, buf, 1024);
}

/* QEMU loses count of a descriptor past 64 KiB: GRUB's modules came corrupt. */
static void a_mebibyte_is_one_command_in_pieces_of_64_kib(void **state)
{
	struct block_device *bd = open_disk();
	unsigned before = fake_vscsi.commands;

	(void)state;
	assert_int_equal(watched_read(bd, 0, 2048, buf), 0);
	assert_memory_equal(buf, data, sizeof(data));
	assert_int_equal(fake_vscsi.commands, before + 1);
	memset(buf, 0x44, sizeof(buf));
	assert_int_equal(block_write(bd, 100, 1000, buf), 0);
	assert_memory_equal(data + 100 * 512, buf, 1000 * 512);
}

static void without_bypass_the_devices_window_is_used(void **state)
{
	struct block_device *bd;

	(void)state;
	fake_vscsi.no_bypass = true;
	bd = open_disk();
	assert_true(fake_dma_used_window());
	assert_int_equal(watched_read(bd, 0, 100, buf), 0);
	assert_memory_equal(buf, data, 100 * 512);
}

static void without_bypass_and_window_the_reason_is_told(void **state)
{
	(void)state;
	fake_vscsi.no_bypass = true;
	tree_delprop(node, "ibm,my-dma-window");
	device_scan_all();
	assert_string_equal(text, "spapr-vscsi /v-scsi@71000002: neither TCE "
				  "bypass nor a DMA window\r\n");
}

static void a_mute_partner_is_told_once(void **state)
{
	(void)state;
	fake_vscsi.greeting = FAKE_MUTE;
	device_scan_all();
	assert_string_equal(text, "spapr-vscsi /v-scsi@71000002: its partner "
				  "does not answer\r\n");
	assert_int_equal(fake_dma_live(), 0);
	assert_false(fake_vscsi.bypass);
}

static void sense_data_reaches_the_reason(void **state)
{
	struct block_device *bd = open_disk();

	(void)state;
	fake_unit_sense(&fake_units[0], 1, 3, 0x11, 0);
	assert_int_equal(watched_read(bd, 5, 1, buf), ERR_IO);
	assert_non_null(strstr(reason(), "sense key 3 (medium error)"));
	fake_vscsi.lie = FAKE_SRP_RESPONSE;
	fake_unit_sense(&fake_units[0], 1, 2, 0x3a, 0);
	assert_int_equal(watched_read(bd, 5, 1, buf), ERR_NOMEDIUM);
}

static void false_lengths_are_cut(void **state)
{
	struct block_device *bd = open_disk();

	(void)state;
	fake_unit_sense(&fake_units[0], 1, 2, 0x3a, 0);
	fake_vscsi.lie = FAKE_SRP_SENSE_LEN;
	assert_int_equal(watched_read(bd, 5, 1, buf), ERR_NOMEDIUM);
	fake_unit_sense(&fake_units[0], 1, 2, 0x3a, 0);
	fake_vscsi.lie = FAKE_SRP_RESPONSE_LEN;
	assert_int_equal(watched_read(bd, 5, 1, buf), ERR_IO);
	assert_non_null(strstr(reason(), "without sense data"));
}

static void malformed_answers_are_errors(void **state)
{
	static const enum fake_srp_lie lies[] = { FAKE_SRP_OPCODE,
						  FAKE_SRP_SHORT,
						  FAKE_SRP_LONG };
	struct block_device *bd = open_disk();
	unsigned i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(lies); i++) {
		fake_vscsi.lie = lies[i];
		assert_int_equal(watched_read(bd, 5, 1, buf), ERR_IO);
		assert_non_null(strstr(reason(), "malformed answer"));
	}
	fake_vscsi.lie = FAKE_SRP_HONEST;
	assert_int_equal(watched_read(bd, 5, 1, buf), 0);
}

static void an_answer_to_nobody_is_ignored(void **state)
{
	struct block_device *bd = open_disk();

	(void)state;
	fake_vscsi.lie = FAKE_SRP_TWICE;
	assert_int_equal(watched_read(bd, 5, 1000, buf), 0);
	assert_int_equal(watched_read(bd, 5, 1000, buf), 0);
	assert_memory_equal(buf, data + 5 * 512, 1000 * 512);
	fake_vscsi.lie = FAKE_SRP_GARBAGE;
	assert_int_equal(watched_read(bd, 5, 1000, buf), 0);
	assert_int_equal(watched_read(bd, 5, 1000, buf), 0);
	assert_string_equal(text,
			    "Warning: spapr-vscsi /v-scsi@71000002: an answer "
			    "to no command; the queue is searched for the next "
			    "ones\r\n");
}

/*
 * A queue that is unregistered stops answers, not data: QEMU writes it when its
 * disk gives it. [hw/scsi/spapr_vscsi.c, vscsi_transfer_data]
 */
static void a_lost_command_is_aborted_before_its_buffer_is_free(void **state)
{
	struct block_device *bd = open_disk();
	unsigned frees = fake_vscsi.frees;

	(void)state;
	fake_vscsi.lie = FAKE_SRP_SILENT;
	assert_int_equal(watched_read(bd, 5, 1, buf), ERR_TIMEOUT);
	assert_int_equal(fake_vscsi.aborts, 1);
	assert_int_equal(fake_vscsi.pending_iu, 0);
	assert_int_equal(fake_vscsi.frees, frees + 1);
	assert_int_equal(fake_dma_live(), 0);
	assert_false(fake_vscsi.bypass);
	assert_int_equal(watched_read(bd, 5, 1, buf), 0);
	assert_string_equal(text, "");
}

static void a_command_that_ends_while_it_is_aborted_is_no_trouble(void **state)
{
	struct block_device *bd = open_disk();

	(void)state;
	fake_vscsi.lie = FAKE_SRP_SILENT;
	fake_vscsi.abort = FAKE_ABORTS_LATE;
	assert_int_equal(watched_read(bd, 5, 1, buf), ERR_TIMEOUT);
	assert_int_equal(fake_vscsi.pending_iu, 0);
	assert_int_equal(watched_read(bd, 6, 1, buf), 0);
	assert_string_equal(text, "");
}

/* Its late data finds neither bypass nor a window. */
static void a_host_that_does_not_abort_is_not_used_again(void **state)
{
	static const enum fake_abort ways[] = { FAKE_ABORT_REFUSED,
						FAKE_ABORT_SILENT };
	unsigned i, registered;

	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		struct block_device *bd = open_disk();

		fake_vscsi.lie = FAKE_SRP_SILENT;
		fake_vscsi.abort = ways[i];
		assert_int_equal(watched_read(bd, 5, 1, buf), ERR_TIMEOUT);
		assert_string_equal(
			text, "spapr-vscsi /v-scsi@71000002: a command cannot "
			      "be aborted; the controller is not used until "
			      "the next reset\r\n");
		assert_false(fake_vscsi.bypass);
		assert_int_equal(fake_vscsi.queue, 0);
		registered = fake_hcall_count(H_REG_CRQ);
		fake_vscsi.lie = FAKE_SRP_HONEST;
		assert_int_equal(watched_read(bd, 5, 1, buf), ERR_NODEV);
		assert_int_equal(fake_hcall_count(H_REG_CRQ), registered);
		assert_false(fake_vscsi.bypass);
		unplug(state);
		plug(state);
	}
}

static void a_partner_that_goes_away_fails_what_is_in_flight(void **state)
{
	struct block_device *bd = open_disk();

	(void)state;
	fake_vscsi.lie = FAKE_SRP_CLOSES;
	assert_int_equal(watched_read(bd, 5, 1, buf), ERR_IO);
	assert_non_null(strstr(reason(), "closed the connection"));
	fake_vscsi.lie = FAKE_SRP_HONEST;
	assert_int_equal(watched_read(bd, 5, 1, buf), 0);
}

/* Commands that found no room yet meet a host that has stopped. */
static void a_partner_that_goes_away_in_a_scan_is_asked_again(void **state)
{
	unsigned before;

	(void)state;
	fake_vscsi.lie = FAKE_SRP_CLOSES;
	before = fake_vscsi.frees;
	device_scan_all();
	assert_null(node->child);
	/* 512 targets, 16 at a time. */
	assert_true(fake_vscsi.frees - before > 512 / 16);
}

static void a_command_that_cannot_be_sent_is_an_error(void **state)
{
	struct block_device *bd = open_disk();
	unsigned live = fake_dma_live();

	(void)state;
	fake_vscsi.send_error = H_HARDWARE;
	assert_int_equal(watched_read(bd, 5, 1, buf), ERR_IO);
	assert_non_null(strstr(reason(), "the command cannot be sent"));
	assert_int_equal(fake_dma_live(), live);
}

static void residuals_are_believed_where_they_are_told(void **state)
{
	struct block_device *bd = open_disk();

	(void)state;
	fake_vscsi.lie = FAKE_SRP_UNDER;
	fake_units[0].shorter = 100;
	assert_int_equal(watched_read(bd, 5, 1, buf), ERR_IO);
	assert_non_null(strstr(reason(), "100 bytes of 512 are missing"));
}

static void quiesce_frees_the_queue_and_ends_bypass(void **state)
{
	struct block_device *bd = open_disk();

	(void)state;
	assert_true(fake_vscsi.bypass);
	device_quiesce_all(NULL);
	assert_int_equal(fake_vscsi.queue, 0);
	assert_false(fake_vscsi.bypass);
	assert_int_equal(fake_dma_live(), 0);
	assert_int_equal(watched_read(bd, 0, 1, buf), ERR_NODEV);
	device_quiesce_all(NULL);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, plug, unplug)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(attaching_does_nothing_to_the_partner),
		TEST(one_command_finds_the_targets_of_all_buses),
		TEST(an_empty_host_takes_two_commands),
		TEST(where_lun_0_does_not_list_each_target_is_asked),
		TEST(grub_gets_the_luns_by_vscsi_report_luns),
		TEST(blocks_are_read_and_written),
		TEST(a_mebibyte_is_one_command_in_pieces_of_64_kib),
		TEST(without_bypass_the_devices_window_is_used),
		TEST(without_bypass_and_window_the_reason_is_told),
		TEST(a_mute_partner_is_told_once),
		TEST(sense_data_reaches_the_reason),
		TEST(false_lengths_are_cut),
		TEST(malformed_answers_are_errors),
		TEST(an_answer_to_nobody_is_ignored),
		TEST(a_lost_command_is_aborted_before_its_buffer_is_free),
		TEST(a_command_that_ends_while_it_is_aborted_is_no_trouble),
		TEST(a_host_that_does_not_abort_is_not_used_again),
		TEST(a_partner_that_goes_away_fails_what_is_in_flight),
		TEST(a_partner_that_goes_away_in_a_scan_is_asked_again),
		TEST(a_command_that_cannot_be_sent_is_an_error),
		TEST(residuals_are_believed_where_they_are_told),
		TEST(quiesce_frees_the_queue_and_ends_bypass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
