/* SPDX-License-Identifier: BSD-2-Clause */
/* bootinfo.txt: a disc's own boot script (CHRP I/O Device Reference, 11.1). */
#ifndef PACKAGES_BOOTINFO_H
#define PACKAGES_BOOTINFO_H

#include "lib/err.h"
#include "lib/types.h"

/* The values of a script's entities, besides &lt; and the like. */
struct bootinfo_names {
	const char *device;    /* path of the disk */
	const char *partition; /* "1", or "" for the whole disk */
	const char *directory; /* "\ppc\" */
	const char *filename;  /* "bootinfo.txt" */
};

/* The boot command of a script. */
struct bootinfo {
	char open_args[256];   /* after "&device;:" */
	char client_args[256]; /* the rest of the line, "" if none */
};

/*
 * bootinfo_parse - read the <boot-script> of a <chrp-boot> file.
 * `text`: `len` bytes, hostile, not NUL-terminated.
 * Understands one command, "boot &device;:ARGS [CLIENT ARGS]". Like SLOF
 * (slof/fs/packages/disk-label.fs), it ignores the lines around it.
 * Returns 0; ERR_FORMAT with reason(): no such file, no script, another
 * command, an unknown entity, control characters; ERR_NOSPACE: too long.
 */
must_check int bootinfo_parse(const char *text, size_t len,
			      const struct bootinfo_names *names,
			      struct bootinfo *info);

#endif
