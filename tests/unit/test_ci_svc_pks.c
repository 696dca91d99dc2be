// SPDX-License-Identifier: BSD-2-Clause
/* Tests of ci/svc_pks.c: keys for GRUB. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "ci/nodes.h"
#include "tests/fake/keys.h"
#include "tests/fake/machine.h"
#include "tree/prop.h"

#define FAIL_PARAMETER ((cell_t)-4)
#define FAIL_NOT_FOUND ((cell_t)-7)
#define DB 1
#define DBX 2

static int start(void **state)
{
	fake_keys_reset();
	return fake_machine_start(state);
}

static int stop(void **state)
{
	fake_keys_reset();
	return fake_machine_stop(state);
}

static void keys_in_mode(uint32_t mode, bool db, bool dbx)
{
	fake_keys_begin(mode, 0);
	fake_keys_add_key("key", 2048, 0xff, 3);
	if (db)
		fake_keys_add_list(TRAILER_DB, "grub's key", 10);
	if (dbx)
		fake_keys_add_list(TRAILER_DBX, "bad", 3);
	assert_int_equal(fake_keys_read(), 0);
}

static cell_t version(cell_t buf)
{
	assert_int_equal(CI_N("pks-read-object", 3, 1, fake_str("SB_VERSION"),
			      10, buf, 4096),
			 0);
	assert_int_equal(fake_ret[0], 1);
	assert_int_equal(fake_ret[1], 0);
	assert_int_equal(fake_ret[2], 0);
	return (cell_t)fake_text(buf)[0];
}

static void assert_sbvar(cell_t type, cell_t buf, cell_t len, cell_t rc)
{
	assert_int_equal(CI_N("pks-read-sbvar", 2, 0, type, buf, 4096), 0);
	assert_int_equal(fake_ret[0], len);
	assert_int_equal(fake_ret[1], rc);
}

/* GRUB 2.14 prints an error otherwise, on every boot. */
static void grub_finds_static_keys_without_secure_boot(void **state)
{
	cell_t buf = fake_buf(4096);

	(void)state;
	assert_int_equal(CI("pks-max-object-size"), 4096);
	assert_int_equal(version(buf), 0);
	assert_sbvar(DB, buf, 0, FAIL_NOT_FOUND);
	assert_sbvar(DBX, buf, 0, FAIL_NOT_FOUND);
	assert_string_equal(fake_printed, "");
}

static void keys_are_dynamic_when_enforcing_with_a_db(void **state)
{
	cell_t buf = fake_buf(4096);

	(void)state;
	keys_in_mode(KEYS_OFF, true, true);
	assert_int_equal(version(buf), 0);
	keys_in_mode(KEYS_AUDIT, true, true);
	assert_int_equal(version(buf), 0);
	keys_in_mode(KEYS_ENFORCE, false, true);
	assert_int_equal(version(buf), 0);
	keys_in_mode(KEYS_ENFORCE, true, false);
	assert_int_equal(version(buf), 1);
}

static void lists_are_given_as_they_are(void **state)
{
	cell_t buf = fake_buf(4096);
	const void *list;
	size_t len;

	(void)state;
	keys_in_mode(KEYS_ENFORCE, true, true);
	list = keys_esl(KEYS_DB, &len);
	assert_sbvar(DB, buf, 54, 0);
	assert_memory_equal(fake_text(buf), list, len);
	assert_int_equal((uint8_t)fake_text(buf)[54], 0xee);
	list = keys_esl(KEYS_DBX, &len);
	assert_sbvar(DBX, buf, 47, 0);
	assert_memory_equal(fake_text(buf), list, len);
}

/* GRUB 2.14 prints "dbx not found", and wants its own keys for a missing db. */
static void grub_gets_an_empty_dbx_with_a_db(void **state)
{
	cell_t buf = fake_buf(4096);

	(void)state;
	keys_in_mode(KEYS_ENFORCE, true, false);
	assert_sbvar(DBX, buf, 0, 0);
	keys_in_mode(KEYS_ENFORCE, false, true);
	assert_sbvar(DB, buf, 0, FAIL_NOT_FOUND);
	assert_sbvar(DBX, buf, 47, 0);
}

static void the_size_is_that_of_the_longest_list(void **state)
{
	static uint8_t list[8000];

	(void)state;
	fake_keys_begin(KEYS_AUDIT, 0);
	list[16] = sizeof(list) & 0xff;
	list[17] = sizeof(list) >> 8;
	list[24] = (sizeof(list) - 28) & 0xff;
	list[25] = (sizeof(list) - 28) >> 8;
	fake_keys_add(TRAILER_DBX, list, sizeof(list));
	assert_int_equal(fake_keys_read(), 0);
	assert_int_equal(CI("pks-max-object-size"), sizeof(list));
}

