/* SPDX-License-Identifier: BSD-2-Clause */
/* <stdio.h> of the freestanding firmware: lwIP 2.2 includes it without need. */
#ifndef LIB_LIBC_STDIO_H
#define LIB_LIBC_STDIO_H

#include <stddef.h>

#endif
