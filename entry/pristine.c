// SPDX-License-Identifier: BSD-2-Clause
/* The firmware's file and QEMU's tree, as they were before they were used. */
#include "entry/pristine.h"

#include <string.h>

#include "boot/measured.h"
#include "entry/image.h"
#include "entry/layout.h"
#include "lib/endian.h"
#include "lib/heap.h"
#include "packages/measure.h"
#include "packages/secure/keys.h"
#include "tree/fdt.h"

/* In start.S, from LOW_STACK on only the RTAS call's result count is not 0. */
#define PRISTINE_RESULTS (LOW_STOP_SELF + 8)

void pristine_image(uint8_t *copy, const void *image, size_t len)
{
	const size_t header =
		LOW_HEADER + offsetof(struct keys_header, trailer);

	memcpy(copy, image, len);
	memset(copy + header, 0,
	       LOW_HEADER + sizeof(struct keys_header) - header);
	memset(copy + LOW_STACK, 0, LOW_END - LOW_STACK);
	be32_store(copy + PRISTINE_RESULTS, 1);
}

/* Hide the value: the compiler warns about addresses near 0. */
static const void *pristine_low(void)
{
	uintptr_t low = LOW_IMAGE;

	__asm__("" : "+r"(low));
	return (const void *)low;
}

void pristine_measure(const void *fdt, size_t size)
{
	size_t len = (uintptr_t)image_end - (uintptr_t)image_start;
	uint8_t *image, *tree;

	if (!measure_is_on())
		return;
	image = heap_alloc(len);
	tree = heap_alloc(size);
	if (image)
		pristine_image(image, pristine_low(), len);
	if (tree) {
		memcpy(tree, fdt, size);
		tree_fdt_settle(tree);
	}
	measured_machine(image, len, tree, size);
	heap_free(image);
	heap_free(tree);
}
