// SPDX-License-Identifier: BSD-2-Clause
// Control sequences of a terminal, by the grammar of ECMA-48, 5.3 to 5.6.
#include "drivers/display/sequence.h"

#include <string.h>

#define PARAM_MAX 9999u

/* Those after the last that is kept are ignored. */
static unsigned csi_count(const struct terminal *t)
{
	return MIN(t->param_count, TERMINAL_PARAMS);
}

/* A number of something, or a position from 1 on: 0 is 1. */
static unsigned csi_number(const struct terminal *t, unsigned index)
{
	return MAX(t->param[index], 1u);
}

static void csi_up(struct terminal *t)
{
	terminal_goto(t, t->x, t->y - MIN(csi_number(t, 0), t->y));
}

static void csi_down(struct terminal *t)
{
	terminal_goto(t, t->x, t->y + csi_number(t, 0));
}

static void csi_right(struct terminal *t)
{
	terminal_goto(t, t->x + csi_number(t, 0), t->y);
}

static void csi_left(struct terminal *t)
{
	terminal_goto(t, t->x - MIN(csi_number(t, 0), t->x), t->y);
}

static void csi_next_line(struct terminal *t)
{
	csi_down(t);
	t->x = 0;
}

static void csi_previous_line(struct terminal *t)
{
	csi_up(t);
	t->x = 0;
}

static void csi_column(struct terminal *t)
{
	terminal_goto(t, csi_number(t, 0) - 1, t->y);
}

static void csi_row(struct terminal *t)
{
	terminal_goto(t, t->x, csi_number(t, 0) - 1);
}

static void csi_position(struct terminal *t)
{
	terminal_goto(t, csi_number(t, 1) - 1, csi_number(t, 0) - 1);
}

/* What of `total` cells, with the cursor at `at`, a mode of J and K means. */
static void csi_erase(struct terminal *t, struct cell *cells, size_t at,
		      size_t total)
{
	switch (t->param[0]) {
	case 0:
		terminal_fill(t, cells + at, total - at);
		break;
	case 1:
		terminal_fill(t, cells, at + 1);
		break;
	case 2:
		terminal_fill(t, cells, total);
		break;
	default:
		break;
	}
}

static void csi_erase_display(struct terminal *t)
{
	csi_erase(t, t->cells, (size_t)t->y * t->columns + t->x,
		  (size_t)t->rows * t->columns);
}

static void csi_erase_line(struct terminal *t)
{
	csi_erase(t, terminal_row(t, t->y), t->x, t->columns);
}

static void csi_insert_lines(struct terminal *t)
{
	terminal_rows_down(t, t->y, MIN(csi_number(t, 0), t->rows - t->y));
	t->wrap = false;
}

static void csi_delete_lines(struct terminal *t)
{
	terminal_rows_up(t, t->y, MIN(csi_number(t, 0), t->rows - t->y));
	t->wrap = false;
}

static void csi_insert(struct terminal *t)
{
	size_t left = t->columns - t->x, n = MIN(csi_number(t, 0), left);
	struct cell *at = terminal_row(t, t->y) + t->x;

	memmove(at + n, at, (left - n) * sizeof(*at));
	terminal_fill(t, at, n);
	t->wrap = false;
}

static void csi_delete(struct terminal *t)
{
	size_t left = t->columns - t->x, n = MIN(csi_number(t, 0), left);
	struct cell *at = terminal_row(t, t->y) + t->x;

	memmove(at, at + n, (left - n) * sizeof(*at));
	terminal_fill(t, at + left - n, n);
	t->wrap = false;
}

/* Colours by number; returns whether it is one of theirs. */
static bool sgr_colour(struct terminal_pen *pen, unsigned n)
{
	if (n >= 30 && n <= 37)
		pen->fore = (uint8_t)(n - 30);
	else if (n >= 40 && n <= 47)
		pen->back = (uint8_t)(n - 40);
	else if (n >= 90 && n <= 97)
		pen->fore = (uint8_t)(n - 90 + 8);
	else if (n >= 100 && n <= 107)
		pen->back = (uint8_t)(n - 100 + 8);
	else
		return false;
	return true;
}

static void sgr_attribute(struct terminal_pen *pen, unsigned n)
{
	switch (n) {
	case 0:
		*pen = TERMINAL_PEN;
		break;
	case 1:
	case 22:
		pen->bold = n == 1;
		break;
	case 7:
	case 27:
		pen->inverse = n == 7;
		break;
	case 39:
		pen->fore = TERMINAL_FORE;
		break;
	case 49:
		pen->back = TERMINAL_BACK;
		break;
	default:
		break;
	}
}

