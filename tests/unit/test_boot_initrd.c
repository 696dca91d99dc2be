// SPDX-License-Identifier: BSD-2-Clause
/* Tests of boot/initrd.c: which files a kernel's arguments name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "boot/initrd.h"
#include "drivers/instance.h"
#include "lib/reason.h"
#include "packages/bootable.h"
#include "tests/fake/heap.h"

/* The files of a disk, by its arguments. */
static const struct file {
	const char *args, *text;
} files[] = {
	{ "2,\\boot\\initrd.img", "the initrd" },
	{ "2,/a", "12345" },
	{ "2,b", "abc" },
	{ "2,c", "" },
	{ "\\a", "whole disk" },
	{ ",a", "whole disk, too" },
	{ "4294967295,x", "last" },
};

static char node_name[] = "disk";
static struct node node = { .name = node_name };
static struct instance inst = { .node = &node };
static unsigned opened, still_open;
static uint64_t pos;
static int size_error;

static long file_size(struct instance *in)
{
	const struct file *file = in->priv;

	return size_error ? reason_fail(size_error, "a bad inode")
			  : (long)strlen(file->text);
}

static long file_read(struct instance *in, void *buf, size_t len)
{
	const struct file *file = in->priv;

	len = MIN(len, strlen(file->text) - (size_t)pos);
	memcpy(buf, file->text + pos, len);
	pos += len;
	return (long)len;
}

static int file_seek(struct instance *in, uint64_t to)
{
	(void)in;
	pos = to;
	return 0;
}

/* The instance layer, without its handles. */
struct instance *instance_open_node(struct node *of, const char *args)
{
	assert_ptr_equal(of, &node);
	assert_int_equal(still_open, 0);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		if (strcmp(files[i].args, args))
			continue;
		inst.priv = (void *)(uintptr_t)&files[i];
		opened++;
		still_open++;
		return &inst;
	}
	reason_fail(ERR_NOENT, "no file or directory \"%s\"", args);
	return NULL;
}

void instance_close(struct instance *in)
{
	if (in)
		still_open--;
}

long instance_read(struct instance *in, void *buf, size_t len)
{
	return in->ops.read(in, buf, len);
}

int instance_seek(struct instance *in, uint64_t to)
{
	return in->ops.seek(in, to);
}

static int start(void **state)
{
	(void)state;
	inst.ops = (struct instance_ops){ .read = file_read,
					  .seek = file_seek,
					  .size = file_size };
	opened = still_open = 0;
	size_error = 0;
	return 0;
}

static int stop(void **state)
{
	(void)state;
	return still_open || fake_heap_live() ? -1 : 0;
}

/* The bytes of all initrds, read in pieces of `piece` bytes. */
static void expect_pieces(const char *disk, const char *args, const char *bytes,
			  size_t len, size_t piece)
{
	struct initrd initrd;
	struct image img;
	char got[64];
	uint64_t at = 0;
	long n;

	assert_int_equal(initrd_open(&initrd, &node, disk, args, &img), 0);
	assert_int_equal(img.size, len);
	assert_true(img.stream);
	while ((n = image_read_some(&img, at, got + at, piece)) > 0)
		at += (uint64_t)n;
	assert_int_equal(n, 0);
	assert_int_equal(at, len);
	assert_memory_equal(got, bytes, len);
	initrd_close(&initrd);
	initrd_close(&initrd);
}

static void expect(const char *disk, const char *args, const char *bytes,
		   size_t len)
{
	for (size_t piece = 1; piece <= len + 1; piece++)
		expect_pieces(disk, args, bytes, len, piece);
}

static void expect_error(const char *disk, const char *args, int want)
{
	struct initrd initrd;
	struct image img;

	assert_int_equal(initrd_open(&initrd, &node, disk, args, &img), want);
	initrd_close(&initrd);
	assert_int_equal(still_open, 0);
}

static void expect_none(const char *disk, const char *args)
{
	expect_error(disk, args, BOOTABLE_END);
	assert_int_equal(opened, 0);
}

static void the_initrd_is_on_the_kernels_partition(void **state)
{
	(void)state;
	expect("2,\\vmlinux", "root=/dev/vda2 initrd=\\boot\\initrd.img quiet",
	       "the initrd", 10);
	expect("b,vmlinux", "initrd=\\boot\\initrd.img", "the initrd", 10);
	expect("4294967295,vmlinux", "initrd=x", "last", 4);
}

static void a_disk_without_partitions_has_it_too(void **state)
{
	(void)state;
	expect("\\vmlinux", "initrd=\\a", "whole disk", 10);
	expect(",vmlinux", "initrd=a", "whole disk, too", 15);
}

/* Linux looks for the next archive at a multiple of four bytes. */
static void several_initrds_follow_each_other(void **state)
{
	(void)state;
	expect("2,x", "initrd=/a,b", "12345\0\0\0abc", 11);
	expect("2,x", "initrd=/a initrd=b", "12345\0\0\0abc", 11);
	expect("2,x", "  initrd=b   ro initrd=,,/a,,  ", "abc\00012345", 9);
	expect("2,x", "initrd=b,c,b", "abc\0abc", 7);
}

static void an_empty_file_is_no_bytes(void **state)
{
	struct initrd initrd;
	struct image img;

	(void)state;
	assert_int_equal(initrd_open(&initrd, &node, "2,x", "initrd=c", &img),
			 0);
	assert_int_equal(img.size, 0);
	initrd_close(&initrd);
}

static void only_that_word_names_an_initrd(void **state)
{
	(void)state;
	expect_none("2,x", "");
	expect_none("2,x", "initrd");
	expect_none("2,x", "initrd= root=/dev/vda2");
	expect_none("2,x", "initrd=,");
	expect_none("2,x", "noinitrd=/a Initrd=/a \"initrd=/a\"");
	expect_none("2,x", "root=initrd=/a");
}

/* GRUB in a PReP partition, and disks that find their program themselves. */
static void without_a_kernels_file_there_is_none(void **state)
{
	(void)state;
	expect_none("2", "initrd=/a");
	expect_none("2,", "initrd=/a");
	expect_none("", "initrd=/a");
	expect_none("no number,x", "initrd=/a");
}

static void a_missing_file_is_named_before_any_is_read(void **state)
{
	(void)state;
	expect_error("2,x", "initrd=/a initrd=\\none quiet", ERR_NODEV);
	assert_string_equal(reason(), "initrd=\\none: no file or directory "
				      "\"2,\\none\"");
	size_error = ERR_IO;
	expect_error("2,x", "initrd=/a", ERR_IO);
	assert_string_equal(reason(), "initrd=/a: a bad inode");
}

static void no_memory_is_told(void **state)
{
	(void)state;
	fake_heap_fail_after(0);
	expect_error("2,x", "initrd=/a", ERR_NOMEM);
	fake_heap_fail_after(-1);
}

#define T(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_initrd_is_on_the_kernels_partition),
		T(a_disk_without_partitions_has_it_too),
		T(several_initrds_follow_each_other),
		T(an_empty_file_is_no_bytes),
		T(only_that_word_names_an_initrd),
		T(without_a_kernels_file_there_is_none),
		T(a_missing_file_is_named_before_any_is_read),
		T(no_memory_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
