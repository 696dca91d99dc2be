// SPDX-License-Identifier: BSD-2-Clause
// What a disk boots when the user names no file.
#include "packages/disk_boot.h"

#include <string.h>

#include "drivers/device.h"
#include "lib/fmt.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "packages/bootinfo.h"
#include "packages/filesystem.h"
#include "packages/measure.h"
#include "packages/partition_describe.h"

/* Real files have a few hundred bytes, or some kilobytes with an icon. */
#define DISK_BOOTINFO_MAX (256 * KiB)

#define DISK_BOOT_STOP 1

/* The result of one scan of the partition table. */
struct disk_scan {
	struct disk_search *search;
	bool have_first; /* partition 1 */
	struct volume first;
	enum partition_scheme scheme;
	uint64_t rank;	    /* of the next PReP partition, 0: none */
	uint32_t number;    /* its number */
	struct volume prep; /* its volume */
};

static bool disk_is_prep(const struct partition *part)
{
	if (part->scheme == PARTITION_MBR)
		return part->mbr_type == PARTITION_MBR_PREP;
	return !memcmp(part->guid, partition_guid_prep, sizeof(part->guid));
}

/* SLOF requires the active flag; here an active partition is only first. */
static uint64_t disk_rank(const struct partition *part)
{
	return part->number + (part->active ? 0 : 1ull << 32);
}

static int disk_scan_partition(void *arg, const struct partition *part)
{
	struct disk_scan *scan = arg;
	struct disk_search *search = scan->search;
	uint64_t rank = disk_rank(part);

	if (part->backup && !search->warned) {
		log_warn("%s: %s", device_path(search->bd->as.dev), reason());
		search->warned = true;
	}
	log_debug(LOG_BOOT, "partition %u%s: %sPReP", part->number,
		  part->active ? ", active" : "",
		  disk_is_prep(part) ? "" : "not ");
	scan->scheme = part->scheme;
	if (part->number == 1) {
		scan->have_first = true;
		scan->first = part->volume;
	}
	if (!disk_is_prep(part) || rank <= search->rank ||
	    (scan->rank && rank > scan->rank))
		return 0;
	scan->rank = rank;
	scan->number = part->number;
	scan->prep = part->volume;
	return part->active ? DISK_BOOT_STOP : 0;
}

/*
 * Records the first error, to report it if nothing is found. A device error
 * replaces an error about the contents.
 */
static void disk_note(struct disk_search *search, int err)
{
	if (search->err && (err > ERR_IO || search->err <= ERR_IO))
		return;
	search->err = err;
	fmt_str(search->why, sizeof(search->why), "%s", reason());
}

/* The boot choice that a script names after "&device;:". */
static int disk_boot_script(const struct bootinfo *info, struct disk_boot *boot)
{
	struct disk_args args;
	int err = disk_args_parse(info->open_args, &args);

	if (err < 0)
		return err;
	*boot = (struct disk_boot){ .has_partition = args.has_partition,
				    .partition = args.partition };
	memcpy(boot->path, args.path, args.path_len);
	memcpy(boot->client_args, info->client_args, sizeof(boot->client_args));
	return 0;
}

static int disk_parse_bootinfo(const struct file *file, const char *device,
			       const char *partition, struct disk_boot *boot)
{
	struct bootinfo_names names = { .device = device,
					.partition = partition,
					.directory = "\\ppc\\",
					.filename = "bootinfo.txt" };
	struct bootinfo info;
	char *text;
	int err;

	if (file->is_directory)
		return reason_fail(ERR_FORMAT, "is a directory");
	if (file->size > DISK_BOOTINFO_MAX)
		return reason_fail(ERR_FORMAT, "too large (%llu bytes)",
				   (unsigned long long)file->size);
	text = heap_alloc((size_t)file->size);
	if (!text)
		return reason_fail(ERR_NOMEM, "no memory for it");
	err = file_read(file, 0, text, (size_t)file->size);
	if (err == 0)
		err = bootinfo_parse(text, (size_t)file->size, &names, &info);
	if (err == 0)
		measure_later(MEASURE_TEXT, "bootinfo.txt", text,
			      (size_t)file->size);
	heap_free(text);
	return err < 0 ? err : disk_boot_script(&info, boot);
}

static int disk_try_bootinfo(const struct volume *vol, const char *partition,
			     struct disk_search *search, struct disk_boot *boot)
{
	struct file file;
	int err = file_open(vol, "ppc/bootinfo.txt", &file);

