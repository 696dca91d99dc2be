/* SPDX-License-Identifier: BSD-2-Clause */
/* Completing the words of a command. */
#ifndef BOOT_COMPLETE_H
#define BOOT_COMPLETE_H

#include "lib/types.h"

/* Longer names are not completed. */
#define COMPLETE_MAX 128u

struct completion {
	unsigned count; /* of what could be meant */
	size_t from;	/* what is completed starts here */
	/*
	 * What takes its place: the only one, or what all have in common; "" if
	 * it adds nothing. Printable, except for bytes above 0x7f.
	 */
	char text[COMPLETE_MAX];
};

/*
 * complete - complete the last word of `text`, `len` bytes up to the cursor: a
 * command; after it, depending on it: a variable, an alias, a path, and after
 * "disk:1,\" a file, for which it reads that disk.
 */
void complete(const char *text, size_t len, struct completion *found);

/* complete_list - print what could be meant, in columns. */
void complete_list(const char *text, size_t len);

#endif
