/* SPDX-License-Identifier: BSD-2-Clause */
/* The AIX-style client: declarations shared by its files. */
#ifndef TESTS_GUEST_CLIENTS_AIX_H
#define TESTS_GUEST_CLIENTS_AIX_H

#include "tests/guest/clients/clients.h"

/* Where the whole boot image must be (SLOF slof/fs/boot.fs). */
#define LOAD_BASE 0x4000u

/* The sizes of the boot image and of the program at its start, from the
 * client's arguments; after the program the image consists of words that
 * hold their position divided by 4. */
uint32_t image_size(void);
uint32_t program_size(void);

/* Expects that the whole image at LOAD_BASE is as in the file. */
void expect_image(void);

#endif /* TESTS_GUEST_CLIENTS_AIX_H */
