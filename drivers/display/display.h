/* SPDX-License-Identifier: BSD-2-Clause */
/* The display role: a screen that shows a terminal. */
#ifndef DRIVERS_DISPLAY_DISPLAY_H
#define DRIVERS_DISPLAY_DISPLAY_H

#include "drivers/console.h"
#include "drivers/display/terminal.h"

struct display;
struct picture;

/* The mode of a display; display_wanted() fills it, start() corrects it. */
struct display_mode {
	uint32_t width, height; /* visible pixels and lines */
	/* Bits of a pixel: 8 (index of a colour), 15, 16, 32. Big-endian. */
	uint32_t depth;
	/*
	 * Lines of its memory: `height` or more. show() moves the visible part
	 * through them, if there are twice as many as `height`. Those before
	 * `blank` are black after start().
	 */
	uint32_t lines, blank;
};

/* They may be called when the device has failed; then they do nothing. */
struct display_ops {
	/*
	 * draw - copy `width` by `height` pixels, line after line without gaps,
	 * to column x of line y of the memory. Within the mode's bounds.
	 */
	void (*draw)(struct display *d, uint32_t x, uint32_t y, uint32_t width,
		     uint32_t height, const void *pixels);
	/* show - `line` of the memory is the first visible one; optional. */
	void (*show)(struct display *d, uint32_t line);
	/* colour - 0xRRGGBB of an index, at depth 8; optional. */
	void (*colour)(struct display *d, unsigned index, uint32_t rgb);
	/* flush - what was drawn becomes visible; optional. */
	void (*flush)(struct display *d);
	/*
	 * keep - for one that shows by DMA: no DMA follows, and nothing that is
	 * drawn; what it shows stays. See struct console_output; optional.
	 */
	void (*keep)(struct display *d);
};

/* A display; embedded in the driver's own structure. */
struct display {
	/* For the driver: its operations, and the mode it has set. */
	const struct display_ops *ops;
	struct display_mode mode;
	/* Private to display.c: */
	struct device_role as;
	struct console_output out;
	struct terminal term;
	struct picture *picture; /* NULL: nothing can be shown */
	uint32_t starts;	 /* of the device, when it was last drawn */
	uint64_t shown_at;	 /* deadline_ms() */
	/*
	 * opened: it was tried; on: started since; busy: in an operation of the
	 * driver; dirty: there is more to draw; lost: it failed for good, `why`
	 * is to be printed; kept: see console_keep().
	 */
	bool opened, on, busy, dirty, lost, kept;
	char why[96];
};

extern const struct role display_role;

/*
 * display_add - the last step of a driver's attach(): add the roles display and
 * console output, the properties, and the alias "screen". The device is started
 * by the first text, which must set `d->mode`. `d->ops` is set.
 * Returns 0, or ERR_* with reason().
 */
must_check int display_add(struct display *d, struct device *dev);

/*
 * display_wanted - the mode of QEMU's option -g: /chosen's qemu,graphic-width,
 * -height, -depth. Nonsense, or what `memory` bytes cannot hold, is 800x600x32;
 * an unknown depth is 32. `lines` is `height`, `blank` 0.
 */
void display_wanted(struct display_mode *mode, uint64_t memory);

/*
 * display_describe - set the properties of the mode: width, height, linebytes,
 * depth. Clients' drivers read them. Returns 0 or ERR_NOMEM.
 */
must_check int display_describe(struct device *dev,
				const struct display_mode *mode);

/*
 * display_halt - for a driver's stop(), before it stops the device. Before a
 * client takes the machine over, this shows all text, from line 0 of the memory,
 * where its driver expects it.
 */
void display_halt(struct display *d);

/* display_pixel_bytes - of a depth. */
static inline uint32_t display_pixel_bytes(uint32_t depth)
{
	return (depth + 7) / 8;
}

#endif
