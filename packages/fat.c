// SPDX-License-Identifier: BSD-2-Clause
// FAT12, FAT16 and FAT32, with long names; read only.
/*
 * Source: Microsoft, "FAT: General Overview of On-Disk Format" (fatgen103).
 *
 * Everything on the medium is hostile. All numbers of the boot sector have 32
 * bits and are multiplied as 64, and volume_read() bounds every read. A link is
 * checked before it is followed. Chains end: a file's is followed no further
 * than its size, a directory's no further than the largest directory, and both
 * no further than to where a loop shows.
 */
#include "packages/filesystem.h"

#include <string.h>

#include "lib/heap.h"
#include "lib/reason.h"
#include "packages/fat_boot.h"
#include "packages/fat_name.h"
#include "packages/window.h"

/* Links, extended to those of FAT32. */
#define FAT_LINK_BAD 0x0ffffff7u
#define FAT_LINK_END 0x0ffffff8u

/* The table is read by so many links: whole bytes also of FAT12. */
#define FAT_CHUNK 4096u

/* fatgen103: a directory has at most 65,536 records. */
#define FAT_DIRECTORY_MAX (65536u * (uint32_t)sizeof(struct fat_record))

#define FAT_END 1 /* the chain ends */

/* How far a chain has been followed. Zero at first. */
struct fat_chain {
	uint32_t cluster;
	uint32_t index; /* its number in the chain */
	/* Brent's algorithm: a cluster that comes again is a loop. */
	uint32_t mark, mark_until;
};

/* What changes while the file system is used. */
struct fat_state {
	struct window table, directory;
	/* In these: valid until the next of its kind is asked for. */
	const uint8_t *chunk, *record;
	/* Of the file read last: the next read goes on from here. */
	struct fat_chain chain;
	uint32_t first; /* cluster of that file; 0: none */
	struct fat_name name;
};

struct fat {
	struct volume vol;
	struct fat_layout layout;
	struct fat_state *state;
};

/* priv[] of a file: its first cluster; 0: the root of FAT12 and FAT16. */
#define FAT_PRIV_CLUSTER 0

/* Called for each record with a name; anything but 0 ends the walk. */
struct fat_visitor {
	int (*each)(void *arg, const struct fat_record *record,
		    const struct fat_name *name);
	void *arg;
};

static int fat_mount(const struct volume *vol, void **mount)
{
	struct {
		struct fat fat;
		struct fat_state state;
	} * all;
	struct fat_layout layout;
	struct fat_boot boot;
	int err = volume_read(vol, 0, &boot, sizeof(boot));

	if (err == ERR_RANGE)
		return reason_fail(ERR_FORMAT, "no boot sector of FAT");
	if (err == 0)
		err = fat_boot_read(&boot, &layout);
	if (err < 0)
		return err;
	all = heap_zalloc(sizeof(*all));
	if (!all)
		return reason_fail(ERR_NOMEM, "no memory for a file system");
	all->fat = (struct fat){ *vol, layout, &all->state };
	all->state.table.vol = all->state.directory.vol = &all->fat.vol;
	*mount = &all->fat;
	return 0;
}

static void fat_unmount(void *mount)
{
	struct fat *fat = mount;

	window_free(&fat->state->table);
	window_free(&fat->state->directory);
	heap_free(fat);
}

static int fat_check_cluster(const struct fat *fat, uint32_t cluster)
{
	if (cluster >= FAT_FIRST && cluster <= fat->layout.last)
		return 0;
	return reason_fail(ERR_FORMAT,
			   "damaged: FAT has clusters %u to %u, but not %u",
			   FAT_FIRST, fat->layout.last, cluster);
}

/* Gets the part of the table with the link of a cluster: `chunk`. */
static int fat_chunk(const struct fat *fat, uint32_t cluster)
{
	struct fat_state *state = fat->state;
	uint64_t size = (uint64_t)FAT_CHUNK * fat->layout.bits / 8;
	uint64_t at = cluster / FAT_CHUNK * size;

	return window_get(&state->table, fat->layout.table + at,
			  (size_t)MIN(size, fat->layout.table_size - at),
			  &state->chunk);
}

