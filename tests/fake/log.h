/* SPDX-License-Identifier: BSD-2-Clause */
/* The firmware's log, which can begin anew; what it prints, kept for the test. */
#ifndef TESTS_FAKE_LOG_H
#define TESTS_FAKE_LOG_H

#include "lib/log.h"

/* log_reset - as at the start: no sinks, no kept text, no topics. */
void log_reset(void);

/* The text since fake_log_start() or _clear(); the test fails beyond that. */
extern char fake_printed[256 * 1024];

/*
 * fake_log_start - the firmware's log is new: no other sink, no text before.
 * fake_log_stop: nothing more is kept. fake_log_clear: forget the text.
 */
void fake_log_start(void);
void fake_log_stop(void);
void fake_log_clear(void);

/* fake_log_lines - how many lines there are. */
unsigned fake_log_lines(void);

/* fake_log_has - is `text` in it? */
bool fake_log_has(const char *text);

#endif
