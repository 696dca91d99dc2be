// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/nvme/namespace.c: formats, requests, several on a controller.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "drivers/device.h"
#include "lib/endian.h"
#include "lib/reason.h"
#include <cmocka.h>

#include "tests/fake/block_read.h"
#include "tests/fake/nvme.h"

#define PRACT (1u << 29)

static uint8_t buf[64 * 1024];
static struct fake_nvme *const fn = &fake_nvmes[0];
static struct fake_nvme_namespace *const ns = &fake_nvmes[0].ns[0];

static struct block_device *open_path(const char *path)
{
	struct block_device *bd = fake_nvme_block(path);

	if (block_open(bd) < 0)
		fail_msg("no open of %s: %s", path, reason());
	return bd;
}

static void again(void)
{
	fake_nvme_unplug(NULL);
	fake_nvme_plug(NULL);
}

static void check_refused(int err, const char *why)
{
	char text[256] = "nvme /mass-storage@0: ";

	fake_nvme_device(1);
	assert_int_equal(block_open(fake_nvme_block("disk")), err);
	assert_string_equal(reason(), strcat(text, why));
	assert_false(fake_nvme_machine.master[0]);
	again();
}

static void blocks_of_4096_bytes_are_read_and_written(void **state)
{
	struct block_device *bd;

	(void)state;
	ns->shift = 12;
	ns->flbas = 4;
	ns->nlbaf = 7;
	ns->blocks /= 8;
	fake_nvme_device(1);
	bd = open_path("disk");
	assert_int_equal(bd->block_size, 4096);
	assert_int_equal(bd->blocks, FAKE_NVME_DATA / 4096);
	assert_int_equal(bd->max_blocks, 128);
	assert_int_equal(block_read(bd, 3, 16, buf), 0);
	assert_memory_equal(buf, fake_nvme_data + 3 * 4096, 16 * 4096);
	memset(buf, 0x77, 4096);
	assert_int_equal(block_write(bd, 50, 1, buf), 0);
	assert_memory_equal(fake_nvme_data + 50 * 4096, buf, 4096);
}

static void other_block_sizes_are_refused_by_name(void **state)
{
	static const struct {
		uint8_t shift;
		const char *why;
	} shifts[] = {
		{ 0, "block size 1 is not a power of two from 512 to 4096" },
		{ 8, "block size 256 is not a power of two from 512 to 4096" },
		{ 13, "block size 8192 is not a power of two from 512 to "
		      "4096" },
		{ 31, "block size 2147483648 is not a power of two from 512 to "
		      "4096" },
		{ 32, "blocks of 2^32 bytes" },
		{ 255, "blocks of 2^255 bytes" },
	};

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(shifts); i++) {
		ns->shift = shifts[i].shift;
		check_refused(ERR_FORMAT, shifts[i].why);
	}
}

static void sizes_that_cannot_be_are_refused(void **state)
{
	(void)state;
	ns->blocks = 0;
	check_refused(ERR_FORMAT, "the namespace has no blocks");
	ns->blocks = UINT64_MAX;
	check_refused(ERR_FORMAT, "18446744073709551615 blocks of 512 bytes");
	ns->blocks = 1ULL << 54;
	check_refused(ERR_FORMAT, "18014398509481984 blocks of 512 bytes");
	/* Blocks that do not exist are the controller's refusal. */
	ns->blocks = (1ULL << 54) - 1;
	fake_nvme_device(1);
	assert_int_equal(block_read(open_path("disk"), 1ULL << 40, 1, buf),
			 ERR_IO);
	assert_string_equal(reason(),
			    "nvme /mass-storage@0: read of block "
			    "1099511627776 failed: status 0/80 (LBA out of "
			    "range), do not retry");
}

static void zero_page(unsigned cns, uint32_t nsid, uint8_t *page)
{
	(void)nsid;
	if (cns == 0)
		memset(page, 0, 4096);
}

static void a_format_that_does_not_exist_is_refused(void **state)
{
	(void)state;
	ns->flbas = 3;
	ns->nlbaf = 2;
	check_refused(ERR_FORMAT, "format 3 of 3");
	ns->flbas = 0x6f;
	ns->nlbaf = 62;
	check_refused(ERR_FORMAT, "format 63 of 63");
	ns->flbas = 0x2f;
	ns->nlbaf = 31;
	fake_nvme_device(1);
	(void)open_path("disk");
	again();
	fn->identify = zero_page;
	check_refused(ERR_FORMAT, "the namespace has no blocks");
}

