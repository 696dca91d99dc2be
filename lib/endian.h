/* SPDX-License-Identifier: BSD-2-Clause */
/* Wire integers: types on which arithmetic does not compile. */
#ifndef LIB_ENDIAN_H
#define LIB_ENDIAN_H

#include <string.h>

#include "lib/types.h"

static_assert(__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ||
		      __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
	      "mixed-endian hosts are not known here");

#define ENDIAN_SWAP_BE (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
#define ENDIAN_SWAP_LE (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)

/*
 * ENDIAN_TYPE(be32, uint32_t, __builtin_bswap32, ENDIAN_SWAP_BE) makes
 *   typedef be32; be32_get(v), be32_make(host)   - values
 *   be32_load(ptr), be32_store(ptr, host)        - unaligned memory
 */
#define ENDIAN_TYPE(name, base, swap, want)                                    \
	typedef struct {                                                       \
		base raw;                                                      \
	} name;                                                                \
	static inline base name##_get(name v)                                  \
	{                                                                      \
		return want ? (base)swap(v.raw) : v.raw;                       \
	}                                                                      \
	static inline name name##_make(base host)                              \
	{                                                                      \
		return (name){ want ? (base)swap(host) : host };               \
	}                                                                      \
	static inline base name##_load(const void *ptr)                        \
	{                                                                      \
		name v;                                                        \
		memcpy(&v, ptr, sizeof(v));                                    \
		return name##_get(v);                                          \
	}                                                                      \
	static inline void name##_store(void *ptr, base host)                  \
	{                                                                      \
		name v = name##_make(host);                                    \
		memcpy(ptr, &v, sizeof(v));                                    \
	}                                                                      \
	static_assert(sizeof(name) == sizeof(base), #name)

ENDIAN_TYPE(be16, uint16_t, __builtin_bswap16, ENDIAN_SWAP_BE);
ENDIAN_TYPE(be32, uint32_t, __builtin_bswap32, ENDIAN_SWAP_BE);
ENDIAN_TYPE(be64, uint64_t, __builtin_bswap64, ENDIAN_SWAP_BE);
ENDIAN_TYPE(le16, uint16_t, __builtin_bswap16, ENDIAN_SWAP_LE);
ENDIAN_TYPE(le32, uint32_t, __builtin_bswap32, ENDIAN_SWAP_LE);
ENDIAN_TYPE(le64, uint64_t, __builtin_bswap64, ENDIAN_SWAP_LE);

#endif
