/* SPDX-License-Identifier: BSD-2-Clause */
/* Client addresses: the only place where one becomes a pointer. */
#ifndef CI_MEM_H
#define CI_MEM_H

#include "lib/types.h"

/* Longest string taken from a client. */
#define CI_STR_MAX 65536u

/*
 * ci_mem_init - client addresses [0, limit) are memory, `limit` <= 4 GiB.
 * `base`: where address 0 lies: 0 where the firmware runs on the machine itself.
 */
void ci_mem_init(uintptr_t base, uint64_t limit);

/*
 * ci_mem_protect - [start, end) is the firmware's: clients may not name it,
 * except [open_start, open_end) inside it (the client's stack). Nor may they
 * name what claim_keep() took.
 */
void ci_mem_protect(uint64_t start, uint64_t end, uint64_t open_start,
		    uint64_t open_end);

/*
 * ci_mem - the memory [addr, addr + len) of a client, to be read.
 * Returns a pointer, or NULL: not wholly in memory, or the firmware's. len 0
 * gives a pointer that must not be used, whatever `addr` is.
 */
const void *ci_mem(uint64_t addr, uint64_t len);

/* ci_buf - the same for a buffer that this call writes to. */
void *ci_buf(uint64_t addr, uint64_t len);

/*
 * ci_ram - the same without the protection: load targets, which are claimed
 * before they are written.
 */
void *ci_ram(uint64_t addr, uint64_t len);

/*
 * ci_str - the NUL-terminated string at `addr`.
 * Returns it, or NULL: address 0, no terminator within CI_STR_MAX bytes, or
 * not in memory.
 */
const char *ci_str(uint64_t addr);

#endif
