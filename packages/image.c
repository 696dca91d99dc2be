// SPDX-License-Identifier: BSD-2-Clause
// Image sources: an open instance, memory, or a chain of images.
#include "packages/image.h"

#include <string.h>

#include "drivers/instance.h"
#include "lib/reason.h"

/* A stream cannot seek: it accepts only its current position. */
static int image_seek(const struct image *img, uint64_t offset)
{
	struct instance *inst = img->priv;

	if (!img->stream)
		return instance_seek(inst, offset);
	if (offset == img->seen)
		return 0;
	return reason_fail(
		ERR_NOTSUP,
		"%s is sequential: cannot read byte %llu after byte %llu",
		inst->node->name, (unsigned long long)offset,
		(unsigned long long)img->seen);
}

static long image_read_instance(struct image *img, uint64_t offset, void *buf,
				size_t len)
{
	struct instance *inst = img->priv;
	uint8_t *dst = buf;
	size_t done = 0;
	int err = image_seek(img, offset);

	if (err < 0)
		return err;
	while (done < len) {
		long n = instance_read(inst, dst + done, len - done);

		if (n < 0)
			return n;
		if ((size_t)n > len - done)
			return reason_fail(ERR_IO, "%s returned too much data",
					   inst->node->name);
		if (!n)
			break;
		done += (size_t)n;
	}
	return (long)done;
}

int image_from_instance(struct image *img, struct instance *inst)
{
	const struct instance_ops *ops = &inst->ops;
	long size;

	if (!ops->size || !ops->read)
		return reason_fail(ERR_NOTSUP, "cannot load from %s",
				   inst->node->name);
	size = ops->size(inst);
	if (size < 0 && size != ERR_NOTSUP)
		return (int)size;
	*img = (struct image){ .name = inst->node->name,
			       .size = size < 0 ? IMAGE_SIZE_UNKNOWN
						: (uint64_t)size,
			       .stream = !ops->seek,
			       .read = image_read_instance,
			       .priv = inst };
	return 0;
}

static long image_read_memory(struct image *img, uint64_t offset, void *buf,
			      size_t len)
{
	memmove(buf, (const uint8_t *)img->priv + offset, len);
	return (long)len;
}

void image_from_memory(struct image *img, const void *base, uint64_t size)
{
	/* The cast drops const: read only copies from it. */
	*img = (struct image){ .name = "memory",
			       .size = size,
			       .read = image_read_memory,
			       .priv = (void *)(uintptr_t)base };
}

static int image_chain_next(struct image_chain *chain)
{
	int rc = chain->next(chain->arg, &chain->now);

	/* What is closed has no bytes. */
	if (rc)
		chain->now = (struct image){ .size = 0 };
	else
		chain->padding = -chain->given % IMAGE_CHAIN_ALIGN;
	chain->pos = 0;
	return rc;
}

/* What comes next of a chain: zeros, or bytes of an image. */
static long image_chain_read(struct image_chain *chain, void *buf, size_t len)
{
	long got;

	if (chain->padding) {
		len = MIN(len, chain->padding);
		memset(buf, 0, len);
		chain->padding -= len;
		return (long)len;
	}
	got = image_read_some(&chain->now, chain->pos, buf, len);
	chain->pos += (uint64_t)MAX(got, 0);
	return got;
}

static long image_read_chain(struct image *img, uint64_t offset, void *buf,
			     size_t len)
{
	struct image_chain *chain = img->priv;
	uint8_t *dst = buf;
	size_t done = 0;
	int rc = 0;

	if (offset != chain->given)
		return reason_fail(ERR_NOTSUP, "it is read in order");
	while (!rc && done < len) {
		long got = image_chain_read(chain, dst + done, len - done);

		if (got < 0)
			return got;
		chain->given += (uint64_t)got;
		done += (size_t)got;
		if (!got)
			rc = image_chain_next(chain);
	}
	return rc < 0 ? rc : (long)done;
}

int image_from_chain(struct image *img, struct image_chain *chain,
		     uint64_t size)
{
	int rc = image_chain_next(chain);

	*img = (struct image){ .name = "chain",
			       .size = size,
			       .stream = true,
			       .read = image_read_chain,
			       .priv = chain };
	return rc;
}

/* Learns the image's end from a read. */
static int image_learn(struct image *img, uint64_t offset, size_t len, long got)
{
	uint64_t end = offset + (uint64_t)got;

	if (got)
		img->seen = MAX(img->seen, end);
	if ((size_t)got == len)
		return 0;
	/* No bytes from past what was seen: the end may be anywhere before. */
	if (img->size == IMAGE_SIZE_UNKNOWN && (got || offset <= img->seen))
		img->size = end;
	if (end < img->size && img->size != IMAGE_SIZE_UNKNOWN)
		return reason_fail(ERR_IO, "ends %llu bytes early",
				   (unsigned long long)(img->size - end));
	return 0;
}

long image_read_some(struct image *img, uint64_t offset, void *buf, size_t len)
{
	long got;
	int err;

	len = (size_t)MIN(len, img->size - MIN(offset, img->size));
	if (!len)
		return 0;
	got = img->read(img, offset, buf, len);
	if (got < 0)
		return got;
	err = image_learn(img, offset, len, got);
	return err < 0 ? err : got;
}

int image_read(struct image *img, uint64_t offset, void *buf, size_t len)
{
	long got = 0;

	if (offset <= img->size && len <= img->size - offset) {
		got = image_read_some(img, offset, buf, len);
		if (got < 0 || (size_t)got == len)
			return (int)MIN(got, 0);
	}
	return reason_fail(ERR_RANGE,
			   "the image does not have %zu bytes at %llu", len,
			   (unsigned long long)offset);
}
