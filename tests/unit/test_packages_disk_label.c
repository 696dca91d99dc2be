// SPDX-License-Identifier: BSD-2-Clause
// Instances of disks, partitions and files.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/instance.h"
#include "lib/reason.h"
#include "tests/fake/block_disk.h"
#include "tests/fake/heap.h"
#include "tests/fake/log.h"
#include "tests/fake/table.h"

TABLE_LINK(packages, package_disk_label);

static struct fake_block disk;

/* What drivers/instance.c does for an interposed package. */
static int open_args(struct instance *inst, const char *args)
{
	const struct package *pkg = __start_table_packages[0];
	static struct instance base = { .priv = &disk.bd };

	*inst = (struct instance){ .node = disk.dev->node,
				   .parent = &base,
				   .args = strdup(args),
				   .ops = *pkg->ops };
	return pkg->open(inst);
}

static void close_instance(struct instance *inst)
{
	inst->ops.close(inst);
	free(inst->args);
}

static void open_good(struct instance *inst, const char *args)
{
	assert_int_equal(open_args(inst, args), 0);
}

static void open_bad(const char *args, int err)
{
	struct instance inst;

	assert_int_equal(open_args(&inst, args), err);
	free(inst.args);
}

static void finish(void)
{
	fake_block_free(&disk);
	assert_int_equal(fake_heap_live(), 0);
}

/* Everything printed from here on is counted. */
static void listen(void)
{
	fake_log_start();
}

static cell_t call(struct instance *inst, const char *name)
{
	const struct method *m = instance_method(inst, name);
	cell_t ret = 0;

	assert_non_null(m);
	assert_int_equal(m->nargs, 0);
	assert_int_equal(m->nrets, 1);
	assert_int_equal(m->call(inst, NULL, &ret), 0);
	return ret;
}

static void devices_without_a_block_role_are_left_alone(void **state)
{
	struct device other = { .users = 0 };
	const struct node node = { .device = &other };

	(void)state;
	list_init(&other.roles);
	disk_with_nothing(&disk);
	assert_string_equal(__start_table_packages[0]->name, "disk-label");
	assert_non_null(node_method(disk.dev->node, "block-size"));
	assert_null(node_method(&node, "block-size"));
	finish();
}

static void grub_opens_an_unlabelled_disk_without_arguments(void **state)
{
	struct instance inst;

	(void)state;
	disk_with_nothing(&disk);
	open_good(&inst, "");
	assert_int_equal(inst.ops.size(&inst), disk.size);
	close_instance(&inst);
	open_good(&inst, "0");
	assert_int_equal(call(&inst, "block-size"), 512);
	assert_int_equal(call(&inst, "#blocks"), disk.size / 512);
	close_instance(&inst);
	assert_int_equal(disk.reads, 0);
	finish();
}

static void grub_finds_an_absent_partition_closed(void **state)
{
	(void)state;
	disk_with_mbr(&disk);
	open_bad("3", ERR_NOENT);
	open_bad("99", ERR_NOENT);
	open_bad("x,", ERR_NOENT);
	open_bad("nonsense,", ERR_INVAL);
	finish();
}

static void reads_are_to_the_byte_and_move_the_position(void **state)
{
	struct instance inst;
	uint8_t buf[2000];

	(void)state;
	disk_with_mbr(&disk);
	open_good(&inst, "1");
	for (size_t i = 0; i < disk.size; i++)
		disk.data[i] = (uint8_t)(i * 31 >> 3);
	assert_int_equal(inst.ops.seek(&inst, 5), 0);
	assert_int_equal(inst.ops.read(&inst, buf, 3), 3);
	assert_memory_equal(buf, disk.data + 64 * 512 + 5, 3);
	assert_int_equal(inst.ops.read(&inst, buf, 1501), 1501);
	assert_memory_equal(buf, disk.data + 64 * 512 + 8, 1501);
	assert_int_equal(inst.ops.read(&inst, buf, 0), 0);
	close_instance(&inst);
	finish();
}

static void grub_probes_past_the_end_in_silence(void **state)
{
	struct instance inst;
	uint8_t buf[1024];

	(void)state;
	disk_with_mbr(&disk);
	listen();
	open_good(&inst, "1");
	assert_int_equal(inst.ops.seek(&inst, 31 * 512), 0);
	assert_int_equal(inst.ops.read(&inst, buf, 1024), 512);
	assert_int_equal(inst.ops.read(&inst, buf, 1024), 0);
	assert_int_equal(inst.ops.seek(&inst, UINT64_MAX), 0);
	assert_int_equal(inst.ops.read(&inst, buf, 1024), 0);
	assert_int_equal(inst.ops.seek(&inst, 0), 0);
	assert_int_equal(inst.ops.read(&inst, buf, 1024), 1024);
	close_instance(&inst);
	assert_int_equal(fake_log_lines(), 0);
	finish();
}

