// SPDX-License-Identifier: BSD-2-Clause
/* Tests of boot/loader.c with secure boot: what is refused, what is run. */
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
#include "packages/secure/keys.h"
#include "packages/secure/verify.h"
#include "tests/fake/elf.h"
#include "tests/fake/machine.h"

#define DISK "/vdevice/disk@71000002"

static struct elf_maker maker;
static struct elf_entry entry;
static enum keys_mode mode;
/* Each choice of the disk's search is a network's file: read once, in order. */
static unsigned choices;
/* The first ones are not signed. */
static unsigned unsigned_ones;
/* Bytes of the program, as they were verified. */
static uint8_t verified[ELF_MAKER_SIZE];
static size_t verified_len;
static unsigned verifications;
/* The disk answers differently after that. */
static bool disk_lies;

static const struct keys_key key = { .name = "Vendor" };

uint64_t config_num(const char *name)
{
	(void)name;
	return 0x4000;
}

enum keys_mode keys_mode(void)
{
	return mode;
}

bool keys_is_locked(void)
{
	return mode == KEYS_ENFORCE;
}

int verify_image(struct image *img, struct verify_result *result)
{
	assert_false(img->stream);
	verified_len = (size_t)MIN(img->size, sizeof(verified));
	assert_int_equal(image_read(img, 0, verified, verified_len), 0);
	if (disk_lies)
		memset(fake_disk, 0xee, sizeof(fake_disk));
	if (verifications++ < unsigned_ones)
		return reason_fail(ERR_PERM, "not signed");
	result->key = &key;
	return 0;
}

int disk_boot_next(struct disk_search *search, struct disk_boot *boot)
{
	memset(boot, 0, sizeof(*boot));
	return search->found++ < choices ? 0 : DISK_BOOT_END;
}

static long read_stream(struct image *img, uint64_t offset, void *buf,
			size_t len)
{
	assert_int_equal(offset, img->seen);
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

static int start(void **state)
{
	static const struct boot_machine machine = {
		.stack_top = FAKE_STACK_END,
	};

	fake_machine_start(state);
	handover_init(&machine);
	memset(fake_disk, 0, sizeof(fake_disk));
	memset(verified, 0, sizeof(verified));
	mode = KEYS_ENFORCE;
	choices = 1;
	unsigned_ones = verifications = 0;
	disk_lies = false;
	return 0;
}

static int stop(void **state)
{
	elf_maker_free(&maker);
	return fake_machine_stop(state);
}

/* A program with two segments, and 300 bytes after them. */
static void make(bool is_64)
{
	elf_maker_init(&maker, is_64, false);
	elf_maker_load(&maker, 0x21000, 0x21000, 512, 300, 0x800);
	elf_maker_load(&maker, 0x20000, 0x20000, 1024, 1000, 1000);
	elf_maker_entry(&maker, 0x20000);
	memcpy(fake_disk, maker.file, maker.size);
}

static int load(const char *device)
{
	char dev[32], args[1] = "";
	const struct boot_target target = { .device = dev, .args = args };

	strcpy(dev, device);
	handover_begin();
	return loader_load(&target, &entry);
}

static void assert_printed(const char *text)
{
	if (!strstr(fake_printed, text))
		print_message("printed: %s\n", fake_printed);
	assert_non_null(strstr(fake_printed, text));
}

static void assert_silent(void)
{
	assert_null(strstr(fake_printed, "Secure"));
	assert_null(strstr(fake_printed, "Verified"));
	assert_null(strstr(fake_printed, "E3403"));
}

static void assert_all_is_free(void)
{
	handover_cancel();
	assert_true(claim_is_free(0x4000, FAKE_WINDOW - 0x4000));
	assert_true(
		claim_is_free(FAKE_WINDOW_END, FAKE_MEMORY - FAKE_WINDOW_END));
}

static void expect_loaded(void)
{
	assert_memory_equal(fake_memory + 0x20000, maker.file + 1024, 1000);
	assert_memory_equal(fake_memory + 0x21000, maker.file + 512, 300);
	assert_int_equal(verifications, 1);
	assert_in_range(verified_len, 1024 + 1000, maker.size);
	assert_memory_equal(verified, maker.file, verified_len);
	/* The stage is gone. */
	assert_true(claim_is_free(0x21800, FAKE_WINDOW - 0x21800));
	handover_cancel();
}

static void what_is_signed_is_loaded_from_disk_and_network(void **state)
{
	static const char *const devices[] = { "disk", "disk:2" };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		fake_events_clear();
		verifications = 0;
		make(i & 1);
		assert_int_equal(load(devices[i / 2]), 0);
		assert_printed(" ...   Verified: signed by Vendor\r\n"
			       "  Successfully loaded\r\n");
		expect_loaded();
		elf_maker_free(&maker);
	}
}

