// SPDX-License-Identifier: BSD-2-Clause
// Appended signatures: trailers, notes and coverage, each with its lies.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "lib/endian.h"
#include "lib/reason.h"
#include "packages/secure/appsig.h"
#include "tests/fake/signed.h"

#define NOT_PKCS7 "its last 40 bytes are not those of a PKCS #7 signature"
#define NOTE_ENDS                                                              \
	"the signature's note does not end where its part and the file do"
#define NOT_SIGNED "not signed (no \"~Module signature appended~\" at its end)"

/* Bytes of a core's signature area, and where its three parts are. */
enum {
	CORE_LOAD,
	CORE_SBAT,
	CORE_NOTE
};

/* Where program header `i` of a core has its fields: as readelf shows them. */
struct fields {
	size_t type, offset, filesz;
	bool wide;
};

static struct fields fields32(unsigned i)
{
	size_t at = 52 + 32 * i;

	return (struct fields){ at, at + 4, at + 16, false };
}

static struct fields fields64(unsigned i)
{
	size_t at = 64 + 56 * i;

	return (struct fields){ at, at + 8, at + 32, true };
}

static uint64_t get(const struct signed_file *file, struct fields f, size_t at)
{
	return f.wide ? be64_load(file->data + at) : be32_load(file->data + at);
}

static void set(struct signed_file *file, struct fields f, size_t at,
		uint64_t val)
{
	if (f.wide)
		be64_store(file->data + at, val);
	else
		be32_store(file->data + at, (uint32_t)val);
}

static int find(const struct signed_file *file, struct appsig *sig)
{
	struct image img;

	image_from_memory(&img, file->data, file->size);
	reason_clear();
	return appsig_find(&img, sig);
}

static void refused(struct signed_file file, const char *why)
{
	struct appsig sig;

	assert_int_equal(find(&file, &sig), ERR_FORMAT);
	assert_string_equal(reason(), why);
	signed_free(&file);
}

static void accepted(struct signed_file file, struct appsig *sig)
{
	if (find(&file, sig))
		fail_msg("%s", reason());
	signed_free(&file);
}

static struct signed_file kernel(void)
{
	return signed_kernel("rsa2048.sha256");
}

static void a_kernel_is_signed_without_a_note(void **state)
{
	struct signed_file file = kernel();
	struct appsig sig;

	(void)state;
	assert_int_equal(find(&file, &sig), 0);
	assert_int_equal(sig.content, 184);
	assert_int_equal(sig.content + sig.message + 40, file.size);
	assert_int_equal(sig.sbat_len, 0);
	signed_free(&file);
}

static void the_notes_of_a_core_are_found(void **state)
{
	static const char *const names[] = { "core32", "core64" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct signed_file file = signed_read(names[i]);
		struct appsig sig;

		assert_int_equal(find(&file, &sig), 0);
		assert_int_equal(sig.content + sig.message + 40, file.size);
		assert_int_equal(file.data[sig.content], 0x30);
		assert_memory_equal(file.data + sig.sbat, "sbat,1,", 7);
		assert_in_range(sig.sbat_len, 100, 120);
		signed_free(&file);
	}
}

/* Trailers. */

/* A kernel with `val` at `at` of its trailer. */
static struct signed_file with_trailer(size_t at, uint8_t val)
{
	struct signed_file file = kernel();

	file.data[file.size - 40 + at] = val;
	return file;
}

/* A kernel whose trailer says that the signature has `len` bytes. */
static struct signed_file with_length(uint32_t len)
{
	struct signed_file file = kernel();

	be32_store(file.data + file.size - 32, len);
	return file;
}

static void without_magic_there_is_no_signature(void **state)
{
	struct signed_file file = kernel();

	(void)state;
	file.size -= 1;
	refused(file, NOT_SIGNED);
	for (size_t i = 12; i < 40; i++)
		refused(with_trailer(i, 'X'), NOT_SIGNED);
	/* The magic alone, and one byte less than a trailer. */
	file = (struct signed_file){ 0 };
	signed_append(&file, "~Module signature appended~\n", 28);
	refused(file, NOT_SIGNED);
	file = (struct signed_file){ 0 };
	signed_trailer(&file, 1);
	memmove(file.data, file.data + 1, 39);
	file.size = 39;
	refused(file, NOT_SIGNED);
	refused((struct signed_file){ 0 }, NOT_SIGNED);
}

