// SPDX-License-Identifier: BSD-2-Clause
// Image sources.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/instance.h"
#include "lib/reason.h"
#include "packages/image.h"

/* An instance that gives `data` in pieces of at most `piece` bytes. */
static char data[] = "0123456789";
static uint64_t pos;
static size_t piece;
static int seek_error;
static long size_answer;

static long fake_read(struct instance *inst, void *buf, size_t len)
{
	size_t n = MIN(len, piece);

	(void)inst;
	if (pos >= 10)
		return 0;
	n = MIN(n, 10 - pos);
	memcpy(buf, data + pos, n);
	pos += n;
	return (long)n;
}

static long bad_read(struct instance *inst, void *buf, size_t len)
{
	(void)inst;
	(void)buf;
	(void)len;
	return ERR_IO;
}

static long greedy_read(struct instance *inst, void *buf, size_t len)
{
	(void)inst;
	(void)buf;
	return (long)len + 1;
}

static int fake_seek(struct instance *inst, uint64_t to)
{
	(void)inst;
	pos = to;
	return seek_error;
}

static long fake_size(struct instance *inst)
{
	(void)inst;
	return size_answer;
}

static char node_name[] = "disk";
static struct node node = { .name = node_name };
static struct instance inst = { .node = &node };

/* The instance layer, without its handles. */
long instance_read(struct instance *in, void *buf, size_t len)
{
	return in->ops.read(in, buf, len);
}

int instance_seek(struct instance *in, uint64_t to)
{
	return in->ops.seek(in, to);
}

static void prepare(void)
{
	inst.ops = (struct instance_ops){ .read = fake_read,
					  .seek = fake_seek,
					  .size = fake_size };
	piece = 3;
	seek_error = 0;
	size_answer = 10;
}

static void memory_is_read_at_any_offset_inside(void **state)
{
	struct image img;
	char buf[11] = "";

	(void)state;
	image_from_memory(&img, data, 10);
	assert_int_equal(image_read(&img, 0, buf, 10), 0);
	assert_string_equal(buf, "0123456789");
	assert_int_equal(image_read(&img, 7, buf, 3), 0);
	assert_memory_equal(buf, "789", 3);
	assert_int_equal(image_read(&img, 10, buf, 0), 0);
}

static void a_read_past_the_end_is_refused(void **state)
{
	struct image img;
	char buf[16];

	(void)state;
	image_from_memory(&img, data, 10);
	assert_int_equal(image_read(&img, 10, buf, 1), ERR_RANGE);
	assert_int_equal(image_read(&img, 11, buf, 0), ERR_RANGE);
	assert_string_equal(reason(), "the image does not have 0 bytes at 11");
	assert_int_equal(image_read(&img, UINT64_MAX, buf, 2), ERR_RANGE);
	assert_int_equal(image_read(&img, 1, buf, SIZE_MAX), ERR_RANGE);
}

static void short_reads_of_an_instance_are_put_together(void **state)
{
	struct image img;
	char buf[10];

	(void)state;
	prepare();
	assert_int_equal(image_from_instance(&img, &inst), 0);
	assert_int_equal(img.size, 10);
	assert_int_equal(image_read(&img, 1, buf, 8), 0);
	assert_memory_equal(buf, "12345678", 8);
}

static void an_instance_that_ends_early_is_an_error(void **state)
{
	struct image img;
	char buf[20];

	(void)state;
	prepare();
	size_answer = 12;
	assert_int_equal(image_from_instance(&img, &inst), 0);
	assert_int_equal(image_read(&img, 0, buf, 12), ERR_IO);
}

static void errors_of_an_instance_are_passed_on(void **state)
{
	struct image img;
	char buf[4];

	(void)state;
	prepare();
	assert_int_equal(image_from_instance(&img, &inst), 0);
	seek_error = ERR_NODEV;
	assert_int_equal(image_read(&img, 0, buf, 4), ERR_NODEV);
	seek_error = 0;
	inst.ops.read = bad_read;
	assert_int_equal(image_read(&img, 0, buf, 4), ERR_IO);
	inst.ops.read = greedy_read;
	assert_int_equal(image_read(&img, 0, buf, 4), ERR_IO);
	size_answer = ERR_NODEV;
	assert_int_equal(image_from_instance(&img, &inst), ERR_NODEV);
}

static void as_much_as_there_is_may_be_read(void **state)
{
	struct image img;
	char buf[20];

	(void)state;
	image_from_memory(&img, data, 10);
	assert_int_equal(image_read_some(&img, 4, buf, 20), 6);
	assert_memory_equal(buf, "456789", 6);
	assert_int_equal(image_read_some(&img, 10, buf, 20), 0);
	assert_int_equal(image_read_some(&img, UINT64_MAX, buf, 20), 0);
	prepare();
	size_answer = 12;
	assert_int_equal(image_from_instance(&img, &inst), 0);
	assert_int_equal(image_read_some(&img, 4, buf, 20), ERR_IO);
	assert_string_equal(reason(), "ends 2 bytes early");
}