static void a_bad_block_is_an_error_and_moves_nothing(void **state)
{
	struct instance inst;
	uint8_t buf[512];

	(void)state;
	disk_with_mbr(&disk);
	open_good(&inst, "1");
	disk.bad_first = disk.bad_last = 64;
	assert_int_equal(inst.ops.read(&inst, buf, 512), ERR_IO);
	disk.bad_first = 1;
	disk.bad_last = 0;
	assert_int_equal(inst.ops.read(&inst, buf, 4), 4);
	assert_memory_equal(buf, disk.data + 64 * 512, 4);
	close_instance(&inst);
	finish();
}

static void each_instance_has_its_own_position(void **state)
{
	struct instance a, b;
	uint8_t buf[16];

	(void)state;
	disk_with_mbr(&disk);
	open_good(&a, "0");
	open_good(&b, "1");
	assert_int_equal(a.ops.seek(&a, 510), 0);
	assert_int_equal(b.ops.read(&b, buf, 16), 16);
	assert_memory_equal(buf, disk.data + 64 * 512, 16);
	assert_int_equal(a.ops.read(&a, buf, 2), 2);
	assert_memory_equal(buf, "\x55\xaa", 2);
	close_instance(&a);
	close_instance(&b);
	finish();
}

static void whole_blocks_are_written_relative_to_the_partition(void **state)
{
	struct instance inst;
	uint8_t buf[1024];

	(void)state;
	disk_with_mbr(&disk);
	memset(buf, 0x5a, sizeof(buf));
	open_good(&inst, "1");
	assert_int_equal(inst.ops.seek(&inst, 512), 0);
	assert_int_equal(inst.ops.write(&inst, buf, 1024), 1024);
	assert_memory_equal(disk.data + 65 * 512, buf, 1024);
	assert_int_equal(inst.ops.write(&inst, buf, 512), 512);
	assert_memory_equal(disk.data + 67 * 512, buf, 512);
	assert_int_equal(disk.writes, 2);
	close_instance(&inst);
	finish();
}

static void parts_of_blocks_are_not_written(void **state)
{
	struct instance inst;
	uint8_t buf[1024] = { 0 };

	(void)state;
	disk_with_mbr(&disk);
	open_good(&inst, "1");
	assert_int_equal(inst.ops.write(&inst, buf, 511), ERR_INVAL);
	assert_int_equal(inst.ops.seek(&inst, 1), 0);
	assert_int_equal(inst.ops.write(&inst, buf, 512), ERR_INVAL);
	assert_int_equal(disk.writes, 0);
	close_instance(&inst);
	finish();
}

static void a_write_that_leaves_the_partition_writes_nothing(void **state)
{
	struct instance inst;
	uint8_t buf[1024] = { 0 };

	(void)state;
	disk_with_mbr(&disk);
	open_good(&inst, "1");
	assert_int_equal(inst.ops.seek(&inst, 31 * 512), 0);
	assert_int_equal(inst.ops.write(&inst, buf, 1024), ERR_RANGE);
	assert_int_equal(inst.ops.seek(&inst, 64 * 512), 0);
	assert_int_equal(inst.ops.write(&inst, buf, 512), ERR_RANGE);
	assert_int_equal(disk.writes, 0);
	close_instance(&inst);
	finish();
}

static void slof_protects_the_first_34_blocks_of_the_disk(void **state)
{
	struct instance inst;
	uint8_t buf[4096] = { 0 };

	(void)state;
	disk_with_mbr(&disk);
	table_mbr(&disk, 0, 2, 0, 0x83, 30, 20);
	listen();
	open_good(&inst, "0");
	assert_int_equal(inst.ops.seek(&inst, 33 * 512), 0);
	assert_int_equal(inst.ops.write(&inst, buf, 4096), ERR_PERM);
	assert_int_equal(fake_log_lines(), 1);
	assert_int_equal(disk.writes, 0);
	assert_int_equal(inst.ops.seek(&inst, 34 * 512), 0);
	assert_int_equal(inst.ops.write(&inst, buf, 512), 512);
	close_instance(&inst);
	open_good(&inst, "3");
	assert_int_equal(inst.ops.write(&inst, buf, 4096), ERR_PERM);
	assert_int_equal(fake_log_lines(), 2);
	assert_int_equal(inst.ops.seek(&inst, 4 * 512), 0);
	assert_int_equal(inst.ops.write(&inst, buf, 512), 512);
	assert_int_equal(disk.writes, 2);
	close_instance(&inst);
	finish();
}

