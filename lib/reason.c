// SPDX-License-Identifier: BSD-2-Clause
// The reason for the last failure.
#include "lib/reason.h"

#include <stdarg.h>
#include <string.h>

#include "lib/fmt.h"

static struct reason_kept last;

int reason_fail(int err, const char *fmt, ...)
{
	/* A separate buffer: last.text may be one of the arguments. */
	char text[REASON_SIZE];
	va_list ap;

	va_start(ap, fmt);
	size_t len = fmt_vstr(text, sizeof(text), fmt, ap);
	va_end(ap);

	memcpy(last.text, text, MIN(len + 1, sizeof(text)));
	last.code = err;
	return err;
}

const char *reason(void)
{
	return last.text;
}

int reason_code(void)
{
	return last.code;
}

void reason_keep(struct reason_kept *kept)
{
	*kept = last;
}

void reason_put_back(const struct reason_kept *kept)
{
	last = *kept;
}

void reason_clear(void)
{
	last.code = 0;
	last.text[0] = '\0';
}