static void a_trailer_has_one_form(void **state)
{
	(void)state;
	for (unsigned type = 0; type < 256; type++) {
		struct signed_file file = with_trailer(2, (uint8_t)type);
		struct appsig sig;

		assert_int_equal(find(&file, &sig), type == 2 ? 0 : ERR_FORMAT);
		signed_free(&file);
	}
	refused(with_trailer(2, 1), NOT_PKCS7);
	for (size_t i = 0; i < 8; i++) {
		if (i != 2)
			refused(with_trailer(i, 1), NOT_PKCS7);
	}
}

static void a_length_is_inside_the_file(void **state)
{
	struct signed_file file = { 0 };

	(void)state;
	refused(with_length(0),
		"signature of 0 bytes before byte 581, at most 65536");
	refused(with_length(582),
		"signature of 582 bytes before byte 581, at most 65536");
	refused(with_length(UINT32_MAX),
		"signature of 4294967295 bytes before byte 581, at most 65536");
	/* All of the file: nothing is left to be signed. */
	refused(with_length(581),
		"its ELF headers are not inside what is signed");
	file.data = calloc(1, 70000);
	file.size = 70000;
	signed_trailer(&file, 65537);
	refused(file,
		"signature of 65537 bytes before byte 70000, at most 65536");
	/* Nothing but a trailer. */
	file = (struct signed_file){ 0 };
	signed_trailer(&file, 1);
	refused(file, "signature of 1 bytes before byte 0, at most 65536");
}

static void the_last_of_two_signatures_counts(void **state)
{
	struct signed_file file = kernel();
	size_t size = file.size;
	struct appsig sig;

	(void)state;
	signed_append(&file, "x", 1);
	signed_trailer(&file, 1);
	assert_int_equal(find(&file, &sig), 0);
	assert_int_equal(sig.content, size);
	signed_free(&file);
	file = kernel();
	signed_append(&file, "~Module signature appended~\n", 28);
	refused(file, NOT_PKCS7);
}

static void only_ELF_files_are_signed_so(void **state)
{
	struct signed_file file = { 0 };

	(void)state;
	signed_append(&file, "#!/bin/sh\n", 10);
	signed_trailer(&file, 1);
	refused(file, "not an ELF file");
}

/* Coverage. */

static void headers_are_inside_what_is_signed(void **state)
{
	const char *why = "its ELF headers are not inside what is signed";
	struct signed_file file;

	(void)state;
	/* e_phoff, then e_shoff with two sections, of a little-endian ELF64. */
	file = kernel();
	le64_store(file.data + 32, 184 - 55);
	refused(file, why);
	file = kernel();
	le64_store(file.data + 40, 184 - 127);
	le16_store(file.data + 58, 64);
	le16_store(file.data + 60, 2);
	refused(file, why);
	file = kernel();
	le64_store(file.data + 32, UINT64_MAX - 10);
	refused(file, "ELF headers wrap around");
	file = kernel();
	le16_store(file.data + 54, 55);
	refused(file, "ELF program headers of 55 bytes");
	file = with_length(581 - 63);
	refused(file, why);
}

static void what_is_loaded_is_inside_what_is_signed(void **state)
{
	struct signed_file file = kernel();
	struct appsig sig;

	(void)state;
	le64_store(file.data + 64 + 8, 184 - 64);
	accepted(file, &sig);
	file = kernel();
	le64_store(file.data + 64 + 8, 184 - 63);
	refused(file, "what is loaded is not inside what is signed");
	file = kernel();
	le64_store(file.data + 64 + 8, UINT64_MAX - 62);
	refused(file, "program header 0 wraps around");
	file = kernel();
	le64_store(file.data + 64 + 32, UINT64_MAX);
	refused(file, "program header 0 wraps around");
}

