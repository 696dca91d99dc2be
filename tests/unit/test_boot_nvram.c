// SPDX-License-Identifier: BSD-2-Clause
/* Tests of boot/nvram.c: partitions, variables, hostile contents. */
#include "boot/nvram.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/reason.h"
#include "tests/fake/heap.h"
#include "tests/fake/nvram.h"
#include "tests/fake/terminal.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define KIB 1024u

static int setup(void **state)
{
	(void)state;
	fake_terminal_reset();
	fake_nvram_reset(64 * KIB);
	reason_clear();
	return 0;
}

/* Without NVRAM everything is given back. */
static int teardown(void **state)
{
	(void)state;
	fake_nvram_reset(0);
	assert_int_equal(nvram_open("", 0), ERR_NODEV);
	return 0;
}

/* The value that counts, or NULL. */
static const char *value(const char *name)
{
	const char *found = NULL;
	struct nvram_var var;
	size_t pos = 0;

	while (nvram_next(&pos, &var)) {
		if (var.name_len == strlen(name) &&
		    !memcmp(var.name, name, var.name_len))
			found = var.value;
	}
	return found;
}

static unsigned count(void)
{
	struct nvram_var var;
	unsigned n = 0;
	size_t pos = 0;

	while (nvram_next(&pos, &var))
		n++;
	return n;
}

static void assert_header(uint32_t off, uint8_t signature, uint8_t checksum,
			  uint16_t blocks, const char *name)
{
	const uint8_t *h = fake_nvram + off;
	char padded[12] = { 0 };

	memcpy(padded, name, strlen(name));
	assert_int_equal(h[0], signature);
	assert_int_equal(h[1], checksum);
	assert_int_equal(h[2] << 8 | h[3], blocks);
	assert_memory_equal(h + 4, padded, 12);
}

static void an_empty_nvram_is_formatted_as_slof_does_it(void **state)
{
	(void)state;
	fake_nvram_reset(16 * KIB);
	assert_int_equal(nvram_open(FAKE_STRINGS("a=1\0b=2\0")), 0);
	/* Headers of SLOF 20220719 on a 16 KiB pflash file, byte by byte. */
	assert_header(0x0000, 0x51, 0x15, 0x200, "ibm,CPU0log");
	assert_header(0x2000, 0x51, 0x94, 0x080, "ibm,CPU1log");
	assert_header(0x2800, 0x70, 0xfc, 0x100, "common");
	assert_header(0x3800, 0x7f, 0xd1, 0x080, "free space");
	assert_memory_equal(fake_nvram + 0x2810, "a=1\0b=2\0", 9);
	assert_string_equal(
		fake_printed,
		"No NVRAM common partition, re-initializing...\r\n");
	assert_string_equal(value("b"), "2");
}

static void a_small_nvram_has_no_room_for_logs(void **state)
{
	(void)state;
	fake_nvram_reset(8 * KIB);
	assert_int_equal(nvram_open("", 0), 0);
	assert_header(0x0000, 0x70, 0xfc, 0x100, "common");
	assert_header(0x1000, 0x7f, 0x52, 0x100, "free space");
}

static void an_nvram_below_four_kib_is_refused(void **state)
{
	(void)state;
	fake_nvram_reset(4 * KIB - 16);
	assert_int_equal(nvram_open("", 0), ERR_NOSPACE);
	assert_non_null(strstr(reason(), "4080"));
	assert_int_equal(nvram_set("a", "1"), ERR_NODEV);
}

static void the_largest_nvram_ends_in_free_space(void **state)
{
	(void)state;
	fake_nvram_reset(1024 * KIB);
	assert_int_equal(nvram_open("", 0), 0);
	assert_int_equal(fake_nvram[0x3802] << 8 | fake_nvram[0x3803],
			 (1024 * KIB - 0x3800) / 16);
}

static void an_exact_fit_leaves_no_free_space(void **state)
{
	(void)state;
	fake_nvram_reset(4 * KIB);
	assert_int_equal(nvram_open("", 0), 0);
	assert_int_equal(nvram_set("a", "1"), 0);
}

static void formatting_happens_once(void **state)
{
	(void)state;
	assert_int_equal(nvram_open(FAKE_STRINGS("a=1\0")), 0);
	assert_int_equal(nvram_set("a", "2"), 0);
	fake_terminal_reset();
	fake_nvram_written = 0;
	assert_int_equal(nvram_open(FAKE_STRINGS("a=1\0")), 0);
	assert_string_equal(value("a"), "2");
	assert_int_equal(fake_nvram_written, 0);
	assert_string_equal(fake_printed, "");
}

