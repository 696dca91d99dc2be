/* SPDX-License-Identifier: BSD-2-Clause */
/* <stdlib.h> of the freestanding firmware: what libfdt asks for. */
#ifndef LIB_LIBC_STDLIB_H
#define LIB_LIBC_STDLIB_H

#include <stddef.h>

unsigned long strtoul(const char *s, char **end, int base);

#endif