/* The link at an index of `chunk`; marks are extended to those of FAT32. */
static uint32_t fat_link(const struct fat *fat, uint32_t index)
{
	const uint8_t *at =
		fat->state->chunk + (size_t)index * fat->layout.bits / 8;
	uint32_t link;

	if (fat->layout.bits == 32)
		return le32_load(at) & 0x0fffffff;
	link = le16_load(at);
	if (fat->layout.bits == 16)
		return link >= 0xfff7 ? link | 0x0fff0000 : link;
	link = index & 1 ? link >> 4 : link & 0xfff;
	return link >= 0xff7 ? link | 0x0ffff000 : link;
}

/*
 * Follows at most `most` links as long as each leads to the next cluster: what
 * is passed and where it arrives is one run.
 */
static int fat_follow(const struct fat *fat, struct fat_chain *chain,
		      uint32_t most)
{
	while (most) {
		uint32_t cluster = chain->cluster;
		uint32_t index = cluster % FAT_CHUNK;
		uint32_t room =
			MIN(FAT_CHUNK - index, fat->layout.last - cluster);
		uint32_t n = 0;
		int err = fat_chunk(fat, cluster);

		if (err < 0)
			return err;
		room = MIN(room, most);
		while (n < room && fat_link(fat, index + n) == cluster + n + 1)
			n++;
		chain->cluster += n;
		chain->index += n;
		most -= n;
		if (n < FAT_CHUNK - index)
			break;
	}
	return 0;
}

/* Follows one link of any kind. Returns 0, FAT_END or an error. */
static int fat_step(const struct fat *fat, struct fat_chain *chain)
{
	uint32_t cluster = chain->cluster, link;
	int err = fat_chunk(fat, cluster);

	if (err < 0)
		return err;
	link = fat_link(fat, cluster % FAT_CHUNK);
	if (link >= FAT_LINK_END)
		return FAT_END;
	if (link == FAT_LINK_BAD)
		return reason_fail(ERR_FORMAT,
				   "damaged: cluster %u leads to a bad one",
				   cluster);
	err = fat_check_cluster(fat, link);
	if (err < 0)
		return err;
	/* Every loop contains a link that does not lead to the next. */
	if (link != cluster + 1) {
		if (link == chain->mark)
			return reason_fail(ERR_FORMAT,
					   "damaged: its clusters are a loop");
		if (chain->index >= chain->mark_until) {
			chain->mark = link;
			chain->mark_until = chain->index * 2 + 1;
		}
	}
	chain->cluster = link;
	chain->index++;
	return 0;
}

/* Goes to a cluster of a file by its number. */
static int fat_seek(const struct fat *fat, uint32_t first, uint32_t index)
{
	struct fat_chain *chain = &fat->state->chain;
	int rc = 0;

	if (fat->state->first != first || chain->index > index) {
		*chain = (struct fat_chain){ .cluster = first };
		fat->state->first = first;
	}
	while (rc == 0 && chain->index < index) {
		rc = fat_follow(fat, chain, index - chain->index);
		if (rc == 0 && chain->index < index)
			rc = fat_step(fat, chain);
	}
	if (rc == FAT_END)
		return reason_fail(ERR_FORMAT, "damaged: ends after %llu bytes",
				   (chain->index + 1ull) *
					   fat->layout.cluster_size);
	return rc;
}

static uint64_t fat_place(const struct fat *fat, uint32_t cluster)
{
	return fat->layout.data +
	       (uint64_t)(cluster - FAT_FIRST) * fat->layout.cluster_size;
}

