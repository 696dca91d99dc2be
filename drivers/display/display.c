// SPDX-License-Identifier: BSD-2-Clause
// The display role: the firmware's text on a screen, and what clients see.
#include "drivers/display/display.h"

#include <string.h>

#include "drivers/display/picture.h"
#include "drivers/instance.h"
#include "drivers/waits.h"
#include "lib/deadline.h"
#include "lib/fmt.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "tree/path.h"

/* How often text is drawn that nobody waits for. */
#define DISPLAY_MS 20u

/*
 * So many screens show the firmware's text without being chosen: drawing takes
 * time, and a machine may have dozens.
 */
#define DISPLAYS_FOLLOWING 8u

/* QEMU's defaults. [hw/ppc/spapr.c, graphic_width and others] */
static const struct display_mode mode_default = { .width = 800,
						  .height = 600,
						  .depth = 32,
						  .lines = 600 };

static struct display *display_out(struct console_output *out)
{
	return container_of(out, struct display, out);
}

static struct display *display_as(struct device_role *as)
{
	return container_of(as, struct display, as);
}

/* Starting it. */

/* The driver may print meanwhile: what there is stays until the end. */
static int display_make(struct display *d)
{
	struct picture *picture = picture_new(d);
	struct terminal term;

	if (!picture || terminal_init(&term, picture_columns(&d->mode),
				      picture_rows(&d->mode)) < 0) {
		picture_free(picture);
		return reason_fail(ERR_NOMEM,
				   "no memory for %ux%u pixels of %u bits",
				   d->mode.width, d->mode.height,
				   d->mode.depth);
	}
	picture_free(d->picture);
	terminal_free(&d->term);
	d->picture = picture;
	d->term = term;
	return 0;
}

/* Starts the device, again after an exception. It is never closed. */
static int display_start(struct display *d)
{
	struct device *dev = d->as.dev;
	int err = dev->users ? device_start(dev) : device_open(dev);

	if (err < 0)
		return err;
	d->on = true;
	if (d->picture && d->starts == dev->starts)
		return 0;
	d->starts = dev->starts;
	if (!d->picture || !picture_fits(d->picture))
		return display_make(d);
	picture_reset(d->picture);
	return 0;
}

/* Its text is dropped from now on. A log's sink cannot print the reason. */
static void display_lose(struct display *d)
{
	d->lost = true;
	fmt_str(d->why, sizeof(d->why), "%s", reason());
	picture_free(d->picture);
	d->picture = NULL;
}

/* Returns whether it can be drawn on. What the driver prints is not shown. */
static bool display_is_ready(struct display *d)
{
	if (d->lost || d->busy || d->as.dev->state == DEVICE_QUIESCED)
		return false;
	if (d->on && d->picture && device_is_up(d->as.dev) &&
	    d->starts == d->as.dev->starts)
		return true;
	d->busy = true;
	if (display_start(d) < 0)
		display_lose(d);
	d->busy = false;
	return !d->lost;
}

static bool display_open_once(struct display *d)
{
	if (!d->opened) {
		d->opened = true;
		display_is_ready(d);
	}
	return d->picture != NULL;
}

/* Showing text. */

static void display_draw(struct display *d)
{
	uint64_t begin = waits_begin();

	if (!display_is_ready(d))
		return;
	d->busy = true;
	d->dirty = false;
	picture_draw(d->picture, &d->term);
	d->shown_at = deadline_ms();
	d->busy = false;
	waits_end(d->as.dev, begin);
	/* The driver may have lost the device: the reason is not to wait. */
	display_is_ready(d);
}

static bool display_is_first(const struct display *d)
{
	const struct device_role *as = NULL;

	do
		as = device_next_role(as, &display_role);
	while (as && container_of(as, struct display, as)->lost);
	return as == &d->as;
}

/*
 * Is it time to draw text that nobody waits for? All screens but the first that
 * works draw only when a user is about to type, and at the end.
 */
static bool display_is_due(const struct display *d)
{
	return deadline_ms() - d->shown_at >= DISPLAY_MS && display_is_first(d);
}

static long display_write(struct console_output *out, const char *buf,
			  size_t len)
{
	struct display *d = display_out(out);

	if (!display_open_once(d))
		return (long)len;
	terminal_write(&d->term, buf, len);
	d->dirty = true;
	if (d->kept || (memchr(buf, '\n', len) && display_is_due(d)))
		display_draw(d);
	return (long)len;
}

/* Not for another output's wait within the log, which would not send it. */
static void display_complain(struct display *d)
{
	const struct device *dev = d->as.dev;
	char why[sizeof(d->why)];

	if (!d->why[0] || log_is_sending())
		return;
	fmt_str(why, sizeof(why), "%s", d->why);
	d->why[0] = '\0';
	log_err("%s %s: %s", dev->driver->name, device_path(dev), why);
}

static void display_show(struct console_output *out, bool waits)
{
	struct display *d = display_out(out);

	if (d->dirty && d->picture && (waits || display_is_due(d)))
		display_draw(d);
	display_complain(d);
}

static void display_flush(struct console_output *out)
{
	display_show(out, true);
}

static void display_size(struct console_output *out, unsigned *columns,
			 unsigned *rows)
{
	const struct display *d = display_out(out);

	*columns = d->picture ? d->term.columns : 0;
	*rows = d->picture ? d->term.rows : 0;
}

