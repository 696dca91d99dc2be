/* SPDX-License-Identifier: BSD-2-Clause */
/* An image source: bytes to load, wherever they come from. */
#ifndef PACKAGES_IMAGE_H
#define PACKAGES_IMAGE_H

#include "lib/err.h"
#include "lib/types.h"

struct instance;

struct image {
	uint64_t size; /* bytes */
	/*
	 * read - [offset, offset + len) to `buf`, all or nothing. Returns 0;
	 * ERR_RANGE past the size; ERR_IO... with reason().
	 */
	int (*read)(const struct image *img, uint64_t offset, void *buf,
		    size_t len);
	/* measure - told of each piece that was loaded; may be NULL. */
	void (*measure)(const struct image *img, const void *data, size_t len);
	void *priv;
};

/*
 * image_from_instance - the whole of an open instance (seek and read).
 * Returns 0; ERR_NOTSUP: it has no size, seek or read.
 */
must_check int image_from_instance(struct image *img, struct instance *inst);

/* image_from_memory - `size` bytes at `base`, which stay the caller's. */
void image_from_memory(struct image *img, const void *base, uint64_t size);

/* image_read - bounds-checked img->read(). Returns as that. */
must_check int image_read(const struct image *img, uint64_t offset, void *buf,
			  size_t len);

#endif