static void metadata_is_refused_by_name(void **state)
{
	static const struct {
		uint16_t metadata;
		uint8_t flbas, dps;
		const char *why;
	} formats[] = {
		{ 8, 0, 0, "blocks with 8 bytes of metadata" },
		{ 8, 0x10, 0, "blocks with 8 bytes of metadata" },
		{ 16, 0, 1, "blocks with 16 bytes of metadata" },
		{ 64, 0x10, 2, "blocks with 64 bytes of metadata" },
	};

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(formats); i++) {
		ns->metadata = formats[i].metadata;
		ns->flbas = formats[i].flbas;
		ns->dps = formats[i].dps;
		check_refused(ERR_FORMAT, formats[i].why);
	}
}

static void protection_information_is_left_to_the_drive(void **state)
{
	(void)state;
	ns->metadata = 8;
	ns->dps = 1;
	fake_nvme_device(1);
	assert_int_equal(block_read(open_path("disk"), 9, 4, buf), 0);
	assert_int_equal(fn->seen.dw12, PRACT | 3);
	assert_memory_equal(buf, fake_nvme_data + 9 * 512, 4 * 512);
	/* The reference tag that the drive writes counts from this one. */
	assert_int_equal(block_write(fake_nvme_block("disk"), 99, 4, buf), 0);
	assert_int_equal(fn->seen.dw12, PRACT | 3);
	assert_int_equal(fn->seen.dw14, 99);
	again();
	fake_nvme_device(1);
	assert_int_equal(block_read(open_path("disk"), 9, 4, buf), 0);
	assert_int_equal(fn->seen.dw12, 3);
}

static void a_protected_namespace_is_read_only(void **state)
{
	struct block_device *bd;

	(void)state;
	ns->attr = 1;
	fake_nvme_device(1);
	bd = open_path("disk");
	assert_true(bd->read_only);
	assert_int_equal(block_write(bd, 100, 1, buf), ERR_PERM);
	assert_int_equal(fn->seen.commands[1][1], 0);
}

static void a_flush_goes_to_a_controller_that_has_a_cache(void **state)
{
	struct block_device *bd;

	(void)state;
	fn->vwc = 0;
	fake_nvme_device(1);
	bd = open_path("disk");
	assert_int_equal(block_flush(bd), 0);
	assert_int_equal(fn->seen.commands[1][0], 0);
	again();
	fake_nvme_device(1);
	bd = open_path("disk");
	assert_int_equal(block_write(bd, 100, 1, buf), 0);
	block_close(bd);
	assert_int_equal(fn->seen.commands[1][0], 1);
}

static void a_failed_read_names_status_and_block(void **state)
{
	static const struct {
		uint16_t status;
		const char *why;
	} words[] = {
		{ 0x281, "2/81 (unrecovered read error)" },
		{ 0x4083, "0/83 (reservation conflict), do not retry" },
		{ 0x286, "2/86 (access denied)" },
		{ 0x00b, "0/0b (invalid namespace)" },
		{ 0x7ff, "7/ff" },
	};
	struct block_device *bd;

	(void)state;
	fake_nvme_device(1);
	bd = open_path("disk");
	fn->fail_queue = 1;
	fn->fail_opcode = 2;
	for (unsigned i = 0; i < ARRAY_SIZE(words); i++) {
		char text[256] = "nvme /mass-storage@0: read of block 3 "
				 "failed: status ";

		fn->status = words[i].status;
		fn->fails = 1;
		assert_int_equal(block_read(bd, 3, 1, buf), ERR_IO);
		assert_string_equal(reason(), strcat(text, words[i].why));
	}
	/* None was sent again. */
	assert_int_equal(fn->seen.commands[1][2], ARRAY_SIZE(words));
}

static void an_unusable_namespace_does_not_matter_to_the_others(void **state)
{
	struct block_device *bd;

	(void)state;
	ns->metadata = 16;
	fake_nvme_add(fn, 2)->data = fake_nvme_data + 512;
	fake_nvme_add(fn, 3)->shift = 13;
	fake_nvme_device(1);
	bd = open_path("disk1");
	assert_int_equal(block_read(bd, 0, 8, buf), 0);
	assert_memory_equal(buf, fake_nvme_data + 512, 4096);
	assert_true(block_open(fake_nvme_block("disk")) < 0);
	assert_true(block_open(fake_nvme_block("disk2")) < 0);
	assert_string_equal(reason(),
			    "nvme /mass-storage@0/namespace@3: block size 8192 "
			    "is not a power of two from 512 to 4096");
	assert_int_equal(block_read(bd, 1, 8, buf), 0);
	assert_memory_equal(buf, fake_nvme_data + 1024, 4096);
}

