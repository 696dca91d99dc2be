// SPDX-License-Identifier: BSD-2-Clause
// A damaged ext4 file system: seeded mutations of every kind of structure.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/endian.h"
#include "tests/fake/ext4_volume.h"

#define MUTATIONS 512u

static uint32_t seed;

static uint32_t next(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed;
}

/* A number that is likely to matter, or any. */
static uint32_t number(uint32_t old)
{
	static const uint32_t often[] = {
		0,
		1,
		2,
		3,
		0x7f,
		0x80,
		0xff,
		256,
		0x7fff,
		0x8000,
		0xffff,
		0x7fffffff,
		0x80000000,
		0xffffffff,
		255,
		0x8001,
		0xf30a,
		0x10000,
		EXT4_FAKE_INDEX,
		EXT4_FAKE_LEAF,
	};
	uint32_t kind = next() % 4;

	if (kind == 0)
		return next();
	if (kind == 1)
		return old + next() % 9 - 4;
	if (kind == 2)
		return old ^ 1u << next() % 32;
	return often[next() % ARRAY_SIZE(often)];
}

/* Changes a field of 1, 2 or 4 bytes. */
static void mutate(uint8_t *part, size_t size)
{
	size_t at = next() % (size - 4) & ~(size_t)1;
	uint32_t kind = next() % 4;

	if (kind == 0)
		part[next() % size] = (uint8_t)number(part[at]);
	else if (kind == 1)
		le16_store(part + at, (uint16_t)number(le16_load(part + at)));
	else
		le32_store(part + (at & ~(size_t)3),
			   number(le32_load(part + (at & ~(size_t)3))));
}

/* Mutates `count` parts of a kind, each at a byte of the image. */
static void damage(const size_t (*parts)[2], size_t count)
{
	unsigned i, n, works = 0;

	seed = 20240229;
	printf("seed %u\n", seed);
	for (i = 0; i < MUTATIONS; i++) {
		ext4_prepare();
		for (n = 1 + next() % 3; n; n--) {
			const size_t *part = parts[next() % count];

			mutate(ext4_disk.data + part[0], part[1]);
		}
		works += ext4_use_all();
		ext4_finish();
	}
	printf("%u of %u paths work\n", works, MUTATIONS * EXT4_PATHS);
	assert_true(works < MUTATIONS * EXT4_PATHS);
}

#define INODE(n) ((size_t)EXT4_FAKE_TABLE * 1024 + ((n)-1) * 256u)
#define BLOCK(n) ((size_t)(n)*1024)

static void the_sound_image_works(void **state)
{
	(void)state;
	ext4_prepare();
	assert_int_equal(ext4_use_all(), EXT4_PATHS);
	ext4_finish();
}

static void a_damaged_superblock_is_no_danger(void **state)
{
	static const size_t parts[][2] = { { BLOCK(1), 0x70 },
					   { BLOCK(1) + 0xf8, 0x10 },
					   { BLOCK(1) + 0x148, 0x10 } };

	(void)state;
	damage(parts, ARRAY_SIZE(parts));
}

static void damaged_group_descriptors_are_no_danger(void **state)
{
	static const size_t parts[][2] = { { BLOCK(2), 16 },
					   { BLOCK(2) + 0x24, 12 } };

	(void)state;
	damage(parts, ARRAY_SIZE(parts));
}

static void damaged_inodes_are_no_danger(void **state)
{
	static const size_t parts[][2] = {
		{ INODE(EXT4_FAKE_ROOT), 132 },
		{ INODE(EXT4_FAKE_FILE), 132 },
		{ INODE(EXT4_FAKE_MAP), 132 },
		{ INODE(EXT4_FAKE_DEEP), 132 },
		{ INODE(EXT4_FAKE_INLINE), 132 },
		{ INODE(EXT4_FAKE_LINK), 132 },
		{ INODE(EXT4_FAKE_SLOW), 132 },
		{ INODE(EXT4_FAKE_DIR), 132 },
		{ INODE(EXT4_FAKE_SMALL), 132 },
	};

	(void)state;
	damage(parts, ARRAY_SIZE(parts));
}

static void damaged_extents_and_block_maps_are_no_danger(void **state)
{
	static const size_t parts[][2] = {
		{ INODE(EXT4_FAKE_FILE) + 0x28, 24 },
		{ INODE(EXT4_FAKE_DEEP) + 0x28, 24 },
		{ INODE(EXT4_FAKE_MAP) + 0x28, 60 },
		{ BLOCK(EXT4_FAKE_INDIRECT), 12 },
		{ BLOCK(EXT4_FAKE_INDEX), 36 },
		{ BLOCK(EXT4_FAKE_LEAF), 48 },
		{ BLOCK(EXT4_FAKE_LEAF_2), 36 },
	};

	(void)state;
	damage(parts, ARRAY_SIZE(parts));
}

static void damaged_directories_are_no_danger(void **state)
{
	static const size_t parts[][2] = {
		{ BLOCK(EXT4_FAKE_ROOT_BLOCK), 140 },
		{ BLOCK(EXT4_FAKE_DIR_BLOCK), 100 },
		{ INODE(EXT4_FAKE_SMALL) + 0x28, 24 },
	};

	(void)state;
	damage(parts, ARRAY_SIZE(parts));
}

static void damaged_attributes_are_no_danger(void **state)
{
	static const size_t parts[][2] = {
		{ INODE(EXT4_FAKE_INLINE) + 128, 80 },
		{ INODE(EXT4_FAKE_SMALL) + 128, 128 },
	};

	(void)state;
	damage(parts, ARRAY_SIZE(parts));
}

static void an_image_cut_anywhere_is_no_danger(void **state)
{
	size_t size;

	(void)state;
	for (size = EXT4_IMAGE_SIZE; size >= 1024; size -= 1024) {
		ext4_prepare();
		fake_block_cut(&ext4_disk, size);
		assert_int_equal(volume_whole(&ext4_disk.bd, &ext4_vol), 0);
		assert_true(ext4_use_all() <= EXT4_PATHS);
		ext4_finish();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_sound_image_works),
		cmocka_unit_test(a_damaged_superblock_is_no_danger),
		cmocka_unit_test(damaged_group_descriptors_are_no_danger),
		cmocka_unit_test(damaged_inodes_are_no_danger),
		cmocka_unit_test(damaged_extents_and_block_maps_are_no_danger),
		cmocka_unit_test(damaged_directories_are_no_danger),
		cmocka_unit_test(damaged_attributes_are_no_danger),
		cmocka_unit_test(an_image_cut_anywhere_is_no_danger),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
