// SPDX-License-Identifier: BSD-2-Clause
// FAT file systems for tests, made byte by byte (fatgen103).
#include "tests/fake/fat_image.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define RESERVED 2u
#define COPIES 2u
#define ROOT_RECORDS 64u

static void put_boot(const struct fat_image *image, uint32_t sectors)
{
	struct fat_boot *boot = (struct fat_boot *)image->data;
	struct fat_tail *tail = image->bits == 32 ? &boot->u.fat32.tail
						  : &boot->u.tail;

	memcpy(boot->jump, "\xeb\x3c\x90", 3);
	memcpy(boot->maker, "fakefat ", 8);
	boot->sector_size = le16_make((uint16_t)image->sector);
	boot->cluster_sectors = (uint8_t)image->cluster_sectors;
	boot->reserved = le16_make(RESERVED);
	boot->copies = COPIES;
	boot->media = 0xf8;
	if (sectors < 0x10000)
		boot->sectors16 = le16_make((uint16_t)sectors);
	else
		boot->sectors32 = le32_make(sectors);
	if (image->bits == 32) {
		boot->u.fat32.table_sectors = le32_make(image->table_sectors);
		boot->u.fat32.root = le32_make(image->root_cluster);
	} else {
		boot->table_sectors16 =
			le16_make((uint16_t)image->table_sectors);
		boot->root_records = le16_make(ROOT_RECORDS);
	}
	tail->signature = 0x29;
	memcpy(tail->label, "BOOT SECTOR", 11);
	memcpy(tail->type, "NONSENSE", 8);
	boot->magic = le16_make(0xaa55);
}

static uint32_t least_clusters(unsigned bits)
{
	return bits == 16 ? 4085 : 64;
}

static uint32_t sectors_for(const struct fat_image *image, size_t bytes)
{
	return (uint32_t)((bytes + image->sector - 1) / image->sector);
}

void fat_image_make(struct fat_image *image)
{
	uint32_t sectors, root;

	image->sector = image->sector ? image->sector : 512;
	image->cluster_sectors = image->cluster_sectors ? image->cluster_sectors
							: 1;
	if (!image->clusters)
		image->clusters = least_clusters(image->bits);
	image->table_sectors = sectors_for(
		image, ((size_t)image->clusters + 2) * image->bits / 8 + 1);
	root = image->bits == 32 ? 0 : sectors_for(image, ROOT_RECORDS * 32);
	sectors = RESERVED + COPIES * image->table_sectors;
	image->table = (size_t)RESERVED * image->sector;
	image->root = (size_t)sectors * image->sector;
	sectors += root;
	image->clusters_at = (size_t)sectors * image->sector;
	sectors += image->clusters * image->cluster_sectors;
	image->size = (size_t)sectors * image->sector;
	image->data = calloc(1, image->size);
	assert(image->data);
	image->free = 2;
	image->root_cluster = image->bits == 32 ? fat_image_chain(image, 1, 1)
						: 0;
	put_boot(image, sectors);
}

void fat_image_free(struct fat_image *image)
{
	free(image->data);
	image->data = NULL;
}

size_t fat_image_cluster(const struct fat_image *image, uint32_t cluster)
{
	return image->clusters_at +
	       (size_t)(cluster - 2) * image->cluster_sectors * image->sector;
}

static void put_link(uint8_t *table, unsigned bits, uint32_t cluster,
		     uint32_t link)
{
	uint8_t *at = table + (size_t)cluster * bits / 8;
	uint32_t old;

	if (bits == 32) {
		le32_store(at, link);
	} else if (bits == 16) {
		le16_store(at, (uint16_t)link);
	} else {
		old = le16_load(at);
		old = cluster & 1 ? (old & 0xf) | (link & 0xfff) << 4
				  : (old & 0xf000) | (link & 0xfff);
		le16_store(at, (uint16_t)old);
	}
}

