/* SPDX-License-Identifier: BSD-2-Clause */
/* <string.h> of the freestanding firmware (C11 7.24), from lib/string.c. */
#ifndef LIB_LIBC_STRING_H
#define LIB_LIBC_STRING_H

#include <stddef.h>

void *memcpy(void *restrict dst, const void *restrict src, size_t len);
void *memmove(void *dst, const void *src, size_t len);
void *memset(void *dst, int c, size_t len);
int memcmp(const void *a, const void *b, size_t len);
void *memchr(const void *s, int c, size_t len);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t len);
int strncasecmp(const char *a, const char *b, size_t len);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);

/*
 * Lets the compiler inline these (C11 7.1.4) in spite of -ffreestanding: a copy
 * of 4 bytes is then two instructions, not a call.
 */
#define memcpy(dst, src, len) __builtin_memcpy(dst, src, len)
#define memmove(dst, src, len) __builtin_memmove(dst, src, len)
#define memset(dst, c, len) __builtin_memset(dst, c, len)
#define memcmp(a, b, len) __builtin_memcmp(a, b, len)
#define strlen(s) __builtin_strlen(s)
#define strcmp(a, b) __builtin_strcmp(a, b)

#endif
