/* SPDX-License-Identifier: BSD-2-Clause */
/* An image source: bytes to load, wherever they come from. */
#ifndef PACKAGES_IMAGE_H
#define PACKAGES_IMAGE_H

#include "lib/err.h"
#include "lib/types.h"

struct instance;

/* The size of an image whose end is not known yet: no file has it. */
#define IMAGE_SIZE_UNKNOWN UINT64_MAX

struct image {
	const char *name; /* what it is, for measure(); kept, never NULL */
	/*
	 * Bytes. IMAGE_SIZE_UNKNOWN of what comes from a network, until a read
	 * meets the end.
	 */
	uint64_t size;
	/* It gives its bytes once, from the first to the last. */
	bool stream;
	/*
	 * read - up to `len` bytes from `offset` on. Returns their number, less
	 * than `len` only at the end of the image; or ERR_* with reason().
	 */
	long (*read)(struct image *img, uint64_t offset, void *buf, size_t len);
	void *priv;
	uint64_t seen; /* so many bytes are known to be there */
};

/*
 * image_from_instance - all that an open instance has. One that cannot seek is
 * a stream. One whose size is ERR_NOTSUP has an end that is met when it comes.
 * Returns 0; ERR_NOTSUP: it cannot be loaded from; or its size's error.
 */
must_check int image_from_instance(struct image *img, struct instance *inst);

/* image_from_memory - `size` bytes at `base`, which stay the caller's. */
void image_from_memory(struct image *img, const void *base, uint64_t size);

/*
 * image_read - [offset, offset + len) to `buf`, all or nothing.
 * Returns 0; ERR_RANGE with reason(): past the end; ERR_IO: the image is shorter
 * than it said; ERR_NOTSUP: a stream is not read in order; or a read error.
 */
must_check int image_read(struct image *img, uint64_t offset, void *buf,
			  size_t len);

/*
 * image_read_some - the same for as much of it as there is: fewer bytes than
 * `len` are the end of the image.
 * Returns their number, 0 at the end or past it, or errors as image_read().
 */
must_check long image_read_some(struct image *img, uint64_t offset, void *buf,
				size_t len);

#endif