static void what_is_verified_is_what_is_loaded(void **state)
{
	(void)state;
	disk_lies = true;
	make(true);
	assert_int_equal(load("disk:2"), 0);
	expect_loaded();
}

static void what_is_not_signed_is_refused_with_the_reason(void **state)
{
	static const char *const devices[] = { "disk", "disk:2" };
	static const char *const printed[] = {
		"\r\nE3403: Bad executable: " DISK ": not signed\r\n",
		"\r\nE3403: Bad executable: " DISK ":2: not signed\r\n",
	};

	(void)state;
	unsigned_ones = 4;
	for (size_t i = 0; i < 4; i++) {
		fake_events_clear();
		make(i & 1);
		memset(fake_memory + 0x20000, 0, 0x2000);
		assert_int_equal(load(devices[i / 2]), ERR_NODEV);
		assert_printed(printed[i / 2]);
		assert_null(strstr(fake_printed, "Successfully"));
		assert_int_equal(fake_memory[0x20000], 0);
		assert_all_is_free();
		elf_maker_free(&maker);
	}
}

static void a_refused_choice_is_followed_by_the_next(void **state)
{
	(void)state;
	choices = 3;
	unsigned_ones = 2;
	make(false);
	assert_int_equal(load("disk"), 0);
	assert_int_equal(verifications, 3);
	assert_printed("not signed");
	assert_printed("Verified: signed by Vendor");
	handover_cancel();
}

static void audit_loads_it_and_says_what_it_would_refuse(void **state)
{
	(void)state;
	mode = KEYS_AUDIT;
	unsigned_ones = 1;
	make(true);
	assert_int_equal(load("disk:2"), 0);
	assert_printed("\r\nSecure boot: would refuse " DISK ":2: not signed"
		       "\r\n  Successfully loaded\r\n");
	assert_null(strstr(fake_printed, "E3403"));
	expect_loaded();
}

static void script(void)
{
	strcpy((char *)fake_disk, "\\ Bootscript\nad 7c10 c!\n");
	fake_memory[0x7c10] = 0;
}

static void a_boot_script_is_refused(void **state)
{
	(void)state;
	script();
	assert_int_equal(load("disk:2"), ERR_NODEV);
	assert_printed("E3403: Bad executable: " DISK
		       ":2: a boot script cannot be signed\r\n");
	assert_int_equal(fake_memory[0x7c10], 0);
	assert_all_is_free();
}

static void audit_runs_a_boot_script(void **state)
{
	(void)state;
	mode = KEYS_AUDIT;
	script();
	assert_int_equal(load("disk:2"), LOADER_SCRIPT);
	assert_printed("Secure boot: would refuse " DISK
		       ":2: a boot script cannot be signed\r\n");
	assert_int_equal(fake_memory[0x7c10], 0xad);
	handover_cancel();
}

static void an_aix_image_is_refused(void **state)
{
	(void)state;
	make(false);
	maker.file[7] = ELF_OSABI_AIX;
	memcpy(fake_disk, maker.file, maker.size);
	assert_int_equal(load("disk:2"), ERR_NODEV);
	assert_printed("E3403: Bad executable: " DISK
		       ":2: an AIX boot image cannot be signed\r\n");
	assert_int_equal(verifications, 0);
	assert_all_is_free();
}

static void audit_runs_an_aix_image(void **state)
{
	(void)state;
	mode = KEYS_AUDIT;
	make(false);
	maker.file[7] = ELF_OSABI_AIX;
	memcpy(fake_disk, maker.file, maker.size);
	assert_int_equal(load("disk:2"), 0);
	assert_printed("would refuse " DISK
		       ":2: an AIX boot image cannot be signed\r\n");
	assert_memory_equal(fake_memory + 0x20000, maker.file + 1024, 1000);
	handover_cancel();
}

static void without_keys_nothing_is_verified_or_said(void **state)
{
	(void)state;
	mode = KEYS_OFF;
	make(true);
	assert_int_equal(load("disk:2"), 0);
	handover_cancel();
	assert_int_equal(load("disk"), 0);
	handover_cancel();
	script();
	assert_int_equal(load("disk:2"), LOADER_SCRIPT);
	handover_cancel();
	assert_int_equal(verifications, 0);
	assert_silent();
}

#define T(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_is_signed_is_loaded_from_disk_and_network),
		T(what_is_verified_is_what_is_loaded),
		T(what_is_not_signed_is_refused_with_the_reason),
		T(a_refused_choice_is_followed_by_the_next),
		T(audit_loads_it_and_says_what_it_would_refuse),
		T(a_boot_script_is_refused),
		T(audit_runs_a_boot_script),
		T(an_aix_image_is_refused),
		T(audit_runs_an_aix_image),
		T(without_keys_nothing_is_verified_or_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
