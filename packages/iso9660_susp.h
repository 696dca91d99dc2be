/* SPDX-License-Identifier: BSD-2-Clause */
/* Rock Ridge names in the system use area (SUSP 1.12, RRIP 1.12). */
#ifndef PACKAGES_ISO9660_SUSP_H
#define PACKAGES_ISO9660_SUSP_H

#include "packages/volume.h"

/* The longest name (POSIX NAME_MAX; RRIP 4.1.4 sets none). */
#define ISO9660_NAME_MAX 255u

/* Where continuation areas are read from. */
struct iso9660_susp {
	const struct volume *vol;
	uint32_t block_size; /* of the file system, 512..2048 */
	uint8_t skip;	     /* bytes before the first entry: SUSP 5.3, "SP" */
	uint8_t *scratch;    /* block_size bytes, for continuations */
};

/*
 * iso9660_susp_detect - true if the root directory's first record has SUSP.
 * `area`, `len`: its system use area. `skip`: receives the bytes to skip.
 */
bool iso9660_susp_detect(const uint8_t *area, size_t len, uint8_t *skip);

/*
 * iso9660_susp_name - the alternate name (NM) in a system use area.
 * `area`, `len`: the record's system use area, hostile. `name`: receives
 * ISO9660_NAME_MAX + 1 bytes at most, NUL-terminated.
 * Returns its length; 0: there is none; or a read error.
 */
must_check int iso9660_susp_name(const struct iso9660_susp *susp,
				 const uint8_t *area, size_t len, char *name);

#endif
