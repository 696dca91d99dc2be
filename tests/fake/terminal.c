// SPDX-License-Identifier: BSD-2-Clause
/* A fake terminal. */
#include "tests/fake/terminal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/console.h"

static const char *fake_typed;
static size_t fake_typed_len;

void fake_terminal_reset(void)
{
	fake_log_start();
	fake_typed_len = 0;
}

void fake_terminal_type(const char *text, size_t len)
{
	fake_typed = text;
	fake_typed_len = len;
}

size_t fake_terminal_untyped(void)
{
	return fake_typed_len;
}

int console_wait_char(const struct deadline *until)
{
	static const char pause = FAKE_PAUSE[0];

	if (until) {
		if (!fake_typed_len)
			return -1;
		if (*fake_typed == pause) {
			fake_typed++;
			fake_typed_len--;
			return -1;
		}
	}
	while (fake_typed_len && *fake_typed == pause) {
		fake_typed++;
		fake_typed_len--;
	}
	/* Nobody would ever come. */
	assert_int_not_equal(fake_typed_len, 0);
	fake_typed_len--;
	return (unsigned char)*fake_typed++;
}

enum console_burst console_burst(void)
{
	bool more = fake_typed_len && *fake_typed != FAKE_PAUSE[0];

	return more ? CONSOLE_MORE : CONSOLE_ALONE;
}
