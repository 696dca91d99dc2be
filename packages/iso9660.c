// SPDX-License-Identifier: BSD-2-Clause
// The file system of CDs and DVDs (ECMA-119), with Rock Ridge.
/*
 * Everything on the medium is hostile. volume_read() bounds every read, and
 * block numbers are 32 bits, so byte offsets do not overflow. A directory or
 * file must be on the volume as a whole before any of it is used.
 *
 * Directories may form cycles. No loop detection is needed: each step of a path
 * consumes one component, a directory that was moved (Rock Ridge's CL) is one
 * read further, and listing does not recurse. The only chain inside one record,
 * of continuation areas, is limited in iso9660_susp.c.
 */
#include "packages/filesystem.h"

#include <string.h>

#include "lib/fmt.h"
#include "lib/heap.h"
#include "lib/reason.h"
#include "packages/iso9660_dir.h"

#define ISO_FIRST_DESCRIPTOR 16u /* ECMA-119, 6.2.1: 0-15 are the system's */
#define ISO_DESCRIPTORS_MAX 32u	 /* searched for the primary one */
#define ISO_DESCRIPTOR_PRIMARY 1 /* ECMA-119, 8.1.1 */
#define ISO_DESCRIPTOR_END 255

/* ECMA-119, 8.4, up to the root directory's record. */
struct iso_descriptor {
	uint8_t type;
	char id[5];
	uint8_t version;
	uint8_t system[33]; /* an unused byte, and the system's name */
	char volume[32];
	uint8_t unused[8];
	struct iso9660_both32 space;
	uint8_t escapes[32];
	struct iso9660_both16 set_size;
	struct iso9660_both16 sequence;
	struct iso9660_both16 block_size;
	uint8_t paths[24];
	struct iso9660_record root;
} __attribute__((packed));
static_assert(offsetof(struct iso_descriptor, root) == 156, "ECMA-119, 8.4");

/* How well an entry matches a name; the best match wins. */
enum iso_fit {
	ISO_FIT_NONE,
	ISO_FIT_ISO,	   /* the level-1 name, in any case */
	ISO_FIT_ROCK_CASE, /* the Rock Ridge name, in another case */
	ISO_FIT_ROCK,	   /* exactly */
};

struct iso_search {
	const char *name;
	size_t len;	/* of all of it */
	size_t iso_len; /* without ";1" and a dot at its end */
	enum iso_fit fit;
	/* The best so far; see struct iso9660_entry. */
	struct iso9660_record found;
	uint64_t at;
	bool is_link, moved;
	uint32_t child;
};

static int iso_find_descriptor(const struct volume *vol,
			       struct iso_descriptor *desc)
{
	uint64_t offset = (uint64_t)ISO_FIRST_DESCRIPTOR * ISO9660_SECTOR;
	unsigned i;
	int err;

	for (i = 0; i < ISO_DESCRIPTORS_MAX; i++, offset += ISO9660_SECTOR) {
		err = volume_read(vol, offset, desc, sizeof(*desc));
		if (err == ERR_RANGE)
			break;
		if (err < 0)
			return err;
		if (memcmp(desc->id, "CD001", sizeof(desc->id)) ||
		    desc->type == ISO_DESCRIPTOR_END)
			break;
		if (desc->type == ISO_DESCRIPTOR_PRIMARY)
			return 0;
	}
	return reason_fail(ERR_FORMAT, "no ISO 9660 volume descriptor");
}

/* Sets rock_ridge if the root directory's "." declares it. */
static int iso_detect_rock_ridge(struct iso9660 *iso)
{
	const uint8_t *area;
	size_t len;
	int err = iso9660_system_use(iso, iso9660_start(iso, &iso->root), &area,
				     &len);

	if (err == 0)
		iso->rock_ridge =
			iso9660_susp_detect(area, len, &iso->susp.skip);
	/* A walk will tell that it is malformed. */
	return err == ERR_FORMAT ? 0 : err;
}

static int iso_check(struct iso9660 *iso, const struct iso_descriptor *desc)
{
	uint32_t size = le16_get(desc->block_size.le);
	int err;

	/* ECMA-119, 6.2.2: 2^n, not larger than a sector. */
	if (size < 512 || size > ISO9660_SECTOR || !IS_POWER_OF_2(size))
		return reason_fail(ERR_NOTSUP,
				   "ISO 9660 block size is %u bytes", size);
	iso->window.vol = &iso->vol;
	iso->root = desc->root;
	fmt_str(iso->label, sizeof(iso->label), "%.*s",
		(int)strnlen(desc->volume, sizeof(desc->volume)), desc->volume);
	iso->susp = (struct iso9660_susp){ .vol = &iso->vol,
					   .block_size = size,
					   .scratch = iso->scratch };
	err = iso9660_check_extent(iso, &iso->root);
	if (err < 0)
		return reason_fail(ERR_NOTSUP, "the root directory: %s",
				   reason());
	err = iso_detect_rock_ridge(iso);
	return err == ERR_RANGE ? ERR_NOTSUP : err;
}

static void iso_unmount(void *mount)
{
	struct iso9660 *iso = mount;

	window_free(&iso->window);
	heap_free(iso);
}

static int iso_mount(const struct volume *vol, void **mount)
{
	struct iso_descriptor desc;
	struct iso9660 *iso;
	int err = iso_find_descriptor(vol, &desc);

	if (err < 0)
		return err;
	iso = heap_zalloc(sizeof(*iso));
	if (!iso)
		return reason_fail(ERR_NOMEM, "no memory for a file system");
	iso->vol = *vol;
	err = iso_check(iso, &desc);
	if (err < 0)
		iso_unmount(iso);
	else
		*mount = iso;
	return err;
}

