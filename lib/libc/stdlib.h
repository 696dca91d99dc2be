/* SPDX-License-Identifier: BSD-2-Clause */
/* <stdlib.h> of the freestanding firmware: libfdt includes it without need. */
#ifndef LIB_LIBC_STDLIB_H
#define LIB_LIBC_STDLIB_H

#include <stddef.h>

#endif