	log_debug(LOG_BOOT, "%s\\ppc\\bootinfo.txt: %s", *partition ? "1," : "",
		  err < 0 ? reason() : "there");
	/* No file system is not an error: most disks boot without one. */
	if (err == ERR_FORMAT)
		return err;
	if (err == 0) {
		err = disk_parse_bootinfo(&file, device_path(vol->bd->as.dev),
					  partition, boot);
		file_close(&file);
	}
	if (err < 0) {
		reason_fail(err, "%s\\ppc\\bootinfo.txt: %s",
			    *partition ? "1," : "", reason());
		disk_note(search, err);
	}
	return err;
}

static int disk_boot_prep(struct disk_search *search,
			  const struct disk_scan *scan, struct disk_boot *boot)
{
	search->place = scan->scheme == PARTITION_MBR ? DISK_BOOT_MBR
						      : DISK_BOOT_GPT;
	search->rank = scan->rank;
	*boot = (struct disk_boot){ .is_prep = true,
				    .volume = scan->prep,
				    .has_partition = true,
				    .partition = scan->number };
	return 0;
}

/* Searches the partitions from the current place. */
static int disk_boot_partitions(struct disk_search *search,
				struct disk_boot *boot)
{
	struct disk_scan scan = { .search = search };
	int rc = partition_scan(search->bd, disk_scan_partition, &scan);

	/* partition_describe() reports a broken table. */
	if (rc <= ERR_IO)
		disk_note(search, rc);
	if (scan.rank && scan.scheme == PARTITION_MBR &&
	    search->place <= DISK_BOOT_MBR)
		return disk_boot_prep(search, &scan, boot);
	if (scan.have_first && search->place < DISK_BOOT_FIRST) {
		search->place = DISK_BOOT_FIRST;
		rc = disk_try_bootinfo(&scan.first, "1", search, boot);
		if (rc == 0)
			return 0;
	}
	if (scan.rank && scan.scheme == PARTITION_GPT)
		return disk_boot_prep(search, &scan, boot);
	return ERR_NOENT;
}

static int disk_boot_none(const struct disk_search *search)
{
	char table[320];
	uint32_t blocks;

	/* If the device fails, do not guess what it holds. */
	if (search->err <= ERR_IO)
		return reason_fail(search->err, "%s", search->why);
	blocks = partition_foreign_blocks(search->bd);
	if (blocks)
		return reason_fail(
			ERR_NOENT,
			"the MBR was written for blocks of %u bytes, this "
			"device has %u",
			blocks, search->bd->block_size);
	if (search->found && !search->err)
		return DISK_BOOT_END;
	if (search->found)
		return reason_fail(ERR_NOENT, "%s", search->why);
	partition_describe(search->bd, table, sizeof(table));
	return reason_fail(ERR_NOENT, "no PReP partition (%s)%s%s", table,
			   search->err ? "; " : "", search->why);
}

int disk_boot_next(struct disk_search *search, struct disk_boot *boot)
{
	struct volume disk;
	int err = volume_whole(search->bd, &disk);

	if (err < 0)
		return err;
	if (search->found == DISK_BOOT_MAX)
		return reason_fail(ERR_NOENT,
				   "none of the first %u programs loaded",
				   search->found);
	err = ERR_NOENT;
	if (search->place == DISK_BOOT_NOWHERE) {
		search->place = DISK_BOOT_WHOLE;
		err = disk_try_bootinfo(&disk, "", search, boot);
		/* Do not try a device again that does not answer. */
		if (err == ERR_TIMEOUT || err == ERR_NOMEDIUM)
			return err;
	}
	if (err < 0)
		err = disk_boot_partitions(search, boot);
	if (err < 0)
		return disk_boot_none(search);
	search->found++;
	return 0;
}

int disk_boot_open(struct block_device *bd, const struct disk_boot *boot,
		   struct disk_target *target, struct image *img)
{
	const struct disk_args args = disk_boot_args(boot);
	int err = 0;

	/* The table has been read: do not search for the partition again. */
	*target = (struct disk_target){ .partition = boot->partition,
					.vol = boot->volume };
	if (!boot->is_prep)
		err = disk_target_find(bd, &args, target);
	if (err < 0)
		return err;
	if (target->is_file && target->file.is_directory) {
		disk_target_close(target);
		return reason_fail(ERR_NOENT, "\"%s\" is a directory",
				   boot->path);
	}
	disk_target_image(target, img);
	return 0;
}
