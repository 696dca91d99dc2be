/* SPDX-License-Identifier: BSD-2-Clause */
/* An image source: bytes to load, from a device, a file or memory. */
#ifndef PACKAGES_IMAGE_H
#define PACKAGES_IMAGE_H

#include "lib/err.h"
#include "lib/types.h"

struct instance;

/* The size of an image whose end is not known yet; no file is that large. */
#define IMAGE_SIZE_UNKNOWN UINT64_MAX

struct image {
	const char *name; /* what it is, for messages; kept, never NULL */
	/*
	 * Bytes. IMAGE_SIZE_UNKNOWN for an image from a network, until a read
	 * reaches the end.
	 */
	uint64_t size;
	/* Its bytes can be read only once and in order. */
	bool stream;
	/*
	 * read - up to `len` bytes from `offset`. Returns their number, less
	 * than `len` only at the end of the image; or ERR_* with reason().
	 */
	long (*read)(struct image *img, uint64_t offset, void *buf, size_t len);
	void *priv;
	uint64_t seen; /* bytes known to exist */
};

/*
 * image_from_instance - all bytes of an open instance. An instance that cannot
 * seek is a stream. If its size is ERR_NOTSUP, the size is unknown.
 * Returns 0; ERR_NOTSUP: it cannot be read; or the error of its size.
 */
must_check int image_from_instance(struct image *img, struct instance *inst);

/* image_from_memory - `size` bytes at `base`; the caller still owns them. */
void image_from_memory(struct image *img, const void *base, uint64_t size);

/* Of each image in a chain: where Linux looks for the next archive. */
#define IMAGE_CHAIN_ALIGN 4u
#define IMAGE_CHAIN_END 1

/* Several images as one, zero bytes between them; zero it but for next, arg. */
struct image_chain {
	/*
	 * next - close the last image and open the next one. Returns 0;
	 * IMAGE_CHAIN_END: there are no more; or ERR_* with reason().
	 */
	int (*next)(void *arg, struct image *img);
	void *arg;
	struct image now;
	uint64_t pos;	/* in it */
	uint64_t given; /* bytes of the chain, so far */
	size_t padding; /* zero bytes due */
};

/*
 * image_from_chain - a stream of all images of `chain`, which is kept; opens the
 * first. `size`: of all, with the bytes between them, or IMAGE_SIZE_UNKNOWN.
 * Returns as next.
 * Spec: Linux Documentation/driver-api/early-userspace/buffer-format.rst
 */
must_check int image_from_chain(struct image *img, struct image_chain *chain,
				uint64_t size);

/*
 * image_read - [offset, offset + len) to `buf`, all or nothing.
 * Returns 0; ERR_RANGE with reason(): past the end; ERR_IO: the image is shorter
 * than its size; ERR_NOTSUP: a stream is not read in order; or a read error.
 */
must_check int image_read(struct image *img, uint64_t offset, void *buf,
			  size_t len);

/*
 * image_read_some - the same, but a short read is no error: fewer bytes than
 * `len` mean the end of the image.
 * Returns their number, 0 at the end or past it, or errors as image_read().
 */
must_check long image_read_some(struct image *img, uint64_t offset, void *buf,
				size_t len);

#endif
