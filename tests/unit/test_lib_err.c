// SPDX-License-Identifier: BSD-2-Clause
// Words for error codes.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/err.h"
#include "lib/types.h"

static void each_code_has_words_of_its_own(void **state)
{
	static const int codes[] = {
		ERR_OK,	     ERR_NOENT,	   ERR_NODEV, ERR_NOMEDIUM, ERR_NOTSUP,
		ERR_INVAL,   ERR_RANGE,	   ERR_PERM,  ERR_EXIST,    ERR_BUSY,
		ERR_FORMAT,  ERR_CHECKSUM, ERR_IO,    ERR_TIMEOUT,  ERR_NOMEM,
		ERR_NOSPACE, ERR_AGAIN,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		assert_string_not_equal(err_str(codes[i]), "unknown error");
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(err_str(codes[i]),
						err_str(codes[j]));
	}
}

static void other_numbers_are_unknown_errors(void **state)
{
	(void)state;
	assert_string_equal(err_str(1), "unknown error");
	assert_string_equal(err_str(-999), "unknown error");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_code_has_words_of_its_own),
		cmocka_unit_test(other_numbers_are_unknown_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
