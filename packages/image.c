// SPDX-License-Identifier: BSD-2-Clause
// Image sources: an open instance, or memory.
#include "packages/image.h"

#include <string.h>

#include "drivers/instance.h"
#include "lib/reason.h"

static int image_read_instance(const struct image *img, uint64_t offset,
			       void *buf, size_t len)
{
	struct instance *inst = img->priv;
	uint8_t *dst = buf;
	long n;
	int err = instance_seek(inst, offset);

	if (err < 0)
		return err;
	while (len) {
		n = instance_read(inst, dst, len);
		if (n < 0)
			return (int)n;
		if (n == 0 || (size_t)n > len)
			return reason_fail(ERR_IO,
					   "%s ends %zu bytes too early",
					   inst->node->name, len);
		dst += n;
		len -= (size_t)n;
	}
	return 0;
}

int image_from_instance(struct image *img, struct instance *inst)
{
	const struct instance_ops *ops = inst->ops;
	long size;

	if (!ops->size || !ops->seek || !ops->read)
		return reason_fail(ERR_NOTSUP, "%s cannot be loaded from",
				   inst->node->name);
	size = ops->size(inst);
	if (size < 0)
		return (int)size;
	*img = (struct image){ .size = (uint64_t)size,
			       .read = image_read_instance,
			       .priv = inst };
	return 0;
}

static int image_read_memory(const struct image *img, uint64_t offset,
			     void *buf, size_t len)
{
	memmove(buf, (const uint8_t *)img->priv + offset, len);
	return 0;
}

void image_from_memory(struct image *img, const void *base, uint64_t size)
{
	/* Never written through: read only copies from it. */
	*img = (struct image){ .size = size,
			       .read = image_read_memory,
			       .priv = (void *)(uintptr_t)base };
}

int image_read(const struct image *img, uint64_t offset, void *buf, size_t len)
{
	if (offset > img->size || len > img->size - offset)
		return reason_fail(
			ERR_RANGE,
			"the image has %llu bytes, %zu were wanted at %llu",
			(unsigned long long)img->size, len,
			(unsigned long long)offset);
	return img->read(img, offset, buf, len);
}