static void other_objects_are_not_found(void **state)
{
	static const struct {
		cell_t consumer;
		const char *label;
		cell_t len;
	} cases[] = {
		{ 0, "SB_VERSION", 10 },
		{ 2, "SB_VERSION", 10 },
		{ 1, "SB_VERSION", 9 },
		{ 1, "SB_VERSION\0x", 11 },
		{ 1, "sb_version", 10 },
		{ 1, "SB_VERSIOM", 10 },
		{ 1, "", 0 },
	};
	cell_t buf = fake_buf(16);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(CI_N("pks-read-object", 3, cases[i].consumer,
				      fake_str(cases[i].label), cases[i].len,
				      buf, 16),
				 0);
		assert_int_equal(fake_ret[0], 0);
		assert_int_equal(fake_ret[2], FAIL_NOT_FOUND);
		assert_int_equal((uint8_t)fake_text(buf)[0], 0xee);
	}
}

static void bad_labels_and_buffers_are_refused(void **state)
{
	const struct {
		cell_t label, len, buf, buflen;
	} cases[] = {
		{ FAKE_WINDOW, 10, 0x8000, 16 },
		{ FAKE_MEMORY - 5, 10, 0x8000, 16 },
		{ 0x7000, 0xffffffff, 0x8000, 16 },
		{ 0x7000, 10, FAKE_WINDOW, 16 },
		{ 0x7000, 10, FAKE_MEMORY, 16 },
		{ 0x7000, 10, 0xffffffff, 16 },
		{ 0x7000, 10, 0x8000, 0 },
	};

	(void)state;
	memcpy(fake_text(0x7000), "SB_VERSION", 10);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(CI_N("pks-read-object", 3, 1, cases[i].label,
				      cases[i].len, cases[i].buf,
				      cases[i].buflen),
				 0);
		assert_int_equal(fake_ret[0], 0);
		assert_int_equal(fake_ret[1], 0);
		assert_int_equal(fake_ret[2], FAIL_PARAMETER);
	}
}

static void bad_requests_for_lists_are_refused(void **state)
{
	const struct {
		cell_t flags, type, buf, buflen;
	} cases[] = {
		{ 1, DB, 0x8000, 4096 },      { 0, 0, 0x8000, 4096 },
		{ 0, 3, 0x8000, 4096 },	      { 0, 0xffffffff, 0x8000, 4096 },
		{ 0, DB, 0x8000, 53 },	      { 0, DB, 0x8000, 0 },
		{ 0, DB, FAKE_WINDOW, 4096 }, { 0, DB, FAKE_MEMORY - 53, 4096 },
		{ 0, DB, 0xfffffff0, 4096 },
	};

	(void)state;
	keys_in_mode(KEYS_ENFORCE, true, true);
	memset(fake_text(0x8000), 0xee, 64);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(CI_N("pks-read-sbvar", 2, cases[i].flags,
				      cases[i].type, cases[i].buf,
				      cases[i].buflen),
				 0);
		assert_int_equal(fake_ret[0], 0);
		assert_int_equal(fake_ret[1], FAIL_PARAMETER);
		assert_int_equal((uint8_t)fake_text(0x8000)[0], 0xee);
	}
}

/* A client that asks for fewer results gets fewer. */
static void results_may_be_left_out(void **state)
{
	cell_t buf = fake_buf(4096);

	(void)state;
	keys_in_mode(KEYS_ENFORCE, true, true);
	assert_int_equal(CI_N("pks-read-sbvar", 1, 0, DB, buf, 4096), 0);
	assert_int_equal(fake_ret[0], 54);
	/* CI_N() checks the cells after them. */
	assert_int_equal(CI_N("pks-read-sbvar", 0, 0, DB, buf, 4096), 0);
	assert_int_equal(CI_N("pks-read-object", 2, 1, fake_str("SB_VERSION"),
			      10, buf, 1),
			 0);
	assert_int_equal(fake_ret[0], 1);
}

static void the_root_has_the_mode(void **state)
{
	uint32_t value;

	(void)state;
	for (uint32_t mode = KEYS_OFF; mode <= KEYS_ENFORCE; mode++) {
		keys_in_mode(mode, true, true);
		assert_int_equal(ci_nodes_policy(), 0);
		assert_int_equal(tree_get_u32(tree_root(), "ibm,secure-boot", 0,
					      &value),
				 0);
		assert_int_equal(value, mode);
	}
}

#define T(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(grub_finds_static_keys_without_secure_boot),
		T(keys_are_dynamic_when_enforcing_with_a_db),
		T(lists_are_given_as_they_are),
		T(grub_gets_an_empty_dbx_with_a_db),
		T(the_size_is_that_of_the_longest_list),
		T(other_objects_are_not_found),
		T(bad_labels_and_buffers_are_refused),
		T(bad_requests_for_lists_are_refused),
		T(results_may_be_left_out),
		T(the_root_has_the_mode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
