// SPDX-License-Identifier: BSD-2-Clause
/* Tests of boot/loader.c with real files: what is measured, what is staged. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "boot/config.h"
#include "boot/handover.h"
#include "boot/loader.h"
#include "boot/secure.h"
#include "ci/claim.h"
#include "lib/reason.h"
#include "packages/disk_boot.h"
#include "packages/partition.h"
#include "tests/fake/elf.h"
#include "tests/fake/machine.h"
#include "tests/fake/measure.h"

#define DISK "/vdevice/disk@71000002"

static struct elf_maker maker;
static struct elf_entry entry;
/* The disk does not say how much there is, and is read in order. */
static bool network;
static const char *args_after_disk;
/* What boot/secure.c does. */
static bool secure_on, secure_refuses;
static void (*secure_hook)(void);
static uint64_t program_size;

static void spoil_disk(void)
{
	memset(fake_disk, 0, sizeof(fake_disk));
}

void partition_measure(struct block_device *bd)
{
	assert_non_null(bd);
	measure_later(MEASURE_MBR, NULL, "table", 5);
}

bool secure_is_on(void)
{
	return secure_on;
}

int secure_program(struct image *img)
{
	program_size = img->size;
	if (secure_hook)
		secure_hook();
	return secure_refuses ? reason_fail(ERR_PERM, "it is not signed") : 0;
}

uint64_t config_num(const char *name)
{
	(void)name;
	return 0x4000;
}

/* What is tried is not searched for, but for the network's. */
int disk_boot_next(struct disk_search *search, struct disk_boot *boot)
{
	memset(boot, 0, sizeof(*boot));
	return search->found++ ? DISK_BOOT_END : 0;
}

static long read_stream(struct image *img, uint64_t offset, void *buf,
			size_t len)
{
	assert_int_equal(offset, img->seen);
	if (fake_disk_read_error)
		return reason_fail(fake_disk_read_error, "the server is gone");
	len = (size_t)MIN(len, fake_disk_size - offset);
	memcpy(buf, fake_disk + offset, len);
	return (long)len;
}

int disk_boot_open(struct block_device *bd, const struct disk_boot *boot,
		   struct disk_target *target, struct image *img)
{
	(void)bd;
	(void)boot;
	(void)target;
	*img = (struct image){ .size = IMAGE_SIZE_UNKNOWN,
			       .stream = true,
			       .read = read_stream };
	return 0;
}

void disk_target_close(struct disk_target *target)
{
	(void)target;
}

static int64_t enter(const struct client_regs *regs, uint64_t *result)
{
	(void)regs;
	*result = 0;
	return CI_EXIT;
}

static int start(void **state)
{
	static const struct boot_machine machine = {
		.enter = enter,
		.stack_top = FAKE_STACK_END,
	};

	fake_machine_start(state);
	handover_init(&machine);
	memset(fake_disk, 0, sizeof(fake_disk));
	network = false;
	args_after_disk = ":2";
	secure_hook = NULL;
	secure_on = secure_refuses = false;
	fake_measure_start();
	return 0;
}

static int stop(void **state)
{
	fake_measure_stop();
	elf_maker_free(&maker);
	return fake_machine_stop(state);
}

/* Two segments, the second of which is the first in the file. */
static void make(bool is_64)
{
	elf_maker_init(&maker, is_64, false);
	elf_maker_load(&maker, 0x21000, 0x21000, 512, 300, 0x800);
	elf_maker_load(&maker, 0x20000, 0x20000, 1024, 1000, 1000);
	elf_maker_entry(&maker, 0x20000);
}

static int load(const char *args)
{
	char device[64] = "disk", text[32] = "";
	const struct boot_target target = { .device = device, .args = text };

	if (!network)
		strcat(device, args_after_disk);
	strcpy(text, args);
	if (maker.file)
		memcpy(fake_disk, maker.file, maker.size);
	handover_begin();
	return loader_load(&target, &entry);
}

static void run(void)
{
	uint64_t result;

	assert_int_equal(handover_client(&entry, &result), CI_EXIT);
	/* That it has left is measured, too. */
	fake_measure_on = false;
	handover_cleanup();
	fake_measure_on = true;
}

