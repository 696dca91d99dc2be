// SPDX-License-Identifier: BSD-2-Clause
// A display that is an array of pixels: see tests/fake/display.h.
#include "tests/fake/display.h"

#include <stdlib.h>
#include <string.h>

#include "drivers/display/font.h"
#include "drivers/display/picture.h"
#include "lib/endian.h"
#include "lib/reason.h"
#include "tree/path.h"

/* What memory has that nobody has cleared. */
#define GARBAGE 0xa5

struct fake_display fake_display;

static size_t fake_linebytes(void)
{
	const struct display_mode *mode = &fake_display.display.mode;

	return (size_t)mode->width * display_pixel_bytes(mode->depth);
}

static void fake_draw(struct display *d, uint32_t x, uint32_t y, uint32_t width,
		      uint32_t height, const void *pixels)
{
	struct fake_display *fake =
		container_of(d, struct fake_display, display);
	uint32_t bytes = display_pixel_bytes(d->mode.depth);
	const uint8_t *from = pixels;

	assert(fake->running);
	assert(width && x < d->mode.width && width <= d->mode.width - x);
	assert(height && y < d->mode.lines && height <= d->mode.lines - y);
	fake->draws++;
	fake->pixels += (uint64_t)width * height;
	for (uint32_t i = 0; i < height; i++, from += (size_t)width * bytes)
		memcpy(fake->memory + (y + i) * fake_linebytes() + x * bytes,
		       from, (size_t)width * bytes);
	if (fake->during_draw)
		fake->during_draw();
}

static void fake_show(struct display *d, uint32_t line)
{
	struct fake_display *fake =
		container_of(d, struct fake_display, display);

	assert(fake->running);
	assert(line <= d->mode.lines - d->mode.height);
	fake->line = line;
	fake->shows++;
}

static void fake_colour(struct display *d, unsigned index, uint32_t rgb)
{
	struct fake_display *fake =
		container_of(d, struct fake_display, display);

	assert(fake->running && d->mode.depth == 8);
	assert(index < 256 && rgb < 1 << 24);
	fake->palette[index] = rgb;
}

static void fake_flush(struct display *d)
{
	struct fake_display *fake =
		container_of(d, struct fake_display, display);

	assert(fake->running);
	fake->flushes++;
}

static int fake_attach(struct device *dev)
{
	dev->priv = &fake_display;
	return display_add(&fake_display.display, dev);
}

static int fake_start(struct device *dev)
{
	struct fake_display *fake = dev->priv;
	struct display_mode *mode = &fake->display.mode;
	size_t known;

	fake->starts++;
	if (fake->start_error)
		return reason_fail(fake->start_error, "no picture");
	*mode = fake->next;
	known = mode->blank * fake_linebytes();
	free(fake->memory);
	fake->memory = malloc(mode->lines * fake_linebytes());
	assert(fake->memory);
	memset(fake->memory, 0, known);
	memset(fake->memory + known, GARBAGE,
	       mode->lines * fake_linebytes() - known);
	fake->line = 0;
	fake->running = true;
	return 0;
}

static void fake_stop(struct device *dev)
{
	struct fake_display *fake = dev->priv;

	fake->stops++;
	display_halt(&fake->display);
	fake->running = false;
}

DRIVER(fake_display) = {
	.name = "fake-display",
	.bus = &platform_bus,
	.match = "fake,display",
	.attach = fake_attach,
	.start = fake_start,
	.stop = fake_stop,
};

struct device *fake_display_plug(const struct display_mode *mode)
{
	struct node *node;

	log_reset();
	assert(!tree_init());
	device_init();
	assert(tree_add_node(tree_root(), "aliases", TREE_QUOIN));
	assert(tree_add_node(tree_root(), "chosen", TREE_QUOIN));
	fake_display = (struct fake_display){
		.ops = { .draw = fake_draw,
			 .show = fake_show,
			 .colour = fake_colour,
			 .flush = fake_flush },
		.next = *mode,
	};
	fake_display.display.ops = &fake_display.ops;
	node = tree_add_node(tree_root(), "display@1", TREE_QEMU);
	assert(node && !tree_set_str(node, "compatible", "fake,display"));
	return device_add(NULL, &platform_bus, node, NULL);
}

