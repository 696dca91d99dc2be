// SPDX-License-Identifier: BSD-2-Clause
// The tree that QEMU hands over at reset: any bytes, and well-formed ones.
#include <stdlib.h>

#include "lib/err.h"
#include "tests/fake/heap.h"
#include "tests/fake/tree.h"
#include "tests/fuzz/fdt.h"
#include "tree/fdt.h"
#include "tree/path.h"

/* What came in goes out again as a blob that comes in again. */
static void write_and_read(void)
{
	void *blob = NULL;
	long size = tree_flatten(0, 0, &blob);

	assert(size > 0);
	tree_free();
	assert(!tree_init());
	assert(tree_unflatten(blob, (size_t)size) == size);
	heap_free(blob);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	bool raw = fuzz_u8(&in) & 1;
	const void *from = in.at;
	size_t len = in.left;
	struct fdt_range range;
	void *blob;
	long rc;

	if (!raw)
		from = fuzz_fdt(&in, &len);
	/* A copy of the exact size: what is read behind it is seen. */
	blob = malloc(len + 1);
	memcpy(blob, from, len);
	assert(!tree_init());
	rc = tree_unflatten(blob, len);
	assert(rc <= (long)len);
	if (rc > 0) {
		for (int i = 0; !tree_fdt_reserve(blob, i, &range); i++)
			;
		write_and_read();
	}
	tree_free();
	free(blob);
	assert(fake_heap_live() == 0);
	return 0;
}
