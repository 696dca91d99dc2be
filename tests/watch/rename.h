/* SPDX-License-Identifier: BSD-2-Clause */
/* Included before the firmware's files on the host: see memory.h. */
#ifndef TESTS_WATCH_RENAME_H
#define TESTS_WATCH_RENAME_H

#include <string.h>

#include "tests/watch/memory.h"

#define memcpy(dst, src, len) watch_memcpy(dst, src, len)
#define memmove(dst, src, len) watch_memmove(dst, src, len)
#define memset(dst, c, len) watch_memset(dst, c, len)

#endif
