// SPDX-License-Identifier: BSD-2-Clause
// The file systems of Linux: ext2, ext3 and ext4, for reading.
/*
 * Everything on the volume is hostile. A block number is checked before use
 * (ext4_check_blocks()), volume_read() bounds every read; the numbers of a
 * superblock are checked here so that no product of them overflows 64 bits.
 * Checksums are not: what is wrong but within bounds is read as it is, as GRUB
 * does.
 */
#include "packages/ext4.h"

#include <string.h>

#include "lib/endian.h"
#include "lib/fmt.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "packages/ext4_dir.h"
#include "packages/ext4_inode.h"
#include "packages/ext4_map.h"
#include "packages/filesystem.h"

/* [Linux, fs/ext4/ext4.h: struct ext4_super_block]; read to here: a block. */
struct ext4_super {
	le32 inodes;
	le32 blocks_lo;
	uint8_t free[12];
	le32 first_block;
	le32 block_log; /* of 1 KiB */
	le32 cluster_log;
	le32 group_blocks;
	le32 group_clusters;
	le32 group_inodes;
	uint8_t mounts[12];
	le16 magic;
	uint8_t state[18];
	le32 revision;
	uint8_t owners[8];
	le16 inode_size;
	le16 group;
	le32 compat;
	le32 incompat;
	le32 ro_compat;
	uint8_t uuid[16];
	char label[16];
	uint8_t mounted[64];
	uint8_t journal[54];
	le16 desc_size;
	le32 options;
	le32 first_meta;
	uint8_t made[72];
	le32 blocks_hi;
	uint8_t more[172];
} __attribute__((packed));
static_assert(offsetof(struct ext4_super, magic) == 0x38, "ext4.h");
static_assert(offsetof(struct ext4_super, revision) == 0x4c, "ext4.h");
static_assert(offsetof(struct ext4_super, desc_size) == 0xfe, "ext4.h");
static_assert(offsetof(struct ext4_super, blocks_hi) == 0x150, "ext4.h");
static_assert(sizeof(struct ext4_super) == 512, "one small read");

#define EXT4_SUPER 1024u /* byte of the volume */
#define EXT4_MAGIC 0xef53u
#define EXT4_BLOCK_LOG_MAX 16u
#define EXT4_ROOT 2u

#define INCOMPAT_64BIT 0x80u

enum ext4_verdict {
	EXT4_READ,   /* or without a meaning for a reader */
	EXT4_WARN,   /* read as it is */
	EXT4_REFUSE, /* what it changes is not known */
};

/*
 * The incompatible features, by their names in Linux, fs/ext4/ext4.h. The
 * others, COMPAT and RO_COMPAT, do not matter to a reader.
 */
static const struct ext4_feature {
	uint32_t bit;
	uint8_t verdict;
	char name[12];
} ext4_features[] = {
	{ 0x1, EXT4_REFUSE, "COMPRESSION" },
	{ 0x2, EXT4_READ, "FILETYPE" },
	{ 0x4, EXT4_WARN, "RECOVER" },
	{ 0x8, EXT4_REFUSE, "JOURNAL_DEV" },
	{ 0x10, EXT4_READ, "META_BG" },
	{ 0x40, EXT4_READ, "EXTENTS" },
	{ INCOMPAT_64BIT, EXT4_READ, "64BIT" },
	{ 0x100, EXT4_READ, "MMP" },
	{ 0x200, EXT4_READ, "FLEX_BG" },
	{ 0x400, EXT4_READ, "EA_INODE" },
	{ 0x1000, EXT4_REFUSE, "DIRDATA" },
	{ 0x2000, EXT4_READ, "CSUM_SEED" },
	{ 0x4000, EXT4_READ, "LARGEDIR" },
	{ 0x8000, EXT4_READ, "INLINE_DATA" },
	{ 0x10000, EXT4_READ, "ENCRYPT" },
	{ 0x20000, EXT4_READ, "CASEFOLD" },
};

