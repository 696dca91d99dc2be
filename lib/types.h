/* SPDX-License-Identifier: BSD-2-Clause */
/* Scalar types with a meaning, and the few macros for every file. */
#ifndef LIB_TYPES_H
#define LIB_TYPES_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A client-interface cell: 32 bits for every client (PowerPC binding, 4). */
typedef uint32_t cell_t;
/* A package handle: names a node of the device tree. */
typedef uint32_t phandle_t;
/* An instance handle: names an open instance. */
typedef uint32_t ihandle_t;

#define must_check __attribute__((warn_unused_result))
#define always_inline inline __attribute__((always_inline))
#define noreturn __attribute__((noreturn))
#define printf_like(fmt, args) __attribute__((format(printf, fmt, args)))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

/* `align` is a power of two. */
#define ALIGN_DOWN(x, align) ((x) & ~((__typeof__(x))(align)-1))
#define ALIGN_UP(x, align) ALIGN_DOWN((x) + ((__typeof__(x))(align)-1), align)
#define IS_POWER_OF_2(x) ((x) != 0 && ((x) & ((x)-1)) == 0)

#define container_of(ptr, type, member)                                        \
	((type *)((uintptr_t)(ptr)-offsetof(type, member)))

#define KiB 1024ULL
#define MiB (1024ULL * KiB)
#define GiB (1024ULL * MiB)

#endif
