// SPDX-License-Identifier: BSD-2-Clause
// Parts of ELF files, of either class and byte order.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "lib/endian.h"
#include "lib/reason.h"
#include "packages/elf_parts.h"
#include "tests/fake/elf.h"

static void begin(struct elf_maker *maker, struct image *img, unsigned kind)
{
	elf_maker_init(maker, kind & 1, kind & 2);
	elf_maker_image(maker, img);
	reason_clear();
}

#define FOR_EACH_KIND(kind) for (unsigned kind = 0; kind < 4; kind++)

static void put32(struct elf_maker *maker, size_t at, uint32_t val)
{
	if (maker->little_endian)
		le32_store(maker->file + at, val);
	else
		be32_store(maker->file + at, val);
}

static void program_headers_of_every_type_are_read(void **state)
{
	struct elf_maker maker;
	struct elf_parts parts;
	struct elf_part part;
	struct image img;

	(void)state;
	FOR_EACH_KIND(kind)
	{
		begin(&maker, &img, kind);
		elf_maker_phdr(&maker, 0x1234567, 1, 2, 0x333, 0x444, 5);
		elf_maker_load(&maker, 0, 0, 0x500, 0, 0);
		assert_int_equal(elf_parts_open(&img, &parts), 0);
		assert_int_equal(parts.count, 2);
		assert_int_equal(parts.is_64, maker.is_64);
		assert_int_equal(parts.little, maker.little_endian);
		assert_int_equal(parts.end,
				 maker.is_64 ? 64 + 2 * 56 : 52 + 2 * 32);
		assert_int_equal(elf_parts_get(&parts, 0, &part), 0);
		assert_int_equal(part.type, 0x1234567);
		assert_int_equal(part.offset, 0x333);
		assert_int_equal(part.size, 0x444);
		assert_int_equal(elf_parts_get(&parts, 1, &part), 0);
		assert_int_equal(part.type, ELF_PART_LOAD);
		assert_int_equal(part.offset, 0x500);
		assert_int_equal(part.size, 0);
		elf_maker_free(&maker);
	}
}

static void the_headers_end_with_the_last_table(void **state)
{
	struct elf_maker maker;
	struct elf_parts parts;
	struct image img;

	(void)state;
	FOR_EACH_KIND(kind)
	{
		/* e_shoff, e_shentsize and e_shnum. */
		size_t where = kind & 1 ? 40 : 32, size = kind & 1 ? 58 : 46;

		begin(&maker, &img, kind);
		assert_int_equal(elf_parts_open(&img, &parts), 0);
		assert_int_equal(parts.end, maker.is_64 ? 64 : 52);
		/* Both halves in one word: 2 sections of 2 bytes. */
		put32(&maker, size, 0x20002);
		if (maker.is_64)
			elf_maker_put64(&maker, where, 0x700);
		else
			put32(&maker, where, 0x700);
		assert_int_equal(elf_parts_open(&img, &parts), 0);
		assert_int_equal(parts.end, 0x704);
		put32(&maker, size, 0);
		assert_int_equal(elf_parts_open(&img, &parts), 0);
		assert_int_equal(parts.end, maker.is_64 ? 64 : 52);
		elf_maker_free(&maker);
	}
}

static void tables_that_cannot_be_read_are_refused(void **state)
{
	struct elf_maker maker;
	struct elf_parts parts;
	struct elf_part part;
	struct image img;

	(void)state;
	begin(&maker, &img, 1);
	elf_maker_load(&maker, 0, 0, UINT64_MAX, 1, 1);
	assert_int_equal(elf_parts_open(&img, &parts), 0);
	assert_int_equal(elf_parts_get(&parts, 0, &part), ERR_FORMAT);
	assert_string_equal(reason(), "program header 0 wraps around");
	maker.read_error = ERR_IO;
	assert_int_equal(elf_parts_get(&parts, 0, &part), ERR_IO);
	assert_int_equal(elf_parts_open(&img, &parts), ERR_IO);
	maker.read_error = 0;
	elf_maker_put64(&maker, 32, maker.size - 55);
	assert_int_equal(elf_parts_open(&img, &parts), 0);
	assert_int_equal(parts.end, maker.size + 1);
	assert_int_equal(elf_parts_get(&parts, 0, &part), ERR_FORMAT);
	elf_maker_put64(&maker, 32, UINT64_MAX - 55);
	assert_int_equal(elf_parts_open(&img, &parts), ERR_FORMAT);
	assert_string_equal(reason(), "ELF headers wrap around");
	maker.file[0] = 0;
	assert_int_equal(elf_parts_open(&img, &parts), ERR_FORMAT);
	assert_string_equal(reason(), "not an ELF file");
	elf_maker_free(&maker);
	begin(&maker, &img, 0);
	elf_maker_load(&maker, 0, 0, 0, 1, 1);
	maker.file[43] = 31;
	assert_int_equal(elf_parts_open(&img, &parts), ERR_FORMAT);
	assert_string_equal(reason(), "ELF program headers of 31 bytes");
	elf_maker_free(&maker);
}

