/* SPDX-License-Identifier: BSD-2-Clause */
/* Placing an image: the memory claimed for it, and AIX's raw image. */
#ifndef BOOT_PLACE_H
#define BOOT_PLACE_H

#include "lib/err.h"
#include "boot/stage.h"
#include "packages/elf.h"

/* One load's memory; zero it first. */
struct place {
	/* The staged file; its chunks move out of the way. */
	struct stage stage;
	/* AIX: the raw image; size 0: none. */
	uint64_t raw_base, raw_size;
};

/*
 * place_elf - fill `elf` for elf_load(): segments are claimed for the client
 * (ci/claim.h). They may overlap the raw image of `place`, which is claimed
 * already: for AIX it can be a whole partition, and the segments overlap what
 * follows the boot image there. `place` must outlive `elf`.
 */
void place_elf(struct place *place, struct elf_place *elf);

/*
 * place_raw - claim memory at `base` for all of `img`, whose size is known,
 * read it there and record it in `place`. AIX's boot image still
 * uses it when it runs.
 * Returns 0; ERR_EXIST, ERR_RANGE: `base` has no free memory of that size;
 * ERR_NOMEM; or a read error. Then nothing is claimed; see reason().
 */
must_check int place_raw(struct place *place, struct image *img, uint64_t base);

/* place_undo - release the claim of place_raw() after a failed load. */
void place_undo(struct place *place);

#endif
