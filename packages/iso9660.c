// SPDX-License-Identifier: BSD-2-Clause
// The file system of CDs and DVDs (ECMA-119), with Rock Ridge names.
/*
 * Everything on the medium is hostile. volume_read() bounds every read, and
 * block numbers are 32 bits, so byte offsets do not overflow. A directory or
 * file must be on the volume as a whole before any of it is used; a record must
 * fit in its sector, its name in the record.
 *
 * Directories may form cycles. No loop detection is needed: each step of a path
 * consumes one component, and listing does not recurse. The only chain inside
 * one record, of continuation areas, is limited in iso9660_susp.c.
 */
#include "packages/filesystem.h"

#include <string.h>

#include "lib/endian.h"
#include "lib/fmt.h"
#include "lib/heap.h"
#include "lib/reason.h"
#include "packages/iso9660_susp.h"

#define ISO_SECTOR 2048u	 /* ECMA-119, 6.1.2 */
#define ISO_FIRST_DESCRIPTOR 16u /* ECMA-119, 6.2.1: 0-15 are the system's */
#define ISO_DESCRIPTORS_MAX 32u	 /* searched for the primary one */
#define ISO_DESCRIPTOR_PRIMARY 1 /* ECMA-119, 8.1.1 */
#define ISO_DESCRIPTOR_END 255

/* ECMA-119, 9.1.6. */
#define ISO_FLAG_DIRECTORY 0x02u
#define ISO_FLAG_ASSOCIATED 0x04u
#define ISO_FLAG_MULTI_EXTENT 0x80u

/*
 * A number in both byte orders (ECMA-119, 7.3.3). Only the little-endian half
 * is read: on some discs the other is wrong (Linux, fs/isofs/isofs.h).
 */
struct iso_both32 {
	le32 le;
	be32 be;
};

struct iso_both16 {
	le16 le;
	be16 be;
};

/* ECMA-119, 9.1; the identifier and the system use area follow. */
struct iso_record {
	uint8_t length;
	uint8_t attribute_blocks;
	struct iso_both32 extent;
	struct iso_both32 size;
	uint8_t date[7];
	uint8_t flags;
	uint8_t unit_size;
	uint8_t gap_size;
	struct iso_both16 volume;
	uint8_t name_len;
} __attribute__((packed));
static_assert(sizeof(struct iso_record) == 33, "ECMA-119, 9.1");

/* ECMA-119, 8.4, up to the root directory's record. */
struct iso_descriptor {
	uint8_t type;
	char id[5];
	uint8_t version;
	uint8_t system[33]; /* an unused byte, and the system's name */
	char volume[32];
	uint8_t unused[8];
	struct iso_both32 space;
	uint8_t escapes[32];
	struct iso_both16 set_size;
	struct iso_both16 sequence;
	struct iso_both16 block_size;
	uint8_t paths[24];
	struct iso_record root;
} __attribute__((packed));
static_assert(offsetof(struct iso_descriptor, root) == 156, "ECMA-119, 8.4");

struct iso {
	struct volume vol;
	struct iso_record root;
	struct iso9660_susp susp;
	char label[33];
	bool rock_ridge;
	uint8_t sector[ISO_SECTOR];  /* of the current directory */
	uint8_t scratch[ISO_SECTOR]; /* a continuation area */
};

/* A directory entry, as passed to a visitor. */
struct iso_entry {
	struct iso_record record;
	char iso_name[ISO9660_NAME_MAX + 1];
	char rock_name[ISO9660_NAME_MAX + 1]; /* "" if none */
};

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
	struct iso_record found;
};

/* Called for each entry of a directory; anything but 0 ends the walk. */
struct iso_visitor {
	int (*each)(void *arg, const struct iso_entry *entry);
	void *arg;
};

static uint64_t iso_start(const struct iso *iso, const struct iso_record *rec)
{
	return ((uint64_t)le32_get(rec->extent.le) + rec->attribute_blocks) *
	       iso->susp.block_size;
}

