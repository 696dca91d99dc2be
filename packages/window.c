// SPDX-License-Identifier: BSD-2-Clause
// A window on a volume: metadata is read once, with what follows it.
#include "packages/window.h"

#include "lib/heap.h"
#include "lib/reason.h"

static bool window_has(const struct window *window, uint64_t offset, size_t len)
{
	return offset >= window->start &&
	       offset - window->start <= window->len &&
	       len <= window->len - (size_t)(offset - window->start);
}

static int window_read(struct window *window, uint64_t start, size_t len)
{
	int err = volume_read(window->vol, start, window->data, len);

	window->start = start;
	window->len = err < 0 ? 0 : len;
	return err;
}

/*
 * From the start of a device block to the end of another: one request, no
 * bounce buffer. A block that cannot be read may be one that nobody wants.
 */
static int window_move(struct window *window, uint64_t offset, size_t len)
{
	const struct volume *vol = window->vol;
	uint64_t start = ALIGN_DOWN(offset, (uint64_t)vol->block_size);
	size_t wanted = (size_t)(offset - start) + len;
	size_t most;
	int err;

	wanted = ALIGN_UP(wanted, (size_t)vol->block_size);
	most = MAX(wanted, WINDOW_SIZE);
	most = MIN(most, vol->size - start);
	err = window_read(window, start, most);
	if (err == ERR_IO && wanted < most)
		err = window_read(window, start, wanted);
	return err;
}

int window_get(struct window *window, uint64_t offset, size_t len,
	       const uint8_t **data)
{
	const struct volume *vol = window->vol;
	int err;

	assert(len && len <= WINDOW_SIZE);
	if (offset > vol->size || len > vol->size - offset)
		return reason_fail(ERR_RANGE,
				   "byte %llu is past the end at %llu",
				   (unsigned long long)offset,
				   (unsigned long long)vol->size);
	if (!window->data) {
		window->len = 0;
		window->data = heap_alloc(WINDOW_SIZE + BLOCK_SIZE_MAX);
	}
	if (!window->data)
		return reason_fail(ERR_NOMEM, "no memory for a file system");
	if (!window_has(window, offset, len)) {
		err = window_move(window, offset, len);
		if (err < 0)
			return err;
	}
	*data = window->data + (offset - window->start);
	return 0;
}

void window_free(struct window *window)
{
	heap_free(window->data);
	window->data = NULL;
	window->len = 0;
}