void fake_display_unplug(void)
{
	tree_remove_node(tree_find("/display@1"));
	tree_free();
	free(fake_display.memory);
	fake_display.memory = NULL;
	assert(fake_heap_live() == 0);
}

struct device *fake_display_begin(void)
{
	static const struct display_mode mode = { 100, 60, 32, 252, 60 };
	struct device *dev;

	fake_clock_set(0);
	deadline_init(1000);
	fake_clock_step(0);
	dev = fake_display_plug(&mode);
	fake_log_start();
	return dev;
}

int fake_display_end(void **state)
{
	(void)state;
	fake_log_stop();
	fake_display_unplug();
	fake_clock_step(1);
	return 0;
}

void fake_display_text(const char *text)
{
	struct console_output *out = &fake_display.display.out;

	assert(out->write(out, text, strlen(text)) == (long)strlen(text));
}

/* The colours of a VGA's text mode, in ECMA-48's order. */
static uint32_t reference_rgb(unsigned colour)
{
	uint32_t low = colour & 8 ? 0x55 : 0, on = low + 0xaa;
	uint32_t r = colour & 1 ? on : low, g = colour & 2 ? on : low;
	uint32_t b = colour & 4 ? on : low;

	if (colour == 3)
		g = 0x55; /* brown */
	return r << 16 | g << 8 | b;
}

static uint32_t reference_pixel(uint32_t depth, unsigned colour)
{
	uint32_t rgb = reference_rgb(colour);

	if (depth == 8)
		return colour;
	if (depth == 15)
		return (rgb >> 19) << 10 | (rgb >> 11 & 31) << 5 |
		       (rgb >> 3 & 31);
	if (depth == 16)
		return (rgb >> 19) << 11 | (rgb >> 10 & 63) << 5 |
		       (rgb >> 3 & 31);
	return rgb;
}

/* The colour at a pixel of the visible part. */
static unsigned reference_colour(uint32_t x, uint32_t y)
{
	const struct terminal *t = &fake_display.display.term;
	uint32_t column = x / FONT_WIDTH, row = y / FONT_HEIGHT;
	const struct cell *cell;
	bool on;

	if (column >= t->columns || row >= t->rows)
		return 0;
	cell = &t->cells[row * t->columns + column];
	on = font_glyphs[cell->glyph][y % FONT_HEIGHT] >> (7 - x % 8) & 1;
	if (t->cursor && t->x == column && t->y == row && y % 16 >= 14)
		on = true;
	return on ? cell->fore : cell->back;
}

static uint32_t fake_pixel(uint32_t x, uint32_t y)
{
	uint32_t depth = fake_display.display.mode.depth;
	const uint8_t *at = fake_display.memory +
			    (fake_display.line + y) * fake_linebytes() +
			    x * display_pixel_bytes(depth);

	if (depth == 8)
		return *at;
	return depth == 32 ? be32_load(at) : be16_load(at);
}

void fake_display_check(void)
{
	const struct display_mode *mode = &fake_display.display.mode;
	uint32_t pixel[16];

	for (unsigned i = 0; i < 16; i++) {
		pixel[i] = reference_pixel(mode->depth, i);
		if (mode->depth == 8)
			assert(fake_display.palette[i] == reference_rgb(i));
	}
	for (uint32_t y = 0; y < mode->height; y++) {
		for (uint32_t x = 0; x < mode->width; x++)
			assert(fake_pixel(x, y) ==
			       pixel[reference_colour(x, y)]);
	}
}

const char *fake_display_row(unsigned row)
{
	static char text[PICTURE_COLUMNS_MAX + 1];
	const struct terminal *t = &fake_display.display.term;
	size_t len = 0;

	assert(row < t->rows);
	for (unsigned x = 0; x < t->columns; x++) {
		unsigned glyph = t->cells[row * t->columns + x].glyph;

		/* The font begins with ASCII. */
		text[x] = glyph < 95 ? (char)(' ' + glyph) : '#';
		if (glyph)
			len = x + 1;
	}
	text[len] = '\0';
	return text;
}