static void old_garbage_does_not_become_variables(void **state)
{
	(void)state;
	memset(fake_nvram, 'x', sizeof(fake_nvram));
	assert_int_equal(nvram_open(FAKE_STRINGS("a=1\0")), 0);
	assert_int_equal(count(), 1);
	assert_int_equal(fake_nvram[0x2810 + 4], 0);
	assert_int_equal(fake_nvram[0x3800 - 1], 0);
}

static void a_common_partition_wins_over_system(void **state)
{
	(void)state;
	fake_nvram_partition(0, 0x70, "system", 1024, FAKE_STRINGS("a=sys"));
	fake_nvram_partition(1024, 0x70, "common", 1024, FAKE_STRINGS("a=com"));
	assert_int_equal(nvram_open("", 0), 0);
	assert_string_equal(value("a"), "com");
}

static void a_common_partition_of_another_kind_is_not_taken(void **state)
{
	(void)state;
	fake_nvram_partition(0, 0x71, "common", 1024, FAKE_STRINGS("a=no"));
	fake_nvram_partition(1024, 0x70, "commonplace", 1024,
			     FAKE_STRINGS("a=no"));
	fake_nvram_partition(2048, 0x70, "common", 1024, FAKE_STRINGS("a=yes"));
	assert_int_equal(nvram_open("", 0), 0);
	assert_string_equal(value("a"), "yes");
}

static void qemu_prom_env_is_read_and_kept(void **state)
{
	(void)state;
	fake_nvram_prom_env(
		FAKE_STRINGS("auto-boot?=false\0nvramrc=\" hi\"\0"));
	assert_int_equal(nvram_open("", 0), 0);
	assert_string_equal(value("auto-boot?"), "false");
	assert_string_equal(value("nvramrc"), "\" hi\"");
	assert_int_equal(fake_nvram_written, 0);
	assert_string_equal(fake_printed, "");
}

/* autotest/tp-qemu power_nvram: 128 strings of 128 bytes. */
static void
tp_qemu_128_strings_of_128_bytes_lose_only_the_damaged_ones(void **state)
{
	static char text[128 * 128];

	(void)state;
	for (unsigned i = 0; i < 128; i++) {
		memset(text + 128 * i, 'v', 127);
		snprintf(text + 128 * i, 128, "name%03u", i);
		text[128 * i + 7] = '=';
	}
	fake_nvram_prom_env(text, sizeof(text));
	assert_int_equal(nvram_open("", 0), 0);
	/* The header at 2048 stands in string (2048 - 16) / 128 = 15. */
	assert_null(value("name015"));
	assert_non_null(value("name014"));
	assert_non_null(value("name127"));
	assert_int_equal(count(), 127);
	assert_true(fake_log_has("more than 2032 bytes of -prom-env"));
	assert_true(fake_log_has("name015="));
	for (unsigned i = 16; i < 128; i++) {
		char name[8];

		snprintf(name, sizeof(name), "name%03u", i);
		assert_int_equal(strlen(value(name)), 119);
	}
}

static void a_damaged_prom_env_is_repaired_by_the_next_set(void **state)
{
	char text[2100];

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text, "long=", 5);
	text[2080] = '\0';
	memcpy(text + 2081, "b=2", 4);
	fake_nvram_prom_env(text, 2085);
	assert_int_equal(nvram_open("", 0), 0);
	assert_int_equal(nvram_set("c", "3"), 0);
	fake_terminal_reset();
	assert_int_equal(nvram_open("", 0), 0);
	assert_string_equal(value("b"), "2");
	assert_string_equal(value("c"), "3");
	assert_int_equal(count(), 2);
	assert_string_equal(fake_printed, "");
}

static void damage_that_reaches_the_partitions_end_is_cut_there(void **state)
{
	char text[2047];

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text, "long=", 5);
	fake_nvram_prom_env(text, sizeof(text));
	/* No NUL left anywhere. */
	fake_nvram[2063] = 'x';
	assert_int_equal(nvram_open("", 0), 0);
	assert_int_equal(count(), 0);
}

static void a_zero_length_partition_ends_the_chain(void **state)
{
	(void)state;
	fake_nvram_partition(0, 0x51, "log", 0, NULL, 0);
	fake_nvram_partition(16, 0x70, "common", 1024, FAKE_STRINGS("a=1"));
	assert_int_equal(nvram_open("", 0), 0);
	assert_true(fake_log_has("re-initializing"));
}

