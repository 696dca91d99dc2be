// SPDX-License-Identifier: BSD-2-Clause
// Flattened trees read token by token, good ones and hostile ones.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <libfdt.h>

#include "lib/endian.h"
#include "lib/err.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "tests/fake/fdt.h"
#include "tests/fake/heap.h"
#include "tests/fake/log.h"
#include "tests/fake/tree.h"
#include "tree/blob.h"
#include "tree/internal.h"

#include <cmocka.h>

static int setup(void **state)
{
	(void)state;
	fake_heap_fail_after(-1);
	return tree_init();
}

static int teardown(void **state)
{
	(void)state;
	fake_heap_fail_after(-1);
	log_reset();
	tree_free();
	assert_int_equal(fake_heap_live(), 0);
	return 0;
}

static void tokens_come_in_the_order_of_the_blob(void **state)
{
	struct blob_reader r;
	size_t size;
	void *blob;

	(void)state;
	fake_fdt_start();
	fake_fdt_str("a", "hello");
	fake_fdt_node("n@1");
	fake_fdt_prop("empty", "", 0);
	fake_fdt_end();
	blob = fake_fdt_finish(&size);
	assert_int_equal(blob_open(&r, blob, size), size);
	assert_int_equal(blob_next(&r), BLOB_PROP);
	assert_string_equal(r.name, "a");
	assert_int_equal(r.name_len, 1);
	assert_int_equal(r.len, 6);
	assert_string_equal(r.value, "hello");
	assert_int_equal(blob_next(&r), BLOB_NODE);
	assert_string_equal(r.name, "n@1");
	assert_int_equal(r.name_len, 3);
	assert_int_equal(blob_next(&r), BLOB_PROP);
	assert_int_equal(r.len, 0);
	assert_int_equal(blob_next(&r), BLOB_NODE_END);
	assert_int_equal(blob_next(&r), BLOB_NODE_END);
	assert_int_equal(blob_next(&r), BLOB_END);
}

static void tokens_that_say_nothing_are_skipped(void **state)
{
	struct blob_reader r;
	size_t size;
	void *blob;

	(void)state;
	fake_fdt_start();
	fake_fdt_str("a", "x");
	fake_fdt_str("b", "y");
	blob = fake_fdt_finish(&size);
	assert_int_equal(fdt_nop_property(blob, 0, "a"), 0);
	assert_int_equal(blob_open(&r, blob, size), size);
	assert_int_equal(blob_next(&r), BLOB_PROP);
	assert_string_equal(r.name, "b");
}

static void assert_refused(const void *blob, size_t max, const char *why)
{
	struct blob_reader r;

	reason_clear();
	assert_int_equal(blob_open(&r, blob, max), ERR_FORMAT);
	assert_non_null(strstr(reason(), why));
}

static void what_is_no_blob_is_refused_with_a_reason(void **state)
{
	static char nothing[64] __attribute__((aligned(8)));
	size_t size;
	char *blob = fake_fdt_machine(&size);

	(void)state;
	assert_refused(nothing, sizeof(nothing), "BADMAGIC");
	assert_refused(blob, size - 1, "FDT_ERR");
	assert_refused(blob, 4, "FDT_ERR");
	assert_refused(blob + 4, size - 4, "not aligned");
	fdt_set_version(blob, 16);
	assert_refused(blob, size, "version 16");
	/* libfdt 1.6.1 falls over its root, which is called "". */
	fdt_set_version(blob, 2);
	fdt_set_last_comp_version(blob, 2);
	assert_refused(blob, size, "version 2");
	fdt_set_version(blob, 17);
	fdt_set_off_dt_struct(blob, fdt_off_dt_struct(blob) + 1);
	assert_refused(blob, size, "not aligned");
	fdt_set_off_dt_struct(blob, fdt_off_dt_struct(blob) - 1);
	fdt_set_off_mem_rsvmap(blob, fdt_off_mem_rsvmap(blob) + 4);
	assert_refused(blob, size, "not aligned");
}

