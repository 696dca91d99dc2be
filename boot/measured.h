/* SPDX-License-Identifier: BSD-2-Clause */
/* What is measured of the machine: firmware, tree, keys, variables, -kernel. */
#ifndef BOOT_MEASURED_H
#define BOOT_MEASURED_H

#include "lib/types.h"

/* Memory: [start, start + size). */
struct measured_range {
	uint64_t start, size;
};

/*
 * measured_machine - once, when the TPM is ready. `image`: the firmware's file
 * without its trailer; `fdt`: QEMU's tree without its seed; NULL: there was no
 * memory for it.
 */
void measured_machine(const void *image, size_t image_len, const void *fdt,
		      size_t fdt_len);

/* measured_config - the variables that are not default, and QEMU's boot list. */
void measured_config(void);

/*
 * measured_kernel - what -kernel and -initrd put into memory, before it is
 * entered. `ranges`: the kernel's `count` ranges, in the order of addresses;
 * `initrd`: size 0: none. The arguments are not measured here.
 */
void measured_kernel(const struct measured_range *ranges, size_t count,
		     const struct measured_range *initrd);

#endif