static void a_wrong_checksum_ends_the_chain(void **state)
{
	(void)state;
	fake_nvram_partition(0, 0x70, "common", 1024, FAKE_STRINGS("a=1"));
	fake_nvram[1]++;
	assert_int_equal(nvram_open("", 0), 0);
	assert_true(fake_log_has("re-initializing"));
}

static void a_partition_past_the_end_is_not_taken(void **state)
{
	(void)state;
	fake_nvram_reset(8 * KIB);
	fake_nvram_partition(0, 0x70, "common", 8 * KIB + 16,
			     FAKE_STRINGS("a=1"));
	assert_int_equal(nvram_open("", 0), 0);
	assert_true(fake_log_has("re-initializing"));
}

static void a_partition_of_only_a_header_is_not_taken(void **state)
{
	(void)state;
	fake_nvram_partition(0, 0x70, "common", 16, NULL, 0);
	fake_nvram_partition(16, 0x70, "common", 1024, FAKE_STRINGS("a=1"));
	assert_int_equal(nvram_open("", 0), 0);
	assert_string_equal(value("a"), "1");
}

static void strings_without_a_name_or_value_are_skipped(void **state)
{
	(void)state;
	fake_nvram_partition(0, 0x70, "common", 1024,
			     FAKE_STRINGS("=x\0junk\0a=\0b==\0"));
	assert_int_equal(nvram_open("", 0), 0);
	assert_int_equal(count(), 2);
	assert_string_equal(value("a"), "");
	assert_string_equal(value("b"), "=");
}

static void an_unterminated_last_string_ends_with_the_partition(void **state)
{
	char text[48];

	(void)state;
	memset(text, 'x', sizeof(text));
	text[1] = '=';
	fake_nvram_partition(0, 0x70, "common", 64, text, sizeof(text));
	memset(fake_nvram + 64, 'y', 64);
	assert_int_equal(nvram_open("", 0), 0);
	assert_int_equal(strlen(value("x")), 45);
}

static void set_replaces_in_place_and_drops_twins(void **state)
{
	(void)state;
	fake_nvram_partition(0, 0x70, "common", 1024,
			     FAKE_STRINGS("a=1\0b=2\0a=3\0ab=4\0"));
	assert_int_equal(nvram_open("", 0), 0);
	assert_int_equal(nvram_set("a", "long"), 0);
	assert_memory_equal(fake_nvram + 16, "a=long\0b=2\0ab=4\0\0", 17);
}

static void set_appends_a_new_variable(void **state)
{
	(void)state;
	fake_nvram_partition(0, 0x70, "common", 1024, FAKE_STRINGS("a=1\0"));
	assert_int_equal(nvram_open("", 0), 0);
	assert_int_equal(nvram_set("b", ""), 0);
	assert_memory_equal(fake_nvram + 16, "a=1\0b=\0\0", 8);
}

static void only_changed_bytes_are_written(void **state)
{
	(void)state;
	assert_int_equal(nvram_open(FAKE_STRINGS("a=1\0b=22\0c=3\0")), 0);
	fake_nvram_written = 0;
	assert_int_equal(nvram_set("b", "23"), 0);
	assert_int_equal(fake_nvram_written, 1);
	fake_nvram_written = 0;
	assert_int_equal(nvram_set("b", "23"), 0);
	assert_int_equal(fake_nvram_written, 0);
}

static void names_that_cannot_be_stored_are_refused(void **state)
{
	(void)state;
	assert_int_equal(nvram_open("", 0), 0);
	assert_int_equal(nvram_set("", "1"), ERR_INVAL);
	assert_int_equal(nvram_set("a=b", "1"), ERR_INVAL);
	assert_int_equal(count(), 0);
}

/* SLOF copied each string to a buffer of 0x500 bytes. */
static void a_value_may_be_as_long_as_the_partition(void **state)
{
	size_t room = 4096 - 16 - strlen("nvramrc=") - 2;
	char *text = calloc(1, room + 2);

	(void)state;
	memset(text, 'v', room);
	assert_int_equal(nvram_open("", 0), 0);
	assert_int_equal(nvram_set("nvramrc", text), 0);
	assert_string_equal(value("nvramrc"), text);
	assert_int_equal(nvram_open("", 0), 0);
	assert_string_equal(value("nvramrc"), text);
	text[room] = 'v';
	assert_int_equal(nvram_set("nvramrc", text), ERR_NOSPACE);
	free(text);
}