/* Notes; for each class. */

typedef struct fields fields_fn(unsigned i);

struct class
{
	const char *name;
	fields_fn *at;
};

static const struct class classes[] = { { "core32", fields32 },
					{ "core64", fields64 } };

static void one_note_is_enough(const struct class *class)
{
	struct signed_file file = signed_read(class->name);
	struct fields load = class->at(CORE_SBAT), note = class->at(CORE_NOTE);

	set(&file, load, load.offset, get(&file, note, note.offset));
	set(&file, load, load.filesz, get(&file, note, note.filesz));
	refused(file, "two notes for signatures");
	file = signed_read(class->name);
	load = class->at(CORE_LOAD);
	note = class->at(CORE_SBAT);
	be32_store(file.data + load.type, 4);
	set(&file, load, load.offset, get(&file, note, note.offset));
	set(&file, load, load.filesz, get(&file, note, note.filesz));
	refused(file, "two SBAT notes");
}

/* As find(), and the reason begins so. */
static void refused_like(struct signed_file file, const char *why)
{
	struct appsig sig;

	assert_int_equal(find(&file, &sig), ERR_FORMAT);
	if (strncmp(reason(), why, strlen(why)))
		fail_msg("%s, not %s", reason(), why);
	signed_free(&file);
}

static void sizes_of_the_note_agree(const struct class *class)
{
	struct signed_file file = signed_read(class->name);
	struct fields f = class->at(CORE_NOTE);
	size_t note = get(&file, f, f.offset), size = get(&file, f, f.filesz);

	be32_store(file.data + note + 4, (uint32_t)size - 28);
	refused(file, NOTE_ENDS);
	file = signed_read(class->name);
	be32_store(file.data + note + 4, UINT32_MAX);
	refused(file, NOTE_ENDS);
	/* 4 bytes less, or past the end; then it is no note. */
	file = signed_read(class->name);
	be32_store(file.data + note + 4, (uint32_t)size - 36);
	set(&file, f, f.filesz, size - 4);
	refused(file, NOTE_ENDS);
}

static void the_file_ends_with_the_note(const struct class *class)
{
	struct signed_file file = signed_read(class->name);
	struct fields f = class->at(CORE_NOTE);
	size_t size = get(&file, f, f.filesz);
	struct appsig sig;

	/* Another signature behind it. */
	signed_append(&file, "xxxx", 4);
	signed_trailer(&file, 4);
	refused(file, NOTE_ENDS);
	/* It says that it is longer than the file is. */
	file = signed_read(class->name);
	set(&file, f, f.filesz, size + 4);
	be32_store(file.data + get(&file, f, f.offset) + 4,
		   (uint32_t)size - 28);
	refused(file, NOTE_ENDS);
	/* It begins where there is no room for it. */
	file = signed_read(class->name);
	set(&file, f, f.offset, file.size - 31);
	accepted(file, &sig);
}

static void the_area_is_as_large_as_the_signature(const struct class *class)
{
	struct signed_file file = signed_read(class->name);
	uint32_t len = be32_load(file.data + file.size - 32);

	be32_store(file.data + file.size - 32, len - 4);
	refused_like(file, "the signature has ");
	file = signed_read(class->name);
	be32_store(file.data + file.size - 32, len + 4);
	refused_like(file, "the signature has ");
}

static void nothing_is_past_the_note(const struct class *class)
{
	struct signed_file file = signed_read(class->name);
	struct fields f = class->at(CORE_SBAT);

	be32_store(file.data + f.type, 6);
	set(&file, f, f.offset, file.size);
	refused(file, "it goes on behind the signature's note");
	file = signed_read(class->name);
	be32_store(file.data + f.type, 6);
	set(&file, f, f.filesz, 0x7fffffff);
	refused(file, "it goes on behind the signature's note");
}

