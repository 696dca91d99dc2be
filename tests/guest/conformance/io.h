/* SPDX-License-Identifier: BSD-2-Clause */
/* Code shared by the cases on instances, the console, disks and methods. */
#ifndef TESTS_GUEST_CONFORMANCE_IO_H
#define TESTS_GUEST_CONFORMANCE_IO_H

#include "tests/guest/conformance/conformance.h"

/* Calls a service on an instance or node that gives one path. */
uint32_t path_by(const char *service, uint32_t handle, void *to, uint32_t size);
uint32_t node_of(uint32_t ihandle); /* instance-to-package */

/*
 * An instance of the data disk; args is the text after ':' in its path (NULL:
 * neither ':' nor arguments). Returns 0 after skip() without a disk, or after a
 * failed expectation.
 */
uint32_t open_disk(const char *args);

/* The path that open_disk() opens; NULL after skip(). */
const char *disk_path(const char *args);

/* An ihandle that was closed; 0 after skip() if nothing can be opened. */
uint32_t stale_instance(void);

/* Handles that are not instances, ended by UNTOUCHED: 0, -1, odd, a phandle.
 * stale_instance() is another. */
const uint32_t *not_instances(void);

/*
 * A place that no client may name as a buffer: past the end of memory, across
 * it, across 2^32, in the firmware's code, or from free memory into the
 * firmware's. `keep` bytes of it are memory.
 */
struct bad_place {
	const char *name;
	uint32_t at, length, keep;
};

/* Calls each for those that this machine has. A change to the memory there is
 * reported as a failure and undone. */
void for_bad_places(void (*each)(const struct bad_place *place));

#define BIG_BUFFER (1u << 20)
#define BIG_GUARD 64u
/* BIG_BUFFER bytes with room and guards on both sides, 64-byte aligned. */
extern unsigned char big_room[BIG_BUFFER + 4096 + 2 * BIG_GUARD];
#define big_buffer (big_room + BIG_GUARD)

/* Seeks and reads, and expects the disk's words and no other change. `to` is
 * in big_buffer. */
bool expect_words(uint32_t ihandle, uint64_t at, unsigned char *to, uint32_t n);

/* The same without a seek; at: where the instance should be. */
bool expect_next_words(uint32_t ihandle, uint64_t at, unsigned char *to,
		       uint32_t n);

/* Seeks and reads a sector of any content. */
bool read_sector(uint32_t ihandle, uint64_t at, void *to);

/* Whether a seek succeeded (IEEE 1275: 0 or 1; -1 is failure). */
bool seeks(uint32_t ihandle, uint64_t position);

/*
 * call-method: arguments[0] is the top of the stack; results[0] is the
 * catch-result. Expects that r3 is 0. Returns the catch-result.
 */
#define METHOD_RESULTS 8
struct method_call {
	const char *name;
	uint32_t ihandle;
	unsigned int nargs, nresults; /* without name, ihandle, catch-result */
	uint32_t in[6];
	uint32_t out[METHOD_RESULTS];
};
uint32_t call_method(struct method_call *call);

/* test-method: whether the node has it. */
bool has_method(uint32_t node, const char *name);

#endif /* TESTS_GUEST_CONFORMANCE_IO_H */
