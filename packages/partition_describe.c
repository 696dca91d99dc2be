// SPDX-License-Identifier: BSD-2-Clause
// Partition types as text, and a one-line summary of a table.
#include "packages/partition_describe.h"

#include <string.h>

#include "lib/endian.h"
#include "lib/fmt.h"
#include "lib/reason.h"

/* Room for ", ... and 4294967295 more" and PARTITION_BIOS_BOOT. */
#define PARTITION_TAIL 110
#define PARTITION_BIOS_BOOT                                                    \
	"; partition %u is BIOS boot, PReP is "                                \
	"9e1a2d38-c612-4316-aa26-8b49521e5a8b"

/* "83 Linux", a name, or a GUID. */
#define PARTITION_TYPE_TEXT 40

/* A GUID as on disk: the first three fields are little-endian. */
#define GUID_LE16(v) 0xff & (v), 0xff & (v) >> 8
#define GUID_BE24(v) 0xff & (v) >> 16, 0xff & (v) >> 8, 0xff & (v)
#define GUID(a, b, c, d, e)                                                    \
	{                                                                      \
		GUID_LE16(a), GUID_LE16((a) >> 16), GUID_LE16(b),              \
			GUID_LE16(c), 0xff & (d) >> 8, 0xff & (d),             \
			GUID_BE24((e) >> 24), GUID_BE24(e)                     \
	}

#define PARTITION_GUID_BIOS                                                    \
	GUID(0x21686148, 0x6449, 0x6e6f, 0x744e, 0x656564454649)
static const uint8_t partition_guid_bios[16] = PARTITION_GUID_BIOS;

/*
 * UEFI 2.10, table 5.7; the rest as in util-linux' include/pt-gpt-partnames.h,
 * FreeBSD's sys/disk/gpt.h and the Discoverable Partitions Specification.
 */
/* clang-format off */
static const struct {
	uint8_t guid[16];
	const char *name;
} partition_guids[] = {
	{ GUID(0xc12a7328, 0xf81f, 0x11d2, 0xba4b, 0x00a0c93ec93b),
	  "EFI system" },
	{ GUID(0x024dee41, 0x33e7, 0x11d3, 0x9d69, 0x0008c781f39f),
	  "MBR scheme" },
	{ GUID(0x9e1a2d38, 0xc612, 0x4316, 0xaa26, 0x8b49521e5a8b),
	  "PReP boot" },
	{ PARTITION_GUID_BIOS, "BIOS boot" },
	{ GUID(0x0fc63daf, 0x8483, 0x4772, 0x8e79, 0x3d69d8477de4),
	  "Linux data" },
	{ GUID(0x0657fd6d, 0xa4ab, 0x43c4, 0x84e5, 0x0933c84b4f4f),
	  "Linux swap" },
	{ GUID(0xe6d6d379, 0xf507, 0x44c2, 0xa23c, 0x238f2a3df928),
	  "Linux LVM" },
	{ GUID(0xa19d880f, 0x05fc, 0x4d3b, 0xa006, 0x743f0f84911e),
	  "Linux RAID" },
	{ GUID(0xbc13c2ff, 0x59e6, 0x4262, 0xa352, 0xb275fd6f7172),
	  "Linux boot" },
	{ GUID(0x933ac7e1, 0x2eb4, 0x4f13, 0xb844, 0x0e14e2aef915),
	  "Linux home" },
	{ GUID(0x912ade1d, 0xa839, 0x4913, 0x8964, 0xa10eee08fbd2),
	  "Linux root (ppc64)" },
	{ GUID(0xc31c45e6, 0x3f39, 0x412e, 0x80fb, 0x4809c4980599),
	  "Linux root (ppc64le)" },
	{ GUID(0x8da63339, 0x0007, 0x60c0, 0xc436, 0x083ac8230908),
	  "Linux reserved" }, /* CoreOS has it */
	{ GUID(0xca7d7ccb, 0x63ed, 0x4c53, 0x861c, 0x1742536059cc),
	  "Linux LUKS" },
	{ GUID(0x4f68bce3, 0xe8cd, 0x4db1, 0x96e7, 0xfbcaf984b709),
	  "Linux root (x86-64)" },
	{ GUID(0xebd0a0a2, 0xb9e5, 0x4433, 0x87c0, 0x68b6b72699c7),
	  "Microsoft basic data" },
	{ GUID(0xe3c9e316, 0x0b5c, 0x4db8, 0x817d, 0xf92df00215ae),
	  "Microsoft reserved" },
	{ GUID(0x48465300, 0x0000, 0x11aa, 0xaa11, 0x00306543ecac),
	  "Apple HFS+" },
	{ GUID(0x7c3457ef, 0x0000, 0x11aa, 0xaa11, 0x00306543ecac),
	  "Apple APFS" },
	{ GUID(0x83bd6b9d, 0x7f41, 0x11dc, 0xbe0b, 0x001560b84f0f),
	  "FreeBSD boot" },
	{ GUID(0x516e7cb4, 0x6ecf, 0x11d6, 0x8ff8, 0x00022d09712b),
	  "FreeBSD data" },
	{ GUID(0x516e7cb5, 0x6ecf, 0x11d6, 0x8ff8, 0x00022d09712b),
	  "FreeBSD swap" },
	{ GUID(0x516e7cb6, 0x6ecf, 0x11d6, 0x8ff8, 0x00022d09712b),
	  "FreeBSD UFS" },
	{ GUID(0x516e7cba, 0x6ecf, 0x11d6, 0x8ff8, 0x00022d09712b),
	  "FreeBSD ZFS" },
	{ GUID(0x6a898cc3, 0x1dd2, 0x11b2, 0x99a6, 0x080020736631),
	  "ZFS" },
};