/* Reads `*len` bytes, or fewer if the run of clusters at `offset` ends. */
static int fat_read_run(const struct fat *fat, uint32_t first, uint64_t offset,
			void *buf, size_t *len)
{
	struct fat_chain *chain = &fat->state->chain;
	uint32_t size = fat->layout.cluster_size, index;
	uint32_t part = (uint32_t)offset & (size - 1);
	uint64_t start;
	int err = fat_seek(fat, first, (uint32_t)(offset / size));

	if (err < 0)
		return err;
	start = fat_place(fat, chain->cluster) + part;
	index = chain->index;
	err = fat_follow(fat, chain, (uint32_t)((part + *len - 1) / size));
	if (err < 0)
		return err;
	*len = (size_t)MIN(*len, (chain->index - index + 1ull) * size - part);
	return volume_read(&fat->vol, start, buf, *len);
}

/* One request for each run of clusters. */
static int fat_read(const struct file *file, uint64_t offset, void *buf,
		    size_t len)
{
	uint32_t first = (uint32_t)file->priv[FAT_PRIV_CLUSTER];
	uint8_t *dst = buf;
	int err = 0;

	while (err == 0 && len) {
		size_t n = len;

		err = fat_read_run(file->mount, first, offset, dst, &n);
		dst += n;
		offset += n;
		len -= n;
	}
	return err;
}

/* Returns 0, FAT_END after the last record, or what `visitor` returns. */
static int fat_visit(const struct fat *fat, const struct fat_record *record,
		     const struct fat_visitor *visitor)
{
	struct fat_name *name = &fat->state->name;
	uint8_t attributes = record->attributes;

	if (record->name[0] == FAT_RECORD_END)
		return FAT_END;
	if (record->name[0] == FAT_RECORD_FREE) {
		fat_name_drop(name);
		return 0;
	}
	if ((attributes & FAT_ATTRIBUTE_LONG_MASK) == FAT_ATTRIBUTE_LONG) {
		fat_name_add(name, record);
		return 0;
	}
	fat_name_finish(name, record);
	/* "." and ".." are the only ones that begin so. */
	return record->name[0] == '.'
		       ? 0
		       : visitor->each(visitor->arg, record, name);
}

/*
 * Walks the records in `size` bytes of the volume. The window has them aligned,
 * as they are on the volume.
 */
static int fat_walk_part(const struct fat *fat, uint64_t start, uint32_t size,
			 const struct fat_visitor *visitor)
{
	struct fat_state *state = fat->state;
	uint64_t end = start + size;
	int rc = 0;

	for (; rc == 0 && start < end; start += sizeof(struct fat_record)) {
		rc = window_get(&state->directory, start,
				sizeof(struct fat_record), &state->record);
		if (rc == 0)
			rc = fat_visit(fat, (const void *)state->record,
				       visitor);
	}
	return rc;
}

/* A directory has no size: it ends with its chain, or before. */
static int fat_walk_chain(const struct fat *fat, uint32_t cluster,
			  const struct fat_visitor *visitor)
{
	struct fat_chain chain = { .cluster = cluster };
	int rc = fat_check_cluster(fat, cluster);

	while (rc == 0) {
		if (chain.index >= FAT_DIRECTORY_MAX / fat->layout.cluster_size)
			return reason_fail(ERR_FORMAT,
					   "damaged: a directory of more than "
					   "%u bytes",
					   FAT_DIRECTORY_MAX);
		rc = fat_walk_part(fat, fat_place(fat, chain.cluster),
				   fat->layout.cluster_size, visitor);
		if (rc == 0)
			rc = fat_step(fat, &chain);
	}
	return rc;
}

/* `cluster`: the first; 0: the root of FAT12 and FAT16, which is no chain. */
static int fat_walk(const struct fat *fat, uint32_t cluster,
		    const struct fat_visitor *visitor)
{
	int rc;

	fat_name_drop(&fat->state->name);
	if (!cluster && fat->layout.bits != 32)
		rc = fat_walk_part(fat, fat->layout.root_start,
				   fat->layout.root_size, visitor);
	else
		rc = fat_walk_chain(fat, cluster, visitor);
	return MIN(rc, 0);
}