/* The last volumes that needed recovery: each is told once. */
static uint8_t ext4_told[8][16];
static unsigned ext4_tells;

int ext4_check_blocks(const struct ext4 *fs, uint64_t first, uint64_t count)
{
	if (first && first < fs->blocks && count <= fs->blocks - first)
		return 0;
	return reason_fail(ERR_FORMAT,
			   "ext4: block %llu is not in the file system",
			   (unsigned long long)first);
}

static void ext4_tell_recovery(const struct volume *vol, const uint8_t *uuid)
{
	unsigned i;

	for (i = 0; i < MIN(ext4_tells, ARRAY_SIZE(ext4_told)); i++) {
		if (!memcmp(ext4_told[i], uuid, sizeof(ext4_told[i])))
			return;
	}
	memcpy(ext4_told[ext4_tells++ % ARRAY_SIZE(ext4_told)], uuid,
	       sizeof(ext4_told[0]));
	log_warn("%s, byte %llu: ext4 needs journal recovery; "
		 "files may be old",
		 device_path(vol->bd->as.dev), (unsigned long long)vol->start);
}

static int ext4_check_features(const struct volume *vol,
			       const struct ext4_super *super)
{
	uint32_t left = le32_get(super->incompat);
	const struct ext4_feature *feature;
	bool recovery = false;

	for (feature = ext4_features;
	     feature < ext4_features + ARRAY_SIZE(ext4_features); feature++) {
		if (!(left & feature->bit))
			continue;
		left &= ~feature->bit;
		if (feature->verdict == EXT4_REFUSE)
			return reason_fail(ERR_NOTSUP,
					   "ext4: feature %s cannot be read",
					   feature->name);
		recovery |= feature->verdict == EXT4_WARN;
	}
	if (left)
		return reason_fail(ERR_NOTSUP,
				   "ext4: features 0x%x cannot be read", left);
	if (recovery)
		ext4_tell_recovery(vol, super->uuid);
	return 0;
}

static void ext4_fill(struct ext4 *fs, const struct ext4_super *super)
{
	fs->block_log = 10 + le32_get(super->block_log);
	fs->blocks = le32_get(super->blocks_lo);
	fs->first_block = le32_get(super->first_block);
	fs->group_blocks = le32_get(super->group_blocks);
	fs->inodes = le32_get(super->inodes);
	fs->group_inodes = le32_get(super->group_inodes);
	fs->first_meta = le32_get(super->first_meta);
	fs->compat = le32_get(super->compat);
	fs->incompat = le32_get(super->incompat);
	fs->ro_compat = le32_get(super->ro_compat);
	/* Revision 0 has no such field. */
	fs->inode_size = le32_get(super->revision) ? le16_get(super->inode_size)
						   : 128;
	fs->desc_size = 32;
	if (fs->incompat & INCOMPAT_64BIT) {
		fs->desc_size = le16_get(super->desc_size);
		fs->blocks |= (uint64_t)le32_get(super->blocks_hi) << 32;
	}
	memcpy(fs->label, super->label, sizeof(super->label));
	fs->group = UINT32_MAX;
}

/* Counts the groups. Returns 0, or ERR_FORMAT: the numbers make no sense. */
static int ext4_check_numbers(struct ext4 *fs)
{
	uint32_t block = 1u << fs->block_log;
	uint32_t least = fs->incompat & INCOMPAT_64BIT ? 64 : 32;
	uint64_t groups;

	if (fs->blocks > (uint64_t)INT64_MAX >> fs->block_log ||
	    fs->first_block >= fs->blocks || !fs->group_blocks ||
	    !fs->group_inodes || fs->inode_size < 128 ||
	    fs->inode_size > block || !IS_POWER_OF_2(fs->inode_size) ||
	    fs->desc_size < least || fs->desc_size > block ||
	    !IS_POWER_OF_2(fs->desc_size))
		return ERR_FORMAT;
	groups = (fs->blocks - fs->first_block - 1) / fs->group_blocks + 1;
	fs->groups = (uint32_t)groups;
	return groups < UINT32_MAX ? 0 : ERR_FORMAT;
}

