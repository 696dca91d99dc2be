// SPDX-License-Identifier: BSD-2-Clause
// Device paths of every form.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "lib/err.h"
#include "lib/reason.h"
#include "tests/fake/heap.h"
#include "tests/fake/tree.h"
#include "tree/path.h"
#include "tree/prop.h"

#include <cmocka.h>

static struct node *add(struct node *parent, const char *name)
{
	struct node *node = tree_add_node(parent, name, TREE_QUOIN);

	assert_non_null(node);
	return node;
}

static struct node *aliases, *disk, *pci;

/* A tree with something of each kind. */
static int setup(void **state)
{
	struct node *vscsi;

	(void)state;
	fake_heap_fail_after(-1);
	assert_int_equal(tree_init(), 0);
	aliases = add(tree_root(), "aliases");
	add(tree_root(), "memory@40000000");
	add(tree_root(), "memory@0");
	vscsi = add(add(tree_root(), "vdevice"), "v-scsi@71000003");
	add(vscsi, "disk@8000000000000000");
	disk = add(vscsi, "disk@8100000000000000");
	pci = add(tree_root(), "pci@800000020000000");
	add(pci, "scsi@1,0");
	add(pci, "scsi@1f,2");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_heap_fail_after(-1);
	tree_free();
	assert_int_equal(fake_heap_live(), 0);
	return 0;
}

static void alias(const char *name, const char *path)
{
	assert_int_equal(tree_set_str(aliases, name, path), 0);
}

#define DISK "/vdevice/v-scsi@71000003/disk@8100000000000000"

static void assert_path(const char *path, const char *want)
{
	char buf[256];
	const struct node *node = tree_find(path);

	if (!want) {
		assert_null(node);
		return;
	}
	assert_non_null(node);
	assert_int_equal(tree_path(node, buf, sizeof(buf)), strlen(want));
	assert_string_equal(buf, want);
}

static void full_paths_name_their_nodes(void **state)
{
	(void)state;
	assert_path("/", "/");
	assert_path("/vdevice", "/vdevice");
	assert_path(DISK, DISK);
	assert_ptr_equal(tree_find(DISK), disk);
	assert_path("//vdevice//v-scsi@71000003/", "/vdevice/v-scsi@71000003");
}

static void what_is_not_there_is_not_found(void **state)
{
	(void)state;
	assert_path("", NULL);
	assert_path("/nope", NULL);
	assert_path("/vdevice/nope", NULL);
	assert_path("/vdev", NULL);
	assert_path("/vdevice2", NULL);
	assert_path("/vdevice@1", NULL);
	assert_path("/vdevice/v-scsi@71000004", NULL);
	assert_path("/vdevice/v-scsi@71000003/disk@8200000000000000", NULL);
	assert_path("vdevice", NULL);
	assert_path("/vdevice/v-scsi@", NULL);
}

static void a_missing_unit_matches_the_first_of_the_name(void **state)
{
	(void)state;
	assert_path("/vdevice/v-scsi/disk",
		    "/vdevice/v-scsi@71000003/disk@8000000000000000");
	assert_path("/pci/scsi", "/pci@800000020000000/scsi@1,0");
}

static void a_missing_name_matches_by_unit(void **state)
{
	(void)state;
	assert_path("/@800000020000000/@1f,2",
		    "/pci@800000020000000/scsi@1f,2");
}

/* GRUB opens "/memory" and takes its reg for the RMA (SLOF b96c867). */
static void grub_finds_the_rma_under_memory(void **state)
{
	(void)state;
	assert_path("/memory", "/memory@0");
	assert_path("/Memory:x", "/memory@0");
	assert_path("/memory@40000000", "/memory@40000000");
	tree_remove_node(tree_find("/memory@0"));
	assert_path("/memory", "/memory@40000000");
}

static void case_does_not_matter(void **state)
{
	(void)state;
	assert_path("/VDevice/V-SCSI@71000003/DISK@8100000000000000", DISK);
	assert_path("/pci@800000020000000/scsi@1F,2",
		    "/pci@800000020000000/scsi@1f,2");
}

/* Does a path with unit address `a` find a node with `b`? */
static bool unit_equal(const char *a, const char *b)
{
	char name[64], path[64];
	struct node *node;
	bool found;

	snprintf(name, sizeof(name), "unit@%s", b);
	snprintf(path, sizeof(path), "/unit@%s", a);
	node = tree_add_node(tree_root(), name, TREE_QEMU);
	found = tree_find(path) == node;
	tree_remove_node(node);
	return found;
}

