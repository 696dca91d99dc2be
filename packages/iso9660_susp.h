/* SPDX-License-Identifier: BSD-2-Clause */
/* Rock Ridge in the system use area of a record (SUSP 1.12, RRIP 1.12). */
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
	uint64_t held;	     /* the volume's bytes in it; 0: none */
	uint32_t reads;	     /* of it; limited */
};

/* What a record's entries say. */
struct iso9660_rock {
	char name[ISO9660_NAME_MAX + 1]; /* NM; "": none */
	bool is_link;			 /* SL: a symbolic link */
	bool hidden;	/* RE: a directory that belongs elsewhere */
	bool moved;	/* CL: stands for a directory that is elsewhere */
	uint32_t child; /* its first block, hostile */
};

/*
 * iso9660_susp_detect - true if the root directory's first record has SUSP.
 * `area`, `len`: its system use area. `skip`: receives the bytes to skip.
 */
bool iso9660_susp_detect(const uint8_t *area, size_t len, uint8_t *skip);

/*
 * iso9660_susp_read - fill `rock` from a record's system use area, which is
 * hostile. Continuation areas off the volume are left out.
 * Returns 0; ERR_FORMAT: the file system has had too many of them read; or a
 * read error.
 */
must_check int iso9660_susp_read(struct iso9660_susp *susp, const uint8_t *area,
				 size_t len, struct iso9660_rock *rock);

/*
 * iso9660_susp_link - the target of a symbolic link, with a NUL, from the same.
 * Returns 0; ERR_NOTSUP with reason(): incomplete, or with an unknown component;
 * ERR_NOSPACE: it does not fit `size` bytes; or a read error.
 */
must_check int iso9660_susp_link(struct iso9660_susp *susp, const uint8_t *area,
				 size_t len, char *target, size_t size);

#endif
