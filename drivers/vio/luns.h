/* SPDX-License-Identifier: BSD-2-Clause */
/* The table that the method vscsi-report-luns hands out. */
#ifndef DRIVERS_VIO_LUNS_H
#define DRIVERS_VIO_LUNS_H

#include "lib/endian.h"
#include "lib/err.h"
#include "lib/list.h"

/*
 * One entry per target: the address, a 64-bit number below 4 GiB, of that
 * target's LUNs, 64-bit numbers, 0 behind the last. GRUB reads both.
 * [grub-core/disk/ieee1275/ofdisk.c, scan of device_type vscsi]
 */
struct vscsi_luns {
	uint32_t n;
	be64 *table; /* owned; the lists stand behind it */
};

/*
 * vscsi_luns_make - build the table of the units of a host.
 * `units`: list of struct scsi_unit, in the order of their LUNs.
 * Returns 0 or ERR_NOMEM.
 */
must_check int vscsi_luns_make(struct vscsi_luns *luns,
			       const struct list *units);

/* vscsi_luns_free - forget it. */
void vscsi_luns_free(struct vscsi_luns *luns);

#endif
