// SPDX-License-Identifier: BSD-2-Clause
// Files on whatever file system a volume holds.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"
#include "packages/filesystem.h"
#include "tests/fake/heap.h"

static const struct volume vol;
static int mount_error, open_error;
static unsigned mounted, unmounted;
static char opened[64];

static int other_mount(const struct volume *v, void **mount)
{
	(void)v;
	(void)mount;
	return reason_fail(ERR_FORMAT, "not the other one");
}

FILESYSTEM(another) = { .name = "another", .mount = other_mount };

static int fake_mount(const struct volume *v, void **mount)
{
	assert_ptr_equal(v, &vol);
	mounted++;
	*mount = mount_error ? NULL : opened;
	return mount_error;
}

static int fake_open(void *mount, const char *path, struct file *file)
{
	assert_ptr_equal(mount, opened);
	strcpy(opened, path);
	file->size = 10;
	return open_error;
}

static int fake_read(const struct file *file, uint64_t offset, void *buf,
		     size_t len)
{
	(void)file;
	memset(buf, (int)('0' + offset), len);
	return 0;
}

static void fake_unmount(void *mount)
{
	assert_ptr_equal(mount, opened);
	unmounted++;
}

FILESYSTEM(some) = {
	.name = "some",
	.mount = fake_mount,
	.open = fake_open,
	.read = fake_read,
	.unmount = fake_unmount,
};

static void prepare(void)
{
	mount_error = open_error = 0;
	mounted = unmounted = 0;
}

static void the_first_that_takes_the_volume_opens_the_path(void **state)
{
	struct file file;

	(void)state;
	prepare();
	assert_int_equal(file_open(&vol, "\\a\\b/c", &file), 0);
	assert_string_equal(file.fs->name, "some");
	assert_string_equal(opened, "a/b/c");
	assert_int_equal(unmounted, 0);
	file_close(&file);
	file_close(&file);
	assert_int_equal(unmounted, 1);
	assert_int_equal(fake_heap_live(), 0);
}

static void separators_in_front_are_dropped(void **state)
{
	struct file file;

	(void)state;
	prepare();
	assert_int_equal(file_open(&vol, "/\\/a", &file), 0);
	assert_string_equal(opened, "a");
	file_close(&file);
	assert_int_equal(file_open(&vol, "\\", &file), 0);
	assert_string_equal(opened, "");
	file_close(&file);
}

static void a_volume_that_nobody_takes_is_told(void **state)
{
	struct file file;

	(void)state;
	prepare();
	mount_error = ERR_FORMAT;
	assert_int_equal(file_open(&vol, "a", &file), ERR_FORMAT);
	assert_non_null(strstr(reason(), "unknown file system"));
	assert_int_equal(unmounted, 0);
}

static void a_file_system_without_names_has_an_empty_one(void **state)
{
	char label[8] = "old";

	(void)state;
	prepare();
	assert_int_equal(volume_label(&vol, label, sizeof(label)), 0);
	assert_string_equal(label, "");
	assert_int_equal(mounted, 1);
	assert_int_equal(unmounted, 1);
	mount_error = ERR_IO;
	assert_int_equal(volume_label(&vol, label, sizeof(label)), ERR_IO);
	assert_int_equal(unmounted, 1);
}

static void other_errors_of_mount_end_the_search(void **state)
{
	struct file file;

	(void)state;
	prepare();
	mount_error = ERR_IO;
	assert_int_equal(file_open(&vol, "a", &file), ERR_IO);
	assert_int_equal(mounted, 1);
	assert_int_equal(unmounted, 0);
}

static void a_failed_open_unmounts(void **state)
{
	struct file file;

	(void)state;
	prepare();
	open_error = ERR_NOENT;
	assert_int_equal(file_open(&vol, "a", &file), ERR_NOENT);
	assert_int_equal(unmounted, 1);
	assert_int_equal(fake_heap_live(), 0);
}

static void no_memory_for_the_path_is_told(void **state)
{
	struct file file;

	(void)state;
	prepare();
	fake_heap_fail_after(0);
	assert_int_equal(file_open(&vol, "a", &file), ERR_NOMEM);
	fake_heap_fail_after(-1);
	assert_int_equal(mounted, 0);
}

static void reads_stay_inside_the_file(void **state)
{
	struct file file;
	char buf[16];

	(void)state;
	prepare();
	assert_int_equal(file_open(&vol, "a", &file), 0);
	assert_int_equal(file_read(&file, 2, buf, 8), 0);
	assert_memory_equal(buf, "22222222", 8);
	assert_int_equal(file_read(&file, 2, buf, 9), ERR_RANGE);
	assert_int_equal(file_read(&file, 11, buf, 0), ERR_RANGE);
	assert_int_equal(file_read(&file, UINT64_MAX, buf, 2), ERR_RANGE);
	file_close(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			the_first_that_takes_the_volume_opens_the_path),
		cmocka_unit_test(separators_in_front_are_dropped),
		cmocka_unit_test(a_volume_that_nobody_takes_is_told),
		cmocka_unit_test(a_file_system_without_names_has_an_empty_one),
		cmocka_unit_test(other_errors_of_mount_end_the_search),
		cmocka_unit_test(a_failed_open_unmounts),
		cmocka_unit_test(no_memory_for_the_path_is_told),
		cmocka_unit_test(reads_stay_inside_the_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
