/* SPDX-License-Identifier: BSD-2-Clause */
/* Staging: a whole file in memory, before any of it goes to its place. */
#ifndef BOOT_STAGE_H
#define BOOT_STAGE_H

#include "packages/image.h"

/* A part of the file: [addr, addr + size), claimed. */
struct stage_chunk {
	uint64_t addr, size;
};

/*
 * Where a file is staged; begin with zeros. Chunks are the highest free memory
 * below 4 GiB, in the order of the file.
 */
struct stage {
	struct stage_chunk *chunk; /* owned */
	size_t count, room;
	uint64_t size; /* bytes that have been read */
};

/*
 * stage_image - read all of `img`, also one whose size is not known and one that
 * is a stream, and make it an image of the staged bytes. It may be closed then.
 * Returns 0; ERR_NOMEM: there is no memory for all of it, ERR_RANGE..., or a
 * read error, with reason(): after how many bytes. End with stage_free() in any
 * case.
 */
must_check int stage_image(struct stage *stage, struct image *img);

/*
 * stage_make_room - claim [addr, addr + size) for something else, where chunks
 * lie in it: those parts of them move away.
 * Returns 0: claimed; ERR_EXIST, ERR_NOSPACE: as claim_exact(); ERR_NOMEM: no
 * other place for all of them. Then nothing is claimed, and the image is intact.
 */
must_check int stage_make_room(struct stage *stage, uint64_t addr,
			       uint64_t size);

/* stage_free - give its memory back; its image is no more. */
void stage_free(struct stage *stage);

#endif
