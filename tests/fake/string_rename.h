/* SPDX-License-Identifier: BSD-2-Clause */
/* Renames the firmware's C library, so that it coexists with the host's. */
#ifndef TESTS_FAKE_STRING_RENAME_H
#define TESTS_FAKE_STRING_RENAME_H

#include <stdlib.h>
#include <string.h>
#include <strings.h>

void *quoin_memcpy(void *restrict dst, const void *restrict src, size_t len);
void *quoin_memmove(void *dst, const void *src, size_t len);
void *quoin_memset(void *dst, int c, size_t len);
int quoin_memcmp(const void *a, const void *b, size_t len);
void *quoin_memchr(const void *s, int c, size_t len);
size_t quoin_strlen(const char *s);
size_t quoin_strnlen(const char *s, size_t max);
int quoin_strcmp(const char *a, const char *b);
int quoin_strncmp(const char *a, const char *b, size_t len);
int quoin_strncasecmp(const char *a, const char *b, size_t len);
char *quoin_strchr(const char *s, int c);
char *quoin_strrchr(const char *s, int c);

#define memcpy quoin_memcpy
#define memmove quoin_memmove
#define memset quoin_memset
#define memcmp quoin_memcmp
#define memchr quoin_memchr
#define strlen quoin_strlen
#define strnlen quoin_strnlen
#define strcmp quoin_strcmp
#define strncmp quoin_strncmp
#define strncasecmp quoin_strncasecmp
#define strchr quoin_strchr
#define strrchr quoin_strrchr

#endif
