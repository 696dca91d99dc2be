/* SPDX-License-Identifier: BSD-2-Clause */
/* A display: an array of pixels. Everything outside of it ends the test. */
#ifndef TESTS_FAKE_DISPLAY_H
#define TESTS_FAKE_DISPLAY_H

#include "drivers/display/display.h"
#include "tests/fake/heap.h"
#include "tests/fake/log.h"
#include "tests/fake/timebase.h"
#include "tests/fake/tree.h"

struct fake_display {
	struct display display;
	struct display_ops ops;	  /* a test may leave some out */
	struct display_mode next; /* what start() sets */
	int start_error;
	uint8_t *memory; /* of the started display */
	uint32_t line;	 /* the first visible one */
	uint32_t palette[256];
	unsigned draws, shows, flushes, starts, stops;
	uint64_t pixels;	   /* drawn */
	void (*during_draw)(void); /* called by each; or NULL */
	bool running;
};
extern struct fake_display fake_display;

/* fake_display_reset - no tree, no log, one display with `mode`, not started. */
struct device *fake_display_plug(const struct display_mode *mode);

/* fake_display_unplug - remove it; no memory may be left. */
void fake_display_unplug(void);

/*
 * fake_display_begin - a display of 100x60x32 (12 columns, 3 rows; memory for 12
 * rows more), a clock that stands at 0, a tick of 1 ms, and a log.
 * fake_display_end - cmocka's tear-down for it.
 */
struct device *fake_display_begin(void);
int fake_display_end(void **state);

/* fake_display_text - write to it as a console. */
void fake_display_text(const char *text);

/*
 * fake_display_check - each visible pixel is what a picture of the terminal, by
 * the book, has there.
 */
void fake_display_check(void);

/* fake_display_row - the text of a row, without blanks at its end. */
const char *fake_display_row(unsigned row);

#endif
