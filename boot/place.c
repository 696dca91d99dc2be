// SPDX-License-Identifier: BSD-2-Clause
/* Placing an image: the memory claimed for it, and AIX's raw image. */
#include "boot/place.h"

#include "ci/ci.h"
#include "ci/claim.h"
#include "ci/mem.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "lib/watch.h"

static void *place_ptr(void *arg, uint64_t addr, uint64_t size)
{
	(void)arg;
	return ci_ram(addr, size);
}

/* Only claimed memory may be written. Size 0: nothing to do. */
static int place_reserve(struct place *place, uint64_t addr, uint64_t size)
{
	const void *ptr = place_ptr(NULL, addr, size);
	int rc = 0;

	if (size)
		rc = claim_exact(addr, size);
	if (rc == ERR_EXIST)
		rc = stage_make_room(&place->stage, addr, size);
	if (!rc && size && ptr)
		watch_allow(ptr, size);
	return rc;
}

static void place_unreserve(uint64_t addr, uint64_t size)
{
	const void *ptr = place_ptr(NULL, addr, size);

	if (!size)
		return;
	if (ptr)
		watch_forbid(ptr, size);
	claim_release(addr, size);
}

/*
 * AIX's raw image is a whole file or partition at load-base. Segments at their
 * own addresses may overlap it, and claiming that memory again would fail. So a
 * segment claims only its bytes below the raw image and past its end, and
 * releases the same bytes; place_undo() frees the rest.
 *
 * How many bytes of [addr, addr + size) are below the raw image.
 */
static uint64_t place_front(const struct place *place, uint64_t addr,
			    uint64_t size)
{
	uint64_t front = place->raw_base - MIN(addr, place->raw_base);

	return place->raw_size ? MIN(size, front) : size;
}

/* How many are past its end. */
static uint64_t place_back(const struct place *place, uint64_t addr,
			   uint64_t size)
{
	uint64_t end = place->raw_base + place->raw_size;

	if (!place->raw_size)
		return 0;
	return MIN(size, addr + size - MIN(end, addr + size));
}

static int place_claim(void *arg, uint64_t addr, uint64_t size)
{
	struct place *place = arg;
	uint64_t front = place_front(place, addr, size);
	uint64_t back = place_back(place, addr, size);
	int rc = place_reserve(place, addr, front);

	if (rc)
		return rc;
	rc = place_reserve(place, addr + size - back, back);
	if (rc)
		place_unreserve(addr, front);
	return rc;
}

static void place_release(void *arg, uint64_t addr, uint64_t size)
{
	const struct place *place = arg;
	uint64_t back = place_back(place, addr, size);

	place_unreserve(addr, place_front(place, addr, size));
	place_unreserve(addr + size - back, back);
}

/* QEMU hw/ppc/spapr.c, KERNEL_LOAD_ADDR: images move here or higher. */
#define PLACE_KERNEL (4 * MiB)

static int place_find(void *arg, uint64_t size, uint64_t align, uint64_t *addr)
{
	(void)arg;
	return claim_lowest(PLACE_KERNEL, 4 * GiB, size, align, addr);
}

static void place_flush(void *arg, void *ptr, uint64_t size)
{
	(void)arg;
	ci_hooks()->code_written(ptr, size);
}

void place_elf(struct place *place, struct elf_place *elf)
{
	*elf = (struct elf_place){
		.find = place_find,
		.claim = place_claim,
		.release = place_release,
		.ptr = place_ptr,
		.flush = place_flush,
		.arg = place,
	};
}

/*
 * elf_load() reads the segments from `img` again and does not move them inside
 * the raw image, where one segment may overwrite another one's bytes.
 */
int place_raw(struct place *place, struct image *img, uint64_t base)
{
	uint64_t size = img->size;
	/* Clients cannot reach memory above 4 GiB. */
	void *raw = ci_ram(base, size);
	int rc = raw ? place_reserve(place, base, size) : ERR_RANGE;

	if (rc)
		return reason_fail(
			rc, "the file needs %jx bytes at load-base %jx: %s",
			(uintmax_t)size, (uintmax_t)base, err_str(rc));
	rc = image_read(img, 0, raw, size);
	if (rc) {
		place_unreserve(base, size);
		return rc;
	}
	log_debug(LOG_BOOT, "raw image: %jx bytes at load-base %jx",
		  (uintmax_t)size, (uintmax_t)base);
	ci_hooks()->code_written(raw, size);
	place->raw_base = base;
	place->raw_size = size;
	return 0;
}

void place_undo(struct place *place)
{
	place_unreserve(place->raw_base, place->raw_size);
	place->raw_base = place->raw_size = 0;
}
