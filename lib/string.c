// SPDX-License-Identifier: BSD-2-Clause
// The memory and string functions of C11 7.24 that the firmware uses.
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "lib/endian.h"
#include "lib/types.h"

/*
 * A doubleword anywhere in memory: cached storage allows unaligned accesses
 * (Power ISA book II, 1.7.1), so one instruction replaces eight.
 */
typedef uint64_t __attribute__((may_alias, aligned(1))) string_word;
typedef uint32_t __attribute__((may_alias, aligned(1))) string_half;

void *(memcpy)(void *restrict dst, const void *restrict src, size_t len)
{
	unsigned char *d = dst;
	const unsigned char *s = src;

	for (; len >= 32; len -= 32, d += 32, s += 32) {
		uint64_t a = ((const string_word *)s)[0];
		uint64_t b = ((const string_word *)s)[1];
		uint64_t c = ((const string_word *)s)[2];
		uint64_t e = ((const string_word *)s)[3];

		((string_word *)d)[0] = a;
		((string_word *)d)[1] = b;
		((string_word *)d)[2] = c;
		((string_word *)d)[3] = e;
	}
	for (; len >= 8; len -= 8, d += 8, s += 8)
		*(string_word *)d = *(const string_word *)s;
	if (len >= 4) {
		*(string_half *)d = *(const string_half *)s;
		d += 4;
		s += 4;
		len -= 4;
	}
	while (len--)
		*d++ = *s++;
	return dst;
}

/* From the end: for a destination above an overlapping source. */
static void string_copy_down(unsigned char *d, const unsigned char *s,
			     size_t len)
{
	d += len;
	s += len;
	for (; len >= 8; len -= 8) {
		d -= 8;
		s -= 8;
		*(string_word *)d = *(const string_word *)s;
	}
	while (len--)
		*--d = *--s;
}

/* From the start: for a destination below an overlapping source. */
static void string_copy_up(unsigned char *d, const unsigned char *s, size_t len)
{
	for (; len >= 8; len -= 8, d += 8, s += 8)
		*(string_word *)d = *(const string_word *)s;
	while (len--)
		*d++ = *s++;
}

void *(memmove)(void *dst, const void *src, size_t len)
{
	uintptr_t distance = (uintptr_t)dst - (uintptr_t)src;

	if (distance >= len && 0 - distance >= len)
		return memcpy(dst, src, len);
	if (distance < len)
		string_copy_down(dst, src, len);
	else
		string_copy_up(dst, src, len);
	return dst;
}

void *(memset)(void *dst, int c, size_t len)
{
	unsigned char *d = dst;
	uint64_t word = (unsigned char)c * 0x0101010101010101ULL;

	/* Rings, contexts and other kilobytes of zeros. */
	for (; len >= 128; len -= 128, d += 128) {
#pragma GCC unroll 16
		for (int i = 0; i < 16; i++)
			((string_word *)d)[i] = word;
	}
	for (; len >= 8; len -= 8, d += 8)
		*(string_word *)d = word;
	while (len--)
		*d++ = (unsigned char)c;
	return dst;
}

int(memcmp)(const void *a, const void *b, size_t len)
{
	const unsigned char *p = a;
	const unsigned char *q = b;

	for (; len >= 8; len -= 8, p += 8, q += 8) {
		if (*(const string_word *)p != *(const string_word *)q)
			break;
	}
	for (; len; len--, p++, q++) {
		if (*p != *q)
			return *p - *q;
	}
	return 0;
}

/*
 * Sets the highest bit of each byte that is zero. There is no carry from one
 * byte into the next, so the result is exact for every byte.
 */
static inline uint64_t string_zeros(uint64_t word)
{
	const uint64_t low = 0x7f7f7f7f7f7f7f7fULL;

	return ~(((word & low) + low) | word | low);
}

/* Index of the first zero byte; `zeros` is string_zeros(), not 0. */
static inline size_t string_first(uint64_t zeros)
{
	return (size_t)__builtin_clzll(zeros) / 8;
}

void *memchr(const void *s, int c, size_t len)
{
	const unsigned char *p = s;
	uint64_t pattern = (unsigned char)c * 0x0101010101010101ULL;

	for (; len >= 8; len -= 8, p += 8) {
		uint64_t zeros = string_zeros(be64_load(p) ^ pattern);

		if (zeros)
			return (void *)(uintptr_t)(p + string_first(zeros));
	}
	for (; len; len--, p++) {
		if (*p == (unsigned char)c)
			return (void *)(uintptr_t)p;
	}
	return NULL;
}

/* Reads an aligned doubleword, which never crosses a page boundary. */
__attribute__((no_sanitize_address)) static inline uint64_t
string_aligned(uintptr_t at)
{
	return be64_get((be64){ *(const string_word *)at });
}

/*
 * Reads whole aligned doublewords. The first may start before the string and
 * the last may end after it, but neither touches another page.
 */
__attribute__((no_sanitize_address)) size_t(strlen)(const char *s)
{
	uintptr_t at = ALIGN_DOWN((uintptr_t)s, 8);
	unsigned before = (unsigned)((uintptr_t)s % 8 * 8);
	uint64_t zeros = string_zeros(string_aligned(at)) << before >> before;

	while (!zeros) {
		at += 8;
		zeros = string_zeros(string_aligned(at));
	}
	return at + string_first(zeros) - (uintptr_t)s;
}

size_t strnlen(const char *s, size_t max)
{
	const char *end = memchr(s, 0, max);

	return end ? (size_t)(end - s) : max;
}

int(strcmp)(const char *a, const char *b)
{
	return strncmp(a, b, SIZE_MAX);
}

int strncmp(const char *a, const char *b, size_t len)
{
	const unsigned char *p = (const unsigned char *)a;
	const unsigned char *q = (const unsigned char *)b;

	for (; len; len--, p++, q++) {
		if (*p != *q || !*p)
			return *p - *q;
	}
	return 0;
}

static int string_lower(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? c + 'a' - 'A' : c;
}

int strncasecmp(const char *a, const char *b, size_t len)
{
	const unsigned char *p = (const unsigned char *)a;
	const unsigned char *q = (const unsigned char *)b;

	for (; len; len--, p++, q++) {
		int diff = string_lower(*p) - string_lower(*q);

		if (diff || !*p)
			return diff;
	}
	return 0;
}

char *strchr(const char *s, int c)
{
	for (; *s != (char)c; s++) {
		if (!*s)
			return NULL;
	}
	return (char *)(uintptr_t)s;
}

char *strrchr(const char *s, int c)
{
	const char *p = s + strlen(s);

	for (; *p != (char)c; p--) {
		if (p == s)
			return NULL;
	}
	return (char *)(uintptr_t)p;
}
