// SPDX-License-Identifier: BSD-2-Clause
/* Everything that reads a disk's label, over a hostile disk. */
#include "tests/fuzz/labels.h"

#include "lib/endian.h"
#include "lib/reason.h"
#include "packages/disk_boot.h"
#include "packages/disk_list.h"
#include "packages/partition_describe.h"
#include "packages/probe.h"

/* More than one table of the disks that are made can hold. */
#define WALK_MAX 1000u

static void probe(const struct volume *vol)
{
	struct probe found = { 0 };
	int err;

	reason_fail(ERR_FORMAT, "the first");
	err = probe_volume(vol, &found);
	assert(!strcmp(reason(), "the first"));
	assert((err == 0) == (found.name && found.advice));
	assert(!found.readable || found.is_files);
	assert(probe_explain(vol, ERR_FORMAT) == ERR_FORMAT);
	assert(*reason());
}

struct walk {
	uint64_t size; /* of the disk */
	uint32_t last;
	unsigned count;
};

static int each(void *arg, const struct partition *part)
{
	struct walk *walk = arg;
	const char *name = partition_type_name(part);
	char code[PARTITION_TYPE_CODE];

	assert(part->number > walk->last);
	assert(walk->count++ < WALK_MAX);
	walk->last = part->number;
	assert(part->scheme == PARTITION_GPT ||
	       (!part->hybrid && !part->backup));
	assert(part->volume.start < walk->size);
	assert(part->volume.size <= walk->size - part->volume.start);
	assert(!name || *name);
	partition_type_code(part, code);
	assert(strlen(code) == (part->scheme == PARTITION_MBR ? 2 : 36));
	if (walk->count < 8)
		probe(&part->volume);
	return 0;
}

/* What boots, until there is no more. */
static void search(struct fake_block *disk)
{
	struct disk_search search = { .bd = &disk->bd };
	struct disk_target target;
	struct disk_boot boot;
	struct image img;
	unsigned count = 0;
	int rc;

	while ((rc = disk_boot_next(&search, &boot)) == 0) {
		assert(++count <= DISK_BOOT_MAX);
		if (disk_boot_open(&disk->bd, &boot, &target, &img) == 0)
			disk_target_close(&target);
	}
	assert(rc == DISK_BOOT_END || *reason());
}

static void open(struct fake_block *disk, const char *args)
{
	struct disk_target target;
	int err;

	reason_clear();
	err = disk_target_open(&disk->bd, args, &target);
	assert(err <= 0 && (err == 0 || *reason()));
	if (err == 0)
		disk_target_close(&target);
}

void fuzz_labels(struct fake_block *disk)
{
	static const char *const args[] = {
		"", "1", "2", "\\ppc\\bootinfo.txt", "1,\\x", "2,\\x", "5,\\x"
	};
	struct walk walk = { 0 };
	char text[PARTITION_TEXT_MIN];
	struct volume vol;

	fake_clock_step(TIMEBASE_DEFAULT_HZ / 1000);
	fake_log_start();
	assert(volume_whole(&disk->bd, &vol) == 0);
	walk.size = vol.size;
	(void)!partition_scan(&disk->bd, each, &walk);
	partition_describe(&disk->bd, text, sizeof(text));
	assert(*text && strnlen(text, sizeof(text)) < sizeof(text));
	(void)partition_foreign_blocks(&disk->bd);
	probe(&vol);
	search(disk);
	for (unsigned i = 0; i < ARRAY_SIZE(args); i++) {
		open(disk, args[i]);
		fake_log_start();
		(void)!disk_list(&disk->bd, args[i]);
	}
}

void fuzz_labels_seal(struct fake_block *disk, uint64_t lba)
{
	const uint8_t *h = disk->data + lba * disk->block_size;
	uint64_t at = le64_load(h + 72), blocks = disk->size / disk->block_size;
	uint64_t len = (uint64_t)le32_load(h + 80) * le32_load(h + 84);

	if (le32_load(h + 12) <= disk->block_size && at < blocks &&
	    len <= disk->size - at * disk->block_size)
		table_gpt_seal(disk, lba);
}
