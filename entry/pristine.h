/* SPDX-License-Identifier: BSD-2-Clause */
/* The firmware's file and QEMU's tree, as they were before they were used. */
#ifndef ENTRY_PRISTINE_H
#define ENTRY_PRISTINE_H

#include "lib/types.h"

/*
 * pristine_image - copy the image of `len` bytes at `image`, which has started,
 * to `copy`, and undo what that has changed, and what quoin-keys changes in the
 * header: the copy is the file that was built.
 */
void pristine_image(uint8_t *copy, const void *image, size_t len);

/*
 * pristine_measure - measure the image at 0, and QEMU's tree `fdt` of `size`
 * bytes, which are both still there. Without a TPM: nothing.
 */
void pristine_measure(const void *fdt, size_t size);

#endif
