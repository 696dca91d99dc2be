// SPDX-License-Identifier: BSD-2-Clause
/* Tests of boot/loader.c with real files: what is measured, what is staged. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "boot/config.h"
#include "boot/handover.h"
#include "boot/loader.h"
#include "ci/claim.h"
#include "lib/reason.h"
#include "packages/disk_boot.h"
#include "tests/fake/elf.h"
#include "tests/fake/machine.h"
#include "tests/fake/measure.h"

#define DISK "/vdevice/disk@71000002"

static struct elf_maker maker;
static struct elf_entry entry;
/* The disk does not say how much there is, and is read in order. */
static bool network;

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
	fake_measure_reset();
	measure_set_hook(fake_measure);
	return 0;
}

static int stop(void **state)
{
	measure_set_hook(NULL);
	fake_measure_reset();
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
	char device[] = "disk:2", disk[] = "disk", text[32] = "";
	const struct boot_target target = {
		.device = network ? disk : device,
		.args = text,
	};

	strcpy(text, args);
	if (maker.file)
		memcpy(fake_disk, maker.file, maker.size);
	handover_begin();
	return loader_load(&target, &entry);
}

static const char *name(void)
{
	return network ? DISK : DISK ":2";
}

static size_t header(void)
{
	return maker.is_64 ? 64 : 52;
}

static size_t measured_headers(void)
{
	size_t table = 2u * maker.phentsize;

	fake_measured(MEASURE_ELF_HEADER, name(), maker.file, header());
	fake_measured(MEASURE_ELF_TABLE, name(), maker.file + header(), table);
	return header() + table;
}

static size_t measured_segments(void)
{
	fake_measured(MEASURE_SEGMENT, name(), maker.file + 1024, 1000);
	fake_measured(MEASURE_SEGMENT, name(), maker.file + 512, 300);
	return 1300;
}

static void run(void)
{
	uint64_t result;

	assert_int_equal(handover_client(&entry, &result), CI_EXIT);
	handover_cleanup();
}

static void expect_elf(bool is_64)
{
	size_t sum;

	make(is_64);
	assert_int_equal(load("quiet"), 0);
	run();
	sum = measured_headers();
	sum += measured_segments();
	fake_measured(MEASURE_ARGS, "bootargs", "quiet", 5);
	assert_int_equal(fake_measured_all(), sum + 5);
}

static void every_byte_of_a_32_bit_file_is_measured(void **state)
{
	(void)state;
	expect_elf(false);
}

static void every_byte_of_a_64_bit_file_is_measured(void **state)
{
	(void)state;
	expect_elf(true);
}

/* The segments come from the disk once more, and so they are told. */
static void every_byte_of_an_aix_image_is_measured(void **state)
{
	size_t sum;

	(void)state;
	make(false);
	maker.file[7] = ELF_OSABI_AIX;
	assert_int_equal(load(""), 0);
	run();
	sum = measured_headers();
	fake_measured(MEASURE_RAW, name(), fake_disk, sizeof(fake_disk));
	sum += measured_segments();
	assert_int_equal(fake_measured_all(), sum + sizeof(fake_disk));
}

static void every_byte_of_a_boot_script_is_measured(void **state)
{
	static const char text[] = "\\ Bootscript\nad 7c10 c!\n";

	(void)state;
	memcpy(fake_disk, text, sizeof(text));
	assert_int_equal(load(""), LOADER_SCRIPT);
	fake_measured(MEASURE_SCRIPT, name(), text, strlen(text));
	assert_int_equal(fake_measured_all(), strlen(text));
	handover_cancel();
}

/* Before it is known whether it can be run. */
static void a_script_that_is_refused_has_been_measured(void **state)
{
	(void)state;
	strcpy((char *)fake_disk, "\\ x\nfrob");
	assert_int_equal(load(""), ERR_NODEV);
	fake_measured(MEASURE_SCRIPT, name(), "\\ x\nfrob", 8);
	fake_measured_all();
	handover_cancel();
}

static void what_is_no_executable_is_not_measured(void **state)
{
	(void)state;
	strcpy((char *)fake_disk, "no ELF file");
	assert_int_equal(load(""), ERR_NODEV);
	assert_int_equal(fake_measured_all(), 0);
	handover_cancel();
}

static void a_stream_is_staged_and_then_loaded(void **state)
{
	size_t sum;

	(void)state;
	network = true;
	make(true);
	assert_int_equal(load(""), 0);
	assert_memory_equal(fake_memory + 0x20000, maker.file + 1024, 1000);
	assert_memory_equal(fake_memory + 0x21000, maker.file + 512, 300);
	sum = measured_headers();
	sum += measured_segments();
	assert_int_equal(fake_measured_all(), sum);
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
		T(every_byte_of_a_32_bit_file_is_measured),
		T(every_byte_of_a_64_bit_file_is_measured),
		T(every_byte_of_an_aix_image_is_measured),
		T(every_byte_of_a_boot_script_is_measured),
		T(a_script_that_is_refused_has_been_measured),
		T(what_is_no_executable_is_not_measured),
		T(a_stream_is_staged_and_then_loaded),
		T(a_staged_file_may_be_loaded_over_its_stage),
		T(a_stream_that_breaks_off_is_e3407),
		T(a_stream_that_is_cut_off_is_e3403),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