/* The name is padded with blanks. [ECMA-119, 8.4.7] */
static void iso_label(const void *mount, char *buf, size_t size)
{
	const struct iso9660 *iso = mount;
	size_t len = strlen(iso->label);

	while (len && iso->label[len - 1] == ' ')
		len--;
	fmt_str(buf, size, "%.*s", (int)len, iso->label);
}

static enum iso_fit iso_fit(const struct iso_search *search,
			    const struct iso9660_entry *entry)
{
	if (file_name_same(entry->rock.name, search->name, search->len))
		return memcmp(entry->rock.name, search->name, search->len)
			       ? ISO_FIT_ROCK_CASE
			       : ISO_FIT_ROCK;
	/* Paths made for SLOF use these, the only names it knows. */
	if (file_name_same(entry->name, search->name, search->iso_len))
		return ISO_FIT_ISO;
	return ISO_FIT_NONE;
}

static int iso_match(void *arg, const struct iso9660_entry *entry)
{
	struct iso_search *search = arg;
	enum iso_fit fit = iso_fit(search, entry);

	if (fit > search->fit) {
		search->fit = fit;
		search->found = entry->record;
		search->at = entry->at;
		search->is_link = entry->rock.is_link;
		search->moved = entry->rock.moved;
		search->child = entry->rock.child;
	}
	return fit == ISO_FIT_ROCK;
}

static void iso_fill(const struct iso9660_record *rec, struct file *file)
{
	file->size = le32_get(rec->size.le);
	file->is_directory = rec->flags & ISO9660_FLAG_DIRECTORY;
	file->priv[0] = le32_get(rec->extent.le);
	file->priv[1] = rec->attribute_blocks;
}

/* What iso9660_dir_walk() needs of a directory's record. */
static struct iso9660_record iso_record_of(const struct file *dir)
{
	return (struct iso9660_record){
		.attribute_blocks = (uint8_t)dir->priv[1],
		.extent.le = le32_make((uint32_t)dir->priv[0]),
		.size.le = le32_make((uint32_t)dir->size),
	};
}

static int iso_root(void *mount, struct file *dir)
{
	const struct iso9660 *iso = mount;

	iso_fill(&iso->root, dir);
	return 0;
}

/* Fills `file` with what was found. */
static int iso_found(struct iso9660 *iso, struct iso_search *search,
		     struct file *file)
{
	struct iso9660_record *found = &search->found;
	int err;

	file->priv[2] = search->at;
	file->is_link = search->is_link;
	if (search->is_link)
		return 0;
	if (search->moved) {
		err = iso9660_dir_dot(iso, search->child, found);
		if (err < 0)
			return err;
	}
	if (found->flags & ISO9660_FLAG_MULTI_EXTENT || found->unit_size ||
	    found->gap_size)
		return reason_fail(ERR_NOTSUP, "more than one extent");
	iso_fill(found, file);
	return iso9660_check_extent(iso, found);
}

static int iso_lookup(const struct file *dir, const char *name, size_t len,
		      struct file *file)
{
	struct iso_search search = { .name = name,
				     .len = len,
				     .iso_len = iso9660_plain_len(name, len) };
	struct iso9660_visitor visitor = { iso_match, &search };
	const struct iso9660_record rec = iso_record_of(dir);
	int rc = iso9660_dir_walk(dir->mount, &rec, &visitor);

	if (rc < 0)
		return rc;
	return search.fit == ISO_FIT_NONE
		       ? ERR_NOENT
		       : iso_found(dir->mount, &search, file);
}

static int iso_readlink(const struct file *link, char *buf, size_t size)
{
	struct iso9660 *iso = link->mount;
	const uint8_t *area;
	size_t len;
	int err = iso9660_system_use(iso, link->priv[2], &area, &len);

	return err < 0 ? err
		       : iso9660_susp_link(&iso->susp, area, len, buf, size);
}

static int iso_read(const struct file *file, uint64_t offset, void *buf,
		    size_t len)
{
	const struct iso9660 *iso = file->mount;
	uint64_t block = file->priv[0] + file->priv[1];

	return volume_read(&iso->vol, block * iso->susp.block_size + offset,
			   buf, len);
}

/* The callback of iso_list()'s caller, which does not know records. */
struct iso_lister {
	file_each_fn *each;
	void *arg;
};

static enum file_kind iso_kind(const struct iso9660_entry *entry)
{
	if (entry->rock.is_link)
		return FILE_LINK;
	return entry->rock.moved || entry->record.flags & ISO9660_FLAG_DIRECTORY
		       ? FILE_DIRECTORY
		       : FILE_PLAIN;
}

static int iso_list_entry(void *arg, const struct iso9660_entry *entry)
{
	const struct iso_lister *lister = arg;

	lister->each(lister->arg,
		     *entry->rock.name ? entry->rock.name : entry->name,
		     le32_get(entry->record.size.le), iso_kind(entry));
	return 0;
}

static int iso_list(const struct file *dir, file_each_fn *each, void *arg)
{
	struct iso_lister lister = { each, arg };
	struct iso9660_visitor visitor = { iso_list_entry, &lister };
	const struct iso9660_record rec = iso_record_of(dir);

	return iso9660_dir_walk(dir->mount, &rec, &visitor);
}

FILESYSTEM(iso9660) = {
	.name = "iso-9660",
	.mount = iso_mount,
	.root = iso_root,
	.lookup = iso_lookup,
	.readlink = iso_readlink,
	.read = iso_read,
	.list = iso_list,
	.label = iso_label,
	.unmount = iso_unmount,
};