/* A note "abcde" of type 7 with 8 bytes, in a part of `size` bytes. */
static int find_note(unsigned kind, uint64_t offset, uint64_t size,
		     const char *name, uint32_t type, struct elf_note *note)
{
	struct elf_maker maker;
	struct elf_parts parts;
	struct elf_part part = { 0 };
	struct image img;
	int rc;

	begin(&maker, &img, kind);
	elf_maker_phdr(&maker, ELF_PART_NOTE, 0, 0, offset, size, size);
	put32(&maker, 0x400, 6);
	put32(&maker, 0x404, 8);
	put32(&maker, 0x408, 7);
	memcpy(maker.file + 0x40c, "abcde\0\0\0", 8);
	rc = elf_parts_open(&img, &parts);
	if (rc == 0)
		rc = elf_parts_get(&parts, 0, &part);
	if (rc == 0)
		rc = elf_parts_note(&parts, &part, name, strlen(name) + 1, type,
				    note);
	elf_maker_free(&maker);
	return rc;
}

static void a_note_is_found_by_name_and_type(void **state)
{
	struct elf_note note;

	(void)state;
	FOR_EACH_KIND(kind)
	{
		assert_int_equal(find_note(kind, 0x400, 28, "abcde", 7, &note),
				 1);
		assert_int_equal(note.at, 0x414);
		assert_int_equal(note.size, 8);
		assert_int_equal(note.rest, 8);
		assert_int_equal(find_note(kind, 0x400, 20, "abcde", 7, &note),
				 1);
		assert_int_equal(note.rest, 0);
		assert_int_equal(find_note(kind, 0x400, 19, "abcde", 7, &note),
				 0);
		assert_int_equal(find_note(kind, 0x400, 28, "abcdf", 7, &note),
				 0);
		assert_int_equal(find_note(kind, 0x400, 28, "abcd", 7, &note),
				 0);
		assert_int_equal(find_note(kind, 0x400, 28, "abcde", 8, &note),
				 0);
		assert_int_equal(find_note(kind, 0x404, 28, "abcde", 7, &note),
				 0);
	}
}

static void a_note_is_read_inside_the_file(void **state)
{
	struct elf_note note;

	(void)state;
	assert_int_equal(
		find_note(0, ELF_MAKER_SIZE - 19, 28, "abcde", 7, &note), 0);
	assert_int_equal(
		find_note(0, ELF_MAKER_SIZE + 1, 28, "abcde", 7, &note), 0);
	assert_int_equal(find_note(1, 1ULL << 63, 28, "abcde", 7, &note), 0);
	/* Its descriptor may be past the end: that is for the caller. */
	assert_int_equal(find_note(1, 0x400, 1ULL << 62, "abcde", 7, &note), 1);
	assert_int_equal(note.rest, (1ULL << 62) - 20);
}

static void only_a_part_of_notes_has_notes(void **state)
{
	struct elf_part part = { ELF_PART_LOAD, 0, 100 };
	struct elf_maker maker;
	struct elf_parts parts;
	struct elf_note note;
	struct image img;

	(void)state;
	begin(&maker, &img, 0);
	put32(&maker, 0, 4);
	assert_int_equal(elf_parts_open(&img, &parts), ERR_FORMAT);
	memcpy(maker.file, "\177ELF", 4);
	assert_int_equal(elf_parts_open(&img, &parts), 0);
	put32(&maker, 0, 2);
	put32(&maker, 8, 9);
	memcpy(maker.file + 12, "x", 2);
	assert_int_equal(elf_parts_note(&parts, &part, "x", 2, 9, &note), 0);
	part.type = ELF_PART_NOTE;
	assert_int_equal(elf_parts_note(&parts, &part, "x", 2, 9, &note), 1);
	maker.read_error = ERR_IO;
	assert_int_equal(elf_parts_note(&parts, &part, "x", 2, 9, &note),
			 ERR_IO);
	elf_maker_free(&maker);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(program_headers_of_every_type_are_read),
		cmocka_unit_test(the_headers_end_with_the_last_table),
		cmocka_unit_test(tables_that_cannot_be_read_are_refused),
		cmocka_unit_test(a_note_is_found_by_name_and_type),
		cmocka_unit_test(a_note_is_read_inside_the_file),
		cmocka_unit_test(only_a_part_of_notes_has_notes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
