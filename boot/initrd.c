// SPDX-License-Identifier: BSD-2-Clause
// The initrds that a kernel's arguments name: "initrd=\boot\initrd.img".
#include "boot/initrd.h"

#include <string.h>

#include "drivers/instance.h"
#include "lib/heap.h"
#include "lib/reason.h"
#include "packages/bootable.h"

#define INITRD_WORD "initrd="

/* The bytes of `text` before the first of `ends`, or its end. */
static size_t initrd_len(const char *text, const char *ends)
{
	size_t len = 0;

	while (text[len] && !strchr(ends, text[len]))
		len++;
	return len;
}

/* Finds the next name, of *len bytes; NULL: there are no more. */
static const char *initrd_next_name(struct initrd *initrd, size_t *len)
{
	const char *name;

	for (;;) {
		while (*initrd->list == ',')
			initrd->list++;
		*len = initrd_len(initrd->list, ", ");
		name = initrd->list;
		initrd->list += *len;
		if (*len)
			return name;
		while (*initrd->words == ' ')
			initrd->words++;
		if (!*initrd->words)
			return NULL;
		if (!strncmp(initrd->words, INITRD_WORD,
			     sizeof(INITRD_WORD) - 1))
			initrd->list = initrd->words + sizeof(INITRD_WORD) - 1;
		initrd->words += initrd_len(initrd->words, " ");
	}
}

/* Opens a file beside the kernel's. */
static int initrd_open_name(struct initrd *initrd, const char *name, size_t len,
			    struct image *img)
{
	struct disk_args args = initrd->disk;
	size_t size = len + sizeof("4294967295,");
	char *text = heap_alloc(size);
	int rc = ERR_NODEV;

	if (!text)
		return reason_fail(ERR_NOMEM, "out of memory");
	args.path = name;
	args.path_len = len;
	disk_args_text(&args, text, size);
	initrd->inst = instance_open_node(initrd->node, text);
	heap_free(text);
	if (initrd->inst)
		rc = image_from_instance(img, initrd->inst);
	return rc ? reason_fail(rc, INITRD_WORD "%.*s: %s", (int)len, name,
				reason())
		  : 0;
}

/* Opens the next file instead of the last one. */
static int initrd_next(void *arg, struct image *img)
{
	struct initrd *initrd = arg;
	const char *name;
	size_t len;

	initrd_close(initrd);
	name = initrd_next_name(initrd, &len);
	return name ? initrd_open_name(initrd, name, len, img) : BOOTABLE_END;
}

/* What cannot fit memory is not read: the sizes are added first. */
static int initrd_measure(struct initrd *initrd, uint64_t *size)
{
	struct image img;
	int rc;

	for (*size = 0; (rc = initrd_next(initrd, &img)) == 0;)
		*size = ALIGN_UP(*size, (uint64_t)IMAGE_CHAIN_ALIGN) + img.size;
	return rc == BOOTABLE_END ? 0 : rc;
}

int initrd_open(struct initrd *initrd, struct node *node, const char *args,
		const char *client_args, struct image *img)
{
	uint64_t size;
	int rc;

	*initrd = (struct initrd){ .node = node,
				   .words = client_args,
				   .list = "" };
	if (disk_args_parse(args, &initrd->disk) || !initrd->disk.path_len)
		return BOOTABLE_END;
	rc = initrd_measure(initrd, &size);
	if (rc)
		return rc;
	initrd->words = client_args;
	initrd->list = "";
	initrd->chain =
		(struct image_chain){ .next = initrd_next, .arg = initrd };
	return image_from_chain(img, &initrd->chain, size);
}

void initrd_close(struct initrd *initrd)
{
	instance_close(initrd->inst);
	initrd->inst = NULL;
}