/* Clients' drivers expect the picture at the start of the memory. */
static void display_keep(struct console_output *out)
{
	struct display *d = display_out(out);

	d->kept = true;
	if (!d->picture || !display_is_ready(d))
		return;
	picture_stay(d->picture);
	display_draw(d);
	d->busy = true;
	if (d->ops->keep)
		d->ops->keep(d);
	d->busy = false;
}

/*
 * An exception stops devices at any time: nothing is drawn then, and what was
 * going on has ended.
 */
void display_halt(struct display *d)
{
	const struct device *dev = d->as.dev;
	bool quiesced = dev->state == DEVICE_QUIESCED;
	bool draws = quiesced && d->on && !d->busy && d->picture &&
		     d->starts == dev->starts;

	d->on = false;
	d->busy = draws;
	d->dirty |= !quiesced;
	if (draws) {
		picture_stay(d->picture);
		picture_draw(d->picture, &d->term);
	}
	d->busy = false;
}

/* The mode. */

static uint32_t display_chosen(const char *name)
{
	uint32_t value = 0;

	if (tree_get_u32(tree_find("/chosen"), name, 0, &value) < 0)
		return 0;
	return value;
}

static bool display_fits(const struct display_mode *mode, uint64_t memory)
{
	uint64_t line =
		(uint64_t)mode->width * display_pixel_bytes(mode->depth);

	return picture_columns(mode) && picture_rows(mode) &&
	       mode->height <= memory / line;
}

void display_wanted(struct display_mode *mode, uint64_t memory)
{
	uint32_t depth = display_chosen("qemu,graphic-depth");

	*mode = (struct display_mode){
		.width = display_chosen("qemu,graphic-width"),
		.height = display_chosen("qemu,graphic-height"),
		.depth = depth == 8 || depth == 15 || depth == 16 ? depth : 32,
	};
	mode->lines = mode->height;
	if (!display_fits(mode, memory))
		*mode = mode_default;
}

int display_describe(struct device *dev, const struct display_mode *mode)
{
	const struct {
		const char *name;
		uint32_t value;
	} props[] = {
		{ "width", mode->width },
		{ "height", mode->height },
		{ "linebytes", mode->width * display_pixel_bytes(mode->depth) },
		{ "depth", mode->depth },
	};
	int err = 0;

	for (size_t i = 0; i < ARRAY_SIZE(props) && err == 0; i++)
		err = tree_set_u32(dev->node, props[i].name, props[i].value);
	return err;
}

/* The role. */

static struct display *display_of(const struct instance *inst)
{
	return display_as(device_role(device_of(inst->node), &display_role));
}

static void display_colour(struct display *d, cell_t index, uint32_t rgb)
{
	if (d->mode.depth != 8 || !d->ops->colour || !display_is_ready(d))
		return;
	d->busy = true;
	d->ops->colour(d, index & 0xff, rgb);
	d->busy = false;
}

/*
 * ( r g b index -- ), top first. Without a palette nothing is to be done. GRUB
 * and Linux call it for their first colours.
 */
static int method_colour(struct instance *inst, const cell_t *args,
			 cell_t *rets)
{
	(void)rets;
	display_colour(display_of(inst), args[0],
		       (args[3] & 0xff) << 16 | (args[2] & 0xff) << 8 |
			       (args[1] & 0xff));
	return 0;
}

/* ( -- width height ), top first. [IEEE 1275 16-bit colour, dimensions] */
static int method_dimensions(struct instance *inst, const cell_t *args,
			     cell_t *rets)
{
	const struct display *d = display_of(inst);

	(void)args;
	rets[0] = d->mode.height;
	rets[1] = d->mode.width;
	return 0;
}

static const struct method display_methods[] = {
	{ "color!", 4, 0, method_colour },
	{ "dimensions", 0, 2, method_dimensions },
	{ 0 },
};

/* Linux opens every display; a kernel's driver relies on the mode it has. */
static int display_open(struct instance *inst, struct device_role *as)
{
	(void)inst;
	if (!display_open_once(display_as(as)))
		return reason_fail(ERR_NODEV, "the display has failed");
	return 0;
}

static void display_release(struct device_role *as)
{
	struct display *d = display_as(as);

	picture_free(d->picture);
	terminal_free(&d->term);
	d->picture = NULL;
}

const struct role display_role = {
	.device_type = "display",
	.methods = display_methods,
	.open = display_open,
	.release = display_release,
};

static unsigned display_count(void)
{
	const struct device_role *as = NULL;
	unsigned n = 0;

	while ((as = device_next_role(as, &display_role)) != NULL)
		n++;
	return n;
}

int display_add(struct display *d, struct device *dev)
{
	int err = tree_add_alias("screen", dev->node);

	if (err < 0)
		return reason_fail(err, "cannot create an alias: %s",
				   err_str(err));
	d->out.spare = display_count() >= DISPLAYS_FOLLOWING;
	d->out.write = display_write;
	d->out.show = display_show;
	d->out.flush = display_flush;
	d->out.size = display_size;
	d->out.keep = display_keep;
	err = tree_set_str(dev->node, "character-set", "ISO8859-1");
	if (err == 0)
		err = device_add_role(dev, &d->as, &display_role);
	if (err == 0)
		err = device_add_role(dev, &d->out.as, &console_output_role);
	return err < 0 ? reason_fail(err, "%s", err_str(err)) : 0;
}
