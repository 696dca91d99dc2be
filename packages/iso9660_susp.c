// SPDX-License-Identifier: BSD-2-Clause
// Rock Ridge entries and their continuation areas, all hostile.
#include "packages/iso9660_susp.h"

#include <string.h>

#include "lib/endian.h"
#include "lib/reason.h"

#define SUSP_HEADER 4u	 /* signature, length, version: SUSP 4.1 */
#define SUSP_CE_SIZE 28u /* SUSP 5.1 */
#define SUSP_SP_SIZE 7u	 /* SUSP 5.3 */
#define RRIP_NM_HEADER 5u
#define RRIP_SL_HEADER 5u
#define RRIP_CL_SIZE 12u /* RRIP 4.1.5.1 */

/* RRIP 4.1.4: NM flags. */
#define RRIP_NM_CURRENT 0x02u
#define RRIP_NM_PARENT 0x04u

/* RRIP 4.1.3: the flag of an SL entry and of a component of it. */
#define RRIP_SL_CONTINUE 0x01u
#define RRIP_COMPONENT_HEADER 2u /* flags, length */
#define RRIP_COMPONENT_ROOT 0x08u

/*
 * The most continuation areas followed for one record. Two hold a name of 255
 * bytes and all other RRIP entries, three more the longest link; a hostile
 * chain can be a loop.
 */
#define SUSP_CONTINUATIONS 8

/* The most blocks of continuation areas read for a path: some seconds. */
#define SUSP_READS_MAX 32768u

/* The next continuation area; length 0: none. */
struct susp_continuation {
	uint32_t block, offset, length;
};

