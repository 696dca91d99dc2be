// SPDX-License-Identifier: BSD-2-Clause
/* NVRAM partitions, and the partition that holds the variables. */
#include "boot/nvram.h"

#include <string.h>

#include "drivers/vio/nvram.h"
#include "lib/endian.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"

/* Lengths count blocks of 16 bytes with the header. [LoPAR, NVRAM structure] */
#define NVRAM_BLOCK 16u
#define NVRAM_NAME_LEN 12u

/* Signatures: firmware, system variables, free. [LoPAR, NVRAM signatures] */
#define NVRAM_SIG_LOG 0x51u
#define NVRAM_SIG_SYSTEM 0x70u
#define NVRAM_SIG_FREE 0x7fu

struct nvram_header {
	uint8_t signature;
	uint8_t checksum;
	be16 blocks;
	char name[NVRAM_NAME_LEN];
};
static_assert(sizeof(struct nvram_header) == NVRAM_BLOCK, "one block");

/* The layout of a fresh NVRAM: SLOF's partitions, in its order and sizes. */
static const struct nvram_layout {
	uint8_t signature;
	uint32_t size;
	const char *name;
} nvram_layout[] = {
	{ NVRAM_SIG_LOG, 8192, "ibm,CPU0log" },
	{ NVRAM_SIG_LOG, 2048, "ibm,CPU1log" },
	{ NVRAM_SIG_SYSTEM, 4096, "common" },
};
/* The index of "common", the only one in an NVRAM too small for logs. */
#define NVRAM_COMMON (ARRAY_SIZE(nvram_layout) - 1)

/* The variables' bytes, after the partition's header. */
static struct {
	uint32_t offset; /* in NVRAM */
	size_t room;	 /* bytes; the last one is always NUL */
	char *stored;	 /* as in NVRAM */
	char *vars;	 /* the same without damaged strings, for use */
} nvram;

/* The sum of all other bytes, carries added back. [LoPAR, NVRAM structure] */
static uint8_t nvram_checksum(const struct nvram_header *header)
{
	const uint8_t *bytes = (const uint8_t *)header;
	unsigned sum = bytes[0];

	for (size_t i = 2; i < sizeof(*header); i++) {
		sum += bytes[i];
		sum = (sum & 0xff) + (sum >> 8);
	}
	return (uint8_t)sum;
}

/*
 * Reads the header of the partition at `off`. Returns 0, ERR_FORMAT if it is
 * not a header, so the chain of partitions ends there, or a read error.
 */
static int nvram_read_header(uint32_t off, struct nvram_header *header)
{
	uint32_t left = nvram_raw_size() - off, size;
	int rc;

	if (left < sizeof(*header))
		return ERR_FORMAT;
	rc = nvram_raw_read(off, header, sizeof(*header));
	if (rc)
		return rc;
	size = be16_get(header->blocks) * NVRAM_BLOCK;
	if (!size || size > left || header->checksum != nvram_checksum(header))
		return ERR_FORMAT;
	return 0;
}

static bool nvram_is(const struct nvram_header *header, const char *name)
{
	return header->signature == NVRAM_SIG_SYSTEM &&
	       !strncmp(header->name, name, NVRAM_NAME_LEN);
}

static void nvram_take(uint32_t off, uint32_t size)
{
	nvram.offset = off + NVRAM_BLOCK;
	nvram.room = size - NVRAM_BLOCK;
}

/* Finds the variables; `room` stays 0 if there are none. */
static int nvram_find(void)
{
	struct nvram_header header;
	uint32_t off = 0, size;
	int rc;

	while (!(rc = nvram_read_header(off, &header))) {
		size = be16_get(header.blocks) * NVRAM_BLOCK;
		if (size > NVRAM_BLOCK && nvram_is(&header, "common")) {
			nvram_take(off, size);
			return 0;
		}
		if (size > NVRAM_BLOCK && !nvram.room &&
		    nvram_is(&header, "system"))
			nvram_take(off, size);
		off += size;
	}
	return rc == ERR_FORMAT ? 0 : rc;
}

static int nvram_write_header(uint32_t off, uint8_t signature, uint32_t size,
			      const char *name)
{
	struct nvram_header header = { .signature = signature };

	memcpy(header.name, name, MIN(strlen(name), NVRAM_NAME_LEN));
	header.blocks = be16_make((uint16_t)(size / NVRAM_BLOCK));
	header.checksum = nvram_checksum(&header);
	return nvram_raw_write(off, &header, sizeof(header));
}

/*
 * Formats as SLOF does: the operating system's tools gain more from SLOF's
 * layout than from a better one. The logs stay empty.
 */
