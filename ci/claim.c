// SPDX-License-Identifier: BSD-2-Clause
/* The claim map: a sorted array of claimed ranges, coalesced. */
#include "ci/claim.h"

#include <string.h>

#include "lib/endian.h"
#include "lib/heap.h"
#include "tree/path.h"
#include "tree/prop.h"

/*
 * Maximum number of separate claimed ranges. Memory for all of them, and for
 * the property `available` (claim_publish()), is allocated at the start: claim
 * and release allocate nothing. An allocation may grow the heap, which claims
 * memory (claim_keep()). GRUB reads `available` and then claims each range in
 * it; one of them would no longer be free.
 */
#define CLAIM_RECORDS 8192u

struct range {
	uint64_t start, end;
};

/*
 * Sorted by address. Adjacent claims are merged. The memory between claims is
 * free: hole i precedes claim i; only the first and the last hole can be
 * empty.
 *
 *	0        claims[0]          claims[1]           claim_memory
 *	| hole 0 |########| hole 1 |########|   hole 2   |
 */
static struct range *claims;
static size_t claim_count;
static uint64_t claim_memory;
/* Of /memory@0, which a hostile CAS tree may remove. */
static phandle_t claim_node;
/*
 * The time of a claim determines its owner:
 *
 *	start ... claim_save() ... a client runs ... claim_restore()
 *	the firmware's           | the client's     : free again
 *	                         | claim_keep()     : stays the firmware's
 *
 * claim_save() copies the map to the second half of the records' memory. A
 * client cannot release ranges in that copy or from claim_keep(). The copy
 * already includes the first claim_kept_saved of the latter.
 */
static size_t claim_saved;
static struct range claim_kept[CLAIM_KEPT];
static size_t claim_kept_count, claim_kept_saved;

