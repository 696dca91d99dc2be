/* SPDX-License-Identifier: BSD-2-Clause */
/* Client addresses: the only place that converts them to pointers. */
#ifndef CI_MEM_H
#define CI_MEM_H

#include "lib/types.h"

/* Longest string accepted from a client. */
#define CI_STR_MAX 65536u

/*
 * ci_mem_init - client addresses [0, limit) are memory, `limit` <= 4 GiB.
 * `base`: the location of address 0; this is 0 on the machine itself.
 */
void ci_mem_init(uintptr_t base, uint64_t limit);

/*
 * ci_mem_protect - [start, end) is the firmware's: clients may not pass its
 * addresses, except [open_start, open_end) inside it (the client's stack). Nor
 * may they pass addresses of claim_keep() memory.
 */
void ci_mem_protect(uint64_t start, uint64_t end, uint64_t open_start,
		    uint64_t open_end);

/*
 * ci_mem - get the memory [addr, addr + len) of a client for reading.
 * Returns a pointer, or NULL: not wholly in memory, or the firmware's. For any
 * `addr` with `len` 0, returns a pointer that must not be dereferenced.
 */
const void *ci_mem(uint64_t addr, uint64_t len);

/* ci_buf - the same for a buffer to write to during this call. */
void *ci_buf(uint64_t addr, uint64_t len);

/*
 * ci_room - bytes from `addr` to the firmware's next memory, or to the end: how
 * large a buffer there may be. 0: in the firmware, also on the client's stack,
 * or outside memory.
 */
uint64_t ci_room(uint64_t addr);

/*
 * ci_ram - the same without the protection: for load targets, which are claimed
 * before they are written.
 */
void *ci_ram(uint64_t addr, uint64_t len);

/*
 * ci_str - get the NUL-terminated string at `addr`.
 * Returns it, or NULL: address 0, no terminator within CI_STR_MAX bytes, or
 * not in memory.
 */
const char *ci_str(uint64_t addr);

#endif