static int nvram_format(void)
{
	uint32_t size = nvram_raw_size(), logs = 0, off = 0, left;

	for (size_t i = 0; i < NVRAM_COMMON; i++)
		logs += nvram_layout[i].size;
	if (size < nvram_layout[NVRAM_COMMON].size)
		return reason_fail(ERR_NOSPACE, "NVRAM has only %u bytes",
				   size);
	size_t i = size - nvram_layout[NVRAM_COMMON].size < logs ? NVRAM_COMMON
								 : 0;
	for (; i < ARRAY_SIZE(nvram_layout); i++) {
		const struct nvram_layout *part = &nvram_layout[i];
		int rc = nvram_write_header(off, part->signature, part->size,
					    part->name);

		if (rc)
			return rc;
		if (i == NVRAM_COMMON)
			nvram_take(off, part->size);
		off += part->size;
	}
	left = MIN(size - off, UINT16_MAX * NVRAM_BLOCK);
	if (left < NVRAM_BLOCK)
		return 0;
	return nvram_write_header(off, NVRAM_SIG_FREE, left, "free space");
}

/* The size of the strings in `vars`, up to the empty one that ends them. */
static size_t nvram_used(const char *vars, size_t room)
{
	size_t pos = 0;

	while (pos < room && vars[pos])
		pos += strlen(vars + pos) + 1;
	return pos;
}

/*
 * QEMU writes a header for free space at 2048 even if -prom-env needs more than
 * that. It overwrites 9 bytes of a string: signature, checksum, length and the
 * name "free" with its NUL. Both strings at that place are dropped.
 * [QEMU hw/nvram/spapr_nvram.c, spapr_nvram_realize(); chrp_nvram.c]
 */
static void nvram_drop_damaged(void)
{
	size_t at = 2048 - nvram.offset, lost = 9, start = at, end;
	struct nvram_header free_space;

	if (nvram.offset != NVRAM_BLOCK || nvram.room < at + sizeof(free_space))
		return;
	memcpy(&free_space, nvram.vars + at, sizeof(free_space));
	if (free_space.signature != NVRAM_SIG_FREE ||
	    free_space.checksum != nvram_checksum(&free_space) ||
	    strcmp(free_space.name, "free") ||
	    be16_get(free_space.blocks) !=
		    (nvram_raw_size() - 2048) / NVRAM_BLOCK)
		return;
	while (start > 0 && nvram.vars[start - 1])
		start--;
	end = at + lost;
	end += strlen(nvram.vars + end) + 1;
	log_warn("NVRAM: more than 2032 bytes of -prom-env: QEMU has "
		 "overwritten \"%.*s\" and everything after it",
		 (int)MIN(at - start, (size_t)40), nvram.vars + start);
	if (end > nvram.room)
		end = nvram.room;
	memmove(nvram.vars + start, nvram.vars + end, nvram.room - end);
	memset(nvram.vars + nvram.room - (end - start), 0, end - start);
}

static int nvram_load(void)
{
	int rc;

	nvram.stored = heap_alloc(nvram.room);
	nvram.vars = heap_alloc(nvram.room);
	if (!nvram.stored || !nvram.vars)
		return reason_fail(ERR_NOMEM,
				   "no memory for NVRAM's variables");
	rc = nvram_raw_read(nvram.offset, nvram.stored, (uint32_t)nvram.room);
	if (rc)
		return rc;
	memcpy(nvram.vars, nvram.stored, nvram.room);
	nvram.vars[nvram.room - 1] = '\0';
	return 0;
}

/* Variables are mostly unused room: compare so many bytes at a time. */
#define NVRAM_STEP 64u

/* The length of the common start of `a` and `b`, at most `len`. */
static size_t nvram_same(const char *a, const char *b, size_t len)
{
	size_t n = 0;

	while (len - n >= NVRAM_STEP && !memcmp(a + n, b + n, NVRAM_STEP))
		n += NVRAM_STEP;
	while (n < len && a[n] == b[n])
		n++;
	return n;
}

/* Where the common end of `a` and `b`, both of `len` bytes, begins. */
static size_t nvram_same_end(const char *a, const char *b, size_t len)
{
	while (len >= NVRAM_STEP &&
	       !memcmp(a + len - NVRAM_STEP, b + len - NVRAM_STEP, NVRAM_STEP))
		len -= NVRAM_STEP;
	while (len && a[len - 1] == b[len - 1])
		len--;
	return len;
}

/* Stores `vars` in NVRAM, from the first to the last changed byte. */
static int nvram_commit(char *vars)
{
	size_t start = nvram_same(nvram.stored, vars, nvram.room);
	size_t end = MAX(start, nvram_same_end(nvram.stored, vars, nvram.room));
	int rc;

	rc = nvram_raw_write(nvram.offset + (uint32_t)start, vars + start,
			     (uint32_t)(end - start));
	if (rc)
		return rc;
	memcpy(nvram.stored + start, vars + start, end - start);
	heap_free(nvram.vars);
	nvram.vars = vars;
	return 0;
}

