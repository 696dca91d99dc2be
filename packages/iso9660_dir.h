/* SPDX-License-Identifier: BSD-2-Clause */
/* Directories of ISO 9660, for iso9660.c alone. */
#ifndef PACKAGES_ISO9660_DIR_H
#define PACKAGES_ISO9660_DIR_H

#include "lib/endian.h"
#include "packages/iso9660_susp.h"
#include "packages/window.h"

#define ISO9660_SECTOR 2048u /* ECMA-119, 6.1.2 */

/* ECMA-119, 9.1.6. */
#define ISO9660_FLAG_DIRECTORY 0x02u
#define ISO9660_FLAG_ASSOCIATED 0x04u
#define ISO9660_FLAG_MULTI_EXTENT 0x80u

/*
 * A number in both byte orders (ECMA-119, 7.3.3). Only the little-endian half
 * is read: on some discs the other is wrong (Linux, fs/isofs/isofs.h).
 */
struct iso9660_both32 {
	le32 le;
	be32 be;
};

struct iso9660_both16 {
	le16 le;
	be16 be;
};

/* ECMA-119, 9.1; the identifier and the system use area follow. */
struct iso9660_record {
	uint8_t length;
	uint8_t attribute_blocks;
	struct iso9660_both32 extent;
	struct iso9660_both32 size;
	uint8_t date[7];
	uint8_t flags;
	uint8_t unit_size;
	uint8_t gap_size;
	struct iso9660_both16 volume;
	uint8_t name_len;
} __attribute__((packed));
static_assert(sizeof(struct iso9660_record) == 33, "ECMA-119, 9.1");

/* A mounted volume. */
struct iso9660 {
	struct volume vol;
	struct window window; /* on `vol`: directories */
	struct iso9660_record root;
	struct iso9660_susp susp;
	char label[33];
	bool rock_ridge;
	uint8_t scratch[ISO9660_SECTOR]; /* continuation areas */
};

/* A directory entry, as passed to a visitor. */
struct iso9660_entry {
	struct iso9660_record record;
	uint64_t at;			 /* where its record is on the volume */
	char name[ISO9660_NAME_MAX + 1]; /* without ";1" */
	struct iso9660_rock rock;	 /* all zero without Rock Ridge */
};

/*
 * Called for each entry but ".", "..", and those that are hidden; anything but 0
 * ends the walk. It must not use the window.
 */
struct iso9660_visitor {
	int (*each)(void *arg, const struct iso9660_entry *entry);
	void *arg;
};

/* iso9660_start - where a record's file or directory is on the volume. */
uint64_t iso9660_start(const struct iso9660 *iso,
		       const struct iso9660_record *rec);

/* iso9660_check_extent - all of it is on the volume: 0, or ERR_RANGE. */
must_check int iso9660_check_extent(const struct iso9660 *iso,
				    const struct iso9660_record *rec);

/* iso9660_plain_len - length of a name without ";1" and a dot at its end. */
size_t iso9660_plain_len(const char *name, size_t len);

/*
 * iso9660_system_use - the system use area of the record at `at` of the volume;
 * it is in the window. Returns 0; ERR_FORMAT: malformed; or a read error.
 */
must_check int iso9660_system_use(struct iso9660 *iso, uint64_t at,
				  const uint8_t **area, size_t *len);

/*
 * iso9660_dir_dot - what the directory whose first block is `block` says of
 * itself. Returns 0; ERR_FORMAT: that is none; or a read error.
 */
must_check int iso9660_dir_dot(struct iso9660 *iso, uint32_t block,
			       struct iso9660_record *rec);

/*
 * iso9660_dir_walk - visit the entries of a directory. Returns 0, what the
 * visitor returned, ERR_FORMAT: malformed; ERR_RANGE; or a read error.
 */
must_check int iso9660_dir_walk(struct iso9660 *iso,
				const struct iso9660_record *dir,
				const struct iso9660_visitor *visitor);

#endif