/* From byte 1024 + 1000 on, the partition is not the file's. */
static void expect_elf(bool is_64)
{
	make(is_64);
	fake_disk[2024] = 0x55;
	assert_int_equal(load("quiet"), 0);
	assert_memory_equal(fake_memory + 0x20000, maker.file + 1024, 1000);
	assert_memory_equal(fake_memory + 0x21000, maker.file + 512, 300);
	run();
	fake_measured(MEASURE_MBR, NULL, "table", 5);
	fake_measured(MEASURE_TEXT, "bootargs", "quiet", 5);
	fake_measured(MEASURE_BOOTING, DISK ":2", NULL, 0);
	fake_measured(MEASURE_LOADER, "BOOTLOADER", maker.file, 2024);
	fake_measured_end();
}

static void the_file_in_a_partition_is_measured_to_its_end(void **state)
{
	(void)state;
	expect_elf(false);
	elf_maker_free(&maker);
	fake_measure_start();
	expect_elf(true);
}

static void all_of_a_file_is_measured(void **state)
{
	(void)state;
	make(false);
	args_after_disk = ":2,\\boot\\grub";
	assert_int_equal(load(""), 0);
	run();
	fake_measured(MEASURE_MBR, NULL, "table", 5);
	fake_measured(MEASURE_BOOTING, DISK ":2,\\boot\\grub", NULL, 0);
	fake_measured(MEASURE_LOADER, "\\boot\\grub", fake_disk,
		      sizeof(fake_disk));
	fake_measured_end();
}

static void all_of_an_aix_partition_is_measured(void **state)
{
	(void)state;
	make(false);
	maker.file[7] = ELF_OSABI_AIX;
	assert_int_equal(load(""), 0);
	run();
	fake_measured(MEASURE_MBR, NULL, "table", 5);
	fake_measured(MEASURE_BOOTING, DISK ":2", NULL, 0);
	fake_measured(MEASURE_LOADER, "AIX boot image", fake_disk,
		      sizeof(fake_disk));
	fake_measured_end();
}

/* At once: it runs while it is loaded. */
static void every_byte_of_a_boot_script_is_measured(void **state)
{
	static const char text[] = "\\ Bootscript\nad 7c10 c!\n";

	(void)state;
	memcpy(fake_disk, text, sizeof(text));
	assert_int_equal(load(""), LOADER_SCRIPT);
	fake_measured(MEASURE_MBR, NULL, "table", 5);
	fake_measured(MEASURE_BOOTING, DISK ":2", NULL, 0);
	fake_measured(MEASURE_LOADER, "boot script", text, strlen(text));
	fake_measured(MEASURE_PHRASE, NULL, "ad 7c10 c!", 10);
	fake_measured_end();
	handover_cancel();
}

/* Before it is known whether it can be run. */
static void a_script_that_is_refused_has_been_measured(void **state)
{
	(void)state;
	strcpy((char *)fake_disk, "\\ x\nfrob");
	assert_int_equal(load(""), ERR_NODEV);
	fake_measured(MEASURE_MBR, NULL, "table", 5);
	fake_measured(MEASURE_BOOTING, DISK ":2", NULL, 0);
	fake_measured(MEASURE_LOADER, "boot script", "\\ x\nfrob", 8);
	fake_measured_end();
	handover_cancel();
}

static void what_is_not_entered_is_not_measured(void **state)
{
	(void)state;
	strcpy((char *)fake_disk, "no ELF file");
	assert_int_equal(load(""), ERR_NODEV);
	assert_int_equal(fake_measured_waits(), 0);
	handover_cancel();
	make(true);
	assert_int_equal(claim_exact(0x20000, 1), 0);
	assert_int_equal(load(""), ERR_NODEV);
	assert_int_equal(fake_measured_waits(), 0);
	fake_measured_end();
	handover_cancel();
}

