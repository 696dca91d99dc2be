// SPDX-License-Identifier: BSD-2-Clause
// Screens: any text on modes of all kinds; each pixel is what it is to be.
#include <stdlib.h>

#include "drivers/display/picture.h"
#include "tests/fake/display.h"
#include "tests/fuzz/input.h"

static struct fuzz_input in;
static struct device *dev;
static struct console_output *out;

static struct display_mode fetch_mode(void)
{
	static const uint32_t depths[] = { 8, 15, 16, 32 };
	struct display_mode mode;

	mode.width = 8 + fuzz_u8(&in) % 128u;
	mode.height = 16 + fuzz_u8(&in) % 80u;
	mode.depth = depths[fuzz_u8(&in) % ARRAY_SIZE(depths)];
	mode.lines = mode.height + fuzz_u8(&in) % 4u * fuzz_u8(&in);
	mode.blank = fuzz_u8(&in) % (mode.lines + 1);
	return mode;
}

/* Of exactly its size, so that what is read after it is seen. */
static void text(size_t len)
{
	uint8_t bytes[256];
	size_t n = fuzz_take(&in, bytes, len);
	char *exact = malloc(n ? n : 1);

	assert(exact);
	memcpy(exact, bytes, n);
	assert(out->write(out, exact, n) == (long)n);
	free(exact);
}

static void print_more(void)
{
	fake_display_text("\x1b[31mx\ny");
}

static void check_terminal(void)
{
	const struct terminal *t = &fake_display.display.term;

	assert(t->x < t->columns && t->y < t->rows);
	assert(t->param_count <= TERMINAL_PARAMS + 1);
	for (size_t i = 0; i < (size_t)t->columns * t->rows; i++)
		assert(t->cells[i].fore < 16 && t->cells[i].back < 16);
}

static void show(void)
{
	out->show(out, true);
	/* A driver's own text, while it draws, is for the next time. */
	fake_display.during_draw = NULL;
	out->show(out, true);
	check_terminal();
	fake_display_check();
}

static void event(uint8_t what)
{
	switch (what & 7) {
	case 0:
		fake_clock_advance((uint64_t)fuzz_u8(&in) << 17);
		out->show(out, false);
		break;
	case 1:
		device_abandon_all();
		break;
	case 2:
		fake_display.next = fetch_mode();
		device_stop(dev);
		/* A write in between is for the old one. */
		text(1);
		break;
	case 3:
		fake_display.during_draw = print_more;
		break;
	case 4:
		out->keep(out);
		break;
	default:
		show();
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct display_mode mode;
	uint8_t without;

	in = (struct fuzz_input){ data, size };
	mode = fetch_mode();
	fake_clock_step(1);
	dev = fake_display_plug(&mode);
	assert(dev);
	out = &fake_display.display.out;
	without = fuzz_u8(&in);
	if (without & 1)
		fake_display.ops.show = NULL;
	if (without & 2)
		fake_display.ops.flush = NULL;
	fake_display_text("");
	while (in.left) {
		uint8_t what = fuzz_u8(&in);

		if (what < 0xc0)
			text(what);
		else
			event(what);
	}
	show();
	device_quiesce_all(NULL);
	fake_display_check();
	assert(fake_display.line == 0);
	fake_display_unplug();
	return 0;
}
