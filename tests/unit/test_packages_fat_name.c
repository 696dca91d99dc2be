// SPDX-License-Identifier: BSD-2-Clause
// Names in directories of FAT: 8.3, long ones, and what is left of them.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "packages/fat_name.h"
#include "tests/fake/fat_image.h"

static struct fat_name name;

static void finish(const char *field, uint8_t cases)
{
	struct fat_record record = { .cases = cases };

	memcpy(record.name, field, 11);
	fat_name_finish(&name, &record);
}

static void expect_short(const char *field, uint8_t cases, const char *text)
{
	finish(field, cases);
	assert_string_equal(name.text, text);
	assert_string_equal(name.short_name, text);
}

static void the_parts_of_a_short_name_lose_their_padding(void **state)
{
	(void)state;
	expect_short("KERNEL  BIN", 0, "KERNEL.BIN");
	expect_short("VMLINUX    ", 0, "VMLINUX");
	expect_short("FULLNAMEEXT", 0, "FULLNAME.EXT");
	expect_short("A B     C D", 0, "A B.C D");
	expect_short("        EXT", 0, ".EXT");
	expect_short("           ", 0, "");
}

static void windows_nt_has_a_case_bit_for_each_part(void **state)
{
	(void)state;
	expect_short("KERNEL1 BIN", 0x08, "kernel1.BIN");
	expect_short("KERNEL1 BIN", 0x10, "KERNEL1.bin");
	expect_short("KERNEL_1BIN", 0x18, "kernel_1.bin");
	expect_short("KERNEL1 BIN", 0xe7, "KERNEL1.BIN");
}

static void byte_e5_is_written_as_05_and_others_stay(void **state)
{
	(void)state;
	expect_short("\x05X         ", 0, "\xe5X");
	expect_short("X\x05\xc4\xff    \x05  ", 0x18, "x\x05\xc4\xff.\x05");
}

/* Slots of a long name of `len` units, the last part first. */
static void add_slots(const char *field, const uint16_t *units, unsigned len)
{
	unsigned count = (len + 12) / 13;

	for (unsigned n = count; n; n--) {
		struct fat_record slot = { 0 };
		uint16_t part[13];

		for (unsigned i = 0; i < 13; i++) {
			unsigned at = (n - 1) * 13 + i;

			part[i] = at < len ? units[at] : at == len ? 0 : 0xffff;
		}
		fat_image_slot(&slot, (uint8_t)(n | (n == count ? 0x40 : 0)),
			       field, part);
		fat_name_add(&name, &slot);
	}
}

static void expect_long(const uint16_t *units, unsigned len, const char *text)
{
	add_slots("SHORT   NAM", units, len);
	finish("SHORT   NAM", 0);
	assert_string_equal(name.text, text);
	assert_string_equal(name.short_name, "SHORT.NAM");
	/* They do not count twice. */
	finish("SHORT   NAM", 0);
	assert_string_equal(name.text, "SHORT.NAM");
}

static void long_names_become_utf_8(void **state)
{
	static const uint16_t ascii[] = { 'v', 'm', 'l', 'i', 'n', 'u', 'x' };
	static const uint16_t umlaut[] = { 'K', 0xf6, 'l', 'n' };
	static const uint16_t kana[] = { 0x30c6, 0x30b9, 0x30c8 };
	static const uint16_t edges[] = { 0x7f,	  0x80,	  0x7ff,  0x800,
					  0xd7ff, 0xe000, 0xffff, 'x' };

	(void)state;
	expect_long(ascii, 7, "vmlinux");
	expect_long(umlaut, 4, "K\xc3\xb6ln");
	expect_long(kana, 3, "\xe3\x83\x86\xe3\x82\xb9\xe3\x83\x88");
	expect_long(edges, 8,
		    "\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf"
		    "\xee\x80\x80\xef\xbf\xbfx");
}

static void surrogates_become_one_character_of_four_bytes(void **state)
{
	static const uint16_t pair[] = { 'a', 0xd83d, 0xde00, 'b' };
	static const uint16_t first[] = { 0xd800, 0xdc00 };
	static const uint16_t last[] = { 0xdbff, 0xdfff };

	(void)state;
	expect_long(pair, 4,
		    "a\xf0\x9f\x98\x80"
		    "b");
	expect_long(first, 2, "\xf0\x90\x80\x80");
	expect_long(last, 2, "\xf4\x8f\xbf\xbf");
}

