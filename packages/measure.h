/* SPDX-License-Identifier: BSD-2-Clause */
/* Measuring: a hook receives every byte that is loaded or run. */
#ifndef PACKAGES_MEASURE_H
#define PACKAGES_MEASURE_H

#include "lib/types.h"

/*
 * The kinds of bytes, in the order in which they are measured for one client.
 * Bytes are measured as they were read, before any of them runs. Bytes that are
 * read twice, such as a header inside a segment, are measured for each use. If
 * a load fails, the bytes read up to then have been measured.
 */
enum measure_kind {
	/*
	 * A whole text of phrases: nvramrc and boot-command (without a NUL), a
	 * disc's bootinfo.txt, a boot script.
	 */
	MEASURE_SCRIPT,
	MEASURE_ELF_HEADER, /* 52 or 64 bytes */
	MEASURE_ELF_TABLE,  /* the program headers, all together */
	MEASURE_RAW, /* the file or partition that AIX finds at load-base */
	/*
	 * The bytes of a segment that are in the file, segments in address
	 * order. The zeroed rest is not measured.
	 */
	MEASURE_SEGMENT,
	/*
	 * The image that -kernel put into memory: its segments in address
	 * order, zeroed parts included, or all of it if it has no ELF header.
	 * The kinds for an ELF file are not used then.
	 */
	MEASURE_KERNEL,
	MEASURE_INITRD, /* the image that -initrd put into memory */
	MEASURE_ARGS,	/* bootargs, without its NUL; only if there are any */
};

/*
 * A hook. `name`: the source of the bytes, as text: "/pci@…/scsi@0:2".
 * `name` and `data` are valid during the call only.
 */
typedef void (*measure_hook)(enum measure_kind kind, const char *name,
			     const void *data, size_t len);

/* measure_set_hook - call `hook` from now on; NULL: no hook. */
void measure_set_hook(measure_hook hook);

/* measure - call the hook, if there is one. */
void measure(enum measure_kind kind, const char *name, const void *data,
	     size_t len);

#endif
