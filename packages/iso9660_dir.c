// SPDX-License-Identifier: BSD-2-Clause
// Directories of ISO 9660: records, read through a window.
/*
 * Everything on the medium is hostile: a record must fit in its sector, its name
 * in the record. What was read once is checked again when it is read again.
 */
#include "packages/iso9660_dir.h"

#include <string.h>

#include "lib/reason.h"
#include "packages/filesystem.h"

uint64_t iso9660_start(const struct iso9660 *iso,
		       const struct iso9660_record *rec)
{
	return ((uint64_t)le32_get(rec->extent.le) + rec->attribute_blocks) *
	       iso->susp.block_size;
}

/* A truncated copy lacks the ends of files. */
int iso9660_check_extent(const struct iso9660 *iso,
			 const struct iso9660_record *rec)
{
	uint64_t start = iso9660_start(iso, rec);
	uint32_t size = le32_get(rec->size.le);

	if (start <= iso->vol.size && size <= iso->vol.size - start)
		return 0;
	return reason_fail(ERR_RANGE,
			   "%u bytes at %llu, but the volume ends at %llu",
			   size, (unsigned long long)start,
			   (unsigned long long)iso->vol.size);
}

/* ECMA-119, 7.5.1: a dot ends names without an extension. */
size_t iso9660_plain_len(const char *name, size_t len)
{
	const char *end = memchr(name, ';', len);

	if (end)
		len = (size_t)(end - name);
	return len && name[len - 1] == '.' ? len - 1 : len;
}

static int iso9660_malformed(void)
{
	return reason_fail(ERR_FORMAT, "malformed directory");
}

/* The system use area of a record of at most `room` bytes; NULL: malformed. */
static const uint8_t *iso9660_area(const uint8_t *data, size_t room,
				   size_t *len)
{
	size_t length = data[0], used;
	size_t name_len;

	if (length < sizeof(struct iso9660_record) || length > room)
		return NULL;
	name_len = data[offsetof(struct iso9660_record, name_len)];
	if (sizeof(struct iso9660_record) + name_len > length)
		return NULL;
	/* ECMA-119, 9.1.12: a byte of padding after names of even length. */
	used = MIN(sizeof(struct iso9660_record) + (name_len | 1), length);
	*len = length - used;
	return data + used;
}

int iso9660_system_use(struct iso9660 *iso, uint64_t at, const uint8_t **area,
		       size_t *len)
{
	const uint8_t *data;
	size_t length;
	int err = window_get(&iso->window, at, 1, &data);

	if (err < 0)
		return err;
	length = data[0];
	if (!length)
		return iso9660_malformed();
	err = window_get(&iso->window, at, length, &data);
	if (err < 0)
		return err;
	*area = iso9660_area(data, length, len);
	return *area ? 0 : iso9660_malformed();
}

/* Decodes the record at `data`, with `room` bytes up to its sector's end. */
static int iso9660_decode(struct iso9660 *iso, const uint8_t *data, size_t room,
			  struct iso9660_entry *entry)
{
	const char *name = (const char *)data + sizeof(struct iso9660_record);
	const uint8_t *area;
	size_t len, plain;

	area = iso9660_area(data, room, &len);
	if (!area)
		return iso9660_malformed();
	memcpy(&entry->record, data, sizeof(entry->record));
	plain = iso9660_plain_len(name, entry->record.name_len);
	memcpy(entry->name, name, plain);
	entry->name[plain] = '\0';
	if (iso->rock_ridge)
		return iso9660_susp_read(&iso->susp, area, len, &entry->rock);
	entry->rock = (struct iso9660_rock){ .is_link = false };
	return 0;
}

/* ECMA-119, 6.8.2.2: "." and ".." are named by the bytes 0 and 1. */
static bool iso9660_is_dot(const struct iso9660_entry *entry)
{
	return entry->record.name_len == 1 && (uint8_t)entry->name[0] <= 1;
}

int iso9660_dir_dot(struct iso9660 *iso, uint32_t block,
		    struct iso9660_record *rec)
{
	uint64_t at = (uint64_t)block * iso->susp.block_size;
	const uint8_t *data;
	int err = window_get(&iso->window, at, sizeof(*rec) + 1, &data);

	if (err < 0)
		return err;
	memcpy(rec, data, sizeof(*rec));
	if (rec->length <= sizeof(*rec) || rec->name_len != 1 ||
	    data[sizeof(*rec)] || !(rec->flags & ISO9660_FLAG_DIRECTORY))
		return iso9660_malformed();
	return 0;
}

/* Walks the records of a sector; records do not cross sectors. */
static int iso9660_walk_sector(struct iso9660 *iso, const uint8_t *sector,
			       size_t size, struct iso9660_entry *entry,
			       const struct iso9660_visitor *visitor)
{
	size_t pos = 0;
	int rc = 0;

	while (rc == 0 && pos < size && sector[pos]) {
		rc = iso9660_decode(iso, sector + pos, size - pos, entry);
		if (rc < 0)
			return rc;
		pos += entry->record.length;
		if (!iso9660_is_dot(entry) && !entry->rock.hidden &&
		    !(entry->record.flags & ISO9660_FLAG_ASSOCIATED))
			rc = visitor->each(visitor->arg, entry);
		entry->at += entry->record.length;
	}
	return rc;
}

int iso9660_dir_walk(struct iso9660 *iso, const struct iso9660_record *dir,
		     const struct iso9660_visitor *visitor)
{
	struct iso9660_entry entry;
	uint64_t start = iso9660_start(iso, dir);
	uint32_t left = le32_get(dir->size.le);
	int rc = left > FILE_DIRECTORY_MAX ? iso9660_malformed()
					   : iso9660_check_extent(iso, dir);

	while (rc == 0 && left) {
		size_t size = MIN(left, ISO9660_SECTOR);
		const uint8_t *sector;

		rc = window_get(&iso->window, start, size, &sector);
		/* Each sector of a directory begins with a record. */
		if (rc == 0 && !sector[0])
			break;
		entry.at = start;
		if (rc == 0)
			rc = iso9660_walk_sector(iso, sector, size, &entry,
						 visitor);
		start += size;
		left -= (uint32_t)size;
	}
	return rc;
}