static int fat_root(void *mount, struct file *dir)
{
	const struct fat *fat = mount;

	dir->is_directory = true;
	dir->priv[FAT_PRIV_CLUSTER] = fat->layout.root;
	return 0;
}

struct fat_search {
	const char *name;
	size_t len;
	enum fat_fit fit;
	struct fat_record found;
};

static int fat_match(void *arg, const struct fat_record *record,
		     const struct fat_name *name)
{
	struct fat_search *search = arg;
	enum fat_fit fit;

	if (record->attributes & FAT_ATTRIBUTE_LABEL)
		return 0;
	fit = fat_name_fit(name, search->name, search->len);
	if (fit > search->fit) {
		search->fit = fit;
		search->found = *record;
	}
	return fit == FAT_FIT_EXACT;
}

static int fat_lookup(const struct file *dir, const char *name, size_t len,
		      struct file *file)
{
	const struct fat *fat = dir->mount;
	struct fat_search search = { .name = name, .len = len };
	struct fat_visitor visitor = { fat_match, &search };
	uint32_t first;
	int err =
		fat_walk(fat, (uint32_t)dir->priv[FAT_PRIV_CLUSTER], &visitor);

	if (err < 0)
		return err;
	if (search.fit == FAT_FIT_NONE)
		return ERR_NOENT;
	first = le16_get(search.found.cluster_low);
	if (fat->layout.bits == 32)
		first |= (uint32_t)le16_get(search.found.cluster_high) << 16;
	file->priv[FAT_PRIV_CLUSTER] = first;
	file->is_directory = search.found.attributes & FAT_ATTRIBUTE_DIRECTORY;
	if (!file->is_directory)
		file->size = le32_get(search.found.size);
	/* An empty file has no cluster. */
	if (!file->is_directory && !file->size)
		return 0;
	return fat_check_cluster(fat, first);
}

/* The callback of fat_list()'s caller, which does not know records. */
struct fat_lister {
	file_each_fn *each;
	void *arg;
};

static int fat_list_record(void *arg, const struct fat_record *record,
			   const struct fat_name *name)
{
	const struct fat_lister *lister = arg;
	bool is_directory = record->attributes & FAT_ATTRIBUTE_DIRECTORY;

	if (!(record->attributes & FAT_ATTRIBUTE_LABEL))
		lister->each(lister->arg, name->text,
			     is_directory ? 0 : le32_get(record->size),
			     is_directory ? FILE_DIRECTORY : FILE_PLAIN);
	return 0;
}

static int fat_list(const struct file *dir, file_each_fn *each, void *arg)
{
	struct fat_lister lister = { each, arg };
	struct fat_visitor visitor = { fat_list_record, &lister };

	return fat_walk(dir->mount, (uint32_t)dir->priv[FAT_PRIV_CLUSTER],
			&visitor);
}

static int fat_take_label(void *arg, const struct fat_record *record,
			  const struct fat_name *name)
{
	(void)name;
	if (!(record->attributes & FAT_ATTRIBUTE_LABEL))
		return 0;
	memcpy(arg, record->name, sizeof(record->name));
	return 1;
}

/* Windows changes only the root's, so that goes first. */
static void fat_label(const void *mount, char *buf, size_t size)
{
	const struct fat *fat = mount;
	uint8_t field[sizeof(fat->layout.label)];
	struct fat_visitor visitor = { fat_take_label, field };

	memcpy(field, fat->layout.label, sizeof(field));
	if (fat_walk(fat, fat->layout.root, &visitor) < 0)
		memcpy(field, fat->layout.label, sizeof(field));
	fat_name_label(field, buf, size);
}

FILESYSTEM(fat) = {
	.name = "fat-files",
	.mount = fat_mount,
	.root = fat_root,
	.lookup = fat_lookup,
	.read = fat_read,
	.list = fat_list,
	.label = fat_label,
	.unmount = fat_unmount,
};
