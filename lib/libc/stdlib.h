/* SPDX-License-Identifier: BSD-2-Clause */
/* <stdlib.h> of the freestanding firmware: libfdt includes it without need. */
#ifndef LIB_LIBC_STDLIB_H
#define LIB_LIBC_STDLIB_H

#include <stddef.h>

/* Not defined: lwIP calls it in netif_find(), which is not linked. */
int atoi(const char *text);

#endif