/* Called for each entry, of `size` bytes, a header at least. */
struct susp_visitor {
	void (*each)(void *arg, const uint8_t *entry, size_t size);
	void *arg;
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

static bool susp_is(const uint8_t *entry, const char *signature)
{
	return !memcmp(entry, signature, 2);
}

/* Visits one area's entries. SUSP 4.1: ends at ST or below 4 bytes. */
static void susp_walk(const uint8_t *area, size_t len,
		      const struct susp_visitor *visitor,
		      struct susp_continuation *next)
{
	next->length = 0;
	while (len >= SUSP_HEADER) {
		size_t size = area[2];

		if (size < SUSP_HEADER || size > len || susp_is(area, "ST"))
			return;
		visitor->each(visitor->arg, area, size);
		if (susp_is(area, "CE") && size >= SUSP_CE_SIZE) {
			next->block = le32_load(area + 4);
			next->offset = le32_load(area + 12);
			next->length = le32_load(area + 20);
		}
		area += size;
		len -= size;
	}
}

/* Brings a block into the scratch memory; many records share one. */
static int susp_hold(struct iso9660_susp *susp, uint32_t block)
{
	uint64_t at = (uint64_t)block * susp->block_size;
	int err;

	if (at && at == susp->held)
		return 0;
	if (susp->reads++ == SUSP_READS_MAX)
		return reason_fail(ERR_FORMAT, "malformed directory");
	err = volume_read(susp->vol, at, susp->scratch, susp->block_size);
	susp->held = err < 0 ? 0 : at;
	return err;
}

/* Visits all entries of a record. Returns 0 or a read error. */
static int susp_each(struct iso9660_susp *susp, const uint8_t *area, size_t len,
		     const struct susp_visitor *visitor)
{
	struct susp_continuation next;
	uint32_t max = susp->block_size;
	int hops, err;

	if (len < susp->skip)
		return 0;
	susp_walk(area + susp->skip, len - susp->skip, visitor, &next);
	for (hops = 0; next.length && hops < SUSP_CONTINUATIONS; hops++) {
		/* SUSP 5.1: an area does not leave its block. */
		if (next.offset > max || next.length > max - next.offset)
			break;
		err = susp_hold(susp, next.block);
		if (err == ERR_RANGE)
			break;
		if (err < 0)
			return err;
		susp_walk(susp->scratch + next.offset, next.length, visitor,
			  &next);
	}
	return 0;
}

/* A record's facts in progress. */
struct susp_facts {
	struct iso9660_rock *rock;
	size_t len; /* of the name */
};

static void susp_add_name(struct susp_facts *facts, const uint8_t *entry,
			  size_t size)
{
	size_t len;

	if (size < RRIP_NM_HEADER ||
	    entry[4] & (RRIP_NM_CURRENT | RRIP_NM_PARENT))
		return;
	len = MIN(size - RRIP_NM_HEADER, ISO9660_NAME_MAX - facts->len);
	memcpy(facts->rock->name + facts->len, entry + RRIP_NM_HEADER, len);
	facts->len += len;
}

static void susp_add_fact(void *arg, const uint8_t *entry, size_t size)
{
	struct susp_facts *facts = arg;
	struct iso9660_rock *rock = facts->rock;

	if (susp_is(entry, "NM"))
		susp_add_name(facts, entry, size);
	rock->is_link |= susp_is(entry, "SL");
	rock->hidden |= susp_is(entry, "RE");
	if (susp_is(entry, "CL") && size >= RRIP_CL_SIZE) {
		rock->moved = true;
		rock->child = le32_load(entry + 4);
	}
}

int iso9660_susp_read(struct iso9660_susp *susp, const uint8_t *area,
		      size_t len, struct iso9660_rock *rock)
{
	struct susp_facts facts = { .rock = rock };
	const struct susp_visitor visitor = { susp_add_fact, &facts };
	int err;

	*rock = (struct iso9660_rock){ .is_link = false };
	err = susp_each(susp, area, len, &visitor);
	/* Cut at a NUL: past it, the name is not what the disc's author saw. */
	facts.len = strnlen(rock->name, facts.len);
	rock->name[facts.len] = '\0';
	return err;
}

/* A link's target in progress. */
struct susp_link {
	char *text;
	size_t len, size;
	bool more;  /* the last SL entry promised another one */
	bool slash; /* before the next component */
	int err;
};

static void susp_add_text(struct susp_link *link, const void *text, size_t len)
{
	if (len >= link->size - link->len) {
		link->err = ERR_NOSPACE;
		return;
	}
	memcpy(link->text + link->len, text, len);
	link->len += len;
}

/* RRIP 4.1.3.1: the other flags are reserved. */
static void susp_add_component(struct susp_link *link, unsigned flags,
			       const uint8_t *text, size_t len)
{
	static const char *const names[] = {
		[0x02] = ".", [0x04] = "..", [RRIP_COMPONENT_ROOT] = "/"
	};
	unsigned kind = flags & ~RRIP_SL_CONTINUE;

	if (link->slash)
		susp_add_text(link, "/", 1);
	if (!kind)
		susp_add_text(link, text, len);
	else if (kind < ARRAY_SIZE(names) && names[kind])
		susp_add_text(link, names[kind], strlen(names[kind]));
	else
		link->err = ERR_NOTSUP;
	link->slash = kind == flags && kind != RRIP_COMPONENT_ROOT;
}

static void susp_add_link(void *arg, const uint8_t *entry, size_t size)
{
	struct susp_link *link = arg;

	if (!susp_is(entry, "SL") || size < RRIP_SL_HEADER)
		return;
	link->more = entry[4] & RRIP_SL_CONTINUE;
	entry += RRIP_SL_HEADER;
	size -= RRIP_SL_HEADER;
	while (!link->err && size >= RRIP_COMPONENT_HEADER) {
		size_t len = entry[1];

		size -= RRIP_COMPONENT_HEADER;
		if (len > size) {
			link->err = ERR_NOTSUP;
			return;
		}
		susp_add_component(link, entry[0],
				   entry + RRIP_COMPONENT_HEADER, len);
		entry += RRIP_COMPONENT_HEADER + len;
		size -= len;
	}
}

int iso9660_susp_link(struct iso9660_susp *susp, const uint8_t *area,
		      size_t len, char *target, size_t size)
{
	struct susp_link link = { .text = target, .size = size };
	const struct susp_visitor visitor = { susp_add_link, &link };
	int err = susp_each(susp, area, len, &visitor);

	if (err == 0)
		err = link.err;
	if (err == 0 && link.more)
		err = ERR_NOTSUP;
	if (err == ERR_NOTSUP)
		return reason_fail(err, "malformed symbolic link");
	target[link.len] = '\0';
	return err;
}
