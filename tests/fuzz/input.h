/* SPDX-License-Identifier: BSD-2-Clause */
/* A fuzzer's bytes, taken one by one; behind their end all is zero. */
#ifndef TESTS_FUZZ_INPUT_H
#define TESTS_FUZZ_INPUT_H

#include <string.h>

#include "lib/types.h"

struct fuzz_input {
	const uint8_t *at;
	size_t left;
};

/* What libFuzzer calls; every target defines it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* fuzz_u8, fuzz_u16, fuzz_u32, fuzz_u64 - the next number, big-endian. */
static inline uint8_t fuzz_u8(struct fuzz_input *in)
{
	if (!in->left)
		return 0;
	in->left--;
	return *in->at++;
}

static inline uint16_t fuzz_u16(struct fuzz_input *in)
{
	unsigned high = fuzz_u8(in);

	return (uint16_t)(high << 8 | fuzz_u8(in));
}

static inline uint32_t fuzz_u32(struct fuzz_input *in)
{
	uint32_t high = fuzz_u16(in);

	return high << 16 | fuzz_u16(in);
}

static inline uint64_t fuzz_u64(struct fuzz_input *in)
{
	uint64_t high = fuzz_u32(in);

	return high << 32 | fuzz_u32(in);
}

/* fuzz_take - copy at most `max` bytes to `dst`; returns how many. */
static inline size_t fuzz_take(struct fuzz_input *in, void *dst, size_t max)
{
	size_t n = MIN(max, in->left);

	if (n)
		memcpy(dst, in->at, n);
	in->at += n;
	in->left -= n;
	return n;
}

/* fuzz_str - a length byte and that many, NUL-terminated in `dst`. */
static inline const char *fuzz_str(struct fuzz_input *in, char *dst,
				   size_t size)
{
	size_t len = fuzz_u8(in);

	dst[fuzz_take(in, dst, MIN(len, size - 1))] = '\0';
	return dst;
}

/*
 * fuzz_patch - change `mem`: a count, then offset (24 bits), length and bytes
 * for each. What lies outside is left out.
 */
static inline void fuzz_patch(struct fuzz_input *in, uint8_t *mem, size_t size)
{
	for (unsigned n = fuzz_u8(in); n && in->left; n--) {
		size_t at = (size_t)fuzz_u8(in) << 16 | fuzz_u16(in);
		size_t len = fuzz_u8(in);

		if (at < size)
			fuzz_take(in, mem + at, MIN(len, size - at));
	}
}

#endif