static int ext4_read_super(const struct volume *vol, struct ext4_super *super)
{
	int err = volume_read(vol, EXT4_SUPER, super, sizeof(*super));

	if (err < 0 && err != ERR_RANGE)
		return err;
	if (err == 0 && le16_get(super->magic) == EXT4_MAGIC &&
	    le32_get(super->block_log) <= EXT4_BLOCK_LOG_MAX - 10)
		return ext4_check_features(vol, super);
	return reason_fail(ERR_FORMAT, "no ext2, ext3 or ext4 superblock");
}

static int ext4_mount(const struct volume *vol, void **mount)
{
	struct ext4_super super;
	struct ext4 *fs;
	int err = ext4_read_super(vol, &super);

	if (err < 0)
		return err;
	/* With room for a leaf, which is a block. */
	fs = heap_zalloc(sizeof(*fs) +
			 ((size_t)1024 << le32_get(super.block_log)));
	if (!fs)
		return reason_fail(ERR_NOMEM, "no memory for a file system");
	fs->vol = *vol;
	fs->window.vol = &fs->vol;
	fs->leaf.node = (uint8_t *)(fs + 1);
	ext4_fill(fs, &super);
	if (ext4_check_numbers(fs) < 0) {
		heap_free(fs);
		return reason_fail(ERR_NOTSUP,
				   "ext4: the superblock is damaged");
	}
	*mount = fs;
	return 0;
}

static void ext4_unmount(void *mount)
{
	struct ext4 *fs = mount;

	window_free(&fs->window);
	heap_free(fs);
}

static void ext4_label(const void *mount, char *buf, size_t size)
{
	const struct ext4 *fs = mount;

	fmt_str(buf, size, "%s", fs->label);
}

static bool ext4_is(const struct ext4_inode *inode, uint32_t type)
{
	return (inode->mode & EXT4_MODE_TYPE) == type;
}

/* Opens an inode: what cannot be read is refused. */
static int ext4_open(struct ext4 *fs, uint32_t number, struct file *file)
{
	struct ext4_inode *inode = &fs->file;
	int err = ext4_inode_read(fs, number, inode);

	if (err < 0) {
		inode->number = 0;
		return err;
	}
	file->size = inode->size;
	file->is_directory = ext4_is(inode, EXT4_MODE_DIRECTORY);
	file->is_link = ext4_is(inode, EXT4_MODE_LINK);
	file->priv[0] = number;
	if (inode->flags & EXT4_ENCRYPTED)
		return reason_fail(ERR_NOTSUP, "it is encrypted");
	if (!file->is_directory && !file->is_link &&
	    !ext4_is(inode, EXT4_MODE_REGULAR))
		return reason_fail(ERR_NOTSUP,
				   "neither a file nor a directory");
	/* Blocks of a file have numbers of 32 bits. */
	if (inode->size >> fs->block_log > UINT32_MAX)
		return reason_fail(ERR_FORMAT, "ext4: inode %u has %llu bytes",
				   number, (unsigned long long)inode->size);
	return 0;
}

/* The inode of an open file: fs->file. */
static int ext4_inode_of(struct ext4 *fs, const struct file *file)
{
	struct file again;

	if (fs->file.number == file->priv[0])
		return 0;
	return ext4_open(fs, (uint32_t)file->priv[0], &again);
}

static int ext4_root(void *mount, struct file *dir)
{
	int err = ext4_open(mount, EXT4_ROOT, dir);

	if (err < 0 || dir->is_directory)
		return err;
	return reason_fail(ERR_FORMAT, "ext4: the root is not a directory");
}