/* The disk says another thing the second time: it is not asked. */
static void what_was_measured_is_what_is_loaded(void **state)
{
	(void)state;
	make(true);
	secure_hook = spoil_disk;
	assert_int_equal(load(""), 0);
	assert_memory_equal(fake_memory + 0x20000, maker.file + 1024, 1000);
	run();
	fake_measured(MEASURE_MBR, NULL, "table", 5);
	fake_measured(MEASURE_BOOTING, DISK ":2", NULL, 0);
	fake_measured(MEASURE_LOADER, "BOOTLOADER", maker.file, 2024);
	fake_measured_end();
}

static void without_tpm_and_keys_nothing_is_staged(void **state)
{
	(void)state;
	fake_measure_stop();
	make(true);
	assert_int_equal(load(""), 0);
	assert_int_equal(program_size, sizeof(fake_disk));
	handover_cancel();
	secure_on = true;
	assert_int_equal(load(""), 0);
	assert_int_equal(program_size, 2024);
	handover_cancel();
}

static void what_is_refused_is_not_loaded(void **state)
{
	(void)state;
	make(true);
	secure_refuses = true;
	assert_int_equal(load(""), ERR_NODEV);
	assert_non_null(strstr(fake_printed, "it is not signed"));
	assert_int_equal(fake_measured_waits(), 0);
	assert_true(claim_is_free(0x20000, 1000));
	handover_cancel();
}

static void a_stream_is_staged_and_then_loaded(void **state)
{
	(void)state;
	network = true;
	make(true);
	assert_int_equal(load(""), 0);
	assert_memory_equal(fake_memory + 0x20000, maker.file + 1024, 1000);
	assert_memory_equal(fake_memory + 0x21000, maker.file + 512, 300);
	/* All but the segments and the window: the stage is gone. */
	assert_true(claim_is_free(0, 0x20000));
	assert_true(claim_is_free(0x20000 + 1000, 0x1000 - 1000));
	assert_true(claim_is_free(0x21800, FAKE_WINDOW - 0x21800));
	assert_true(
		claim_is_free(FAKE_WINDOW_END, FAKE_MEMORY - FAKE_WINDOW_END));
	handover_cancel();
}

/* The only memory that is large enough for it is where a segment goes. */
static void a_staged_file_may_be_loaded_over_its_stage(void **state)
{
	(void)state;
	network = true;
	elf_maker_init(&maker, true, false);
	elf_maker_load(&maker, FAKE_WINDOW_END, 0, 0, 4096, 0x6000);
	elf_maker_entry(&maker, 0x100);
	fake_disk_size = ELF_MAKER_SIZE;
	assert_int_equal(claim_exact(0x8000, FAKE_WINDOW - 0x8000), 0);
	assert_int_equal(load(""), 0);
	assert_memory_equal(fake_memory + FAKE_WINDOW_END, maker.file, 4096);
	handover_cancel();
}

static void a_stream_that_breaks_off_is_e3407(void **state)
{
	(void)state;
	network = true;
	make(true);
	fake_disk_read_error = ERR_TIMEOUT;
	assert_int_equal(load(""), ERR_NODEV);
	assert_non_null(strstr(fake_printed,
			       "E3407: Load failed: " DISK ": the server is "
			       "gone"));
	handover_cancel();
	assert_true(claim_is_free(0, FAKE_WINDOW));
}

static void a_stream_that_is_cut_off_is_e3403(void **state)
{
	(void)state;
	network = true;
	make(true);
	fake_disk_size = 1500;
	assert_int_equal(load(""), ERR_NODEV);
	assert_non_null(strstr(fake_printed, "E3403: Bad executable: " DISK
					     ": truncated: segment at 20000"));
	handover_cancel();
}

#define T(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_file_in_a_partition_is_measured_to_its_end),
		T(all_of_a_file_is_measured),
		T(all_of_an_aix_partition_is_measured),
		T(every_byte_of_a_boot_script_is_measured),
		T(a_script_that_is_refused_has_been_measured),
		T(what_is_not_entered_is_not_measured),
		T(what_was_measured_is_what_is_loaded),
		T(without_tpm_and_keys_nothing_is_staged),
		T(what_is_refused_is_not_loaded),
		T(a_stream_is_staged_and_then_loaded),
		T(a_staged_file_may_be_loaded_over_its_stage),
		T(a_stream_that_breaks_off_is_e3407),
		T(a_stream_that_is_cut_off_is_e3403),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
