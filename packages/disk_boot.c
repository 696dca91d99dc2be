// SPDX-License-Identifier: BSD-2-Clause
// What a disk boots when nobody names a file.
#include "packages/disk_label.h"

#include <string.h>

#include "lib/fmt.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "packages/bootinfo.h"
#include "packages/filesystem.h"
#include "packages/partition.h"

/* Real ones have some hundred bytes, or an icon of some kilobytes. */
#define DISK_BOOTINFO_MAX (256 * KiB)

#define DISK_BOOT_STOP 1

/* What one look at the partition table gives. */
struct disk_scan {
	const struct device *dev;
	bool have_first; /* partition 1 */
	struct volume first;
	enum partition_scheme scheme;
	uint32_t prep; /* number of the PReP partition, 0: none */
	bool warned;
};

/* What went wrong on the way: worth telling if nothing is found. */
struct disk_trouble {
	int err;
	char text[200];
};

static bool disk_is_prep(const struct partition *part)
{
	if (part->scheme == PARTITION_MBR)
		return part->mbr_type == PARTITION_MBR_PREP;
	return !memcmp(part->guid, partition_guid_prep, sizeof(part->guid));
}

static int disk_scan_partition(void *arg, const struct partition *part)
{
	struct disk_scan *scan = arg;

	if (part->backup && !scan->warned) {
		log_warn("%s: %s", device_path(scan->dev), reason());
		scan->warned = true;
	}
	scan->scheme = part->scheme;
	if (part->number == 1) {
		scan->have_first = true;
		scan->first = part->volume;
	}
	if (!disk_is_prep(part))
		return 0;
	/* SLOF wants the active flag; here it only goes first. */
	if (part->active || !scan->prep)
		scan->prep = part->number;
	return part->active ? DISK_BOOT_STOP : 0;
}

/* Keeps the first trouble. */
static void disk_note(struct disk_trouble *trouble, int err)
{
	if (trouble->err)
		return;
	trouble->err = err;
	fmt_str(trouble->text, sizeof(trouble->text), "%s", reason());
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
		return fail(ERR_FORMAT, "it is a directory");
	if (file->size > DISK_BOOTINFO_MAX)
		return fail(ERR_FORMAT, "it has %llu bytes",
			    (unsigned long long)file->size);
	text = heap_alloc((size_t)file->size);
	if (!text)
		return fail(ERR_NOMEM, "no memory for it");
	err = file_read(file, 0, text, (size_t)file->size);
	if (err == 0)
		err = bootinfo_parse(text, (size_t)file->size, &names, &info);
	heap_free(text);
	if (err < 0)
		return err;
	memcpy(boot->open_args, info.open_args, sizeof(boot->open_args));
	memcpy(boot->bootpath_args, info.open_args,
	       sizeof(boot->bootpath_args));
	memcpy(boot->client_args, info.client_args, sizeof(boot->client_args));
	return 0;
}

static int disk_try_bootinfo(const struct volume *vol, const char *partition,
			     struct disk_trouble *trouble,
			     struct disk_boot *boot)
{
	struct file file;
	int err = file_open(vol, "ppc/bootinfo.txt", &file);

	/* No file system is no trouble: most disks boot without. */
	if (err == ERR_FORMAT)
		return err;
	if (err == 0) {
		err = disk_parse_bootinfo(&file, device_path(vol->bd->dev),
					  partition, boot);
		file_close(&file);
	}
	if (err < 0) {
		fail(err, "%s\\ppc\\bootinfo.txt: %s", *partition ? "1," : "",
		     reason());
		disk_note(trouble, err);
	}
	return err;
}

static int disk_boot_prep(const struct disk_scan *scan, struct disk_boot *boot)
{
	/* A bare bootpath: GRUB's image has its own prefix in it. */
	*boot = (struct disk_boot){ 0 };
	fmt_str(boot->open_args, sizeof(boot->open_args), "%u", scan->prep);
	return 0;
}

static int disk_boot_none(struct block_device *bd,
			  const struct disk_trouble *trouble)
{
	char table[240];

	/* A device that fails has no need of a guess at what it holds. */
	if (trouble->err <= ERR_IO)
		return fail(trouble->err, "%s", trouble->text);
	partition_describe(bd, table, sizeof(table));
	return fail(ERR_NOENT, "no PReP partition (%s)%s%s", table,
		    trouble->err ? "; " : "", trouble->text);
}

/* Partitions, in SLOF's order. */
static int disk_boot_partitions(struct block_device *bd,
				struct disk_trouble *trouble,
				struct disk_boot *boot)
{
	struct disk_scan scan = { .dev = bd->dev };
	int rc = partition_scan(bd, disk_scan_partition, &scan);

	/* A broken table is told by partition_describe(). */
	if (rc <= ERR_IO)
		disk_note(trouble, rc);
	if (scan.prep && scan.scheme == PARTITION_MBR)
		return disk_boot_prep(&scan, boot);
	if (scan.have_first) {
		rc = disk_try_bootinfo(&scan.first, "1", trouble, boot);
		if (rc == 0)
			return 0;
	}
	if (scan.prep)
		return disk_boot_prep(&scan, boot);
	return ERR_NOENT;
}

int disk_label_find_boot(struct block_device *bd, struct disk_boot *boot)
{
	struct disk_trouble trouble = { 0 };
	struct volume disk;
	int err = volume_whole(bd, &disk);

	if (err < 0)
		return err;
	err = disk_try_bootinfo(&disk, "", &trouble, boot);
	/* A device that does not answer is not asked again. */
	if (err == 0 || err == ERR_TIMEOUT || err == ERR_NOMEDIUM)
		return err;
	if (disk_boot_partitions(bd, &trouble, boot) == 0)
		return 0;
	return disk_boot_none(bd, &trouble);
}
