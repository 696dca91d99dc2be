// SPDX-License-Identifier: BSD-2-Clause
/* lib/log.c with a reset, in place of the archive's, and a sink that keeps the
 * text. */
#include "tests/fake/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "lib/log.c"

void log_reset(void)
{
	memset(&log_state, 0, sizeof(log_state));
	log_topics = 0;
}

char fake_printed[256 * 1024];
static size_t fake_printed_len;

static void fake_log_write(struct log_sink *sink, const char *text, size_t len)
{
	(void)sink;
	assert_true(len < sizeof(fake_printed) - fake_printed_len);
	memcpy(fake_printed + fake_printed_len, text, len);
	fake_printed_len += len;
	fake_printed[fake_printed_len] = '\0';
}

static struct log_sink fake_sink = { .write = fake_log_write };

void fake_log_clear(void)
{
	fake_printed_len = 0;
	fake_printed[0] = '\0';
}

void fake_log_start(void)
{
	log_reset();
	fake_log_clear();
	log_add_sink(&fake_sink);
}

void fake_log_stop(void)
{
	log_remove_sink(&fake_sink);
}

unsigned fake_log_lines(void)
{
	unsigned lines = 0;

	for (const char *c = fake_printed; *c; c++)
		lines += *c == '\n';
	return lines;
}

bool fake_log_has(const char *text)
{
	return strstr(fake_printed, text) != NULL;
}
