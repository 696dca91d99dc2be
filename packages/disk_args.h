/* SPDX-License-Identifier: BSD-2-Clause */
/* The arguments after ':' in a disk's path: "[partition][,[filename]]". */
#ifndef PACKAGES_DISK_ARGS_H
#define PACKAGES_DISK_ARGS_H

#include "lib/err.h"
#include "lib/types.h"

struct disk_args {
	bool has_partition; /* one is named, even if 0 */
	uint32_t partition; /* 0: the whole disk */
	const char *path;   /* inside the text parsed; "": none */
	size_t path_len;    /* without a ':' at the end of the text */
};

/*
 * disk_args_parse - split disk arguments. `text` is kept, not copied.
 * They name a partition if they contain a comma or begin with a digit, but not
 * if they begin with a separator ('\' or '/'). It is decimal, or one letter:
 * a = 1.
 * Returns 0; ERR_INVAL with reason(): no partition number.
 * Spec: CHRP binding 1.8, 11.1.2; GRUB's grub-ofpathname gives letters.
 */
must_check int disk_args_parse(const char *text, struct disk_args *args);

/*
 * disk_args_text - the arguments as text: "", "2", "2,\\path", "\\path",
 * ",path". Writes and returns as fmt_str().
 */
size_t disk_args_text(const struct disk_args *args, char *buf, size_t size);

#endif
