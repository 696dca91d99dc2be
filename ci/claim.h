/* SPDX-License-Identifier: BSD-2-Clause */
/* Who has which memory: claim, release, and /memory@0 available. */
#ifndef CI_CLAIM_H
#define CI_CLAIM_H

#include "lib/err.h"
#include "lib/types.h"

/* Linux's prom_init and GRUB stay below 768 MiB where they can choose. */
#define CLAIM_PREFERRED_TOP (768 * MiB)
/* GRUB's buffer for `available` holds 32 ranges of 16 bytes. */
#define CLAIM_AVAILABLE_MAX 32u

/*
 * claim_init - all of [0, size) is free. `size`: bytes of /memory@0's reg.
 * Room for claim records is set aside now: claims never allocate.
 * Returns 0 or ERR_NOMEM.
 */
must_check int claim_init(uint64_t size);

/*
 * claim_exact - claim [addr, addr + size), to the byte.
 * Returns 0; ERR_INVAL: size 0; ERR_RANGE: outside memory; ERR_EXIST: some of
 * it is claimed; ERR_NOSPACE: too many separate claims. Prints nothing.
 */
must_check int claim_exact(uint64_t addr, uint64_t size);

/*
 * claim_aligned - claim `size` bytes at a multiple of `align` (rounded up to a
 * power of two): the highest place below min(768 MiB, memory), above only if
 * nothing else fits, always below 4 GiB, never 0.
 * Returns 0 with *addr, or errors as claim_exact(); ERR_NOMEM: no place.
 */
must_check int claim_aligned(uint64_t size, uint64_t align, uint64_t *addr);

/*
 * claim_release - free any sub-range; what is free already stays so, and what
 * was claimed before claim_save() or by claim_keep() is the firmware's and
 * stays claimed.
 */
void claim_release(uint64_t addr, uint64_t size);

/*
 * claim_drop - free a range that the firmware held for a client (the kernel of
 * -kernel): unlike claim_release() it is free whoever claimed it.
 */
void claim_drop(uint64_t addr, uint64_t size);

/* claim_is_free - is all of the range unclaimed memory? */
bool claim_is_free(uint64_t addr, uint64_t size);

/*
 * claim_lowest - the lowest free place in [low, high) for `size` bytes, a
 * multiple of `align`, a power of two; it is not claimed.
 * Returns 0 with *addr; ERR_INVAL: size 0, or another `align`; ERR_NOMEM: no
 * place.
 */
must_check int claim_lowest(uint64_t low, uint64_t high, uint64_t size,
			    uint64_t align, uint64_t *addr);

/* claim_highest - the same for the highest free place, but never 0. */
must_check int claim_highest(uint64_t low, uint64_t high, uint64_t size,
			     uint64_t align, uint64_t *addr);

/*
 * claim_save - remember the map, before a client is loaded; claim_restore: put
 * it back when the client has gone. What claim_keep() took in between stays.
 */
void claim_save(void);
void claim_restore(void);

/* Pieces that the firmware may take for itself until claim_init(). */
#define CLAIM_KEPT 64u

/*
 * claim_keep - claim memory for the firmware itself, as claim_aligned(), that
 * outlives the client. For the heap; never called inside claim or release.
 * ERR_NOSPACE: as claim_aligned(), or CLAIM_KEPT pieces are taken.
 */
must_check int claim_keep(uint64_t size, uint64_t align, uint64_t *addr);

/* claim_is_kept - did claim_keep() take any of [start, end)? */
bool claim_is_kept(uint64_t start, uint64_t end);

/*
 * claim_publish - write /memory@0 `available` now and after each change: free
 * memory, also above 4 GiB, sorted, coalesced, at most 32 ranges (of more the
 * largest 32).
 * Returns 0, ERR_NOENT: no /memory@0, or ERR_NOMEM.
 */
must_check int claim_publish(void);

#endif
