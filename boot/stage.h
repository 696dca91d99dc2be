/* SPDX-License-Identifier: BSD-2-Clause */
/* Staging: a whole file in memory, before any of it is placed. */
#ifndef BOOT_STAGE_H
#define BOOT_STAGE_H

#include "packages/image.h"

/* A part of the file: [addr, addr + size), claimed. */
struct stage_chunk {
	uint64_t addr, size;
};

/*
 * A staged file; zero it first. Chunks use the highest free memory below 4 GiB
 * and are in file order.
 */
struct stage {
	struct stage_chunk *chunk; /* owned */
	size_t count, room;
	uint64_t size; /* bytes read so far */
};

/*
 * stage_image - read all of `img`, also a stream or one of unknown size, and
 * make it an image of the staged bytes. Its source may be closed then.
 * Returns 0; ERR_NOMEM: no memory for all of it; or a read error; reason() says
 * after how many bytes. Call stage_free() in any case.
 */
must_check int stage_image(struct stage *stage, struct image *img);

/*
 * stage_make_room - claim [addr, addr + size) for the image. Chunks that
 * overlap it are split, and the parts inside move away.
 * Returns 0: claimed; ERR_EXIST, ERR_NOSPACE: as claim_exact(); ERR_NOMEM: no
 * other place for all of them. Then nothing is claimed; the image is intact.
 */
must_check int stage_make_room(struct stage *stage, uint64_t addr,
			       uint64_t size);

/*
 * stage_keep - put the bytes into one piece and leave them claimed, for the
 * client: `stage` is empty then. `start`, `size`: receive where they are.
 * Returns 0; ERR_NOMEM: no free memory of that size, ERR_FORMAT: no bytes, see
 * reason(); then `stage` is unchanged.
 */
must_check int stage_keep(struct stage *stage, uint64_t *start, uint64_t *size);

/* stage_free - free its memory; its image becomes invalid. */
void stage_free(struct stage *stage);

#endif