static int nvram_store_initial(const char *initial, size_t len)
{
	char *vars;
	int rc;

	if (len >= nvram.room)
		return reason_fail(ERR_NOSPACE,
				   "NVRAM has no room for the defaults");
	vars = heap_zalloc(nvram.room);
	if (!vars)
		return reason_fail(ERR_NOMEM,
				   "no memory for NVRAM's variables");
	memcpy(vars, initial, len);
	rc = nvram_commit(vars);
	if (rc)
		heap_free(vars);
	return rc;
}

static void nvram_close(void)
{
	heap_free(nvram.stored);
	heap_free(nvram.vars);
	memset(&nvram, 0, sizeof(nvram));
}

static int nvram_try_open(const char *initial, size_t len)
{
	bool fresh;
	int rc;

	if (!nvram_raw_size())
		return reason_fail(ERR_NODEV, "the machine has no NVRAM");
	rc = nvram_find();
	fresh = !rc && !nvram.room;
	if (fresh) {
		print("No NVRAM common partition, re-initializing...\n");
		rc = nvram_format();
	}
	if (!rc)
		rc = nvram_load();
	if (!rc && fresh)
		rc = nvram_store_initial(initial, len);
	return rc;
}

int nvram_open(const char *initial, size_t len)
{
	int rc;

	nvram_close();
	rc = nvram_try_open(initial, len);
	if (rc)
		nvram_close();
	else
		nvram_drop_damaged();
	return rc;
}

bool nvram_next(size_t *pos, struct nvram_var *var)
{
	while (*pos < nvram.room && nvram.vars[*pos]) {
		const char *text = nvram.vars + *pos;
		const char *equals = strchr(text, '=');

		*pos += strlen(text) + 1;
		if (!equals || equals == text)
			continue;
		var->name = text;
		var->name_len = (size_t)(equals - text);
		var->value = equals + 1;
		return true;
	}
	return false;
}

static bool nvram_names(const char *text, const char *name, size_t len)
{
	return !strncmp(text, name, len) && text[len] == '=';
}

/* Appends `len` bytes and a NUL; false: no room (one byte ends all strings). */
static bool nvram_append(char *vars, size_t *pos, const char *text, size_t len)
{
	if (nvram.room - *pos < 2 || len > nvram.room - *pos - 2)
		return false;
	memcpy(vars + *pos, text, len);
	vars[*pos + len] = '\0';
	*pos += len + 1;
	return true;
}

/* Copies all variables to `vars`, with `pair` in place of the first `name`. */
static bool nvram_rebuild(char *vars, const char *name, const char *pair)
{
	size_t used = nvram_used(nvram.vars, nvram.room), name_len;
	size_t pair_len = strlen(pair), pos = 0;
	bool done = false;

	name_len = strlen(name);
	for (size_t from = 0; from < used;) {
		const char *text = nvram.vars + from;
		size_t len = strlen(text);

		from += len + 1;
		if (nvram_names(text, name, name_len)) {
			if (done)
				continue;
			text = pair;
			len = pair_len;
			done = true;
		}
		if (!nvram_append(vars, &pos, text, len))
			return false;
	}
	return done || nvram_append(vars, &pos, pair, pair_len);
}

static char *nvram_pair(const char *name, const char *value)
{
	size_t name_len = strlen(name), value_len = strlen(value);
	char *pair = heap_alloc(name_len + 1 + value_len + 1);

	if (!pair)
		return NULL;
	memcpy(pair, name, name_len);
	pair[name_len] = '=';
	memcpy(pair + name_len + 1, value, value_len + 1);
	return pair;
}

int nvram_set(const char *name, const char *value)
{
	char *pair, *vars;
	int rc;

	if (!nvram.room)
		return reason_fail(ERR_NODEV, "no NVRAM to store %s in", name);
	if (!*name || strchr(name, '='))
		return reason_fail(ERR_INVAL,
				   "\"%s\" is not a valid variable name", name);
	pair = nvram_pair(name, value);
	vars = heap_zalloc(nvram.room);
	if (!pair || !vars)
		rc = reason_fail(ERR_NOMEM, "no memory to store %s in NVRAM",
				 name);
	else if (!nvram_rebuild(vars, name, pair))
		rc = reason_fail(
			ERR_NOSPACE,
			"NVRAM is full: %s needs %zu bytes, the partition "
			"has %zu, of which %zu are used",
			name, strlen(pair) + 1, nvram.room,
			nvram_used(nvram.vars, nvram.room));
	else
		rc = nvram_commit(vars);
	if (rc)
		heap_free(vars);
	heap_free(pair);
	return rc;
}
