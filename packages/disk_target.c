// SPDX-License-Identifier: BSD-2-Clause
// From disk arguments to the disk, partition or file that they name.
#include "packages/disk_target.h"

#include "lib/fmt.h"
#include "lib/heap.h"
#include "lib/reason.h"
#include "packages/partition.h"
#include "packages/probe.h"

#define DISK_TARGET_FOUND 1

/* A search for a path on the partitions of a disk. */
struct path_search {
	const char *path;
	struct disk_target *target;
	bool active;   /* active MBR partitions only, or all others only */
	char why[160]; /* the first file system that cannot be read; "" */
};

static int disk_try_partition(void *arg, const struct partition *part)
{
	struct path_search *search = arg;
	int err;

	if (part->active != search->active)
		return 0;
	search->target->vol = part->volume;
	err = file_open(&part->volume, search->path, &search->target->file);
	if (err == ERR_NOTSUP && !*search->why)
		fmt_str(search->why, sizeof(search->why), "partition %u: %s",
			part->number, reason());
	if (err == ERR_FORMAT || err == ERR_NOENT || err == ERR_NOTSUP)
		return 0;
	return err < 0 ? err : DISK_TARGET_FOUND;
}

static int disk_search_partitions(struct block_device *bd, const char *path,
				  struct disk_target *target)
{
	struct path_search search = { path, target, true, "" };
	int rc = partition_scan(bd, disk_try_partition, &search);

	if (rc == 0) {
		search.active = false;
		rc = partition_scan(bd, disk_try_partition, &search);
	}
	if (rc == DISK_TARGET_FOUND)
		return 0;
	if (!rc && *search.why)
		return reason_fail(ERR_NOTSUP, "%s", search.why);
	return rc < 0 ? rc : ERR_NOENT;
}

/* The file may be on a file system that cannot be read. */
static int disk_blame_partition(void *arg, const struct partition *part)
{
	const struct path_search *search = arg;
	struct probe probe;
	int err = probe_volume(&part->volume, &probe);

	if (err || !probe.is_files || probe.readable)
		return err == ERR_TIMEOUT ? err : 0;
	return reason_fail(ERR_NOENT,
			   "no partition contains \"%s\"; %u has %s, which "
			   "cannot be read here",
			   search->path, part->number, probe.name);
}

static int disk_fail_search(struct block_device *bd, const char *path)
{
	struct path_search search = { .path = path };

	if (partition_scan(bd, disk_blame_partition, &search) != ERR_NOENT)
		reason_fail(ERR_NOENT, "no partition contains \"%s\"", path);
	return ERR_NOENT;
}

static int disk_open_volume(struct block_device *bd, uint32_t number,
			    struct volume *vol)
{
	struct partition part = { 0 };
	int err;

	if (number == 0)
		return volume_whole(bd, vol);
	err = partition_get(bd, number, &part);
	if (err == 0)
		*vol = part.volume;
	return err;
}

/* Why a volume has no files: it has no known file system. Returns `err`. */
static int disk_explain_volume(struct block_device *bd, uint32_t number,
			       int err)
{
	struct reason_kept kept;
	struct volume vol;

	if (err != ERR_FORMAT)
		return err;
	reason_keep(&kept);
	if (disk_open_volume(bd, number, &vol))
		return partition_explain(bd, err);
	reason_put_back(&kept);
	return probe_explain(&vol, err);
}

/*
 * A path without a partition. FreeBSD's discs use ",\ppc\chrp\loader". In LoPAR
 * an empty partition means the first bootable one, in SLOF the disk.
 */
static int disk_open_anywhere(struct block_device *bd, const char *path,
			      struct disk_target *target)
{
	struct reason_kept whole;
	int err = volume_whole(bd, &target->vol);

	if (err == 0)
		err = file_open(&target->vol, path, &target->file);
	if (err != ERR_FORMAT)
		return err;
	reason_keep(&whole);
	err = disk_search_partitions(bd, path, target);
	if (err == ERR_NOENT)
		return disk_fail_search(bd, path);
	if (err != ERR_FORMAT)
		return err;
	reason_put_back(&whole);
	return disk_explain_volume(bd, 0, err);
}

static int disk_open_on(struct block_device *bd, uint32_t number,
			const char *path, struct disk_target *target)
{
	int err = disk_open_volume(bd, number, &target->vol);

	return err < 0 ? err : file_open(&target->vol, path, &target->file);
}

static int disk_open_file(struct block_device *bd, const struct disk_args *args,
			  const char *path, struct disk_target *target)
{
	struct reason_kept kept;
	int err, whole;

	if (!args->has_partition)
		return disk_open_anywhere(bd, path, target);
	err = disk_open_on(bd, args->partition, path, target);
	if (err != ERR_FORMAT || args->partition != 1)
		return disk_explain_volume(bd, args->partition, err);
	/*
	 * SUSE's discs, made by kiwi, name partition 1. They may have none, or
	 * one in a hybrid's MBR, which counts blocks of 512 bytes even if the
	 * drive's are larger.
	 */
	reason_keep(&kept);
	whole = disk_open_on(bd, 0, path, target);
	if (whole != ERR_FORMAT)
		return whole;
	reason_put_back(&kept);
	return disk_explain_volume(bd, 1, err);
}

int disk_target_find(struct block_device *bd, const struct disk_args *args,
		     struct disk_target *target)
{
	char *path;
	int err;

	*target = (struct disk_target){ .partition = args->partition,
					.is_file = args->path_len != 0 };
	if (!target->is_file)
		return partition_explain(bd,
					 disk_open_volume(bd, args->partition,
							  &target->vol));
	path = heap_strndup(args->path, args->path_len);
	if (!path)
		return reason_fail(ERR_NOMEM, "no memory for a path");
	err = disk_open_file(bd, args, path, target);
	heap_free(path);
	return err;
}

int disk_target_open(struct block_device *bd, const char *text,
		     struct disk_target *target)
{
	struct disk_args args;
	int err = disk_args_parse(text, &args);

	return err < 0 ? err : disk_target_find(bd, &args, target);
}

void disk_target_close(struct disk_target *target)
{
	if (target->is_file)
		file_close(&target->file);
}

int disk_target_read(const struct disk_target *target, uint64_t offset,
		     void *buf, size_t len)
{
	return target->is_file ? file_read(&target->file, offset, buf, len)
			       : volume_read(&target->vol, offset, buf, len);
}

uint64_t disk_target_size(const struct disk_target *target)
{
	return target->is_file ? target->file.size : target->vol.size;
}

static long disk_target_read_image(struct image *img, uint64_t offset,
				   void *buf, size_t len)
{
	int err = disk_target_read(img->priv, offset, buf, len);

	return err < 0 ? err : (long)len;
}

void disk_target_image(const struct disk_target *target, struct image *img)
{
	/* The cast drops const: target_read_image only reads. */
	*img = (struct image){ .name = "disk",
			       .size = disk_target_size(target),
			       .read = disk_target_read_image,
			       .priv = (void *)(uintptr_t)target };
}
