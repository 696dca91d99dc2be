/* SPDX-License-Identifier: BSD-2-Clause */
/* FAT file systems for tests, made byte by byte (fatgen103). */
#ifndef TESTS_FAKE_FAT_IMAGE_H
#define TESTS_FAKE_FAT_IMAGE_H

#include "packages/fat_boot.h"
#include "packages/fat_name.h"

/* An image in progress; bits... table_sectors are set before it is made. */
struct fat_image {
	unsigned bits;		  /* 12, 16, 32 */
	uint32_t sector;	  /* bytes; 0: 512 */
	uint32_t cluster_sectors; /* 0: 1 */
	uint32_t clusters;	  /* 0: as few as there can be of this kind */

	uint8_t *data; /* owned */
	size_t size;
	uint32_t table_sectors, root_cluster;
	size_t table, root, clusters_at; /* bytes of the image */
	uint32_t free;			 /* the next free cluster */
};

#define FAT_IMAGE_ROOT 0u /* the root directory, of any kind */

/* fat_image_make - an empty file system. Free it with fat_image_free(). */
void fat_image_make(struct fat_image *image);
void fat_image_free(struct fat_image *image);

/* fat_image_cluster - where a cluster's bytes are in the image. */
size_t fat_image_cluster(const struct fat_image *image, uint32_t cluster);

/* fat_image_link - set a link in both copies of the table. */
void fat_image_link(struct fat_image *image, uint32_t cluster, uint32_t link);

/*
 * fat_image_chain - a chain of `count` clusters; each is `stride` from the one
 * before it, 1: without gaps. Returns the first.
 */
uint32_t fat_image_chain(struct fat_image *image, uint32_t count,
			 uint32_t stride);

/*
 * fat_image_record - a record at the end of a directory of one cluster, or of
 * the root. `name`: 11 characters. Returns it: valid until the image is freed.
 */
struct fat_record *fat_image_record(struct fat_image *image, uint32_t directory,
				    const char *name, uint8_t attributes,
				    uint32_t cluster, uint32_t size);

/*
 * fat_image_long - slots of a long name for the record that follows, which has
 * the name `name`; `text`: ASCII. Returns the first slot.
 */
struct fat_record *fat_image_long(struct fat_image *image, uint32_t directory,
				  const char *name, const char *text);

/* fat_image_slot - one slot with units[0..12] of a name that ends there. */
void fat_image_slot(struct fat_record *slot, uint8_t number, const char *name,
		    const uint16_t *units);

/* fat_image_file - a file with that text; `text` NULL: a directory. */
uint32_t fat_image_file(struct fat_image *image, uint32_t directory,
			const char *name, const char *text);

/* fat_image_fill - `size` bytes of a pattern, of clusters so far apart. */
uint32_t fat_image_fill(struct fat_image *image, const char *name,
			uint32_t size, uint32_t stride);

/* fat_image_byte - the pattern's byte at that place of the file. */
uint8_t fat_image_byte(uint32_t at);

#endif
