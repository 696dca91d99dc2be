/* SPDX-License-Identifier: BSD-2-Clause */
/* The reason for the last failure, kept for the code that prints it. */
#ifndef LIB_REASON_H
#define LIB_REASON_H

#include "lib/types.h"

/*
 * reason_fail - record why something failed.
 * `err`: an ERR_* code. `fmt`: the reason: what, where and why, without a
 * newline; truncated to REASON_SIZE. Replaces any earlier reason: to keep that,
 * pass reason() as an argument for "%s" (this is safe).
 * Returns `err`, so that `return reason_fail(ERR_IO, "...")` reads well.
 */
int reason_fail(int err, const char *fmt, ...) printf_like(2, 3);

/* reason - the text of the last reason_fail(), or "" after reason_clear(). */
const char *reason(void);

/* reason_code - the code that it was recorded with, or 0. */
int reason_code(void);

/* A saved reason. */
#define REASON_SIZE 512
struct reason_kept {
	int code;
	char text[REASON_SIZE];
};

/*
 * reason_keep, reason_put_back - save and restore the reason around clean-up
 * code, which may fail, too: the first failure is the one to report.
 */
void reason_keep(struct reason_kept *kept);
void reason_put_back(const struct reason_kept *kept);

/* reason_clear - discard the last reason before a new attempt. */
void reason_clear(void);

#endif
