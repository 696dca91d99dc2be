/* SPDX-License-Identifier: BSD-2-Clause */
/* The picture of a terminal on a display. */
#ifndef DRIVERS_DISPLAY_PICTURE_H
#define DRIVERS_DISPLAY_PICTURE_H

#include "drivers/display/display.h"

/*
 * Text has at most 255 columns and rows: GRUB reads /options' screen-#columns
 * and screen-#rows into a byte. [GRUB term/ieee1275/console.c]
 */
#define PICTURE_COLUMNS_MAX 255u
#define PICTURE_ROWS_MAX 255u

/* picture_columns, picture_rows - the terminal that fits; 0: none. */
unsigned picture_columns(const struct display_mode *mode);
unsigned picture_rows(const struct display_mode *mode);

/*
 * picture_new - the picture of a display that has been started, see
 * picture_reset(). It is for one terminal, of the size that fits.
 * Returns NULL: out of memory, or a mode that is none.
 */
struct picture *picture_new(struct display *d);

/* picture_free - NULL is allowed. */
void picture_free(struct picture *p);

/* picture_fits - has the display still the mode that it had? */
bool picture_fits(const struct picture *p);

/*
 * picture_reset - the display was started: it shows line 0, and only the lines
 * before mode.blank are known. The next draw is a whole one.
 */
void picture_reset(struct picture *p);

/*
 * picture_draw - draw what has changed in the terminal. The display's operations
 * may print, so that the terminal changes meanwhile: that is drawn next time.
 */
void picture_draw(struct picture *p, struct terminal *t);

/* picture_stay - from the next draw on, show line 0 for good. */
void picture_stay(struct picture *p);

#endif