static bool iso_is_directory(const struct iso_record *rec)
{
	return rec->flags & ISO_FLAG_DIRECTORY;
}

/* Checks that all of it is on the volume; a truncated copy lacks files' ends. */
static int iso_check_extent(const struct iso *iso, const struct iso_record *rec)
{
	uint64_t start = iso_start(iso, rec);
	uint32_t size = le32_get(rec->size.le);

	if (start <= iso->vol.size && size <= iso->vol.size - start)
		return 0;
	return reason_fail(ERR_RANGE,
			   "%u bytes at %llu, but the volume ends at %llu",
			   size, (unsigned long long)start,
			   (unsigned long long)iso->vol.size);
}

static int iso_find_descriptor(const struct volume *vol,
			       struct iso_descriptor *desc)
{
	uint64_t offset = (uint64_t)ISO_FIRST_DESCRIPTOR * ISO_SECTOR;
	unsigned i;
	int err;

	for (i = 0; i < ISO_DESCRIPTORS_MAX; i++, offset += ISO_SECTOR) {
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

/* The system use area after a record's name; NULL if it is malformed. */
static const uint8_t *iso_system_use(const uint8_t *data, size_t *len)
{
	size_t length = data[0];
	size_t name_len = data[offsetof(struct iso_record, name_len)];
	/* ECMA-119, 9.1.12: a byte of padding after names of even length. */
	size_t used = sizeof(struct iso_record) + (name_len | 1);

	if (sizeof(struct iso_record) + name_len > length)
		return NULL;
	*len = length > used ? length - used : 0;
	return data + MIN(used, length);
}

/* Sets rock_ridge if the root directory's "." declares it. */
static int iso_detect_rock_ridge(struct iso *iso)
{
	const uint8_t *area;
	size_t len;
	int err = volume_read(&iso->vol, iso_start(iso, &iso->root),
			      iso->sector, sizeof(iso->sector));

	if (err < 0)
		return err;
	if (iso->sector[0] < sizeof(struct iso_record))
		return 0;
	area = iso_system_use(iso->sector, &len);
	iso->rock_ridge = area &&
			  iso9660_susp_detect(area, len, &iso->susp.skip);
	return 0;
}

static int iso_check(struct iso *iso, const struct iso_descriptor *desc)
{
	uint32_t size = le16_get(desc->block_size.le);
	int err;

	/* ECMA-119, 6.2.2: 2^n, not larger than a sector. */
	if (size < 512 || size > ISO_SECTOR || !IS_POWER_OF_2(size))
		return reason_fail(ERR_FORMAT,
				   "ISO 9660 block size is %u bytes", size);
	iso->root = desc->root;
	fmt_str(iso->label, sizeof(iso->label), "%.*s",
		(int)strnlen(desc->volume, sizeof(desc->volume)), desc->volume);
	iso->susp = (struct iso9660_susp){ .vol = &iso->vol,
					   .block_size = size,
					   .scratch = iso->scratch };
	err = iso_check_extent(iso, &iso->root);
	if (err < 0)
		return reason_fail(ERR_FORMAT, "the root directory: %s",
				   reason());
	err = iso_detect_rock_ridge(iso);
	return err == ERR_RANGE ? ERR_FORMAT : err;
}

static int iso_mount(const struct volume *vol, void **mount)
{
	struct iso_descriptor desc;
	struct iso *iso;
	int err = iso_find_descriptor(vol, &desc);

	if (err < 0)
		return err;
	iso = heap_zalloc(sizeof(*iso));
	if (!iso)
		return reason_fail(ERR_NOMEM, "no memory for a file system");
	iso->vol = *vol;
	err = iso_check(iso, &desc);
	if (err < 0)
		heap_free(iso);
	else
		*mount = iso;
	return err;
}

/* The name is padded with blanks. [ECMA-119, 8.4.7] */
static void iso_label(const void *mount, char *buf, size_t size)
{
	const struct iso *iso = mount;
	size_t len = strlen(iso->label);

	while (len && iso->label[len - 1] == ' ')
		len--;
	fmt_str(buf, size, "%.*s", (int)len, iso->label);
}

static void iso_unmount(void *mount)
{
	heap_free(mount);
}

/* Length without ";1" and without a dot at the end (ECMA-119, 7.5.1). */
static size_t iso_plain_len(const char *name, size_t len)
{
	const char *end = memchr(name, ';', len);

	if (end)
		len = (size_t)(end - name);
	return len && name[len - 1] == '.' ? len - 1 : len;
}

/* Decodes a record of at most `room` bytes; ERR_FORMAT: malformed. */
static int iso_decode(struct iso *iso, const uint8_t *data, size_t room,
		      struct iso_entry *entry)
{
	const char *name = (const char *)data + sizeof(struct iso_record);
	const uint8_t *area;
	size_t len, plain;
	int rc = 0;

	if (data[0] < sizeof(struct iso_record) || data[0] > room)
		return reason_fail(ERR_FORMAT, "malformed directory");
	area = iso_system_use(data, &len);
	if (!area)
		return reason_fail(ERR_FORMAT, "malformed directory");
	memcpy(&entry->record, data, sizeof(entry->record));
	plain = iso_plain_len(name, entry->record.name_len);
	memcpy(entry->iso_name, name, plain);
	entry->iso_name[plain] = '\0';
	entry->rock_name[0] = '\0';
	if (iso->rock_ridge)
		rc = iso9660_susp_name(&iso->susp, area, len, entry->rock_name);
	return MIN(rc, 0);
}

/* ECMA-119, 6.8.2.2: "." and ".." are named by the bytes 0 and 1. */
static bool iso_is_dot(const struct iso_record *rec, const char *name)
{
	return rec->name_len == 1 && (uint8_t)name[0] <= 1;
}

/* Walks the records of the current sector; records do not cross sectors. */
static int iso_walk_sector(struct iso *iso, size_t size,
			   struct iso_entry *entry,
			   const struct iso_visitor *visitor)
{
	size_t pos = 0;
	int rc = 0;

	while (rc == 0 && pos < size && iso->sector[pos]) {
		rc = iso_decode(iso, iso->sector + pos, size - pos, entry);
		if (rc < 0)
			return rc;
		pos += entry->record.length;
		if (iso_is_dot(&entry->record, entry->iso_name) ||
		    entry->record.flags & ISO_FLAG_ASSOCIATED)
			continue;
		rc = visitor->each(visitor->arg, entry);
	}
	return rc;
}

static int iso_walk(struct iso *iso, const struct iso_record *dir,
		    const struct iso_visitor *visitor)
{
	struct iso_entry entry;
	uint64_t start = iso_start(iso, dir);
	uint32_t left = le32_get(dir->size.le);
	int rc = iso_check_extent(iso, dir);

	while (rc == 0 && left) {
		size_t size = MIN(left, ISO_SECTOR);

		rc = volume_read(&iso->vol, start, iso->sector, size);
		/* Each sector of a directory begins with a record. */
		if (rc == 0 && !iso->sector[0])
			break;
		if (rc == 0)
			rc = iso_walk_sector(iso, size, &entry, visitor);
		start += size;
		left -= (uint32_t)size;
	}
	return rc;
}

static bool iso_same(const char *a, const char *b, size_t len)
{
	return strlen(a) == len && !strncasecmp(a, b, len);
}

static enum iso_fit iso_fit(const struct iso_search *search,
			    const struct iso_entry *entry)
{
	if (iso_same(entry->rock_name, search->name, search->len))
		return memcmp(entry->rock_name, search->name, search->len)
			       ? ISO_FIT_ROCK_CASE
			       : ISO_FIT_ROCK;
	/* Paths made for SLOF use these, the only names it knows. */
	if (iso_same(entry->iso_name, search->name, search->iso_len))
		return ISO_FIT_ISO;
	return ISO_FIT_NONE;
}

static int iso_match(void *arg, const struct iso_entry *entry)
{
	struct iso_search *search = arg;
	enum iso_fit fit = iso_fit(search, entry);

	if (fit > search->fit) {
		search->fit = fit;
		search->found = entry->record;
	}
	return fit == ISO_FIT_ROCK;
}

/* Replaces `rec`, a directory, with its entry `name`. */
static int iso_lookup(struct iso *iso, struct iso_record *rec, const char *name,
		      size_t len)
{
	struct iso_search search = { .name = name,
				     .len = len,
				     .iso_len = iso_plain_len(name, len) };
	struct iso_visitor visitor = { iso_match, &search };
	int rc;

	if (!iso_is_directory(rec))
		return reason_fail(ERR_NOENT, "no \"%.*s\": not in a directory",
				   (int)len, name);
	rc = iso_walk(iso, rec, &visitor);
	if (rc < 0)
		return rc;
	if (search.fit == ISO_FIT_NONE)
		return reason_fail(ERR_NOENT, "no file or directory \"%.*s\"",
				   (int)len, name);
	*rec = search.found;
	return 0;
}

static int iso_check_file(const struct iso *iso, const struct iso_record *rec,
			  const char *path)
{
	int err;

	if (rec->flags & ISO_FLAG_MULTI_EXTENT || rec->unit_size ||
	    rec->gap_size)
		return reason_fail(ERR_NOTSUP, "/%s: more than one extent",
				   path);
	err = iso_check_extent(iso, rec);
	return err < 0 ? reason_fail(err, "/%s: %s", path, reason()) : 0;
}

static int iso_open(void *mount, const char *path, struct file *file)
{
	struct iso *iso = mount;
	struct iso_record rec = iso->root;
	const char *part = path;
	int err = 0;

	while (err == 0 && *part) {
		const char *slash = strchr(part, '/');
		size_t len = slash ? (size_t)(slash - part) : strlen(part);

		if (len)
			err = iso_lookup(iso, &rec, part, len);
		part += len + (slash ? 1 : 0);
	}
	if (err == 0)
		err = iso_check_file(iso, &rec, path);
	if (err < 0)
		return err;
	file->size = le32_get(rec.size.le);
	file->is_directory = iso_is_directory(&rec);
	file->priv[0] = le32_get(rec.extent.le);
	file->priv[1] = rec.attribute_blocks;
	return 0;
}

static int iso_read(const struct file *file, uint64_t offset, void *buf,
		    size_t len)
{
	const struct iso *iso = file->mount;
	uint64_t block = file->priv[0] + file->priv[1];

	return volume_read(&iso->vol, block * iso->susp.block_size + offset,
			   buf, len);
}

/* The callback of iso_list()'s caller, which does not know records. */
struct iso_lister {
	void (*each)(void *arg, const char *name, uint64_t size,
		     bool is_directory);
	void *arg;
};

static int iso_list_entry(void *arg, const struct iso_entry *entry)
{
	const struct iso_lister *lister = arg;

	lister->each(lister->arg,
		     *entry->rock_name ? entry->rock_name : entry->iso_name,
		     le32_get(entry->record.size.le),
		     iso_is_directory(&entry->record));
	return 0;
}

static int iso_list(const struct file *dir,
		    void (*each)(void *arg, const char *name, uint64_t size,
				 bool is_directory),
		    void *arg)
{
	struct iso_lister lister = { each, arg };
	struct iso_visitor visitor = { iso_list_entry, &lister };
	struct iso_record rec = {
		.attribute_blocks = (uint8_t)dir->priv[1],
		.extent.le = le32_make((uint32_t)dir->priv[0]),
		.size.le = le32_make((uint32_t)dir->size),
	};

	return iso_walk(dir->mount, &rec, &visitor);
}

FILESYSTEM(iso9660) = {
	.name = "iso-9660",
	.mount = iso_mount,
	.open = iso_open,
	.read = iso_read,
	.list = iso_list,
	.label = iso_label,
	.unmount = iso_unmount,
};
