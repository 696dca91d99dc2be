// SPDX-License-Identifier: BSD-2-Clause
// Rock Ridge names: entries and continuation areas, all hostile.
#include "packages/iso9660_susp.h"

#include "lib/endian.h"

#define SUSP_HEADER 4u	 /* signature, length, version: SUSP 4.1 */
#define SUSP_CE_SIZE 28u /* SUSP 5.1 */
#define SUSP_SP_SIZE 7u	 /* SUSP 5.3 */
#define RRIP_NM_HEADER 5u

/* RRIP 4.1.4: NM flags. */
#define RRIP_NM_CURRENT 0x02u
#define RRIP_NM_PARENT 0x04u

/*
 * The most continuation areas followed for one record. Two hold a name of 255
 * bytes and all other RRIP entries; a hostile chain can be a loop.
 */
#define SUSP_CONTINUATIONS 8

/* The next continuation area; length 0: none. */
struct susp_continuation {
	uint32_t block, offset, length;
};

/* A name in progress. */
struct susp_name {
	char *text;
	size_t len;
};

bool iso9660_susp_detect(const uint8_t *area, size_t len, uint8_t *skip)
{
	/* SUSP 5.3: SP comes first; some discs put 15 bytes before it. */
	static const uint8_t starts[] = { 0, 15 };
	unsigned i;

	for (i = 0; i < ARRAY_SIZE(starts); i++) {
		if (len < starts[i] + SUSP_SP_SIZE)
			break;
		const uint8_t *sp = area + starts[i];

		if (memcmp(sp, "SP", 2) || sp[2] < SUSP_SP_SIZE)
			continue;
		if (sp[4] != 0xbe || sp[5] != 0xef)
			continue;
		*skip = sp[6];
		return true;
	}
	return false;
}

static void susp_add_name(struct susp_name *name, const uint8_t *entry,
			  size_t size)
{
	size_t len;

	if (size < RRIP_NM_HEADER ||
	    entry[4] & (RRIP_NM_CURRENT | RRIP_NM_PARENT))
		return;
	len = MIN(size - RRIP_NM_HEADER, ISO9660_NAME_MAX - name->len);
	memcpy(name->text + name->len, entry + RRIP_NM_HEADER, len);
	name->len += len;
}

/* Collects one area's entries. SUSP 4.1: ends at ST or below 4 bytes. */
static void susp_walk(const uint8_t *area, size_t len, struct susp_name *name,
		      struct susp_continuation *next)
{
	next->length = 0;
	while (len >= SUSP_HEADER) {
		size_t size = area[2];

		if (size < SUSP_HEADER || size > len || !memcmp(area, "ST", 2))
			return;
		if (!memcmp(area, "NM", 2))
			susp_add_name(name, area, size);
		if (!memcmp(area, "CE", 2) && size >= SUSP_CE_SIZE) {
			next->block = le32_load(area + 4);
			next->offset = le32_load(area + 12);
			next->length = le32_load(area + 20);
		}
		area += size;
		len -= size;
	}
}

int iso9660_susp_name(const struct iso9660_susp *susp, const uint8_t *area,
		      size_t len, char *text)
{
	struct susp_name name = { .text = text };
	struct susp_continuation next;
	uint32_t max = susp->block_size;
	int hops, err;

	text[0] = '\0';
	if (len < susp->skip)
		return 0;
	susp_walk(area + susp->skip, len - susp->skip, &name, &next);
	for (hops = 0; next.length && hops < SUSP_CONTINUATIONS; hops++) {
		/* SUSP 5.1: an area does not leave its block. */
		if (next.offset > max || next.length > max - next.offset)
			break;
		err = volume_read(susp->vol,
				  (uint64_t)next.block * max + next.offset,
				  susp->scratch, next.length);
		if (err == ERR_RANGE)
			break;
		if (err < 0)
			return err;
		susp_walk(susp->scratch, next.length, &name, &next);
	}
	/* Cut at a NUL: past it, the name is not what the disc's author saw. */
	name.len = strnlen(text, name.len);
	text[name.len] = '\0';
	return (int)name.len;
}