static void half_of_a_surrogate_is_replaced(void **state)
{
	static const uint16_t high[] = { 'a', 0xd83d };
	static const uint16_t high_then_text[] = { 0xd83d, 'b' };
	static const uint16_t low[] = { 0xde00, 0xd83d };
	static const uint16_t lows[] = { 0xde00, 0xdc00 };
	static const uint16_t two[] = { 0xd83d, 0xd83d, 0xde00 };
	/* Both halves are there, but in two slots. */
	static const uint16_t far[] = {
		'a', 'b', 'c', 'd', 'e', 'f',	 'g',
		'h', 'i', 'j', 'k', 'l', 0xd83d, 0xde00
	};

	(void)state;
	expect_long(high, 2, "a\xef\xbf\xbd");
	expect_long(high_then_text, 2,
		    "\xef\xbf\xbd"
		    "b");
	expect_long(low, 2, "\xef\xbf\xbd\xef\xbf\xbd");
	expect_long(lows, 2, "\xef\xbf\xbd\xef\xbf\xbd");
	expect_long(two, 3, "\xef\xbf\xbd\xf0\x9f\x98\x80");
	expect_long(far, 14, "abcdefghijkl\xf0\x9f\x98\x80");
}

static void names_have_up_to_255_units(void **state)
{
	uint16_t units[260];
	char text[766];

	(void)state;
	for (unsigned len = 1; len <= 255; len++) {
		for (unsigned i = 0; i < len; i++) {
			units[i] = (uint16_t)(0x4000 + i);
			text[3 * i] = (char)0xe4;
			text[3 * i + 1] = (char)(0x80 | i >> 6);
			text[3 * i + 2] = (char)(0x80 | (i & 63));
		}
		text[3 * len] = '\0';
		expect_long(units, len, text);
	}
	for (unsigned len = 256; len <= 260; len++) {
		for (unsigned i = 0; i < len; i++)
			units[i] = 'x';
		expect_long(units, len, "SHORT.NAM");
	}
}

/* A slot of "long-name-of-3-slots-and-its-end". */
static void add(unsigned number, const char *field)
{
	static const char text[] = "long-name-of-3-slots-and-its-end";
	struct fat_record slot = { 0 };
	unsigned first = ((number & 0x3f) - 1) % 3 * 13;
	uint16_t units[13] = { 0 };

	for (unsigned i = 0; i < 13 && first + i < sizeof(text); i++)
		units[i] = (uint8_t)text[first + i];
	fat_image_slot(&slot, (uint8_t)number, field, units);
	fat_name_add(&name, &slot);
}

static void slots_that_do_not_belong_together_are_orphans(void **state)
{
	static const uint8_t orders[][4] = {
		{ 0x43, 2, 0, 0 }, /* the first is missing */
		{ 2, 1, 0, 0 },	   /* the last is missing */
		{ 0x43, 1, 0, 0 }, /* the middle is missing */
		{ 0x43, 1, 2, 0 },    { 1, 2, 0x43, 0 },
		{ 0x43, 2, 2, 1 },    { 0x43, 2, 1, 1 },
		{ 0x43, 0x43, 0, 0 }, { 0x40, 0, 0, 0 },
		{ 0x44, 2, 1, 0 },    { 0x55, 2, 1, 0 },
		{ 0x7f, 2, 1, 0 },    { 0x43, 2, 0x41, 0x80 },
	};

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(orders); i++) {
		for (unsigned n = 0; n < 4 && orders[i][n]; n++)
			add(orders[i][n], "LONG-N~1   ");
		finish("LONG-N~1   ", 0);
		assert_string_equal(name.text, "LONG-N~1");
	}
	add(0x43, "LONG-N~1   ");
	add(2, "LONG-N~1   ");
	add(1, "LONG-N~1   ");
	finish("LONG-N~1   ", 0);
	assert_string_equal(name.text, "long-name-of-3-slots-and-its-end");
}

static void slots_count_only_for_the_name_of_their_checksum(void **state)
{
	(void)state;
	add(0x43, "LONG-N~1   ");
	add(2, "LONG-N~2   ");
	add(1, "LONG-N~1   ");
	finish("LONG-N~1   ", 0);
	assert_string_equal(name.text, "LONG-N~1");
	add(0x43, "LONG-N~1   ");
	add(2, "LONG-N~1   ");
	add(1, "LONG-N~1   ");
	finish("LONG-N~2   ", 0);
	assert_string_equal(name.text, "LONG-N~2");
	add(0x43, "LONG-N~1   ");
	add(2, "LONG-N~1   ");
	add(1, "LONG-N~1   ");
	fat_name_drop(&name);
	finish("LONG-N~1   ", 0);
	assert_string_equal(name.text, "LONG-N~1");
}

static void a_new_name_replaces_the_one_before(void **state)
{
	static const uint16_t other[] = { 'o' };

	(void)state;
	add(0x43, "LONG-N~1   ");
	add(2, "LONG-N~1   ");
	add_slots("LONG-N~1   ", other, 1);
	finish("LONG-N~1   ", 0);
	assert_string_equal(name.text, "o");
}

