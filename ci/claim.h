/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory ownership: claim, release, and /memory@0 available. */
#ifndef CI_CLAIM_H
#define CI_CLAIM_H

#include "lib/err.h"
#include "lib/types.h"

/* Linux's prom_init and GRUB prefer memory below 768 MiB. */
#define CLAIM_PREFERRED_TOP (768 * MiB)
/* GRUB's buffer for `available` holds 32 ranges of 16 bytes. */
#define CLAIM_AVAILABLE_MAX 32u

/*
 * claim_init - make all of [0, size) free. `size`: bytes in /memory@0's reg.
 * Allocates all claim records now: claims never allocate.
 * Returns 0 or ERR_NOMEM.
 */
must_check int claim_init(uint64_t size);

/*
 * claim_exact - claim [addr, addr + size), without rounding.
 * Returns 0; ERR_INVAL: size 0; ERR_RANGE: outside memory; ERR_EXIST: overlaps
 * a claim; ERR_NOSPACE: too many separate claims. Prints nothing.
 */
must_check int claim_exact(uint64_t addr, uint64_t size);

/*
 * claim_aligned - claim `size` bytes at a multiple of `align` (rounded up to a
 * power of two): at the highest free place below min(768 MiB, memory); above
 * that only if nothing else fits; always below 4 GiB, never at 0.
 * Returns 0 with *addr, errors as in claim_exact(), or ERR_NOMEM: no place.
 */
must_check int claim_aligned(uint64_t size, uint64_t align, uint64_t *addr);

/*
 * claim_release - free any sub-range. Parts that are already free are ignored.
 * Parts claimed before claim_save() or by claim_keep() belong to the firmware
 * and stay claimed.
 */
void claim_release(uint64_t addr, uint64_t size);

/*
 * claim_drop - free a range that the firmware held for a client (the kernel of
 * -kernel). Unlike claim_release(), frees the firmware's memory, too.
 */
void claim_drop(uint64_t addr, uint64_t size);

/* claim_is_free - true if the whole range is unclaimed memory. */
bool claim_is_free(uint64_t addr, uint64_t size);

/*
 * claim_lowest - find the lowest free place in [low, high) for `size` bytes at
 * a multiple of `align`, a power of two. Does not claim it.
 * Returns 0 with *addr; ERR_INVAL: size 0, or another `align`; ERR_NOMEM: no
 * place.
 */
must_check int claim_lowest(uint64_t low, uint64_t high, uint64_t size,
			    uint64_t align, uint64_t *addr);

/* claim_highest - the same for the highest free place, but never 0. */
must_check int claim_highest(uint64_t low, uint64_t high, uint64_t size,
			     uint64_t align, uint64_t *addr);

/*
 * claim_save - save the map before a client is loaded; claim_restore: restore
 * it after the client ends. Claims of claim_keep() in between remain.
 */
void claim_save(void);
void claim_restore(void);

/* Maximum number of claim_keep() ranges until the next claim_init(). */
#define CLAIM_KEPT 64u

/*
 * claim_keep - like claim_aligned(), but for the firmware itself: the memory
 * outlives the client. For the heap; never called inside claim or release.
 * ERR_NOSPACE: as in claim_aligned(), or CLAIM_KEPT ranges are in use.
 */
must_check int claim_keep(uint64_t size, uint64_t align, uint64_t *addr);

/* claim_is_kept - true if claim_keep() claimed any of [start, end). */
bool claim_is_kept(uint64_t start, uint64_t end);

/*
 * claim_own_after - where the firmware's lowest memory starts that ends after
 * `addr`: what claim_release() leaves claimed. UINT64_MAX: there is none.
 */
uint64_t claim_own_after(uint64_t addr);

/*
 * claim_publish - write /memory@0 `available` now and after each change: free
 * memory, including that above 4 GiB, sorted and coalesced; only the 32 largest
 * ranges.
 * Returns 0, ERR_NOENT: no /memory@0, or ERR_NOMEM.
 */
must_check int claim_publish(void);

#endif
