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
	/* The prompt waits without a limit. */
	assert_null(until);
	assert_int_not_equal(fake_typed_len, 0);
	fake_typed_len--;
	return (unsigned char)*fake_typed++;
}