static void a_blob_needs_a_root(void **state)
{
	size_t size;
	char *blob;

	(void)state;
	fake_fdt_start();
	blob = fake_fdt_finish(&size);
	be32_store(blob + fdt_off_dt_struct(blob), FDT_NOP);
	be32_store(blob + fdt_off_dt_struct(blob) + 4, FDT_NOP);
	be32_store(blob + fdt_off_dt_struct(blob) + 8, FDT_END);
	assert_refused(blob, size, "device tree blob");
}

static enum blob_token last_token(const void *blob, size_t size)
{
	struct blob_reader r;
	enum blob_token token;

	assert_int_equal(blob_open(&r, blob, size), size);
	do
		token = blob_next(&r);
	while (token != BLOB_END && token != BLOB_BAD);
	return token;
}

static void names_that_clients_cannot_take_are_refused(void **state)
{
	char name[66];
	size_t size;
	void *blob;

	(void)state;
	memset(name, 'n', sizeof(name));
	for (size_t len = 62; len < sizeof(name); len++) {
		name[len] = '\0';
		fake_fdt_start();
		fake_fdt_str(name, "x");
		blob = fake_fdt_finish(&size);
		assert_int_equal(last_token(blob, size),
				 len > TREE_PROP_NAME_MAX ? BLOB_BAD
							  : BLOB_END);
		fake_fdt_start();
		fake_fdt_node(name);
		fake_fdt_end();
		blob = fake_fdt_finish(&size);
		assert_int_equal(last_token(blob, size),
				 len > TREE_PROP_NAME_MAX ? BLOB_BAD
							  : BLOB_END);
		name[len] = 'n';
	}
	fake_fdt_start();
	fake_fdt_str("", "x");
	blob = fake_fdt_finish(&size);
	assert_int_equal(last_token(blob, size), BLOB_BAD);
}

static phandle_t phandle_of(const char *name, const void *value, uint32_t len)
{
	struct blob_reader r = { .name = name,
				 .name_len = strlen(name),
				 .value = value,
				 .len = len };

	return blob_phandle(&r);
}

static void phandles_are_known_by_both_their_names(void **state)
{
	(void)state;
	assert_int_equal(phandle_of("phandle", "\0\0\x11\x11", 4), 0x1111);
	assert_int_equal(phandle_of("linux,phandle", "\0\0\x11\x11", 4),
			 0x1111);
	assert_int_equal(phandle_of("phandle", "\0\0\x11\x11", 3), 0);
	assert_int_equal(phandle_of("phandlx", "\0\0\x11\x11", 4), 0);
	assert_int_equal(phandle_of("linux_phandle", "\0\0\x11\x11", 4), 0);
	assert_int_equal(phandle_of("interrupt-map", "\0\0\x11\x11", 4), 0);
}

static void a_phandle_used_twice_is_a_warning(void **state)
{
	struct node *node = tree_add_node(tree_root(), "a", TREE_QEMU);
	phandle_t old;

	(void)state;
	assert_non_null(node);
	old = node->phandle;
	assert_int_equal(blob_take_phandle(node, tree_root()->phandle), 0);
	assert_int_equal(node->phandle, old);
	assert_non_null(strstr(reason(), "taken"));
	assert_int_equal(blob_take_phandle(node, 0x1111), 0);
	assert_int_equal(node->phandle, 0x1111);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			tokens_come_in_the_order_of_the_blob, setup, teardown),
		cmocka_unit_test_setup_teardown(
			tokens_that_say_nothing_are_skipped, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_is_no_blob_is_refused_with_a_reason, setup,
			teardown),
		cmocka_unit_test_setup_teardown(a_blob_needs_a_root, setup,
						teardown),
		cmocka_unit_test_setup_teardown(
			names_that_clients_cannot_take_are_refused, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			phandles_are_known_by_both_their_names, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			a_phandle_used_twice_is_a_warning, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
