/* SPDX-License-Identifier: BSD-2-Clause */
/* The AIX-style client: what its files share. */
#ifndef TESTS_GUEST_CLIENTS_AIX_H
#define TESTS_GUEST_CLIENTS_AIX_H

#include "tests/guest/clients/clients.h"

/* Where the boot image has to be, as a whole (SLOF slof/fs/boot.fs). */
#define LOAD_BASE 0x4000u

/* The sizes of the boot image and of the program at its start, from the
 * client's arguments; after the program the image consists of words that
 * hold their position divided by 4. */
uint32_t image_size(void);
uint32_t program_size(void);

/* Says in the case whether the image at LOAD_BASE is all as in the file. */
void expect_image(void);

#endif /* TESTS_GUEST_CLIENTS_AIX_H */
