// SPDX-License-Identifier: BSD-2-Clause
/* Lines typed at a terminal. */
#include "tests/fake/line.h"

#include <stdlib.h>
#include <string.h>

#include "boot/history.h"
#include "lib/heap.h"
#include "lib/reason.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

int fake_line_setup(void **state)
{
	(void)state;
	fake_terminal_reset();
	reason_clear();
	history_clear();
	line_forget();
	return 0;
}

void fake_line_expect(const char *want)
{
	char *line;

	assert_int_equal(line_read("", &line), 0);
	assert_string_equal(line, want);
	heap_free(line);
}

static void fake_line_shown(const char *want)
{
	static struct vt100 vt;
	size_t len = strlen(want);
	char *text = strdup(want);

	while (len && text[len - 1] == ' ')
		text[--len] = '\0';
	vt100_reset(&vt);
	vt100_write(&vt, fake_printed, strlen(fake_printed));
	assert_int_not_equal(vt.row, 0);
	assert_string_equal(vt100_row(&vt, vt.row - 1), text);
	assert_string_equal(vt100_row(&vt, vt.row), "");
	free(text);
}

void fake_line_keys(const char *keys, const char *want)
{
	fake_log_clear();
	fake_terminal_type(keys, strlen(keys));
	fake_line_expect(want);
	assert_int_equal(fake_terminal_untyped(), 0);
	fake_line_shown(want);
}