void fat_image_link(struct fat_image *image, uint32_t cluster, uint32_t link)
{
	uint8_t *table = image->data + image->table;

	for (unsigned i = 0; i < COPIES; i++)
		put_link(table + (size_t)i * image->table_sectors *
					 image->sector,
			 image->bits, cluster, link);
}

uint32_t fat_image_chain(struct fat_image *image, uint32_t count,
			 uint32_t stride)
{
	uint32_t first = image->free, cluster = first;

	assert(first + (count - 1) * stride < image->clusters + 2);
	while (--count) {
		fat_image_link(image, cluster, cluster + stride);
		cluster += stride;
	}
	fat_image_link(image, cluster, 0xffffffff);
	image->free = cluster + 1;
	return first;
}

static struct fat_record *next_record(struct fat_image *image,
				      uint32_t directory)
{
	size_t at = image->root;
	struct fat_record *record;

	if (directory || image->bits == 32)
		at = fat_image_cluster(image, directory ? directory
							: image->root_cluster);
	record = (struct fat_record *)(image->data + at);
	while (record->name[0])
		record++;
	return record;
}

struct fat_record *fat_image_record(struct fat_image *image, uint32_t directory,
				    const char *name, uint8_t attributes,
				    uint32_t cluster, uint32_t size)
{
	struct fat_record *record = next_record(image, directory);

	memcpy(record->name, name, 11);
	record->attributes = attributes;
	record->cluster_low = le16_make((uint16_t)cluster);
	record->cluster_high = le16_make((uint16_t)(cluster >> 16));
	record->size = le32_make(size);
	return record;
}

void fat_image_slot(struct fat_record *slot, uint8_t number, const char *name,
		    const uint16_t *units)
{
	static const uint8_t places[13] = { 1,	3,  5,	7,  9,	14, 16,
					    18, 20, 22, 24, 28, 30 };
	uint8_t *raw = (uint8_t *)slot, sum = 0;

	for (unsigned i = 0; i < 11; i++)
		sum = (uint8_t)((sum << 7 | sum >> 1) + (uint8_t)name[i]);
	raw[0] = number;
	raw[11] = 0x0f;
	raw[13] = sum;
	for (unsigned i = 0; i < 13; i++)
		le16_store(raw + places[i], units[i]);
}

struct fat_record *fat_image_long(struct fat_image *image, uint32_t directory,
				  const char *name, const char *text)
{
	struct fat_record *slot = next_record(image, directory);
	unsigned len = (unsigned)strlen(text), count = (len + 12) / 13;

	for (unsigned n = count; n; n--) {
		uint16_t units[13];

		for (unsigned i = 0; i < 13; i++) {
			unsigned at = (n - 1) * 13 + i;

			units[i] = at < len ? (uint8_t)text[at]
					    : (at == len ? 0 : 0xffff);
		}
		fat_image_slot(slot + (count - n),
			       (uint8_t)(n == count ? n | 0x40 : n), name,
			       units);
	}
	return slot;
}

uint32_t fat_image_file(struct fat_image *image, uint32_t directory,
			const char *name, const char *text)
{
	uint32_t cluster = fat_image_chain(image, 1, 1);

	if (text)
		memcpy(image->data + fat_image_cluster(image, cluster), text,
		       strlen(text));
	fat_image_record(image, directory, name, text ? 0x20 : 0x10, cluster,
			 text ? (uint32_t)strlen(text) : 0);
	return cluster;
}

uint8_t fat_image_byte(uint32_t at)
{
	return (uint8_t)(at * 7 + at / 512 * 13 + at / 65536);
}

uint32_t fat_image_fill(struct fat_image *image, const char *name,
			uint32_t size, uint32_t stride)
{
	uint32_t bytes = image->cluster_sectors * image->sector;
	uint32_t first =
		fat_image_chain(image, (size + bytes - 1) / bytes, stride);

	for (uint32_t at = 0; at < size; at++)
		image->data[fat_image_cluster(image,
					      first + at / bytes * stride) +
			    at % bytes] = fat_image_byte(at);
	fat_image_record(image, FAT_IMAGE_ROOT, name, 0x20, first, size);
	return first;
}