static void a_full_partition_keeps_what_it_had(void **state)
{
	char big[4000];

	(void)state;
	memset(big, 'v', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	assert_int_equal(nvram_open(FAKE_STRINGS("a=1\0b=2\0")), 0);
	assert_int_equal(nvram_set("c", big), 0);
	fake_nvram_written = 0;
	assert_int_equal(nvram_set("a", big), ERR_NOSPACE);
	assert_non_null(strstr(reason(), "NVRAM is full"));
	assert_string_equal(value("a"), "1");
	assert_int_equal(fake_nvram_written, 0);
	/* A value that still fits does so. */
	assert_int_equal(nvram_set("a", "3"), 0);
}

static void defaults_that_do_not_fit_are_refused(void **state)
{
	static char text[4096];

	(void)state;
	memset(text, 'v', sizeof(text));
	assert_int_equal(nvram_open(text, 4096 - 16), ERR_NOSPACE);
	assert_int_equal(nvram_set("a", "1"), ERR_NODEV);
}

static void every_failing_access_is_reported(void **state)
{
	int rc = -1;

	(void)state;
	for (int n = 0; rc; n++) {
		assert_true(n < 100);
		fake_nvram_reset(64 * KIB);
		fake_nvram_fail_after(n);
		rc = nvram_open(FAKE_STRINGS("a=1\0"));
		assert_int_equal(rc, rc ? ERR_IO : 0);
		assert_int_equal(count(), rc ? 0 : 1);
	}
	fake_nvram_fail_after(0);
	assert_int_equal(nvram_set("a", "2"), ERR_IO);
	assert_string_equal(value("a"), "1");
}

static void running_out_of_memory_changes_nothing(void **state)
{
	int rc = -1;

	(void)state;
	for (int n = 0; rc; n++) {
		assert_true(n < 100);
		fake_nvram_reset(64 * KIB);
		fake_heap_fail_after(n);
		rc = nvram_open(FAKE_STRINGS("a=1\0"));
		fake_heap_fail_after(-1);
		assert_true(rc == 0 || rc == ERR_NOMEM);
	}
	rc = -1;
	for (int n = 0; rc; n++) {
		assert_true(n < 100);
		assert_string_equal(value("a"), "1");
		fake_heap_fail_after(n);
		rc = nvram_set("a", "2");
		fake_heap_fail_after(-1);
		assert_true(rc == 0 || rc == ERR_NOMEM);
	}
	assert_string_equal(value("a"), "2");
}

/* Random damage, always the same: nothing may be read out of bounds. */
static void hostile_contents_are_survived(void **state)
{
	uint32_t seed = 1;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		fake_nvram_reset(8 * KIB);
		fake_nvram_prom_env(FAKE_STRINGS("a=1\0b=2\0"));
		for (int i = 0; i < 4; i++) {
			seed = seed * 1664525 + 1013904223;
			fake_nvram[(seed >> 8) % 64 + (i > 1 ? 2032 : 0)] =
				(uint8_t)(seed >> 24);
		}
		if (nvram_open(FAKE_STRINGS("a=1\0")))
			continue;
		count();
		if (!nvram_set("c", "3"))
			assert_string_equal(value("c"), "3");
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_empty_nvram_is_formatted_as_slof_does_it),
		TEST(a_small_nvram_has_no_room_for_logs),
		TEST(an_nvram_below_four_kib_is_refused),
		TEST(the_largest_nvram_ends_in_free_space),
		TEST(an_exact_fit_leaves_no_free_space),
		TEST(formatting_happens_once),
		TEST(old_garbage_does_not_become_variables),
		TEST(a_common_partition_wins_over_system),
		TEST(a_common_partition_of_another_kind_is_not_taken),
		TEST(qemu_prom_env_is_read_and_kept),
		TEST(tp_qemu_128_strings_of_128_bytes_lose_only_the_damaged_ones),
		TEST(a_damaged_prom_env_is_repaired_by_the_next_set),
		TEST(damage_that_reaches_the_partitions_end_is_cut_there),
		TEST(a_zero_length_partition_ends_the_chain),
		TEST(a_wrong_checksum_ends_the_chain),
		TEST(a_partition_past_the_end_is_not_taken),
		TEST(a_partition_of_only_a_header_is_not_taken),
		TEST(strings_without_a_name_or_value_are_skipped),
		TEST(an_unterminated_last_string_ends_with_the_partition),
		TEST(set_replaces_in_place_and_drops_twins),
		TEST(set_appends_a_new_variable),
		TEST(only_changed_bytes_are_written),
		TEST(names_that_cannot_be_stored_are_refused),
		TEST(a_value_may_be_as_long_as_the_partition),
		TEST(a_full_partition_keeps_what_it_had),
		TEST(defaults_that_do_not_fit_are_refused),
		TEST(every_failing_access_is_reported),
		TEST(running_out_of_memory_changes_nothing),
		TEST(hostile_contents_are_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