/*
 * util-linux' include/pt-mbr-partnames.h; 96: xorriso -chrp_boot_part. Extended
 * partitions and GPT are no partitions here.
 */
static const struct {
	uint8_t type;
	char name[15];
} partition_mbr_types[] = {
	{ 0x01, "FAT12" }, { 0x04, "FAT16" },
	{ 0x06, "FAT16" }, { 0x07, "NTFS or exFAT" },
	{ 0x08, "AIX" }, { 0x09, "AIX boot" },
	{ 0x0b, "FAT32" }, { 0x0c, "FAT32" },
	{ 0x0e, "FAT16" }, { 0x41, "PReP boot" },
	{ 0x82, "Linux swap" }, { 0x83, "Linux" },
	{ 0x8e, "Linux LVM" }, { 0x96, "ISO 9660" },
	{ 0xa5, "FreeBSD" }, { 0xa6, "OpenBSD" },
	{ 0xa9, "NetBSD" }, { 0xaf, "Apple HFS" },
	{ 0xe8, "LUKS" }, { 0xea, "Linux boot" },
	{ 0xef, "EFI system" }, { 0xfd, "Linux RAID" },
};
/* clang-format on */

static const char *partition_mbr_name(uint8_t type)
{
	for (size_t i = 0; i < ARRAY_SIZE(partition_mbr_types); i++) {
		if (partition_mbr_types[i].type == type)
			return partition_mbr_types[i].name;
	}
	return NULL;
}

static const char *partition_guid_name(const uint8_t *guid)
{
	for (size_t i = 0; i < ARRAY_SIZE(partition_guids); i++) {
		if (!memcmp(partition_guids[i].guid, guid,
			    sizeof(partition_guids[i].guid)))
			return partition_guids[i].name;
	}
	return NULL;
}

const char *partition_type_name(const struct partition *part)
{
	return part->scheme == PARTITION_MBR
		       ? partition_mbr_name(part->mbr_type)
		       : partition_guid_name(part->guid);
}

void partition_type_code(const struct partition *part, char *buf)
{
	const uint8_t *guid = part->guid;

	if (part->scheme == PARTITION_MBR)
		fmt_str(buf, PARTITION_TYPE_CODE, "%02x", part->mbr_type);
	else
		fmt_str(buf, PARTITION_TYPE_CODE,
			"%08x-%04x-%04x-%04x-%04x%08x", le32_load(guid),
			le16_load(guid + 4), le16_load(guid + 6),
			be16_load(guid + 8), be16_load(guid + 10),
			be32_load(guid + 12));
}

static void partition_type_text(const struct partition *part, char *buf)
{
	const char *name = partition_type_name(part);
	char code[PARTITION_TYPE_CODE];

	partition_type_code(part, code);
	if (part->scheme == PARTITION_MBR && name)
		fmt_str(buf, PARTITION_TYPE_TEXT, "%s %s", code, name);
	else
		fmt_str(buf, PARTITION_TYPE_TEXT, "%s", name ? name : code);
}

/* An image builder has taken it for PReP: the boot program is in there. */
static bool partition_is_bios_boot(const struct partition *part)
{
	return part->scheme == PARTITION_GPT &&
	       !memcmp(part->guid, partition_guid_bios, sizeof(part->guid));
}

/* The text of partition_describe(), in progress. */
struct partition_text {
	char *buf;
	size_t size;
	size_t len;
	unsigned count;
	unsigned left_out; /* did not fit */
	enum partition_scheme scheme;
	uint32_t bios_boot; /* the number of one, 0: none */
};

static int partition_collect(void *arg, const struct partition *part)
{
	const char *scheme = part->scheme == PARTITION_MBR ? "MBR" : "GPT";
	char type[PARTITION_TYPE_TEXT], more[PARTITION_TYPE_TEXT + 2];
	struct partition_text *text = arg;
	size_t len;

	partition_type_text(part, type);
	if (!text->count++)
		text->len = fmt_str(text->buf, text->size, "%s%s has types",
				    scheme,
				    part->hybrid ? " beside a hybrid MBR" : "");
	text->scheme = part->scheme;
	if (partition_is_bios_boot(part))
		text->bios_boot = part->number;
	len = fmt_str(more, sizeof(more), "%s %s", text->count > 1 ? "," : "",
		      type);
	if (text->left_out || len + PARTITION_TAIL > text->size - text->len) {
		text->left_out++;
		return 0;
	}
	memcpy(text->buf + text->len, more, len + 1);
	text->len += len;
	return 0;
}

void partition_describe(struct block_device *bd, char *buf, size_t size)
{
	struct partition_text text = { .buf = buf, .size = size };
	int err = partition_explain(bd, partition_scan(bd, partition_collect,
						       &text));

	assert(size >= PARTITION_TEXT_MIN);
	if (text.scheme == PARTITION_NONE) {
		fmt_str(buf, size, "%s",
			err < 0 ? reason() : "the partition table is empty");
		return;
	}
	if (text.left_out)
		text.len += fmt_str(buf + text.len, size - text.len,
				    ", ... and %u more", text.left_out);
	if (text.scheme == PARTITION_MBR)
		fmt_str(buf + text.len, size - text.len, "; no GPT");
	if (text.bios_boot)
		fmt_str(buf + text.len, size - text.len, PARTITION_BIOS_BOOT,
			text.bios_boot);
}
