/* SPDX-License-Identifier: BSD-2-Clause */
/* The table that the method vscsi-report-luns returns. */
#ifndef DRIVERS_VIO_LUNS_H
#define DRIVERS_VIO_LUNS_H

#include "lib/endian.h"
#include "lib/err.h"
#include "lib/list.h"

/*
 * One entry per target: the address, 64 bits, below 4 GiB, of a list of its
 * LUNs, 64 bits each, that ends with 0. GRUB reads both.
 * [grub-core/disk/ieee1275/ofdisk.c, scan of device_type vscsi]
 */
struct vscsi_luns {
	uint32_t n;
	be64 *table; /* owned; the lists follow it */
};

/*
 * vscsi_luns_make - build the table of a host's units.
 * `units`: list of struct scsi_unit, in the order of their LUNs.
 * Returns 0 or ERR_NOMEM.
 */
must_check int vscsi_luns_make(struct vscsi_luns *luns,
			       const struct list *units);

/* vscsi_luns_free - free the table. */
void vscsi_luns_free(struct vscsi_luns *luns);

#endif
