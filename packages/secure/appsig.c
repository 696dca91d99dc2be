// SPDX-License-Identifier: BSD-2-Clause
// Appended signatures: the trailer, GRUB's note, what is inside and outside.
#include "packages/secure/appsig.h"

#include <string.h>

#include "lib/endian.h"
#include "lib/reason.h"
#include "packages/elf_parts.h"

#define APPSIG_MAGIC "~Module signature appended~\n"
#define APPSIG_MAGIC_SIZE 28u
#define APPSIG_PKCS7 2

/* struct module_signature [Linux include/linux/module_signature.h]. */
struct appsig_trailer {
	uint8_t algo, hash, id_type, signer_len, key_id_len, pad[3];
	be32 sig_len;
	char magic[APPSIG_MAGIC_SIZE];
};
static_assert(sizeof(struct appsig_trailer) == 40, "module_signature.h");

/* Notes of GRUB [include/grub/util/mkimage.h]; the sizes are with their NULs. */
#define APPSIG_NOTE "Appended-Signature"
#define APPSIG_NOTE_TYPE 0x41536967u
#define APPSIG_SBAT ".sbat"
#define APPSIG_SBAT_TYPE 0x53424154u

/* What is known of a file while it is looked at. */
struct appsig_file {
	struct elf_parts parts;
	struct appsig *sig;
	uint64_t size;
	uint64_t note; /* where the signature's note begins; 0: there is none */
	uint64_t room; /* bytes of its descriptor */
};

static int appsig_refuse(const char *why)
{
	return reason_fail(ERR_FORMAT, "%s", why);
}

static int appsig_read_trailer(struct image *img, struct appsig *sig)
{
	static const struct appsig_trailer usual = { .id_type = APPSIG_PKCS7 };
	struct appsig_trailer trailer = { 0 };
	uint64_t before = img->size - MIN(img->size, sizeof(trailer));
	uint32_t len;
	int err = 0;

	if (img->size >= sizeof(trailer))
		err = image_read(img, before, &trailer, sizeof(trailer));
	if (err < 0)
		return err;
	if (memcmp(trailer.magic, APPSIG_MAGIC, APPSIG_MAGIC_SIZE))
		return appsig_refuse(
			"not signed (no \"~Module signature appended~\" at its end)");
	if (memcmp(&trailer, &usual, offsetof(struct appsig_trailer, sig_len)))
		return appsig_refuse(
			"its last 40 bytes are not those of a PKCS #7 signature");
	len = be32_get(trailer.sig_len);
	if (!len || len > APPSIG_MAX || len > before)
		return reason_fail(
			ERR_FORMAT,
			"signature of %u bytes before byte %llu, at most %u",
			len, (unsigned long long)before, (unsigned)APPSIG_MAX);
	sig->message = len;
	sig->content = before - len;
	return 0;
}

/* The one note with the signature. */
static int appsig_take_note(struct appsig_file *file,
			    const struct elf_part *part,
			    const struct elf_note *note)
{
	if (file->note)
		return appsig_refuse("two notes for signatures");
	if (note->size != note->rest || note->at + note->size != file->size)
		return appsig_refuse("the signature's note does not end where "
				     "its part and the file do");
	file->note = part->offset;
	file->room = note->size;
	return 0;
}

static int appsig_take_sbat(struct appsig_file *file,
			    const struct elf_part *part,
			    const struct elf_note *note)
{
	if (file->sig->sbat)
		return appsig_refuse("two SBAT notes");
	if (part->offset + part->size > file->sig->content)
		return appsig_refuse(
			"its SBAT note is not inside what is signed");
	if (!note->size || note->size > MIN(note->rest, APPSIG_MAX))
		return appsig_refuse("its SBAT note is empty or too long");
	file->sig->sbat = note->at;
	file->sig->sbat_len = (size_t)note->size;
	return 0;
}

static int appsig_find_notes(struct appsig_file *file,
			     const struct elf_part *part)
{
	struct elf_note note;
	int rc = elf_parts_note(&file->parts, part, APPSIG_NOTE,
				sizeof(APPSIG_NOTE), APPSIG_NOTE_TYPE, &note);

	if (rc > 0)
		return appsig_take_note(file, part, &note);
	if (rc == 0)
		rc = elf_parts_note(&file->parts, part, APPSIG_SBAT,
				    sizeof(APPSIG_SBAT), APPSIG_SBAT_TYPE,
				    &note);
	return rc > 0 ? appsig_take_sbat(file, part, &note) : rc;
}

/*
 * What is loaded is signed. With a note, nothing is past it, and it is not
 * loaded: the signature was not there yet when the contents were signed.
 */
static int appsig_check_part(struct appsig_file *file,
			     const struct elf_part *part)
{
	uint64_t end = part->offset + part->size;
	bool loaded = part->type == ELF_PART_LOAD;

	if (loaded && end > file->sig->content)
		return appsig_refuse(
			"what is loaded is not inside what is signed");
	if (!file->note || !part->size)
		return 0;
	if (end > file->size)
		return appsig_refuse("it goes on behind the signature's note");
	if (loaded && end > file->note)
		return appsig_refuse(
			"the signature's note is inside what is loaded");
	return 0;
}

/* Calls `look` with each program header. */
static int appsig_each(struct appsig_file *file,
		       int (*look)(struct appsig_file *file,
				   const struct elf_part *part))
{
	struct elf_part part;
	int err = 0;

	for (size_t i = 0; err == 0 && i < file->parts.count; i++) {
		err = elf_parts_get(&file->parts, i, &part);
		if (err == 0)
			err = look(file, &part);
	}
	return err;
}

/* The area begins with up to 3 bytes that align its size: they are signed. */
static int appsig_check_area(const struct appsig_file *file)
{
	uint64_t used = file->size - file->sig->content;

	if (!file->note || ALIGN_UP(used, 4) == file->room)
		return 0;
	return reason_fail(
		ERR_FORMAT,
		"the signature has %llu bytes, its note has room for %llu",
		(unsigned long long)used, (unsigned long long)file->room);
}

int appsig_find(struct image *img, struct appsig *sig)
{
	struct appsig_file file = { .sig = sig, .size = img->size };
	int err;

	*sig = (struct appsig){ 0 };
	err = appsig_read_trailer(img, sig);
	if (err == 0)
		err = elf_parts_open(img, &file.parts);
	if (err == 0 && file.parts.end > sig->content)
		err = appsig_refuse(
			"its ELF headers are not inside what is signed");
	if (err == 0)
		err = appsig_each(&file, appsig_find_notes);
	if (err == 0)
		err = appsig_check_area(&file);
	if (err == 0)
		err = appsig_each(&file, appsig_check_part);
	return err;
}
