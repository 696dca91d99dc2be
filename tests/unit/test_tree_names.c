// SPDX-License-Identifier: BSD-2-Clause
// The strings block: each name once.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "lib/err.h"
#include "lib/fmt.h"
#include "tests/fake/heap.h"
#include "tree/internal.h"
#include "tree/names.h"

#include <cmocka.h>

static long offset_of(struct names *names, const char *name)
{
	return names_offset(names, name, tree_name_hash(name, strlen(name)));
}

static void each_name_stands_there_once(void **state)
{
	struct names names = { 0 };
	char block[16];

	(void)state;
	assert_int_equal(offset_of(&names, "reg"), 0);
	assert_int_equal(offset_of(&names, "compatible"), 4);
	assert_int_equal(offset_of(&names, "reg"), 0);
	assert_int_equal(names.size, 15);
	block[15] = '#';
	names_write(&names, block);
	assert_memory_equal(block, "reg\0compatible\0#", 16);
	names_free(&names);
	assert_int_equal(fake_heap_live(), 0);
}

static void many_names_keep_their_offsets(void **state)
{
	static char text[2000][8];
	static long offsets[2000];
	struct names names = { 0 };

	(void)state;
	for (int i = 0; i < 2000; i++) {
		fmt_str(text[i], sizeof(text[i]), "n%d", i);
		offsets[i] = offset_of(&names, text[i]);
	}
	for (int i = 0; i < 2000; i++)
		assert_int_equal(offset_of(&names, text[i]), offsets[i]);
	names_free(&names);
}

static void running_out_of_memory_is_told(void **state)
{
	struct names names = { 0 };

	(void)state;
	fake_heap_fail_after(0);
	assert_int_equal(offset_of(&names, "reg"), ERR_NOMEM);
	fake_heap_fail_after(-1);
	assert_int_equal(offset_of(&names, "reg"), 0);
	names_free(&names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_name_stands_there_once),
		cmocka_unit_test(many_names_keep_their_offsets),
		cmocka_unit_test(running_out_of_memory_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
