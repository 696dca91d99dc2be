// SPDX-License-Identifier: BSD-2-Clause
// The reason for the last failure.
#include "lib/reason.h"

#include <stdarg.h>
#include <string.h>

#include "lib/fmt.h"

static char reason_text[REASON_SIZE];

int reason_fail(int err, const char *fmt, ...)
{
	/* A separate buffer: reason_text may be one of the arguments. */
	char text[REASON_SIZE];
	va_list ap;

	va_start(ap, fmt);
	size_t len = fmt_vstr(text, sizeof(text), fmt, ap);
	va_end(ap);

	memcpy(reason_text, text, MIN(len + 1, sizeof(text)));
	return err;
}

const char *reason(void)
{
	return reason_text;
}

void reason_keep(struct reason_kept *kept)
{
	memcpy(kept->text, reason_text, sizeof(kept->text));
}

void reason_put_back(const struct reason_kept *kept)
{
	memcpy(reason_text, kept->text, sizeof(reason_text));
}

void reason_clear(void)
{
	reason_text[0] = '\0';
}