static void the_note_is_not_loaded(const struct class *class)
{
	struct signed_file file = signed_read(class->name);
	struct fields load = class->at(CORE_LOAD), f = class->at(CORE_NOTE);
	size_t note = get(&file, f, f.offset);
	struct appsig sig;

	set(&file, load, load.filesz, note - get(&file, load, load.offset));
	accepted(file, &sig);
	file = signed_read(class->name);
	set(&file, load, load.filesz, note + 1 - get(&file, load, load.offset));
	refused(file, "the signature's note is inside what is loaded");
}

static void other_notes_are_no_signatures(const struct class *class)
{
	struct signed_file file = signed_read(class->name);
	struct fields f = class->at(CORE_NOTE);
	size_t note = get(&file, f, f.offset);
	struct appsig sig;

	/* Without its note the rest is a whole file, and its end is checked. */
	file.data[note + 12] = 'a';
	signed_append(&file, "x", 1);
	signed_trailer(&file, 1);
	accepted(file, &sig);
	file = signed_read(class->name);
	be32_store(file.data + note + 8, 0x41536968);
	accepted(file, &sig);
}

static void a_note_of_generations_is_signed(const struct class *class)
{
	struct signed_file file = signed_read(class->name);
	struct fields f = class->at(CORE_SBAT);
	size_t note = get(&file, f, f.offset), size = get(&file, f, f.filesz);
	struct appsig sig;

	be32_store(file.data + note + 4, (uint32_t)size - 20);
	accepted(file, &sig);
	file = signed_read(class->name);
	be32_store(file.data + note + 4, (uint32_t)size - 19);
	refused(file, "its SBAT note is empty or too long");
	file = signed_read(class->name);
	be32_store(file.data + note + 4, 0);
	refused(file, "its SBAT note is empty or too long");
	file = signed_read(class->name);
	set(&file, f, f.filesz, file.size - note - 100);
	refused(file, "its SBAT note is not inside what is signed");
	file = signed_read(class->name);
	set(&file, f, f.filesz, 19);
	accepted(file, &sig);
	assert_int_equal(sig.sbat_len, 0);
}

#define FOR_EACH_CLASS(name)                                                   \
	static void name##_in_each_class(void **state)                         \
	{                                                                      \
		(void)state;                                                   \
		for (size_t i = 0; i < ARRAY_SIZE(classes); i++)               \
			name(&classes[i]);                                     \
	}

FOR_EACH_CLASS(one_note_is_enough)
FOR_EACH_CLASS(sizes_of_the_note_agree)
FOR_EACH_CLASS(the_file_ends_with_the_note)
FOR_EACH_CLASS(the_area_is_as_large_as_the_signature)
FOR_EACH_CLASS(nothing_is_past_the_note)
FOR_EACH_CLASS(the_note_is_not_loaded)
FOR_EACH_CLASS(other_notes_are_no_signatures)
FOR_EACH_CLASS(a_note_of_generations_is_signed)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_kernel_is_signed_without_a_note),
		cmocka_unit_test(the_notes_of_a_core_are_found),
		cmocka_unit_test(without_magic_there_is_no_signature),
		cmocka_unit_test(a_trailer_has_one_form),
		cmocka_unit_test(a_length_is_inside_the_file),
		cmocka_unit_test(the_last_of_two_signatures_counts),
		cmocka_unit_test(only_ELF_files_are_signed_so),
		cmocka_unit_test(headers_are_inside_what_is_signed),
		cmocka_unit_test(what_is_loaded_is_inside_what_is_signed),
		cmocka_unit_test(one_note_is_enough_in_each_class),
		cmocka_unit_test(sizes_of_the_note_agree_in_each_class),
		cmocka_unit_test(the_file_ends_with_the_note_in_each_class),
		cmocka_unit_test(
			the_area_is_as_large_as_the_signature_in_each_class),
		cmocka_unit_test(nothing_is_past_the_note_in_each_class),
		cmocka_unit_test(the_note_is_not_loaded_in_each_class),
		cmocka_unit_test(other_notes_are_no_signatures_in_each_class),
		cmocka_unit_test(a_note_of_generations_is_signed_in_each_class),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