static void unit_addresses_are_numbers(void **state)
{
	(void)state;
	assert_true(unit_equal("1", "1"));
	assert_true(unit_equal("01", "1"));
	assert_true(unit_equal("1,0", "1"));
	assert_true(unit_equal("1", "1,0"));
	assert_true(unit_equal("1,0,0", "01,00"));
	assert_true(unit_equal("aB,C", "Ab,c"));
	assert_true(unit_equal("", ""));
	assert_true(unit_equal("WWN,xyz", "wwn,XYZ"));
	assert_true(unit_equal("60302031b0000", "00060302031b0000"));
	assert_true(unit_equal("0000000000000000000001", "1"));
	assert_true(unit_equal("00000000000000000000", "0"));
	assert_false(unit_equal("1", "10"));
	assert_false(unit_equal("1", "1,1"));
	assert_false(unit_equal("1,1", "1,2"));
	assert_false(unit_equal("", "0"));
	assert_false(unit_equal("0", ""));
	assert_false(unit_equal("wwn", "wwx"));
	assert_false(unit_equal("1,x", "1,y"));
	assert_false(unit_equal("1,0", "2,x"));
	assert_path("/pci/scsi@01", "/pci@800000020000000/scsi@1,0");
}

static void arguments_are_skipped(void **state)
{
	(void)state;
	assert_path("/vdevice:x/v-scsi@71000003:y/disk@8100000000000000:1",
		    DISK);
	assert_path(DISK ":", DISK);
	assert_path(DISK ":1,\\boot\\file", DISK);
	assert_path("/:x", "/");
	assert_path("/vdevice/:x", "/vdevice");
}

static void assert_resolves(const char *path, struct node *want,
			    const char *want_args)
{
	static char buf[TREE_PATH_MAX];
	const char *args;

	assert_ptr_equal(tree_resolve(path, buf, &args), want);
	if (want)
		assert_string_equal(args, want_args);
}

static void the_last_arguments_are_told(void **state)
{
	(void)state;
	alias("d", DISK);
	assert_resolves(DISK, disk, "");
	assert_resolves(DISK ":", disk, "");
	assert_resolves(DISK ":1", disk, "1");
	assert_resolves("/vdevice:x/v-scsi:y/disk@8100000000000000", disk, "");
	assert_resolves("d:2,\\file", disk, "2,\\file");
	assert_resolves("/pci:a:b", pci, "a:b");
}

/* yaboot and users write "disk:1,/boot/file". */
static void yaboots_slashes_in_arguments_are_arguments(void **state)
{
	(void)state;
	alias("d", DISK);
	assert_resolves("d:1,/boot/file", disk, "1,/boot/file");
	assert_resolves(DISK ":/a:b", disk, "/a:b");
}

static void arguments_of_an_alias_stay_unless_the_path_has_its_own(void **state)
{
	(void)state;
	alias("d", DISK ":5");
	alias("v", "/vdevice:9");
	assert_resolves("d", disk, "5");
	assert_resolves("d:1", disk, "1");
	assert_resolves("d:", disk, "");
	assert_resolves("v/v-scsi/disk@8100000000000000", disk, "");
}

static void a_failed_resolution_has_a_reason(void **state)
{
	(void)state;
	assert_resolves("/nope", NULL, NULL);
	assert_non_null(strstr(reason(), "/nope"));
	assert_resolves("nope", NULL, NULL);
	assert_non_null(strstr(reason(), "nope: no such alias"));
	assert_resolves("", NULL, NULL);
}

static void overlong_paths_are_refused(void **state)
{
	char path[TREE_PATH_MAX + 2];
	struct node *node;

	(void)state;
	memset(path, 'x', sizeof(path));
	memcpy(path, DISK ":", strlen(DISK ":"));
	path[TREE_PATH_MAX] = '\0';
	assert_resolves(path, NULL, NULL);
	path[TREE_PATH_MAX - 1] = '\0';
	node = tree_find(path);
	assert_ptr_equal(node, disk);
	alias("dd", DISK);
	memset(path, 'x', sizeof(path));
	memcpy(path, "dd:", 3);
	path[TREE_PATH_MAX - 1] = '\0';
	assert_resolves(path, NULL, NULL);
}

static void a_path_is_cut_to_its_buffer(void **state)
{
	char buf[64];

	(void)state;
	for (size_t size = 0; size < strlen(DISK) + 3; size++) {
		size_t keep = MIN(size ? size - 1 : 0, strlen(DISK));

		memset(buf, '#', sizeof(buf));
		assert_int_equal(tree_path(disk, buf, size), strlen(DISK));
		assert_memory_equal(buf, DISK, keep);
		if (size)
			assert_int_equal(buf[keep], '\0');
		assert_int_equal(buf[MAX(size, keep + 1)], '#');
	}
	memset(buf, '#', sizeof(buf));
	assert_int_equal(tree_path(tree_root(), buf, 1), 1);
	assert_string_equal(buf, "");
}