static void namespaces_share_a_controller_that_is_reset(void **state)
{
	struct block_device *a, *b;

	(void)state;
	fake_nvme_add(fn, 2)->data = fake_nvme_data + 512;
	fake_nvme_device(1);
	a = open_path("disk");
	b = open_path("disk1");
	fn->lie = NVME_LIE_SILENT;
	assert_int_equal(block_read(b, 0, 1, buf), ERR_TIMEOUT);
	assert_false(fake_nvme_machine.master[0]);
	fn->lie = NVME_HONEST;
	assert_int_equal(block_read(a, 0, 1, buf), 0);
	assert_memory_equal(buf, fake_nvme_data, 512);
	assert_int_equal(block_read(b, 0, 1, buf), 0);
	assert_memory_equal(buf, fake_nvme_data + 512, 512);
	block_close(b);
	assert_true(fake_nvme_machine.master[0]);
	block_close(a);
	assert_false(fake_nvme_machine.master[0]);
}

static void the_first_may_be_opened_after_the_others(void **state)
{
	struct block_device *a, *b;

	(void)state;
	fake_nvme_add(fn, 2)->data = fake_nvme_data + 512;
	fake_nvme_device(1);
	b = open_path("disk1");
	a = open_path("disk");
	assert_int_equal(block_read_bytes(a, 1, buf, 600), 0);
	assert_memory_equal(buf, fake_nvme_data + 1, 600);
	assert_int_equal(block_read(b, 0, 1, buf), 0);
	assert_memory_equal(buf, fake_nvme_data + 512, 512);
	block_close(a);
	ns->metadata = 16;
	device_stop(a->as.dev);
	assert_int_equal(block_read(b, 0, 1, buf), 0);
	assert_int_equal(block_open(a), ERR_FORMAT);
	assert_int_equal(block_read(b, 0, 1, buf), 0);
}

/* Started again for the second one, the controller has a new first one. */
static void the_first_keeps_its_geometry_while_it_is_open(void **state)
{
	struct block_device *a, *b;

	(void)state;
	fake_nvme_add(fn, 2);
	fake_nvme_device(1);
	a = open_path("disk");
	b = open_path("disk1");
	ns->shift = 14;
	device_stop(a->as.dev);
	assert_int_equal(block_read(b, 0, 1, buf), 0);
	assert_int_equal(a->block_size, 512);
	assert_int_equal(block_read(a, 0, 1, buf), ERR_FORMAT);
	assert_string_equal(reason(), "nvme /mass-storage@0: block size 16384 "
				      "is not a power of two from 512 to 4096");
	ns->shift = 12;
	assert_int_equal(block_read(a, 0, 1, buf), ERR_IO);
	assert_string_equal(reason(), "nvme /mass-storage@0: block size "
				      "changed from 512 to 4096");
	assert_int_equal(block_read(b, 0, 1, buf), 0);
	ns->shift = 9;
	assert_int_equal(block_read(a, 7, 1, buf), 0);
	assert_memory_equal(buf, fake_nvme_data + 7 * 512, 512);
}

static void a_namespace_that_was_detached_is_named(void **state)
{
	(void)state;
	fake_nvme_add(fn, 2);
	fake_nvme_device(1);
	fn->n_ns = 1;
	assert_int_equal(block_open(fake_nvme_block("disk1")), ERR_FORMAT);
	assert_string_equal(reason(), "nvme /mass-storage@0/namespace@2: the "
				      "namespace has no blocks");
	fn->fail_opcode = 6;
	fn->status = 0x400b;
	fn->fails = 100;
	assert_true(block_open(fake_nvme_block("disk1")) < 0);
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, fake_nvme_plug, fake_nvme_unplug)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(blocks_of_4096_bytes_are_read_and_written),
		TEST(other_block_sizes_are_refused_by_name),
		TEST(sizes_that_cannot_be_are_refused),
		TEST(a_format_that_does_not_exist_is_refused),
		TEST(metadata_is_refused_by_name),
		TEST(protection_information_is_left_to_the_drive),
		TEST(a_protected_namespace_is_read_only),
		TEST(a_flush_goes_to_a_controller_that_has_a_cache),
		TEST(a_failed_read_names_status_and_block),
		TEST(an_unusable_namespace_does_not_matter_to_the_others),
		TEST(namespaces_share_a_controller_that_is_reset),
		TEST(the_first_may_be_opened_after_the_others),
		TEST(the_first_keeps_its_geometry_while_it_is_open),
		TEST(a_namespace_that_was_detached_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
