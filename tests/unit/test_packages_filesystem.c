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
static int mount_error, root_error, lookup_error, link_error;
static unsigned mounted, unmounted, lookups;

/* A tree; "down" goes on for ever. */
static const struct entry {
	const char *name;
	unsigned parent;
	bool is_file;
	const char *target; /* NULL: no link */
} tree[] = {
	{ .name = "" },
	{ .name = "boot" },
	{ "vmlinux-6.1", 1, .is_file = true },
	{ "vmlinux", 1, .target = "vmlinux-6.1" },
	{ "vmlinuz", 0, .target = "boot/vmlinux" },
	{ "absolute", 1, .target = "/boot/vmlinux-6.1" },
	{ "current", 0, .target = "boot" },
	{ "slash", 0, .target = "boot/" },
	{ .name = "grub", .parent = 1 },
	{ "up", 8, .target = "../vmlinux" },
	{ "far-up", 8, .target = "../../../../boot/./grub/../vmlinux-6.1" },
	{ "grub-link", 0, .target = "boot/grub" },
	{ "self", 0, .target = "self" },
	{ "ping", 0, .target = "boot/pong" },
	{ "pong", 1, .target = "../ping" },
	{ "dangling", 0, .target = "boot/nothing" },
	{ "empty", 0, .target = "" },
	{ "to-root", 1, .target = "/" },
	{ "l1", 0, .target = "l2" },
	{ "l2", 0, .target = "l3" },
	{ "l3", 0, .target = "l4" },
	{ "l4", 0, .target = "l5" },
	{ "l5", 0, .target = "l6" },
	{ "l6", 0, .target = "l7" },
	{ "l7", 0, .target = "l8" },
	{ "l8", 0, .target = "boot/vmlinux-6.1" },
	{ "l0", 0, .target = "l1" },
	{ "odd\\name", 1, .is_file = true },
	{ "to-odd", 0, .target = "boot/odd\\name" },
	{ .name = "down" },
	{ "long", 0, .target = NULL }, /* long_target */
};

#define DOWN (ARRAY_SIZE(tree) - 2)
#define LONG (ARRAY_SIZE(tree) - 1)

static char long_target[2 * FILE_PATH_MAX];

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
	*mount = mount_error ? NULL : &mounted;
	return mount_error;
}

static int fake_root(void *mount, struct file *dir)
{
	assert_ptr_equal(mount, &mounted);
	assert_int_equal(dir->priv[0], 0);
	dir->is_directory = true;
	return root_error ? reason_fail(root_error, "a bad root") : 0;
}

static void fill(struct file *file, unsigned i)
{
	file->priv[0] = i;
	file->size = 10;
	file->is_link = tree[i].target || i == LONG;
	file->is_directory = !tree[i].is_file && !file->is_link;
}

static int fake_lookup(const struct file *dir, const char *name, size_t len,
		       struct file *file)
{
	assert_true(dir->is_directory);
	assert_ptr_equal(file->mount, &mounted);
	assert_true(len && !memchr(name, '/', len));
	assert_false(len <= 2 && !memcmp(name, "..", len));
	lookups++;
	if (lookup_error)
		return reason_fail(lookup_error, "a bad block");
	if (dir->priv[0] == DOWN && len == 1 && *name == 'd') {
		fill(file, DOWN);
		return 0;
	}
	for (unsigned i = 1; i < ARRAY_SIZE(tree); i++) {
		if (tree[i].parent != dir->priv[0] ||
		    strlen(tree[i].name) != len ||
		    memcmp(tree[i].name, name, len))
			continue;
		fill(file, i);
		return 0;
	}
	return ERR_NOENT;
}

static int fake_readlink(const struct file *link, char *buf, size_t size)
{
	const char *target = link->priv[0] == LONG ? long_target
						   : tree[link->priv[0]].target;

	assert_true(link->is_link);
	if (link_error)
		return reason_fail(link_error, "a bad link");
	if (strlen(target) >= size)
		return ERR_NOSPACE;
	strcpy(buf, target);
	return 0;
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
	assert_ptr_equal(mount, &mounted);
	unmounted++;
}

FILESYSTEM(some) = {
	.name = "some",
	.mount = fake_mount,
	.root = fake_root,
	.lookup = fake_lookup,
	.readlink = fake_readlink,
	.read = fake_read,
	.unmount = fake_unmount,
};

static void prepare(void)
{
	mount_error = root_error = lookup_error = link_error = 0;
	mounted = unmounted = lookups = 0;
}

/* Opens a path, which names entry `want`, whatever the way. */
static void expect(const char *path, const char *want)
{
	struct file file;

	prepare();
	assert_int_equal(file_open(&vol, path, &file), 0);
	assert_string_equal(tree[file.priv[0]].name, want);
	assert_false(file.is_link);
	assert_string_equal(file.fs->name, "some");
	assert_int_equal(unmounted, 0);
	file_close(&file);
	file_close(&file);
	assert_int_equal(unmounted, 1);
	assert_int_equal(fake_heap_live(), 0);
}

