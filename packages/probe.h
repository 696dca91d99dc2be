/* SPDX-License-Identifier: BSD-2-Clause */
/* What is on a volume that has no known table or file system, in words. */
#ifndef PACKAGES_PROBE_H
#define PACKAGES_PROBE_H

#include "packages/volume.h"

struct probe {
	const char *name;   /* "LVM physical volume" */
	const char *advice; /* what to do, "unpack the image on the host" */
	bool is_files;	    /* a file system */
	bool readable;	    /* one that has a driver here */
};

/*
 * probe_volume - look for signatures in the volume's first 68 KiB, with at most
 * two reads, or for nothing but zeros. Keeps reason(): the failure that raised
 * the question is the one to report.
 * Returns 0 with `out` filled, its texts constant; ERR_NOENT: nothing that is
 * known; ERR_NOMEM; or a read error.
 */
must_check int probe_volume(const struct volume *vol, struct probe *out);

/*
 * probe_explain - after file_open() has failed with `err`: if no driver knows
 * the file system, but it has a name, replace reason() by "XFS cannot be read
 * here; boot the PReP partition". Returns `err`.
 */
int probe_explain(const struct volume *vol, int err);

#endif
