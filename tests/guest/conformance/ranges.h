/* SPDX-License-Identifier: BSD-2-Clause */
/* Ranges of memory: those that the firmware reports as free, and a model. */
#ifndef TESTS_GUEST_CONFORMANCE_RANGES_H
#define TESTS_GUEST_CONFORMANCE_RANGES_H

#include "tests/guest/conformance/conformance.h"

#define FOUR_GIB UINT64_C(0x100000000)
#define RANGES_MAX 4096

struct range {
	uint64_t base;
	uint64_t size;
};

struct ranges {
	unsigned int count;
	struct range at[RANGES_MAX];
};

/* The node of the memory from address 0: the node of /chosen's instance memory,
 * else /memory. 0 if there is none. */
uint32_t memory_node(void);

/* A property of it made of addresses and sizes in the root's cells. Returns
 * whether it is there and whole entries; a missing one gives no ranges. */
bool memory_property(const char *name, struct ranges *to);

/* The free memory, read again. */
void read_available(struct ranges *to);

/* Whether the firmware says that all of it is free. */
bool is_available(uint64_t base, uint64_t size);

bool ranges_equal(const struct ranges *a, const struct ranges *b);

/* The index of the sorted range that holds all of it; -1: none does. */
int ranges_find(const struct ranges *in, uint64_t base, uint64_t size);

/* Removes a range; returns whether all of it was there. */
bool ranges_take(struct ranges *from, uint64_t base, uint64_t size);

/* Adds a range that is not there, joined to its neighbours. */
void ranges_give(struct ranges *to, uint64_t base, uint64_t size);

/* Claims, to the byte, or releases the parts of them below 4 GiB; returns how
 * many could be claimed. */
unsigned int claim_ranges(const struct ranges *all);
void release_ranges(const struct ranges *all);

/* Expects that the first and the last bytes of each free range below 4 GiB may
 * be a buffer: it is overwritten there. */
void expect_available_takes_data(void);

/* Expects that all of it is free, and can be claimed; that its first and last
 * bytes are not, and cannot. */
void expect_free(uint32_t base, uint32_t size, const char *what);
void expect_taken(uint32_t base, uint32_t size, const char *what);

/*
 * Free memory for a case's claims: the address, a multiple of 1 MiB, of size
 * bytes in the middle of the largest range that is free below 4 GiB. Returns
 * 0, after a failed expectation, when there is none.
 */
uint32_t free_place(uint32_t size);

/* From memory's reg: the bytes from address 0 on. */
uint64_t memory_size(void);

/* The client's own memory (guest.lds). */
extern const unsigned char guest_base[], guest_bss_end[];

#endif /* TESTS_GUEST_CONFORMANCE_RANGES_H */