/* Does not open it, and says why. */
static void expect_not(const char *path, int want, const char *why)
{
	struct file file;

	prepare();
	assert_int_equal(file_open(&vol, path, &file), want);
	if (!strstr(reason(), why))
		fail_msg("%s: %s", path, reason());
	assert_int_equal(unmounted, mounted);
	assert_int_equal(fake_heap_live(), 0);
}

static void the_first_that_takes_the_volume_opens_the_path(void **state)
{
	(void)state;
	expect("boot/vmlinux-6.1", "vmlinux-6.1");
	assert_int_equal(lookups, 2);
	expect("boot", "boot");
	expect("", "");
	assert_int_equal(lookups, 0);
}

static void separators_are_slashes_of_both_kinds_and_any_number(void **state)
{
	(void)state;
	expect("\\boot\\grub", "grub");
	expect("/\\/boot//\\grub\\", "grub");
	expect("\\", "");
	/* As a user types it; a file is a file. */
	expect("boot/vmlinux-6.1/", "vmlinux-6.1");
}

static void a_dot_is_the_directory_and_two_are_its_parent(void **state)
{
	(void)state;
	expect(".", "");
	expect("./boot/./grub/.", "grub");
	expect("boot/grub/..", "boot");
	expect("boot/./..", "");
	expect("boot/././/./..//boot", "boot");
	expect("boot/grub/../../boot/vmlinux-6.1", "vmlinux-6.1");
	expect_not("boot/...", ERR_NOENT, "\"...\"");
	expect_not("boot/..grub", ERR_NOENT, "\"..grub\"");
}

static void above_the_root_is_the_root(void **state)
{
	(void)state;
	expect("..", "");
	expect("../../boot", "boot");
	expect("boot/../../../boot/grub", "grub");
}

static void links_at_the_end_are_followed(void **state)
{
	(void)state;
	expect("boot/vmlinux", "vmlinux-6.1");
	expect("vmlinuz", "vmlinux-6.1");
	expect("\\vmlinuz\\", "vmlinux-6.1");
	expect("boot/absolute", "vmlinux-6.1");
	expect("boot/to-root", "");
}

static void links_in_the_middle_are_followed(void **state)
{
	(void)state;
	expect("current/vmlinux", "vmlinux-6.1");
	expect("slash/vmlinux", "vmlinux-6.1");
	expect("boot/to-root/boot/grub", "grub");
	expect("grub-link/up", "vmlinux-6.1");
	expect("current/grub/far-up", "vmlinux-6.1");
}

/* Not the directory that has the link: that is what shells make of "..". */
static void a_parent_after_a_link_is_that_of_its_target(void **state)
{
	(void)state;
	expect("grub-link/..", "boot");
	expect("grub-link/./../vmlinux", "vmlinux-6.1");
	expect("current/..", "");
}

static void only_the_users_backslashes_are_separators(void **state)
{
	(void)state;
	expect("to-odd", "odd\\name");
	expect_not("boot/odd\\name", ERR_NOENT, "\"odd\"");
}

static void eight_links_are_followed_and_no_loop(void **state)
{
	(void)state;
	expect("l1", "vmlinux-6.1");
	expect_not("l0", ERR_NOTSUP, "more than 8 symbolic links");
	expect_not("self", ERR_NOTSUP, "more than 8 symbolic links");
	expect_not("ping", ERR_NOTSUP, "more than 8 symbolic links");
	expect_not("self/x", ERR_NOTSUP, "more than 8 symbolic links");
}

static void what_a_link_lacks_is_named(void **state)
{
	(void)state;
	expect_not("dangling", ERR_NOENT, "\"nothing\"");
	expect_not("empty", ERR_NOENT, "\"empty\": an empty link");
	expect_not("empty/boot", ERR_NOENT, "\"empty\": an empty link");
}

static void a_file_is_no_directory(void **state)
{
	(void)state;
	expect_not("boot/vmlinux-6.1/x", ERR_NOENT,
		   "no \"x\": not in a directory");
	expect_not("boot/vmlinux-6.1/..", ERR_NOENT, "not in a directory");
	expect_not("boot/vmlinux-6.1/.", ERR_NOENT, "not in a directory");
	expect_not("vmlinuz/x", ERR_NOENT, "not in a directory");
}

/* "down/d/d/.../d" of a length. */
static void make_down(char *text, size_t len)
{
	strcpy(text, "down");
	while (strlen(text) + 2 <= len)
		strcat(text, "/d");
	if (strlen(text) < len)
		strcat(text, "/");
	assert_int_equal(strlen(text), len);
}

static void a_path_may_have_1023_characters(void **state)
{
	char path[FILE_PATH_MAX + 1];

	(void)state;
	make_down(path, FILE_PATH_MAX - 1);
	expect(path, "down");
	assert_int_equal(lookups, 510);
	make_down(path, FILE_PATH_MAX);
	expect_not(path, ERR_NOSPACE, "longer than 1023 characters");
	assert_int_equal(mounted, 0);
}

