// SPDX-License-Identifier: BSD-2-Clause
// Names of files on FAT: 8.3, and long ones in UTF-16.
/*
 * A long name lies in slots before the record of its file, the last part first.
 * Programs that do not know long names leave orphans of them, so slots count
 * only if they are complete, adjacent, and have the checksum of the 8.3 name.
 */
#include "packages/fat_name.h"

#include <string.h>

#include "lib/fmt.h"
#include "packages/filesystem.h"

#define FAT_SLOT_LAST 0x40u /* fatgen103: LAST_LONG_ENTRY */

#define FAT_NAME_E5 0x05u /* name[0] that means E5, which means "free" */

/* Lower-case name or extension, of Windows NT (Linux, fs/fat/fat.h). */
#define FAT_CASE_BASE 0x08u
#define FAT_CASE_EXTENSION 0x10u

#define FAT_REPLACEMENT 0xfffdu /* Unicode's, for what is none */

void fat_name_drop(struct fat_name *name)
{
	name->slots = 0;
}

/* Where a slot's units are: 5, 6 and 2 of them. [fatgen103] */
static const uint8_t fat_unit_offsets[FAT_SLOT_UNITS] = { 1,  3,  5,  7,  9,
							  14, 16, 18, 20, 22,
							  24, 28, 30 };

void fat_name_add(struct fat_name *name, const struct fat_record *slot)
{
	const uint8_t *raw = (const uint8_t *)slot;
	uint8_t number = raw[0] & (FAT_SLOT_LAST - 1u);
	uint8_t checksum = raw[13];
	uint16_t *units;
	unsigned i;

	if (raw[0] & FAT_SLOT_LAST) {
		name->slots = number <= FAT_SLOTS_MAX ? number : 0;
		name->missing = number;
		name->checksum = checksum;
	}
	if (!name->slots || !number || number != name->missing ||
	    checksum != name->checksum) {
		fat_name_drop(name);
		return;
	}
	name->missing--;
	units = name->units + (size_t)name->missing * FAT_SLOT_UNITS;
	for (i = 0; i < FAT_SLOT_UNITS; i++)
		units[i] = le16_load(raw + fat_unit_offsets[i]);
}

/* fatgen103, "ChkSum": rotate right, add. */
static uint8_t fat_checksum(const uint8_t *field)
{
	unsigned sum = 0, i;

	for (i = 0; i < 11; i++)
		sum = ((sum << 7 | sum >> 1) + field[i]) & 0xff;
	return (uint8_t)sum;
}

/* The units of the long name; 0: it has none that counts. */
static unsigned fat_name_units(const struct fat_name *name,
			       const struct fat_record *record)
{
	unsigned room = name->slots * FAT_SLOT_UNITS, len = 0;

	if (name->missing || name->checksum != fat_checksum(record->name))
		return 0;
	while (len < room && name->units[len])
		len++;
	return len <= FAT_NAME_UNITS ? len : 0;
}

/* The character at units[*i], which moves to its last unit. */
static uint32_t fat_character(const uint16_t *units, unsigned len, unsigned *i)
{
	uint32_t high = units[*i], low;

	if ((high & 0xf800u) != 0xd800u)
		return high;
	/* A surrogate: half of a character above FFFF. [Unicode, 3.8] */
	low = *i + 1 < len ? units[*i + 1] : 0;
	if (high & 0x400u || (low & 0xfc00u) != 0xdc00u)
		return FAT_REPLACEMENT;
	++*i;
	return 0x10000u + ((high & 0x3ffu) << 10) + (low & 0x3ffu);
}

/* Appends one character in UTF-8; returns the end. [RFC 3629] */
static char *fat_put(char *p, uint32_t c)
{
	unsigned more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
	/* The bits that say how many bytes follow. */
	static const uint8_t lead[] = { 0, 0xc0, 0xe0, 0xf0 };

	*p++ = (char)(lead[more] | c >> 6 * more);
	while (more--)
		*p++ = (char)(0x80 | (c >> 6 * more & 0x3f));
	return p;
}

static char *fat_put_part(char *p, const uint8_t *field, size_t len, bool lower)
{
	size_t i;

	while (len && field[len - 1] == ' ')
		len--;
	for (i = 0; i < len; i++) {
		bool letter = field[i] >= 'A' && field[i] <= 'Z';

		*p++ = (char)(lower && letter ? field[i] | 0x20 : field[i]);
	}
	return p;
}

/* Bytes above 7F are of an unknown code page, and stay as they are. */
static void fat_put_short(char *p, const struct fat_record *record)
{
	char *base = p, *dot;

	p = fat_put_part(p, record->name, 8, record->cases & FAT_CASE_BASE);
	if (*base == (char)FAT_NAME_E5)
		*base = (char)FAT_RECORD_FREE;
	dot = p++;
	*dot = '.';
	p = fat_put_part(p, record->name + 8, 3,
			 record->cases & FAT_CASE_EXTENSION);
	*(p == dot + 1 ? dot : p) = '\0';
}

void fat_name_finish(struct fat_name *name, const struct fat_record *record)
{
	unsigned len = fat_name_units(name, record), i;
	char *p = name->text;

	fat_put_short(name->short_name, record);
	for (i = 0; i < len; i++)
		p = fat_put(p, fat_character(name->units, len, &i));
	*p = '\0';
	if (!len)
		memcpy(name->text, name->short_name, FAT_SHORT_SIZE);
	fat_name_drop(name);
}

enum fat_fit fat_name_fit(const struct fat_name *name, const char *want,
			  size_t len)
{
	if (file_name_same(name->text, want, len))
		return memcmp(name->text, want, len) ? FAT_FIT_CASE
						     : FAT_FIT_EXACT;
	return file_name_same(name->short_name, want, len) ? FAT_FIT_SHORT
							   : FAT_FIT_NONE;
}

void fat_name_label(const uint8_t *field, char *buf, size_t size)
{
	char text[12], *end = fat_put_part(text, field, 11, false);

	*end = '\0';
	fmt_str(buf, size, "%s", text);
}
