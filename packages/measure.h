/* SPDX-License-Identifier: BSD-2-Clause */
/* Measuring: whoever wants to know is told every byte that is loaded or run. */
#ifndef PACKAGES_MEASURE_H
#define PACKAGES_MEASURE_H

#include "lib/types.h"

/*
 * What bytes are, in the order in which they are told for one client. Each is
 * told once, as it was read, before anything of it runs; what is read twice,
 * such as a header that is part of a segment, comes for each use. A client whose
 * load fails has been told as far as it got.
 */
enum measure_kind {
	/*
	 * A text of phrases, whole: nvramrc and boot-command (without a NUL), a
	 * disc's bootinfo.txt, a boot script.
	 */
	MEASURE_SCRIPT,
	MEASURE_ELF_HEADER, /* 52 or 64 bytes */
	MEASURE_ELF_TABLE,  /* the program headers, all together */
	MEASURE_RAW, /* the file or partition that AIX finds at load-base */
	/*
	 * What the file has of a segment, in the order of their addresses. What
	 * is cleared after it is not told.
	 */
	MEASURE_SEGMENT,
	/*
	 * What -kernel has put into memory: its segments in the order of their
	 * addresses, with what was cleared, or all of it, where it has no ELF
	 * header. No kind of an ELF file's comes then.
	 */
	MEASURE_KERNEL,
	MEASURE_INITRD, /* what -initrd has put there */
	MEASURE_ARGS, /* bootargs, without its NUL; not told if there are none */
};

/*
 * A hook: `name` tells in words where the bytes come from, "/pci@…/scsi@0:2".
 * Both are valid during the call only.
 */
typedef void (*measure_hook)(enum measure_kind kind, const char *name,
			     const void *data, size_t len);

/* measure_set_hook - from now on `hook` is told; NULL: nobody. */
void measure_set_hook(measure_hook hook);

/* measure - tell it, if anybody wants to know. */
void measure(enum measure_kind kind, const char *name, const void *data,
	     size_t len);

#endif
