// SPDX-License-Identifier: BSD-2-Clause
/*
 * Staging: a file of any size in chunks of high memory.
 *
 * A stream or a file of unknown size cannot be read at random, as the ELF
 * loader does, so all of it is read first. Clients link and claim low, so the
 * staged file uses the highest free memory. A large client may still need
 * addresses that a chunk occupies: stage_make_room() moves those parts
 * elsewhere. It holds the target's claim while it looks for new places.
 */
#include "boot/stage.h"

#include <string.h>

#include "ci/claim.h"
#include "ci/mem.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "lib/watch.h"

/* Devices transfer whole pages best. */
#define STAGE_ALIGN 4096u

/*
 * While the end is not known, a chunk is as large as all before it, within the
 * first two bounds. In fragmented memory chunks shrink, down to the third.
 */
#define STAGE_CHUNK (4 * MiB)
#define STAGE_CHUNK_MAX (64 * MiB)
#define STAGE_CHUNK_MIN (64 * KiB)

static int stage_claim(uint64_t addr, uint64_t size)
{
	int rc = claim_exact(addr, size);

	if (!rc)
		watch_allow(ci_ram(addr, size), size);
	return rc;
}

static void stage_release(uint64_t addr, uint64_t size)
{
	watch_forbid(ci_ram(addr, size), size);
	claim_release(addr, size);
}

/* Claims a new place for `size` bytes, or for fewer if there is none. */
static int stage_find(uint64_t size, struct stage_chunk *chunk)
{
	int rc;

	while ((rc = claim_highest(0, 4 * GiB, size, STAGE_ALIGN,
				   &chunk->addr))) {
		if (size <= STAGE_CHUNK_MIN)
			return rc;
		size = MAX(size / 2, STAGE_CHUNK_MIN);
	}
	chunk->size = size;
	return stage_claim(chunk->addr, size);
}

/* Makes room for one more struct stage_chunk. */
static int stage_reserve(struct stage *stage)
{
	size_t room = stage->room ? 2 * stage->room : 16;
	struct stage_chunk *chunk;

	if (stage->count < stage->room)
		return 0;
	chunk = heap_realloc(stage->chunk, room * sizeof(*chunk));
	if (!chunk)
		return ERR_NOMEM;
	stage->chunk = chunk;
	stage->room = room;
	return 0;
}

static uint64_t stage_want(const struct stage *stage, const struct image *img)
{
	if (img->size != IMAGE_SIZE_UNKNOWN)
		return img->size - stage->size;
	return MIN(MAX(stage->size, STAGE_CHUNK), STAGE_CHUNK_MAX);
}

/* What cannot fit is not worth reading: are there `size` bytes in all? */
static int stage_check_room(struct stage *stage, uint64_t size)
{
	uint64_t found = 0;
	int rc = 0;

	while (!rc && found < size) {
		rc = stage_reserve(stage);
		if (!rc)
			rc = stage_find(size - found,
					&stage->chunk[stage->count]);
		if (!rc)
			found += stage->chunk[stage->count++].size;
	}
	while (stage->count) {
		stage->count--;
		stage_release(stage->chunk[stage->count].addr,
			      stage->chunk[stage->count].size);
	}
	return rc ? reason_fail(rc, "%llu bytes; %llu are free below 4 GiB",
				(unsigned long long)size,
				(unsigned long long)found)
		  : 0;
}

/* Reads one more chunk. */
static int stage_grow(struct stage *stage, struct image *img)
{
	struct stage_chunk new;
	long got;
	int rc = stage_reserve(stage);

	if (!rc)
		rc = stage_find(stage_want(stage, img), &new);
	if (rc)
		return rc;
	got = image_read_some(img, stage->size, ci_ram(new.addr, new.size),
			      (size_t) new.size);
	/* Free the part that was not filled. */
	if (got < (long)new.size)
		stage_release(new.addr + (uint64_t)MAX(got, 0),
			      new.size - (uint64_t)MAX(got, 0));
	if (got <= 0)
		return (int)got;
	new.size = (uint64_t)got;
	stage->chunk[stage->count++] = new;
	stage->size += new.size;
	return 0;
}

static long stage_read(struct image *img, uint64_t offset, void *buf,
		       size_t len)
{
	const struct stage *stage = img->priv;
	uint8_t *dst = buf;

	for (size_t i = 0; i < stage->count && len; i++) {
		const struct stage_chunk *chunk = &stage->chunk[i];
		size_t n;

		if (offset >= chunk->size) {
			offset -= chunk->size;
			continue;
		}
		n = (size_t)MIN(len, chunk->size - offset);
		memcpy(dst, ci_ram(chunk->addr + offset, n), n);
		dst += n;
		len -= n;
		offset = 0;
	}
	return dst - (uint8_t *)buf;
}