/* Parameters that a colour of 38 or 48 takes: "5;n" or "2;r;g;b". */
static unsigned sgr_skip(const struct terminal *t, unsigned index)
{
	unsigned n = t->param[index];

	if ((n != 38 && n != 48) || index + 1 >= csi_count(t))
		return 0;
	return t->param[index + 1] == 5 ? 2 : t->param[index + 1] == 2 ? 4 : 0;
}

static void csi_attributes(struct terminal *t)
{
	for (unsigned i = 0; i < csi_count(t); i++) {
		if (!sgr_colour(&t->pen, t->param[i]))
			sgr_attribute(&t->pen, t->param[i]);
		i += sgr_skip(t, i);
	}
	terminal_ink(t);
}

/* Only of the private ones: "?25h" shows the cursor, "?25l" hides it. */
static void csi_mode(struct terminal *t, bool on)
{
	for (unsigned i = 0; i < csi_count(t); i++) {
		if (t->param[i] == 25)
			t->cursor = on;
	}
}

static const struct {
	char final;
	void (*run)(struct terminal *t);
} csi_table[] = {
	{ 'm', csi_attributes },   { 'H', csi_position },
	{ 'A', csi_up },	   { 'B', csi_down },
	{ 'C', csi_right },	   { 'D', csi_left },
	{ 'E', csi_next_line },	   { 'F', csi_previous_line },
	{ 'G', csi_column },	   { 'd', csi_row },
	{ 'f', csi_position },	   { 'J', csi_erase_display },
	{ 'K', csi_erase_line },   { 'L', csi_insert_lines },
	{ 'M', csi_delete_lines }, { 'P', csi_delete },
	{ '@', csi_insert },	   { 's', terminal_save },
	{ 'u', terminal_restore },
};

static void csi_run(struct terminal *t, uint8_t final)
{
	if (t->prefix) {
		if (t->prefix == '?' && (final == 'h' || final == 'l'))
			csi_mode(t, final == 'h');
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(csi_table); i++) {
		if (csi_table[i].final == (char) final) {
			csi_table[i].run(t);
			return;
		}
	}
}

static void csi_start(struct terminal *t)
{
	memset(t->param, 0, sizeof(t->param));
	t->param_count = 1;
	t->prefix = 0;
	t->state = STATE_CSI;
}

static void csi_digit(struct terminal *t, unsigned digit)
{
	uint16_t *param;

	if (t->param_count > TERMINAL_PARAMS)
		return;
	param = &t->param[t->param_count - 1];
	*param = (uint16_t)MIN(*param * 10u + digit, PARAM_MAX);
}

/* A parameter byte, 0x30 to 0x3f. */
static void csi_param(struct terminal *t, uint8_t c)
{
	if (c <= '9')
		csi_digit(t, c - '0');
	else if (c == ';')
		t->param_count =
			(uint8_t)MIN(t->param_count + 1u, TERMINAL_PARAMS + 1u);
	else if (c >= '<' && t->param_count == 1 && !t->param[0])
		t->prefix = (char)c;
	else /* ':', or a prefix in the middle */
		t->state = STATE_CSI_REST;
}

static void csi_take(struct terminal *t, uint8_t c)
{
	if (c >= 0x40) {
		bool known = t->state == STATE_CSI;

		t->state = STATE_TEXT;
		if (known)
			csi_run(t, c);
	} else if (c >= 0x30 && t->state == STATE_CSI) {
		csi_param(t, c);
	} else {
		t->state = STATE_CSI_REST;
	}
}

static void esc_take(struct terminal *t, uint8_t c)
{
	t->state = STATE_TEXT;
	if (c == '[')
		csi_start(t);
	else if (strchr("P]X^_", c))
		t->state = STATE_STRING;
	else if (c < 0x30)
		t->state = STATE_ESC_REST;
	else if (c == '7')
		terminal_save(t);
	else if (c == '8')
		terminal_restore(t);
}

void sequence_take(struct terminal *t, uint8_t c)
{
	switch (t->state) {
	case STATE_ESC:
		esc_take(t, c);
		break;
	case STATE_ESC_REST:
		if (c >= 0x30)
			t->state = STATE_TEXT;
		break;
	case STATE_CSI:
	case STATE_CSI_REST:
		csi_take(t, c);
		break;
	default:
		break;
	}
}
