// SPDX-License-Identifier: BSD-2-Clause
/* A fake terminal. */
#include "tests/fake/terminal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/console.h"

#define FAKE_TERMINAL_MAX (256 * 1024)

static char fake_text[FAKE_TERMINAL_MAX];
static size_t fake_text_len;
static const char *fake_typed;
static size_t fake_typed_len;

static void fake_terminal_write(struct log_sink *sink, const char *text,
				size_t len)
{
	(void)sink;
	assert_true(len < sizeof(fake_text) - fake_text_len);
	memcpy(fake_text + fake_text_len, text, len);
	fake_text_len += len;
	fake_text[fake_text_len] = '\0';
}

void fake_terminal_reset(void)
{
	static struct log_sink sink = { .write = fake_terminal_write };

	log_reset();
	fake_text_len = 0;
	fake_text[0] = '\0';
	fake_typed_len = 0;
	log_add_sink(&sink);
}

const char *fake_terminal_text(void)
{
	return fake_text;
}

bool fake_terminal_has(const char *text)
{
	return strstr(fake_text, text) != NULL;
}

unsigned fake_terminal_lines(void)
{
	unsigned lines = 0;

	for (const char *c = fake_text; *c; c++)
		lines += *c == '\n';
	return lines;
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
	/* The prompt waits for ever. */
	assert_null(until);
	assert_int_not_equal(fake_typed_len, 0);
	fake_typed_len--;
	return (unsigned char)*fake_typed++;
}
