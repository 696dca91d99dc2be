/* SPDX-License-Identifier: BSD-2-Clause */
/* <strings.h> of the freestanding firmware: strncasecmp is in <string.h>. */
#ifndef LIB_LIBC_STRINGS_H
#define LIB_LIBC_STRINGS_H

#include <string.h>

#endif
