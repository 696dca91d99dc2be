/* SPDX-License-Identifier: BSD-2-Clause */
/* Measuring: what is loaded or run, and what steers it, goes into PCRs. */
#ifndef PACKAGES_MEASURE_H
#define PACKAGES_MEASURE_H

#include "lib/err.h"
#include "packages/image.h"

/*
 * Every event that the firmware measures. measure.c has the table of their PCRs,
 * types and texts; docs/trusted-boot.md says how to recompute each.
 */
enum measure_event {
	/* At once, when the TPM is ready. */
	MEASURE_VERSION,   /* name: "quoin 1.0" */
	MEASURE_FIRMWARE,  /* data: the image, as in its file */
	MEASURE_TREE,	   /* data: QEMU's flattened tree without rng-seed */
	MEASURE_VARIABLE,  /* name: "SecureBoot", "db"; data: its contents */
	MEASURE_CONFIG,	   /* name: "variable=value" */
	MEASURE_PROMPT,	   /* the prompt was opened */
	MEASURE_PHRASE,	   /* data: a phrase that changes memory, properties */
	MEASURE_SEPARATOR, /* once, before the first client; in PCRs 0 to 7 */
	/* With measure_later(): when the client is entered, in this order. */
	MEASURE_GPT,	 /* data: UEFI_GPT_DATA */
	MEASURE_MBR,	 /* data: bytes 440 to 511 */
	MEASURE_TEXT,	 /* name: "bootinfo.txt"; data: the text */
	MEASURE_BOOTING, /* name: the path */
	MEASURE_LOADER, /* name: "BOOTLOADER", a file's name; data: all of it */
	MEASURE_AUTHORITY, /* name: "grubdb"; data: owner, certificate of the key */
	MEASURE_CMDLINE, /* data: a kernel's arguments, without the NUL */
	MEASURE_INITRD,	 /* data: a kernel's initrd */
	/* At once, when a client has left. */
	MEASURE_RETURNED, /* name: the path */
	MEASURE_LOST,	  /* an event is missing: there was no memory for it */
	MEASURE_EVENTS,
};

/* measure_is_on - is there a TPM that wants to be told? If not, hash nothing. */
bool measure_is_on(void);

/*
 * measure_now - log and extend at once. `name`: a string, kept by nobody; what
 * it and `data`, of `len` bytes, are: see above. NULL: the event has none; if
 * `len` is not 0, there was no memory for it, and MEASURE_LOST is logged.
 * Nothing can be done about a failure: it has been printed, and the PCRs tell.
 */
void measure_now(enum measure_event what, const char *name, const void *data,
		 size_t len);

/*
 * measure_later - the same, but only if the client that is being loaded is
 * entered: hash now, keep the hashes. What was tried and failed is not logged.
 */
void measure_later(enum measure_event what, const char *name, const void *data,
		   size_t len);

/*
 * measure_image - measure_later() of the first `len` bytes of an image that can
 * be read at random, for MEASURE_LOADER. Returns 0; ERR_NOMEM; or a read error,
 * with reason().
 */
must_check int measure_image(enum measure_event what, const char *name,
			     struct image *img, uint64_t len);

/* measure_forget - the client was not entered: drop what was to be logged. */
void measure_forget(void);

/*
 * measure_enter - a client is about to be entered: separators if it is the
 * first, then all that was kept, then the lock of the TPM's platform hierarchy.
 */
void measure_enter(void);

/*
 * measure_left - the client that was entered last has left, or failed, if one
 * was entered since the last call. If it had the log, that goes on.
 */
void measure_left(void);

#endif
