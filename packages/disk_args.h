/* SPDX-License-Identifier: BSD-2-Clause */
/* What follows ':' in a disk's path: "[partition][,[filename]]". */
#ifndef PACKAGES_DISK_ARGS_H
#define PACKAGES_DISK_ARGS_H

#include "lib/err.h"
#include "lib/types.h"

struct disk_args {
	bool has_partition; /* one was named, be it 0 */
	uint32_t partition; /* 0: the whole disk */
	const char *path;   /* inside the text parsed; "": none */
	size_t path_len;    /* a ':' at the end of the text is no part of it */
};

/*
 * disk_args_parse - take disk arguments apart. `text` is kept, not copied.
 * There is a partition if there is a comma or a digit comes first, unless a
 * separator ('\' or '/') comes first. It is decimal, or one letter: a = 1.
 * Returns 0; ERR_INVAL with reason(): no partition number.
 * Spec: CHRP binding 1.8, 11.1.2; GRUB's grub-ofpathname gives letters.
 */
must_check int disk_args_parse(const char *text, struct disk_args *args);

/*
 * disk_args_text - the arguments as text again: "", "2", "2,\\path", "\\path", ",path".
 * Writes and returns as fmt_str().
 */
size_t disk_args_text(const struct disk_args *args, char *buf, size_t size);

#endif
