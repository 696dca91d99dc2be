/* SPDX-License-Identifier: BSD-2-Clause */
/* What boot/loader.c loads from: a disk's label and an ELF file, faked. */
#ifndef TESTS_FAKE_LOADER_H
#define TESTS_FAKE_LOADER_H

#include "packages/disk_boot.h"
#include "packages/elf.h"
#include "tests/fake/machine.h"

extern struct fake_load {
	/* The label's choice, returned `labels` times, numbers counting up. */
	struct disk_boot label;
	unsigned labels;
	unsigned asked; /* how often it was asked */
	/* Its result after the last one, and the reason(). */
	int label_end;
	const char *label_why;
	/* An ELF file that needs `size` bytes of memory at 0x20000. */
	struct elf_info info;
	uint64_t size;
	uint64_t linked; /* the address it says it was linked for */
	int probe_error, load_error;
	unsigned failures; /* this many loads fail, later ones do not */
	bool staged;	   /* what is loaded comes from no instance */
	/* The outcome. */
	char args[64]; /* of what it was loaded from */
	unsigned open_targets;
	struct elf_entry entry;
} fake_load;

/* fake_load_reset - a disk that boots. */
void fake_load_reset(void);

/* fake_load_run - loader_load() of a target. Returns as that. */
int fake_load_run(const char *device, const char *args);

/* fake_load_chosen - assert /chosen's values; fake_load_printed: the output. */
void fake_load_chosen(const char *bootpath, const char *bootargs);
void fake_load_printed(const char *text);

#endif