static void a_size_that_is_not_known_is_found_at_the_end(void **state)
{
	struct image img;
	char buf[20];

	(void)state;
	prepare();
	size_answer = ERR_NOTSUP;
	assert_int_equal(image_from_instance(&img, &inst), 0);
	assert_true(img.size == IMAGE_SIZE_UNKNOWN);
	assert_false(img.stream);
	assert_int_equal(image_read(&img, 2, buf, 8), 0);
	assert_memory_equal(buf, "23456789", 8);
	assert_true(img.size == IMAGE_SIZE_UNKNOWN);
	assert_int_equal(image_read(&img, 4, buf, 7), ERR_RANGE);
	assert_int_equal(img.size, 10);
	assert_int_equal(image_read(&img, 3, buf, 7), 0);
	/* Nothing more comes, just behind what was there. */
	assert_int_equal(image_from_instance(&img, &inst), 0);
	assert_int_equal(image_read(&img, 0, buf, 10), 0);
	assert_int_equal(image_read_some(&img, 10, buf, 1), 0);
	assert_int_equal(img.size, 10);
	/* Nothing comes far behind it: that does not tell where it ends. */
	assert_int_equal(image_from_instance(&img, &inst), 0);
	assert_int_equal(image_read(&img, 12, buf, 1), ERR_RANGE);
	assert_true(img.size == IMAGE_SIZE_UNKNOWN);
}

static void a_stream_is_read_in_order(void **state)
{
	struct image img;
	char buf[20];

	(void)state;
	prepare();
	pos = 0;
	size_answer = ERR_NOTSUP;
	inst.ops.seek = NULL;
	assert_int_equal(image_from_instance(&img, &inst), 0);
	assert_true(img.stream);
	assert_int_equal(image_read(&img, 0, buf, 4), 0);
	assert_int_equal(image_read(&img, 0, buf, 4), ERR_NOTSUP);
	assert_string_equal(
		reason(),
		"disk is sequential: cannot read byte 0 after byte 4");
	assert_int_equal(image_read_some(&img, 4, buf, 20), 6);
	assert_memory_equal(buf, "456789", 6);
	assert_int_equal(img.size, 10);
}

static void an_instance_without_size_or_read_is_refused(void **state)
{
	struct image img;

	(void)state;
	prepare();
	inst.ops.size = NULL;
	assert_int_equal(image_from_instance(&img, &inst), ERR_NOTSUP);
	prepare();
	inst.ops.read = NULL;
	assert_int_equal(image_from_instance(&img, &inst), ERR_NOTSUP);
}

/* A chain of `chained` images of memory, the last of which may be bad. */
static const char *const links[] = { "abcde", "", "fgh", "ijkl" };
static unsigned chained, linked;
static int chain_error;

static int chain_next(void *arg, struct image *img)
{
	assert_ptr_equal(arg, links);
	if (linked == chained)
		return chain_error ? chain_error : IMAGE_CHAIN_END;
	image_from_memory(img, links[linked], strlen(links[linked]));
	linked++;
	return 0;
}

static struct image_chain chain;

static int start_chain(struct image *img, unsigned count, uint64_t size)
{
	linked = chain_error = 0;
	chained = count;
	chain = (struct image_chain){ .next = chain_next,
				      .arg = (void *)(uintptr_t)links };
	return image_from_chain(img, &chain, size);
}

static void images_in_a_chain_start_at_multiples_of_four(void **state)
{
	static const char want[] = "abcde\0\0\0fgh\0ijkl";
	struct image img;
	char got[20];

	(void)state;
	for (size_t n = 1; n <= 17; n++) {
		uint64_t at = 0;
		long some;

		assert_int_equal(start_chain(&img, 4, IMAGE_SIZE_UNKNOWN), 0);
		while ((some = image_read_some(&img, at, got + at, n)) > 0)
			at += (uint64_t)some;
		assert_int_equal(some, 0);
		assert_int_equal(at, 16);
		assert_memory_equal(got, want, 16);
		assert_int_equal(img.size, 16);
	}
}

static void a_chain_is_read_in_order_and_ends(void **state)
{
	struct image img;
	char got[20];

	(void)state;
	assert_int_equal(start_chain(&img, 1, 5), 0);
	assert_true(img.stream);
	assert_int_equal(img.read(&img, 1, got, 1), ERR_NOTSUP);
	assert_int_equal(img.read(&img, 0, got, 20), 5);
	assert_int_equal(img.read(&img, 5, got, 20), 0);
	assert_int_equal(img.read(&img, 5, got, 20), 0);
	assert_int_equal(start_chain(&img, 0, 0), IMAGE_CHAIN_END);
}

static void an_image_of_a_chain_that_is_not_there_is_an_error(void **state)
{
	struct image img;
	char got[20];

	(void)state;
	assert_int_equal(start_chain(&img, 1, IMAGE_SIZE_UNKNOWN), 0);
	chain_error = ERR_NOENT;
	assert_int_equal(image_read_some(&img, 0, got, 5), 5);
	assert_int_equal(image_read_some(&img, 5, got, 5), ERR_NOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_read_at_any_offset_inside),
		cmocka_unit_test(a_read_past_the_end_is_refused),
		cmocka_unit_test(short_reads_of_an_instance_are_put_together),
		cmocka_unit_test(an_instance_that_ends_early_is_an_error),
		cmocka_unit_test(errors_of_an_instance_are_passed_on),
		cmocka_unit_test(as_much_as_there_is_may_be_read),
		cmocka_unit_test(a_size_that_is_not_known_is_found_at_the_end),
		cmocka_unit_test(a_stream_is_read_in_order),
		cmocka_unit_test(an_instance_without_size_or_read_is_refused),
		cmocka_unit_test(images_in_a_chain_start_at_multiples_of_four),
		cmocka_unit_test(a_chain_is_read_in_order_and_ends),
		cmocka_unit_test(
			an_image_of_a_chain_that_is_not_there_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