int stage_image(struct stage *stage, struct image *img)
{
	int rc = 0;

	if (img->size != IMAGE_SIZE_UNKNOWN)
		rc = stage_check_room(stage, img->size);
	if (rc)
		return rc;
	while (!rc && stage->size < img->size)
		rc = stage_grow(stage, img);
	if (rc == ERR_NOMEM)
		return reason_fail(rc,
				   "out of memory below 4 GiB after %llu bytes",
				   (unsigned long long)stage->size);
	if (rc && stage->size)
		return reason_fail(rc, "%s, after %llu bytes",
				   *reason() ? reason() : err_str(rc),
				   (unsigned long long)stage->size);
	if (rc)
		return *reason() ? rc : reason_fail(rc, "%s", err_str(rc));
	log_debug(LOG_BOOT, "%s: %llx bytes staged in %zu chunks", img->name,
		  (unsigned long long)stage->size, stage->count);
	*img = (struct image){ .name = img->name,
			       .size = stage->size,
			       .read = stage_read,
			       .priv = stage };
	return 0;
}

/* Splits the chunk that crosses an address, if there is one. */
static int stage_cut(struct stage *stage, uint64_t at)
{
	for (size_t i = 0; i < stage->count; i++) {
		struct stage_chunk *chunk = &stage->chunk[i];
		uint64_t front = at - MIN(at, chunk->addr);

		if (!front || front >= chunk->size)
			continue;
		if (stage_reserve(stage))
			return ERR_NOMEM;
		chunk = &stage->chunk[i];
		memmove(chunk + 1, chunk, (stage->count - i) * sizeof(*chunk));
		stage->count++;
		chunk[0].size = front;
		chunk[1].addr += front;
		chunk[1].size -= front;
		return 0;
	}
	return 0;
}

/* The next chunk from index `i` inside [addr, addr + size); count: none. */
static size_t stage_inside(const struct stage *stage, size_t i, uint64_t addr,
			   uint64_t size)
{
	for (; i < stage->count; i++) {
		if (stage->chunk[i].addr >= addr &&
		    stage->chunk[i].addr - addr < size)
			break;
	}
	return i;
}

/* Moves as much of a chunk as fits one place; the rest is the next chunk. */
static int stage_move(struct stage *stage, size_t i)
{
	struct stage_chunk new, *chunk = &stage->chunk[i];
	int rc = stage_find(chunk->size, &new);

	if (rc)
		return rc;
	rc = stage_cut(stage, chunk->addr + new.size);
	if (rc) {
		stage_release(new.addr, new.size);
		return rc;
	}
	chunk = &stage->chunk[i];
	memcpy(ci_ram(new.addr, new.size), ci_ram(chunk->addr, new.size),
	       (size_t) new.size);
	*chunk = new;
	return 0;
}

int stage_make_room(struct stage *stage, uint64_t addr, uint64_t size)
{
	int rc = stage_cut(stage, addr);
	size_t i;

	if (!rc)
		rc = stage_cut(stage, addr + size);
	if (rc)
		return rc;
	/* Nothing else claims this memory meanwhile: the bytes stay intact. */
	for (i = 0; (i = stage_inside(stage, i, addr, size)) < stage->count;
	     i++)
		stage_release(stage->chunk[i].addr, stage->chunk[i].size);
	rc = stage_claim(addr, size);
	if (!rc) {
		i = 0;
		while (!rc &&
		       (i = stage_inside(stage, i, addr, size)) < stage->count)
			rc = stage_move(stage, i);
		if (!rc)
			return 0;
		stage_release(addr, size);
	}
	for (i = 0; (i = stage_inside(stage, i, addr, size)) < stage->count;
	     i++) {
		if (stage_claim(stage->chunk[i].addr, stage->chunk[i].size))
			assert(!"it was free a moment ago");
	}
	return rc;
}

/* Copies all chunks to one place. */
static int stage_join(struct stage *stage, uint64_t *start)
{
	struct stage_chunk whole;
	struct image img = { .priv = stage };
	int rc = claim_highest(0, 4 * GiB, stage->size, STAGE_ALIGN,
			       &whole.addr);

	if (!rc)
		rc = stage_claim(whole.addr, stage->size);
	if (rc)
		return reason_fail(ERR_NOMEM,
				   "no free memory of %llu bytes in one piece",
				   (unsigned long long)stage->size);
	stage_read(&img, 0, ci_ram(whole.addr, stage->size),
		   (size_t)stage->size);
	*start = whole.addr;
	return 0;
}

int stage_keep(struct stage *stage, uint64_t *start, uint64_t *size)
{
	int rc = 0;

	if (!stage->count)
		return reason_fail(ERR_FORMAT, "the file is empty");
	*size = stage->size;
	*start = stage->chunk[0].addr;
	if (stage->count > 1)
		rc = stage_join(stage, start);
	if (rc)
		return rc;
	if (stage->count == 1)
		stage->count = 0;
	stage_free(stage);
	return 0;
}

void stage_free(struct stage *stage)
{
	for (size_t i = 0; i < stage->count; i++)
		stage_release(stage->chunk[i].addr, stage->chunk[i].size);
	heap_free(stage->chunk);
	*stage = (struct stage){ 0 };
}
