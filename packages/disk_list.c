// SPDX-License-Identifier: BSD-2-Clause
// The prompt's "ls": partitions of a disk, files of a directory.
#include "packages/disk_list.h"

#include "lib/log.h"
#include "lib/reason.h"
#include "packages/disk_target.h"
#include "packages/partition_describe.h"
#include "packages/probe.h"

static void disk_print_file(void *arg, const char *name, uint64_t size,
			    enum file_kind kind)
{
	static const char *const marks[] = {
		[FILE_PLAIN] = "", [FILE_DIRECTORY] = "\\", [FILE_LINK] = "@"
	};

	(void)arg;
	print("%10llu %s%s\n", (unsigned long long)size, name, marks[kind]);
}

/* A listing of partitions, in progress. */
struct disk_listing {
	unsigned count;
	bool hybrid;
	int err; /* of the last look inside a partition */
};

/* What is inside. A device that does not answer is not asked again. */
static const char *disk_contents(struct disk_listing *listing,
				 const struct volume *vol)
{
	struct probe probe;

	if (listing->err != ERR_TIMEOUT)
		listing->err = probe_volume(vol, &probe);
	return listing->err ? NULL : probe.name;
}

static int disk_print_partition(void *arg, const struct partition *part)
{
	const char *name = partition_type_name(part), *contents;
	char code[PARTITION_TYPE_CODE];
	struct disk_listing *listing = arg;

	listing->count++;
	listing->hybrid |= part->hybrid;
	contents = disk_contents(listing, &part->volume);
	partition_type_code(part, code);
	print("%3u: %10llu KiB  %s type %s%s%s%s%s%s\n", part->number,
	      (unsigned long long)(part->volume.size / KiB),
	      part->scheme == PARTITION_MBR ? "MBR" : "GPT", code,
	      name ? ", " : "", name ? name : "",
	      part->active ? ", active" : "", contents ? "; " : "",
	      contents ? contents : "");
	return 0;
}

static int disk_each_entry(const struct file *file, file_each_fn *each,
			   void *arg)
{
	if (!file->fs->list)
		return reason_fail(ERR_NOTSUP, "cannot list %s",
				   file->fs->name);
	return file->fs->list(file, each, arg);
}

static int disk_each_in_root(const struct volume *vol, file_each_fn *each,
			     void *arg)
{
	struct file root;
	int err = probe_explain(vol, file_open(vol, "", &root));

	if (err < 0)
		return err;
	err = disk_each_entry(&root, each, arg);
	file_close(&root);
	return err;
}

int disk_each_file(struct block_device *bd, const char *args,
		   file_each_fn *each, void *arg)
{
	struct disk_target target;
	int err = disk_target_open(bd, args, &target);

	if (err < 0)
		return err;
	if (!target.is_file)
		err = disk_each_in_root(&target.vol, each, arg);
	else if (target.file.is_directory)
		err = disk_each_entry(&target.file, each, arg);
	disk_target_close(&target);
	return err;
}

static int disk_list_files(const struct file *file, const char *name)
{
	if (file->is_directory)
		return disk_each_entry(file, disk_print_file, NULL);
	disk_print_file(NULL, name, file->size, FILE_PLAIN);
	return 0;
}

static int disk_list_root(const struct volume *vol)
{
	return disk_each_in_root(vol, disk_print_file, NULL);
}

/* A disk has a partition table, a file system or, if it is a hybrid, both. */
static int disk_list_whole(struct block_device *bd, const struct volume *vol)
{
	struct disk_listing listing = { 0 };
	int table = partition_scan(bd, disk_print_partition, &listing);
	struct reason_kept kept;
	int err;

	if (table <= ERR_IO)
		return table;
	if (listing.hybrid)
		print("     (beside a hybrid MBR, whose entries are not used)\n");
	reason_keep(&kept);
	err = disk_list_root(vol);
	if (err != ERR_FORMAT)
		return err;
	if (listing.count || table == 0)
		return 0;
	reason_put_back(&kept);
	return partition_explain(bd, table);
}

int disk_list(struct block_device *bd, const char *args)
{
	struct disk_target target;
	int err = disk_target_open(bd, args, &target);

	if (err < 0)
		return err;
	if (target.is_file)
		err = disk_list_files(&target.file, args);
	else if (target.partition == 0)
		err = disk_list_whole(bd, &target.vol);
	else
		err = disk_list_root(&target.vol);
	disk_target_close(&target);
	return err;
}
