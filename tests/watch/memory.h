/* SPDX-License-Identifier: BSD-2-Clause */
/* The host C library's copy functions, checked first by the claim checker. */
#ifndef TESTS_WATCH_MEMORY_H
#define TESTS_WATCH_MEMORY_H

#include <stddef.h>

void *watch_memcpy(void *restrict dst, const void *restrict src, size_t len)
	__attribute__((nonnull(1, 2)));
void *watch_memmove(void *dst, const void *src, size_t len)
	__attribute__((nonnull(1, 2)));
void *watch_memset(void *dst, int c, size_t len) __attribute__((nonnull(1)));

#endif