struct ext4_search {
	const char *name;
	size_t len;
	uint32_t found; /* 0: not yet */
};

static int ext4_match(void *arg, uint32_t inode, const char *name, size_t len)
{
	struct ext4_search *search = arg;

	if (len != search->len || memcmp(name, search->name, len))
		return 0;
	search->found = inode;
	return 1;
}

/* The walk's copy of a directory's inode: others are read meanwhile. */
static int ext4_walk(const struct file *dir, const struct ext4_visitor *visitor)
{
	struct ext4 *fs = dir->mount;
	struct ext4_inode inode;
	int err = ext4_inode_of(fs, dir);

	if (err < 0)
		return err;
	inode = fs->file;
	return ext4_dir_walk(fs, &inode, visitor);
}

static int ext4_lookup(const struct file *dir, const char *name, size_t len,
		       struct file *file)
{
	struct ext4_search search = { .name = name, .len = len };
	struct ext4_visitor visitor = { ext4_match, &search };
	int rc = ext4_walk(dir, &visitor);

	if (rc < 0)
		return rc;
	return rc ? ext4_open(dir->mount, search.found, file) : ERR_NOENT;
}

static int ext4_file_read(const struct file *file, uint64_t offset, void *buf,
			  size_t len)
{
	struct ext4 *fs = file->mount;
	int err = ext4_inode_of(fs, file);

	return err < 0 ? err : ext4_read(fs, &fs->file, offset, buf, len);
}

static int ext4_readlink(const struct file *link, char *buf, size_t size)
{
	struct ext4 *fs = link->mount;
	const struct ext4_inode *inode = &fs->file;
	int err = ext4_inode_of(fs, link);

	if (err < 0)
		return err;
	if (inode->size >= size)
		return reason_fail(ERR_NOSPACE, "a link of %llu bytes",
				   (unsigned long long)inode->size);
	buf[inode->size] = '\0';
	/* A short one is in the place of the map. */
	if (inode->size < EXT4_MAP_SIZE &&
	    !(inode->flags & (EXT4_EXTENTS | EXT4_INLINE)))
		memcpy(buf, inode->map, inode->size);
	else
		err = ext4_read(fs, inode, 0, buf, inode->size);
	return err;
}

/* The callback of ext4_list()'s caller, which does not know inodes. */
struct ext4_lister {
	struct ext4 *fs;
	file_each_fn *each;
	void *arg;
};

static enum file_kind ext4_kind(const struct ext4_inode *inode)
{
	if (ext4_is(inode, EXT4_MODE_DIRECTORY))
		return FILE_DIRECTORY;
	return ext4_is(inode, EXT4_MODE_LINK) ? FILE_LINK : FILE_PLAIN;
}

/* A damaged inode does not hide the other files. */
static int ext4_list_entry(void *arg, uint32_t number, const char *name,
			   size_t len)
{
	const struct ext4_lister *lister = arg;
	char text[FILE_NAME_MAX + 1];
	struct ext4_inode inode;
	int err = ext4_inode_read(lister->fs, number, &inode);

	if (err < 0 && err != ERR_FORMAT && err != ERR_RANGE)
		return err;
	fmt_str(text, sizeof(text), "%.*s", (int)len, name);
	lister->each(lister->arg, text, inode.size, ext4_kind(&inode));
	return 0;
}

static int ext4_list(const struct file *dir, file_each_fn *each, void *arg)
{
	struct ext4_lister lister = { dir->mount, each, arg };
	struct ext4_visitor visitor = { ext4_list_entry, &lister };

	return ext4_walk(dir, &visitor);
}

FILESYSTEM(ext4) = {
	.name = "ext2-files",
	.mount = ext4_mount,
	.root = ext4_root,
	.lookup = ext4_lookup,
	.readlink = ext4_readlink,
	.read = ext4_file_read,
	.list = ext4_list,
	.label = ext4_label,
	.unmount = ext4_unmount,
};
