// SPDX-License-Identifier: BSD-2-Clause
// ISO 9660 images for tests, made byte by byte (ECMA-119, 8 and 9).
#include "tests/fake/block_iso.h"

#include <string.h>

#include "lib/endian.h"

#define SECTOR 2048u
#define FIRST_EXTENT 32u
#define EXTENT_SECTORS 2u /* room of each file or directory */

/* The image in progress. */
struct iso_maker {
	uint8_t *image;
	const struct iso_node *nodes;
	bool rock_ridge;
	size_t continued; /* bytes of the continuation block in use */
};

uint32_t iso_extent(unsigned index)
{
	return FIRST_EXTENT + index * EXTENT_SECTORS;
}

static void put_both32(uint8_t *p, uint32_t v)
{
	le32_store(p, v);
	be32_store(p + 4, v);
}

static bool iso_is_directory(const struct iso_node *node)
{
	return !node->text && !node->target && !node->child;
}

static uint32_t node_size(const struct iso_node *node)
{
	if (node->text)
		return (uint32_t)strlen(node->text);
	return iso_is_directory(node) ? EXTENT_SECTORS * SECTOR : 0;
}

/* Appends a component of a symbolic link. */
static size_t put_component(uint8_t *p, const char *text, size_t len)
{
	static const char *const special[] = { [2] = ".", [4] = ".." };

	memset(p, 0, 2);
	for (unsigned i = 2; i <= 4; i += 2) {
		if (strlen(special[i]) == len && !memcmp(special[i], text, len))
			p[0] = (uint8_t)i;
	}
	if (p[0])
		return 2;
	p[1] = (uint8_t)len;
	memcpy(p + 2, text, len);
	return 2 + len;
}

static size_t put_sl(uint8_t *p, const char *target)
{
	size_t used = 5;

	memcpy(p, "SL\0\1\0", 5);
	if (*target == '/') {
		memcpy(p + used, "\10\0", 2);
		used += 2;
		target++;
	}
	while (*target) {
		size_t len = strcspn(target, "/");

		used += put_component(p + used, target, len);
		target += len + (target[len] == '/');
	}
	p[2] = (uint8_t)used;
	return used;
}

/* The entries for links and for directories in other places. */
static size_t put_place(uint8_t *p, const struct iso_node *node)
{
	if (node->target)
		return put_sl(p, node->target);
	if (node->child) {
		memcpy(p, "CL\14\1", 4);
		put_both32(p + 4, iso_extent(node->child));
		return 12;
	}
	memcpy(p, "RE\4\1", 4);
	return node->relocated ? 4 : 0;
}

static size_t put_nm(uint8_t *p, const char *name, size_t len, bool more)
{
	memcpy(p, "NM", 2);
	p[2] = (uint8_t)(5 + len);
	p[3] = 1;
	p[4] = more;
	memcpy(p + 5, name, len);
	return 5 + len;
}

/* A name in two halves; the second and the rest in the continuation block. */
static size_t put_continued(struct iso_maker *m, uint8_t *p,
			    const struct iso_node *node)
{
	const char *name = node->rock_name;
	size_t half = strlen(name) / 2;
	size_t used = put_nm(p, name, half, true);
	uint8_t *area = m->image + (size_t)ISO_CONTINUATION_BLOCK * SECTOR +
			m->continued;
	size_t len = put_nm(area, name + half, strlen(name) - half, false);

	len += put_place(area + len, node);

	p += used;
	memcpy(p, "CE", 2);
	p[2] = 28;
	p[3] = 1;
	put_both32(p + 4, ISO_CONTINUATION_BLOCK);
	put_both32(p + 12, (uint32_t)m->continued);
	put_both32(p + 20, (uint32_t)len);
	m->continued += len;
	return used + 28;
}

/* Returns the record's length. */
static size_t put_record(struct iso_maker *m, uint8_t *p, unsigned index,
			 const char *name, size_t name_len)
{
	const struct iso_node *node = &m->nodes[index];
	size_t len = 33 + (name_len | 1);

	put_both32(p + 2, iso_extent(index));
	put_both32(p + 10, node_size(node));
	p[25] = iso_is_directory(node) ? 2 : 0;
	p[32] = (uint8_t)name_len;
	memcpy(p + 33, name, name_len);
	if (m->rock_ridge && name_len == 1 && name[0] == 0) {
		memcpy(p + len, "SP\7\1\xbe\xef\0", 7);
		len += 7;
	} else if (m->rock_ridge && node->rock_name && node->continued) {
		len += put_continued(m, p + len, node);
	} else if (m->rock_ridge && node->rock_name) {
		len += put_nm(p + len, node->rock_name, strlen(node->rock_name),
			      false);
	}
	if (m->rock_ridge && !node->continued &&
	    (name_len != 1 || (uint8_t)*name > 1))
		len += put_place(p + len, node);
	len += len & 1;
	p[0] = (uint8_t)len;
	return len;
}

static void put_directory(struct iso_maker *m, unsigned index)
{
	uint8_t *dir = m->image + (size_t)iso_extent(index) * SECTOR;
	size_t pos = put_record(m, dir, index, "\0", 1);

	pos += put_record(m, dir + pos, m->nodes[index].parent, "\1", 1);
	for (unsigned i = 1; m->nodes[i].name; i++) {
		const char *name = m->nodes[i].name;
		uint8_t record[256] = { 0 };
		size_t len;

		if (m->nodes[i].parent != index)
			continue;
		len = put_record(m, record, i, name, strlen(name));
		/* Records do not cross sectors. */
		if (pos / SECTOR != (pos + len - 1) / SECTOR)
			pos = SECTOR;
		memcpy(dir + pos, record, len);
		pos += len;
	}
}

void iso_make(uint8_t *image, const struct iso_node *nodes, bool rock_ridge)
{
	struct iso_maker m = { .image = image,
			       .nodes = nodes,
			       .rock_ridge = rock_ridge };
	uint8_t *pvd = image + (size_t)16 * SECTOR;

	memset(image, 0, ISO_IMAGE_SIZE);
	memcpy(pvd, "\1CD001\1", 7);
	put_both32(pvd + 80, ISO_IMAGE_SIZE / SECTOR);
	le16_store(pvd + 128, SECTOR);
	be16_store(pvd + 130, SECTOR);
	m.rock_ridge = false;
	put_record(&m, pvd + 156, 0, "\0", 1);
	m.rock_ridge = rock_ridge;
	memcpy(pvd + SECTOR, "\377CD001\1", 7);
	put_directory(&m, 0);
	for (unsigned i = 1; nodes[i].name; i++) {
		if (nodes[i].text)
			memcpy(image + (size_t)iso_extent(i) * SECTOR,
			       nodes[i].text, strlen(nodes[i].text));
		else if (iso_is_directory(&nodes[i]))
			put_directory(&m, i);
	}
}
