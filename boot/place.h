/* SPDX-License-Identifier: BSD-2-Clause */
/* Where an image is put: memory that is claimed for it, and AIX's raw image. */
#ifndef BOOT_PLACE_H
#define BOOT_PLACE_H

#include "lib/err.h"
#include "boot/stage.h"
#include "packages/elf.h"

/* One load's memory; begin with zeros. */
struct place {
	/* What is staged: it makes room. */
	struct stage stage;
	/* AIX: where the whole image is; no size: nowhere. */
	uint64_t raw_base, raw_size;
};

/*
 * place_elf - fill `elf` for elf_load(): segments are claimed for the client
 * (ci/claim.h). They may lie in the raw image of `place`, which is claimed
 * already: with AIX that is a whole partition, and its segments are in the rest
 * of it. `place` has to outlive `elf`.
 */
void place_elf(struct place *place, struct elf_place *elf);

/*
 * place_raw - claim memory for the whole of `img`, whose size is known, at
 * `base`, read it there, measure it and remember it in `place`. AIX's boot image goes on using it.
 * Returns 0; ERR_EXIST, ERR_RANGE: `base` has no free memory of that size;
 * ERR_NOMEM; or what reading returned: nothing is claimed. With reason().
 */
must_check int place_raw(struct place *place, struct image *img, uint64_t base);

/* place_undo - what place_raw() has claimed is free again: the load has failed. */
void place_undo(struct place *place);

#endif