static void canon_gives_one_spelling(void **state)
{
	char buf[128];

	(void)state;
	alias("d", "/VDEVICE/v-scsi/disk@8100000000000000:2");
	assert_int_equal(tree_canon("d", buf, sizeof(buf)), strlen(DISK ":2"));
	assert_string_equal(buf, DISK ":2");
	assert_int_equal(tree_canon("d:", buf, sizeof(buf)), strlen(DISK));
	assert_string_equal(buf, DISK);
	assert_int_equal(tree_canon("/", buf, sizeof(buf)), 1);
	assert_string_equal(buf, "/");
	assert_int_equal(tree_canon("/nope", buf, sizeof(buf)), ERR_NOENT);
}

static void canon_is_cut_to_its_buffer(void **state)
{
	char buf[128];

	(void)state;
	for (size_t size = 0; size < strlen(DISK ":2") + 3; size++) {
		size_t keep = MIN(size ? size - 1 : 0, strlen(DISK ":2"));

		memset(buf, '#', sizeof(buf));
		assert_int_equal(tree_canon(DISK ":2", buf, size),
				 strlen(DISK ":2"));
		assert_memory_equal(buf, DISK ":2", keep);
		if (size)
			assert_int_equal(buf[keep], '\0');
		assert_int_equal(buf[MAX(size, keep + 1)], '#');
	}
}

static void a_second_unit_address_finds_the_same_node(void **state)
{
	(void)state;
	assert_int_equal(tree_set_other_unit(disk, "8a00000000000000"), 0);
	assert_path("/vdevice/v-scsi@71000003/disk@08A00000000000000", DISK);
	assert_path(DISK, DISK);
	assert_path("/vdevice/v-scsi/disk",
		    "/vdevice/v-scsi@71000003/disk@8000000000000000");
	assert_path("/vdevice/v-scsi/disk@8b00000000000000", NULL);
}

static const struct node *hook_asked;
static char hook_part[32];

static struct node *hook(struct node *parent, const char *part, size_t len)
{
	hook_asked = parent;
	snprintf(hook_part, sizeof(hook_part), "%.*s", (int)len, part);
	return part[0] == 'm' ? parent : NULL;
}

static void a_hook_may_know_what_no_child_matches(void **state)
{
	(void)state;
	tree_set_child_hook(hook);
	assert_ptr_equal(tree_find("/pci/more@1:2/x"), pci);
	assert_ptr_equal(hook_asked, pci);
	assert_string_equal(hook_part, "more@1");
	assert_null(tree_find("/pci/less:1"));
	assert_string_equal(hook_part, "less");
	/* Not for what follows arguments. */
	hook_asked = NULL;
	assert_ptr_equal(tree_find("/pci:1/more"), pci);
	assert_null(hook_asked);
	tree_set_child_hook(NULL);
	assert_null(tree_find("/pci/more"));
}

static void a_second_unit_address_needs_memory(void **state)
{
	(void)state;
	fake_heap_fail_after(0);
	assert_int_equal(tree_set_other_unit(disk, "8a00000000000000"),
			 ERR_NOMEM);
	assert_string_equal(reason(),
			    "device tree: no memory for @8a00000000000000");
	assert_path("/vdevice/v-scsi/disk@8a00000000000000", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(full_paths_name_their_nodes,
						setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_not_there_is_not_found,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_missing_unit_matches_the_first_of_the_name, setup,
			teardown),
		cmocka_unit_test_setup_teardown(a_missing_name_matches_by_unit,
						setup, teardown),
		cmocka_unit_test_setup_teardown(grub_finds_the_rma_under_memory,
						setup, teardown),
		cmocka_unit_test_setup_teardown(case_does_not_matter, setup,
						teardown),
		cmocka_unit_test_setup_teardown(unit_addresses_are_numbers,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_second_unit_address_finds_the_same_node, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			a_second_unit_address_needs_memory, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_hook_may_know_what_no_child_matches, setup, teardown),
		cmocka_unit_test_setup_teardown(arguments_are_skipped, setup,
						teardown),
		cmocka_unit_test_setup_teardown(the_last_arguments_are_told,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			yaboots_slashes_in_arguments_are_arguments, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			arguments_of_an_alias_stay_unless_the_path_has_its_own,
			setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_failed_resolution_has_a_reason, setup, teardown),
		cmocka_unit_test_setup_teardown(overlong_paths_are_refused,
						setup, teardown),
		cmocka_unit_test_setup_teardown(a_path_is_cut_to_its_buffer,
						setup, teardown),
		cmocka_unit_test_setup_teardown(canon_gives_one_spelling, setup,
						teardown),
		cmocka_unit_test_setup_teardown(canon_is_cut_to_its_buffer,
						setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