static void files_are_read_and_never_written(void **state)
{
	struct instance inst;
	char buf[512] = "";

	(void)state;
	disk_with_iso(&disk);
	open_good(&inst, "\\boot\\core.elf");
	assert_int_equal(inst.ops.size(&inst), 4);
	assert_int_equal(inst.ops.seek(&inst, 1), 0);
	assert_int_equal(inst.ops.read(&inst, buf, 512), 3);
	assert_string_equal(buf, "ore");
	assert_int_equal(inst.ops.seek(&inst, 0), 0);
	assert_int_equal(inst.ops.write(&inst, buf, 512), ERR_PERM);
	assert_int_equal(call(&inst, "block-size"), 2048);
	close_instance(&inst);
	finish();
}

static void a_directory_is_not_opened(void **state)
{
	(void)state;
	disk_with_iso(&disk);
	open_bad("\\boot", ERR_NOENT);
	assert_non_null(strstr(reason(), "directory"));
	finish();
}

static void blocks_are_counted_up_to_a_cell(void **state)
{
	struct instance inst;

	(void)state;
	disk_with_nothing(&disk);
	disk.blocks = 1ULL << 40;
	open_good(&inst, "");
	assert_int_equal(call(&inst, "#blocks"), 0xffffffff);
	close_instance(&inst);
	finish();
}

static void a_disk_that_was_shut_down_is_neither_read_nor_opened(void **state)
{
	struct instance inst;
	uint8_t buf[512];

	(void)state;
	disk_with_mbr(&disk);
	open_good(&inst, "");
	device_quiesce_all(NULL);
	assert_int_equal(inst.ops.read(&inst, buf, 512), ERR_NODEV);
	assert_int_equal(inst.ops.seek(&inst, 64 * 512), 0);
	assert_int_equal(inst.ops.write(&inst, buf, 512), ERR_NODEV);
	open_bad("", ERR_NODEV);
	close_instance(&inst);
	finish();
}

/* The device is reset, and comes back with blocks of another size. */
static void blocks_that_grow_under_an_instance_move_no_byte(void **state)
{
	struct instance inst, again;
	uint8_t *buf = calloc(1, 512);

	(void)state;
	disk_with_nothing(&disk);
	open_good(&inst, "");
	assert_int_equal(inst.ops.seek(&inst, 40 * 512), 0);
	disk.block_size = 4096;
	device_stop(disk.dev);
	assert_int_equal(inst.ops.write(&inst, buf, 512), ERR_IO);
	assert_non_null(
		strstr(reason(), "block size changed from 512 to 4096"));
	device_stop(disk.dev);
	assert_int_equal(inst.ops.read(&inst, buf, 512), ERR_IO);
	assert_int_equal(block_open(&disk.bd), 0);
	open_good(&again, "");
	assert_int_equal(call(&again, "block-size"), 4096);
	assert_int_equal(again.ops.read(&again, buf, 512), 512);
	/* The first one goes on failing. */
	assert_int_equal(call(&inst, "block-size"), 512);
	assert_int_equal(inst.ops.write(&inst, buf, 512), ERR_IO);
	assert_non_null(strstr(reason(), "medium was changed"));
	assert_int_equal(inst.ops.read(&inst, buf, 512), ERR_IO);
	assert_int_equal(disk.reads, 1);
	assert_int_equal(disk.writes, 0);
	close_instance(&again);
	close_instance(&inst);
	free(buf);
	finish();
}

static void no_memory_is_told_and_nothing_leaks(void **state)
{
	(void)state;
	disk_with_nothing(&disk);
	fake_heap_fail_after(0);
	open_bad("", ERR_NOMEM);
	fake_heap_fail_after(-1);
	finish();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(devices_without_a_block_role_are_left_alone),
		cmocka_unit_test(
			grub_opens_an_unlabelled_disk_without_arguments),
		cmocka_unit_test(grub_finds_an_absent_partition_closed),
		cmocka_unit_test(reads_are_to_the_byte_and_move_the_position),
		cmocka_unit_test(grub_probes_past_the_end_in_silence),
		cmocka_unit_test(a_bad_block_is_an_error_and_moves_nothing),
		cmocka_unit_test(each_instance_has_its_own_position),
		cmocka_unit_test(
			whole_blocks_are_written_relative_to_the_partition),
		cmocka_unit_test(parts_of_blocks_are_not_written),
		cmocka_unit_test(
			a_write_that_leaves_the_partition_writes_nothing),
		cmocka_unit_test(slof_protects_the_first_34_blocks_of_the_disk),
		cmocka_unit_test(files_are_read_and_never_written),
		cmocka_unit_test(a_directory_is_not_opened),
		cmocka_unit_test(blocks_are_counted_up_to_a_cell),
		cmocka_unit_test(
			a_disk_that_was_shut_down_is_neither_read_nor_opened),
		cmocka_unit_test(
			blocks_that_grow_under_an_instance_move_no_byte),
		cmocka_unit_test(no_memory_is_told_and_nothing_leaks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