/* Number of ranges that end at or before `addr`: its place in the array. */
static size_t claim_index(uint64_t addr)
{
	size_t low = 0, high = claim_count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (claims[mid].end <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

int claim_init(uint64_t size)
{
	claims = heap_alloc(2 * CLAIM_RECORDS * sizeof(*claims));
	claim_count = 0;
	claim_saved = 0;
	claim_kept_count = 0;
	claim_kept_saved = 0;
	claim_memory = size;
	claim_node = TREE_NO_PHANDLE;
	return claims ? 0 : ERR_NOMEM;
}

bool claim_is_free(uint64_t addr, uint64_t size)
{
	size_t i = claim_index(addr);

	if (size > claim_memory || addr > claim_memory - size)
		return false;
	return i == claim_count || claims[i].start >= addr + size;
}

/* The free range between claims `i` - 1 and `i`. */
static struct range claim_hole(size_t i)
{
	return (struct range){ i ? claims[i - 1].end : 0,
			       i < claim_count ? claims[i].start
					       : claim_memory };
}

/* Collects the free ranges, the largest CLAIM_AVAILABLE_MAX, in order. */
static size_t claim_holes(struct range *holes)
{
	size_t n = 0;

	for (size_t i = 0; i <= claim_count; i++) {
		struct range hole = claim_hole(i);
		size_t least = 0;

		if (hole.start >= hole.end)
			continue;
		if (n < CLAIM_AVAILABLE_MAX) {
			holes[n++] = hole;
			continue;
		}
		for (size_t k = 1; k < n; k++) {
			if (holes[k].end - holes[k].start <
			    holes[least].end - holes[least].start)
				least = k;
		}
		if (hole.end - hole.start <=
		    holes[least].end - holes[least].start)
			continue;
		memmove(holes + least, holes + least + 1,
			(n - least - 1) * sizeof(*holes));
		holes[n - 1] = hole;
	}
	return n;
}

/* The property has room for all entries: setting it allocates nothing. */
static void claim_update(void)
{
	static struct range holes[CLAIM_AVAILABLE_MAX];
	struct node *node = tree_by_phandle(claim_node);
	uint8_t cells[CLAIM_AVAILABLE_MAX * 16];
	size_t n;

	if (!node)
		return;
	n = claim_holes(holes);
	for (size_t i = 0; i < n; i++) {
		be64_store(cells + i * 16, holes[i].start);
		be64_store(cells + i * 16 + 8, holes[i].end - holes[i].start);
	}
	if (tree_setprop(node, "available", cells, (uint32_t)n * 16,
			 TREE_QUOIN))
		assert(!"room for available was reserved");
}

int claim_publish(void)
{
	struct node *node = tree_find("/memory@0");
	int rc;

	if (!node)
		return ERR_NOENT;
	rc = tree_setprop(node, "available", NULL, 0, TREE_QUOIN);
	if (!rc)
		rc = tree_reserve_prop(node, "available",
				       CLAIM_AVAILABLE_MAX * 16);
	if (rc)
		return rc;
	claim_node = node->phandle;
	claim_update();
	return 0;
}

static void claim_remove_at(size_t i)
{
	claim_count--;
	memmove(claims + i, claims + i + 1,
		(claim_count - i) * sizeof(*claims));
}

static int claim_insert_at(size_t i, uint64_t start, uint64_t end)
{
	if (claim_count == CLAIM_RECORDS)
		return ERR_NOSPACE;
	memmove(claims + i + 1, claims + i,
		(claim_count - i) * sizeof(*claims));
	claims[i] = (struct range){ start, end };
	claim_count++;
	return 0;
}

int claim_exact(uint64_t addr, uint64_t size)
{
	size_t i = claim_index(addr);
	bool joins_left, joins_right;
	int rc = 0;

	if (!size)
		return ERR_INVAL;
	if (size > claim_memory || addr > claim_memory - size)
		return ERR_RANGE;
	if (!claim_is_free(addr, size))
		return ERR_EXIST;
	joins_left = i && claims[i - 1].end == addr;
	joins_right = i < claim_count && claims[i].start == addr + size;
	if (joins_left && joins_right) {
		claims[i - 1].end = claims[i].end;
		claim_remove_at(i);
	} else if (joins_left) {
		claims[i - 1].end = addr + size;
	} else if (joins_right) {
		claims[i].start = addr;
	} else {
		rc = claim_insert_at(i, addr, addr + size);
	}
	if (!rc)
		claim_update();
	return rc;
}

int claim_highest(uint64_t low, uint64_t high, uint64_t size, uint64_t align,
		  uint64_t *addr)
{
	if (!size || !IS_POWER_OF_2(align))
		return ERR_INVAL;
	for (size_t i = claim_count + 1; i-- > 0;) {
		struct range hole = claim_hole(i);

		hole.start = MAX(hole.start, low);
		hole.end = MIN(hole.end, high);
		if (hole.start >= hole.end || hole.end - hole.start < size)
			continue;
		*addr = ALIGN_DOWN(hole.end - size, align);
		if (*addr && *addr >= hole.start)
			return 0;
	}
	return ERR_NOMEM;
}

int claim_lowest(uint64_t low, uint64_t high, uint64_t size, uint64_t align,
		 uint64_t *addr)
{
	if (!size || !IS_POWER_OF_2(align))
		return ERR_INVAL;
	for (size_t i = claim_index(low); i <= claim_count; i++) {
		struct range hole = claim_hole(i);
		uint64_t start = MAX(hole.start, low);
		uint64_t end = MIN(hole.end, high);

		*addr = ALIGN_UP(start, align);
		/* Alignment may move it past the hole, or wrap around. */
		if (*addr >= start && *addr < end && size <= end - *addr)
			return 0;
	}
	return ERR_NOMEM;
}

/*
 * From the top down: low addresses stay free for programs that are linked to
 * them and claim them exactly, perhaps after a claim of any address. Below 768
 * MiB as long as it fits: Linux's prom_init and GRUB do not rely on more
 * (CLAIM_PREFERRED_TOP).
 */
int claim_aligned(uint64_t size, uint64_t align, uint64_t *addr)
{
	uint64_t power = 1;
	int rc;

	if (!size || align > 2 * GiB)
		return ERR_INVAL;
	while (power < align)
		power *= 2;
	rc = claim_highest(0, CLAIM_PREFERRED_TOP, size, power, addr);
	if (rc)
		rc = claim_highest(0, 4 * GiB, size, power, addr);
	return rc ? rc : claim_exact(*addr, size);
}

/* Cuts [start, end) out of claim `i`; true: it is removed, `i` is the next. */
static bool claim_cut(size_t i, uint64_t start, uint64_t end)
{
	struct range *c = &claims[i];

	if (start <= c->start && end >= c->end) {
		claim_remove_at(i);
		return true;
	}
	if (start > c->start && end < c->end) {
		uint64_t rest = c->end;

		/* If there is no room for a second record, keep it all. */
		if (claim_insert_at(i + 1, end, rest) == 0)
			claims[i].end = start;
	} else if (start > c->start) {
		c->end = start;
	} else {
		c->start = end;
	}
	return false;
}

/* Frees [start, end), regardless of the owner. */
static void claim_free(uint64_t start, uint64_t end)
{
	size_t i = claim_index(start);

	while (i < claim_count && claims[i].start < end) {
		if (!claim_cut(i, start, end))
			i++;
	}
}

/* The firmware's lowest range that ends after `addr`, or an empty one. */
static struct range claim_firmware(uint64_t addr)
{
	const struct range *saved = claims + CLAIM_RECORDS;
	struct range found = { UINT64_MAX, UINT64_MAX };

	for (size_t i = 0; i < claim_saved; i++) {
		if (saved[i].end > addr && saved[i].start < found.start)
			found = saved[i];
	}
	for (size_t i = 0; i < claim_kept_count; i++) {
		if (claim_kept[i].end > addr &&
		    claim_kept[i].start < found.start)
			found = claim_kept[i];
	}
	return found;
}

uint64_t claim_own_after(uint64_t addr)
{
	return claim_firmware(addr).start;
}

void claim_release(uint64_t addr, uint64_t size)
{
	uint64_t end = size > UINT64_MAX - addr ? UINT64_MAX : addr + size;

	while (addr < end) {
		struct range own = claim_firmware(addr);

		if (own.start > addr)
			claim_free(addr, MIN(own.start, end));
		addr = own.end;
	}
	claim_update();
}

void claim_drop(uint64_t addr, uint64_t size)
{
	claim_free(addr, addr + size);
	claim_update();
}

void claim_save(void)
{
	memcpy(claims + CLAIM_RECORDS, claims, claim_count * sizeof(*claims));
	claim_saved = claim_count;
	claim_kept_saved = claim_kept_count;
}

void claim_restore(void)
{
	memcpy(claims, claims + CLAIM_RECORDS, claim_saved * sizeof(*claims));
	claim_count = claim_saved;
	for (size_t i = claim_kept_saved; i < claim_kept_count; i++) {
		const struct range *kept = &claim_kept[i];

		if (claim_exact(kept->start, kept->end - kept->start))
			assert(!"kept memory was claimed after the save");
	}
	claim_update();
}

int claim_keep(uint64_t size, uint64_t align, uint64_t *addr)
{
	int rc;

	if (claim_kept_count == CLAIM_KEPT)
		return ERR_NOSPACE;
	rc = claim_aligned(size, align, addr);
	if (!rc)
		claim_kept[claim_kept_count++] =
			(struct range){ *addr, *addr + size };
	return rc;
}

bool claim_is_kept(uint64_t start, uint64_t end)
{
	for (size_t i = 0; i < claim_kept_count; i++) {
		if (start < claim_kept[i].end && end > claim_kept[i].start)
			return true;
	}
	return false;
}
