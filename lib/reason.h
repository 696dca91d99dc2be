/* SPDX-License-Identifier: BSD-2-Clause */
/* The reason behind the last failure, kept for whoever decides to print it. */
#ifndef LIB_REASON_H
#define LIB_REASON_H

#include "lib/types.h"

/*
 * reason_fail - record why something failed.
 * `err`: an ERR_* code. `fmt`: the reason: what, where and why, without a
 * newline; longer text is cut. A deeper reason is replaced: pass it on with
 * "%s" and reason() where it matters (the old text may be an argument).
 * Returns `err`, so that `return reason_fail(ERR_IO, "...")` reads well.
 */
int reason_fail(int err, const char *fmt, ...) printf_like(2, 3);

/* reason - the text of the last reason_fail(), or "" after reason_clear(). */
const char *reason(void);

/* The text of a reason, while something else is done. */
#define REASON_SIZE 512
struct reason_kept {
	char text[REASON_SIZE];
};

/*
 * reason_keep, reason_put_back - around cleaning up, which may fail, too: what
 * went wrong first is what is told.
 */
void reason_keep(struct reason_kept *kept);
void reason_put_back(const struct reason_kept *kept);

/* reason_clear - forget the last reason, before an attempt begins. */
void reason_clear(void);

#endif
