// SPDX-License-Identifier: BSD-2-Clause
// Signatures of file systems, containers and images, for messages only.
#include "packages/probe.h"

#include <string.h>

#include "lib/heap.h"
#include "lib/reason.h"

/* btrfs and UFS2 have their superblocks at 64 KiB. */
#define PROBE_BYTES (68 * KiB)

/* What is read if that fails: most signatures are here. */
#define PROBE_FEW 4096u

enum probe_kind {
	PROBE_PART,	/* of something larger, or without programs */
	PROBE_FILES,	/* a file system without a driver */
	PROBE_READABLE, /* a file system with a driver */
	PROBE_TABLE,	/* a partition table that is not read */
	PROBE_IMAGE,	/* a disk image, attached as raw */
	PROBE_PACKED,
	PROBE_PROGRAM,
	PROBE_EMPTY,
};

static const char *const probe_advice[] = {
	[PROBE_PART] = "boot from the disk with the PReP partition",
	[PROBE_FILES] = "boot from the disk with the PReP partition",
	[PROBE_READABLE] = "to boot one of its files, name it",
	[PROBE_TABLE] = "the table must be MBR or GPT",
	[PROBE_IMAGE] = "give QEMU the image's format=, not raw",
	[PROBE_PACKED] = "unpack the image on the host",
	[PROBE_PROGRAM] = "use -kernel, or write it to a PReP partition",
	[PROBE_EMPTY] = "nothing is installed on it",
};

struct probe_signature {
	uint32_t offset;
	uint8_t len;
	uint8_t kind; /* enum probe_kind */
	char bytes[10];
	const char *name;
};

#define SIGNATURE(offset, bytes, kind, name)                                   \
	{                                                                      \
		offset, sizeof(bytes) - 1, PROBE_##kind, bytes, name           \
	}

/*
 * The first that fits counts: a new file system may leave an older one's
 * signature in blocks that it does not use, as ext does in the boot sector.
 * [util-linux, libblkid/src/superblocks, partitions; QEMU block/qcow2.h, vmdk.c,
 * vpc.c; file, magic/Magdir/compress, elf]
 */
static const struct probe_signature probe_signatures[] = {
	SIGNATURE(0, "QFI\xfb", IMAGE, "qcow2 image"),
	SIGNATURE(0, "KDMV", IMAGE, "VMDK image"),
	SIGNATURE(0, "conectix", IMAGE, "VHD (vpc) image"),
	SIGNATURE(0, "\x1f\x8b\x08", PACKED, "gzip data"),
	SIGNATURE(0, "\xfd\x37zXZ", PACKED, "xz data"),
	SIGNATURE(0, "\x28\xb5\x2f\xfd", PACKED, "zstd data"),
	SIGNATURE(0, "\177ELF", PROGRAM, "ELF program"),

	SIGNATURE(0, "LABELONE", PART, "LVM physical volume"),
	SIGNATURE(512, "LABELONE", PART, "LVM physical volume"),
	SIGNATURE(1024, "LABELONE", PART, "LVM physical volume"),
	SIGNATURE(1536, "LABELONE", PART, "LVM physical volume"),
	SIGNATURE(0, "\xa9\x2b\x4e\xfc", PART, "RAID member"),
	SIGNATURE(4096, "\xa9\x2b\x4e\xfc", PART, "RAID member"),
	SIGNATURE(0, "LUKS\xba\xbe", PART, "LUKS encryption"),
	SIGNATURE(4086, "SWAPSPACE2", PART, "Linux swap"),
	SIGNATURE(65526, "SWAPSPACE2", PART, "Linux swap"),
	SIGNATURE(0, "\xc9\xc2\xd4\xc1", PART, "AIX disk"),

	SIGNATURE(0, "XFSB", FILES, "XFS"),
	SIGNATURE(65600, "_BHRfS_M", FILES, "btrfs"),
	SIGNATURE(66908, "\x19\x01\x54\x19", FILES, "UFS"),
	SIGNATURE(66908, "\x19\x54\x01\x19", FILES, "UFS"),
	SIGNATURE(0, "hsqs", FILES, "squashfs"),
	SIGNATURE(3, "EXFAT   ", FILES, "exFAT"),
	SIGNATURE(3, "NTFS    ", FILES, "NTFS"),
	SIGNATURE(32769, "BEA01", FILES, "UDF"),
	SIGNATURE(32769, "CD001", READABLE, "ISO 9660"),
	SIGNATURE(1080, "\x53\xef", READABLE, "ext2, ext3 or ext4"),
	SIGNATURE(1024, "H+\0\4", FILES, "HFS+"),
	SIGNATURE(1024, "HX\0\5", FILES, "HFS+"),
	SIGNATURE(1024, "BD", FILES, "HFS"),
	SIGNATURE(54, "FAT", READABLE, "FAT"),
	SIGNATURE(82, "FAT32", READABLE, "FAT"),

	SIGNATURE(512, "PM\0\0", TABLE, "Apple partition map"),
	SIGNATURE(512, "EFI PART", TABLE, "GPT without a protective MBR"),
	SIGNATURE(4096, "EFI PART", TABLE, "GPT without a protective MBR"),
};

static const struct probe_signature probe_zeros = { .kind = PROBE_EMPTY,
						    .name = "only zeros" };

/* `len` > 0. */
static const struct probe_signature *probe_match(const uint8_t *data,
						 size_t len)
{
	const struct probe_signature *at;

	for (size_t i = 0; i < ARRAY_SIZE(probe_signatures); i++) {
		at = &probe_signatures[i];
		if (at->offset < len && at->len <= len - at->offset &&
		    !memcmp(data + at->offset, at->bytes, at->len))
			return at;
	}
	return data[0] || memcmp(data, data + 1, len - 1) ? NULL : &probe_zeros;
}

/* A bad block must not hide what the first blocks say. */
static int probe_read(const struct volume *vol, uint8_t *data, size_t *len)
{
	int err = volume_read(vol, 0, data, *len);

	if (err != ERR_IO || *len <= PROBE_FEW)
		return err;
	*len = PROBE_FEW;
	return volume_read(vol, 0, data, *len);
}

static int probe_search(const struct volume *vol, struct probe *out)
{
	size_t len = (size_t)MIN(vol->size, PROBE_BYTES);
	uint8_t *data = len ? heap_alloc(len) : NULL;
	const struct probe_signature *found = NULL;
	int err;

	if (!data)
		return len ? ERR_NOMEM : ERR_NOENT;
	err = probe_read(vol, data, &len);
	if (err == 0)
		found = probe_match(data, len);
	heap_free(data);
	if (err < 0 || !found)
		return err < 0 ? err : ERR_NOENT;
	*out = (struct probe){ found->name, probe_advice[found->kind],
			       found->kind == PROBE_FILES ||
				       found->kind == PROBE_READABLE,
			       found->kind == PROBE_READABLE };
	return 0;
}

int probe_volume(const struct volume *vol, struct probe *out)
{
	struct reason_kept kept;
	int err;

	reason_keep(&kept);
	err = probe_search(vol, out);
	reason_put_back(&kept);
	return err;
}

int probe_explain(const struct volume *vol, int err)
{
	struct probe probe;

	/* What a driver knows, it has explained. */
	if (err != ERR_FORMAT || probe_volume(vol, &probe) || probe.readable)
		return err;
	if (probe.is_files)
		return reason_fail(
			err, "%s cannot be read here; boot the PReP partition",
			probe.name);
	return reason_fail(err, "no file system: %s; %s", probe.name,
			   probe.advice);
}
