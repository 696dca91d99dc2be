/* SPDX-License-Identifier: BSD-2-Clause */
/* Small ISO 9660 images written for tests. */
#ifndef TESTS_FAKE_BLOCK_ISO_H
#define TESTS_FAKE_BLOCK_ISO_H

#include "lib/types.h"

/* A file or directory; an array of them ends with name NULL. */
struct iso_node {
	const char *name;      /* ECMA-119 identifier: "CORE.ELF;1" */
	const char *rock_name; /* NULL: none */
	const char *text;      /* a file's bytes; NULL: a directory */
	unsigned parent;       /* index of its directory; 0: the root */
	bool continued;	       /* Rock Ridge's entries end in a CE area */
	const char *target;    /* a symbolic link's; short */
	unsigned child;	       /* CL: the directory that belongs here */
	bool relocated;	       /* RE: it belongs elsewhere */
};

/* Bytes that iso_make() writes: enough for some tens of files. */
#define ISO_IMAGE_SIZE (512 * 1024)

/*
 * iso_make - write an image of ISO_IMAGE_SIZE bytes. nodes[0] is the root
 * directory (its names are not used). `rock_ridge`: with SP and NM entries.
 */
void iso_make(uint8_t *image, const struct iso_node *nodes, bool rock_ridge);

/* iso_extent - first block (of 2048) of a node in an image of iso_make(). */
uint32_t iso_extent(unsigned index);

/* iso_continuation - block of the continuation areas. */
#define ISO_CONTINUATION_BLOCK 24u

#endif