static void a_link_may_make_the_path_as_long_as_that(void **state)
{
	(void)state;
	make_down(long_target, FILE_PATH_MAX - 1);
	expect("long", "down");
	expect_not("long/", ERR_NOSPACE, "longer than 1023 characters");
	make_down(long_target, FILE_PATH_MAX - 5);
	expect("long/d/.", "down");
	expect_not("long/d/./", ERR_NOSPACE, "longer than 1023 characters");
	make_down(long_target, FILE_PATH_MAX);
	expect_not("long", ERR_NOSPACE, "longer than 1023 characters");
}

/* Each ".." starts again at the root, so few bytes make many lookups. */
static void a_path_ends_after_512_lookups(void **state)
{
	char path[FILE_PATH_MAX];

	(void)state;
	make_down(path, 500);
	strcat(path, "/..");
	expect(path, "down");
	assert_true(lookups <= FILE_LOOKUPS_MAX);
	strcat(path, "/..");
	expect_not(path, ERR_NOTSUP, "more than 512 lookups");
	assert_int_equal(lookups, FILE_LOOKUPS_MAX);
}

static void errors_name_the_component(void **state)
{
	struct file file;

	(void)state;
	prepare();
	root_error = ERR_IO;
	assert_int_equal(file_open(&vol, "boot", &file), ERR_IO);
	assert_string_equal(reason(), "a bad root");
	root_error = 0;
	lookup_error = ERR_IO;
	assert_int_equal(file_open(&vol, "boot/x", &file), ERR_IO);
	assert_string_equal(reason(), "\"boot\": a bad block");
	lookup_error = 0;
	link_error = ERR_TIMEOUT;
	assert_int_equal(file_open(&vol, "boot/vmlinux", &file), ERR_TIMEOUT);
	assert_string_equal(reason(), "\"vmlinux\": a bad link");
	assert_int_equal(unmounted, 3);
	assert_int_equal(fake_heap_live(), 0);
}

/* Callers look elsewhere if a file system is unknown, not if it is damaged. */
static void a_damaged_file_system_is_not_an_unknown_one(void **state)
{
	struct file file;

	(void)state;
	prepare();
	lookup_error = ERR_FORMAT;
	assert_int_equal(file_open(&vol, "boot", &file), ERR_NOTSUP);
	assert_string_equal(reason(), "\"boot\": a bad block");
	lookup_error = 0;
}

static void a_volume_that_nobody_takes_is_told(void **state)
{
	struct file file;

	(void)state;
	prepare();
	mount_error = ERR_FORMAT;
	assert_int_equal(file_open(&vol, "boot", &file), ERR_FORMAT);
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
	assert_int_equal(file_open(&vol, "boot", &file), ERR_IO);
	assert_int_equal(mounted, 1);
	assert_int_equal(unmounted, 0);
}

static void no_memory_is_told_and_nothing_leaks(void **state)
{
	struct file file;
	long n;

	(void)state;
	prepare();
	for (n = 0;; n++) {
		fake_heap_fail_after(n);
		int err = file_open(&vol, "grub-link/up", &file);

		if (!fake_heap_failed())
			break;
		assert_int_equal(err, ERR_NOMEM);
		assert_non_null(strstr(reason(), "no memory for a path"));
		assert_int_equal(fake_heap_live(), 0);
		assert_int_equal(mounted, unmounted);
	}
	fake_heap_fail_after(-1);
	file_close(&file);
	/* The text, and a target for each of three links. */
	assert_int_equal(n, 4);
}

static void reads_stay_inside_the_file(void **state)
{
	struct file file;
	char buf[16];

	(void)state;
	prepare();
	assert_int_equal(file_open(&vol, "boot", &file), 0);
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
		cmocka_unit_test(
			separators_are_slashes_of_both_kinds_and_any_number),
		cmocka_unit_test(a_dot_is_the_directory_and_two_are_its_parent),
		cmocka_unit_test(above_the_root_is_the_root),
		cmocka_unit_test(links_at_the_end_are_followed),
		cmocka_unit_test(links_in_the_middle_are_followed),
		cmocka_unit_test(a_parent_after_a_link_is_that_of_its_target),
		cmocka_unit_test(only_the_users_backslashes_are_separators),
		cmocka_unit_test(eight_links_are_followed_and_no_loop),
		cmocka_unit_test(what_a_link_lacks_is_named),
		cmocka_unit_test(a_file_is_no_directory),
		cmocka_unit_test(a_path_may_have_1023_characters),
		cmocka_unit_test(a_link_may_make_the_path_as_long_as_that),
		cmocka_unit_test(a_path_ends_after_512_lookups),
		cmocka_unit_test(errors_name_the_component),
		cmocka_unit_test(a_damaged_file_system_is_not_an_unknown_one),
		cmocka_unit_test(a_volume_that_nobody_takes_is_told),
		cmocka_unit_test(a_file_system_without_names_has_an_empty_one),
		cmocka_unit_test(other_errors_of_mount_end_the_search),
		cmocka_unit_test(no_memory_is_told_and_nothing_leaks),
		cmocka_unit_test(reads_stay_inside_the_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
