/* SPDX-License-Identifier: BSD-2-Clause */
/* A window on a volume: a file system's metadata in few requests. */
#ifndef PACKAGES_WINDOW_H
#define PACKAGES_WINDOW_H

#include "packages/volume.h"

/* Bytes of the window, and most of one window_get(). */
#define WINDOW_SIZE (64 * KiB)

/* Zero, but for `vol`, at first. */
struct window {
	const struct volume *vol;
	uint64_t start; /* byte of the volume */
	size_t len;	/* bytes that are there; 0: none */
	uint8_t *data;	/* owned */
};

/*
 * window_get - `len` bytes at `offset` of the volume, 1..WINDOW_SIZE. What is
 * not in the window is read with what follows it, in one request. `*data` is
 * valid until the next call.
 * Returns 0; ERR_RANGE: past the end of the volume; ERR_NOMEM; or volume_read()'s
 * errors.
 */
must_check int window_get(struct window *window, uint64_t offset, size_t len,
			  const uint8_t **data);

/* window_free - free its memory; it may be used again. */
void window_free(struct window *window);

#endif