static void an_empty_long_name_is_none(void **state)
{
	static const uint16_t zero[] = { 0, 'x' };

	(void)state;
	expect_long(zero, 2, "SHORT.NAM");
}

static void the_best_fit_is_exact_then_case_then_short(void **state)
{
	static const uint16_t units[] = { 'K', 0xf6, 'l', 'n' };

	(void)state;
	add_slots("KOLN~1  TXT", units, 4);
	finish("KOLN~1  TXT", 0);
	assert_int_equal(fat_name_fit(&name, "K\xc3\xb6ln", 5), FAT_FIT_EXACT);
	assert_int_equal(fat_name_fit(&name, "k\xc3\xb6LN", 5), FAT_FIT_CASE);
	assert_int_equal(fat_name_fit(&name, "koln~1.txt", 10), FAT_FIT_SHORT);
	assert_int_equal(fat_name_fit(&name, "KOLN~1.TXT", 10), FAT_FIT_SHORT);
	/* Only ASCII letters have a case. */
	assert_int_equal(fat_name_fit(&name, "k\xc3\x96ln", 5), FAT_FIT_NONE);
	assert_int_equal(fat_name_fit(&name, "K\xc3\xb6ln", 4), FAT_FIT_NONE);
	assert_int_equal(fat_name_fit(&name, "K\xc3\xb6lnx", 6), FAT_FIT_NONE);
	assert_int_equal(fat_name_fit(&name, "koln~1", 6), FAT_FIT_NONE);
	finish("README  TXT", 0);
	assert_int_equal(fat_name_fit(&name, "README.TXT", 10), FAT_FIT_EXACT);
	assert_int_equal(fat_name_fit(&name, "readme.txt", 10), FAT_FIT_CASE);
}

static void expect_label(const char *field, size_t size, const char *text)
{
	char buf[16];

	memset(buf, 'x', sizeof(buf));
	fat_name_label((const uint8_t *)field, buf, size);
	assert_string_equal(buf, text);
}

static void labels_have_no_dot_and_no_padding(void **state)
{
	(void)state;
	expect_label("MY DISK    ", 16, "MY DISK");
	expect_label("ELEVENCHARS", 16, "ELEVENCHARS");
	expect_label("ELEVENCHARS", 6, "ELEVE");
	expect_label("ELEVENCHARS", 1, "");
	expect_label("           ", 16, "");
}

static void any_slots_in_any_order_are_no_danger(void **state)
{
	unsigned seed = 20, longs = 0;

	(void)state;
	print_message("seed %u\n", seed);
	srand(seed);
	for (unsigned i = 0; i < 200000; i++) {
		struct fat_record slot;
		uint8_t *raw = (uint8_t *)&slot;

		for (unsigned n = 0; n < sizeof(slot); n++)
			raw[n] = (uint8_t)rand();
		/* Mostly sound numbers, so that names become complete. */
		if (rand() % 8)
			raw[0] = (uint8_t)(name.slots && name.missing
						   ? name.missing
						   : 0x41 + rand() % 20);
		raw[13] = 0;
		fat_name_add(&name, &slot);
		if (name.missing && rand() % 16)
			continue;
		memset(slot.name, rand() % 4 ? 0 : rand(), 11);
		fat_name_finish(&name, &slot);
		assert_in_range(strlen(name.text), 0, FAT_NAME_SIZE - 1);
		longs += strcmp(name.text, name.short_name) != 0;
		(void)!fat_name_fit(&name, (const char *)raw, sizeof(slot));
	}
	assert_true(longs > 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_parts_of_a_short_name_lose_their_padding),
		cmocka_unit_test(windows_nt_has_a_case_bit_for_each_part),
		cmocka_unit_test(byte_e5_is_written_as_05_and_others_stay),
		cmocka_unit_test(long_names_become_utf_8),
		cmocka_unit_test(surrogates_become_one_character_of_four_bytes),
		cmocka_unit_test(half_of_a_surrogate_is_replaced),
		cmocka_unit_test(names_have_up_to_255_units),
		cmocka_unit_test(slots_that_do_not_belong_together_are_orphans),
		cmocka_unit_test(
			slots_count_only_for_the_name_of_their_checksum),
		cmocka_unit_test(a_new_name_replaces_the_one_before),
		cmocka_unit_test(an_empty_long_name_is_none),
		cmocka_unit_test(the_best_fit_is_exact_then_case_then_short),
		cmocka_unit_test(labels_have_no_dot_and_no_padding),
		cmocka_unit_test(any_slots_in_any_order_are_no_danger),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
