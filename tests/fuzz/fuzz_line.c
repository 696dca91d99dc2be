// SPDX-License-Identifier: BSD-2-Clause
// Keys at the prompt, compared with a simple editor; and completion.
#include <stdio.h>
#include <stdlib.h>

#include "boot/complete.h"
#include "boot/history.h"
#include "boot/line.h"
#include "drivers/console.h"
#include "lib/heap.h"
#include "lib/reason.h"
#include "tests/fake/heap.h"
#include "tests/fake/log.h"
#include "tests/fake/tree.h"
#include "tests/fake/vt100.h"
#include "tests/fuzz/input.h"
#include "tree/node.h"

/* The editor's line has other limits. */
#define TEXT_MAX 3000u
#define PROMPT "0 > "

typedef struct vt100_cell cell;

static struct fuzz_input in;
static struct vt100 vt;

/* The model. */
static struct {
	cell text[TEXT_MAX + 64];
	size_t len, at;
	char own[TEXT_MAX * 4 + 256];
	unsigned back;
	char history[HISTORY_LINES][HISTORY_BYTES];
	unsigned lines;
	bool searches, fails;
	char wanted[33];
	unsigned found, before;
} model;

/* Bytes of the key that is being typed; PAUSE: nothing for a while. */
#define PAUSE '\xff'
static char queue[64];
static size_t queued, taken;

static void model_set(const char *text)
{
	model.len = 0;
	while (*text) {
		cell *c = &model.text[model.len++];
		size_t n = 1;

		while ((text[n] & 0xc0) == 0x80)
			n++;
		*c = (cell){ "" };
		memcpy(c->text, text, n);
		text += n;
	}
	model.at = model.len;
}

static void model_get(char *text)
{
	*text = '\0';
	for (size_t i = 0; i < model.len; i++)
		text += sprintf(text, "%s", model.text[i].text);
}

static void model_insert(const char *text)
{
	memmove(model.text + model.at + 1, model.text + model.at,
		(model.len - model.at) * sizeof(cell));
	model.text[model.at] = (cell){ "" };
	strcpy(model.text[model.at++].text, text);
	model.len++;
}

static void model_erase(size_t from, size_t to)
{
	memmove(model.text + from, model.text + to,
		(model.len - to) * sizeof(cell));
	model.len -= to - from;
	model.at = from;
}

static const char *model_history(unsigned back)
{
	return back && back <= model.lines ? model.history[model.lines - back]
					   : NULL;
}

static void model_drop(void)
{
	memmove(model.history[0], model.history[1],
		sizeof(model.history) - sizeof(model.history[0]));
	model.lines--;
}

static size_t model_history_bytes(void)
{
	size_t n = 0;

	for (unsigned i = 0; i < model.lines; i++)
		n += strlen(model.history[i]) + 1;
	return n;
}

static void model_enter(const char *line)
{
	if (!*line || strlen(line) >= HISTORY_BYTES ||
	    (model.lines && !strcmp(model_history(1), line)))
		return;
	if (model.lines == HISTORY_LINES)
		model_drop();
	while (model_history_bytes() + strlen(line) + 1 > HISTORY_BYTES)
		model_drop();
	strcpy(model.history[model.lines++], line);
}

static void model_keep_own(void)
{
	if (!model.back)
		model_get(model.own);
}

static void model_show(unsigned back)
{
	model.back = back;
	model_set(back ? model_history(back) : model.own);
}

static void model_search(unsigned from)
{
	unsigned back = from;

	model.fails = false;
	if (!*model.wanted)
		return;
	while (model_history(back) &&
	       !strstr(model_history(back), model.wanted))
		back++;
	model.fails = !model_history(back);
	if (model.fails)
		return;
	model.found = back;
	model_set(model_history(back));
}

/* True: the key belongs to the search. */
static bool model_search_key(int key)
{
	size_t len = strlen(model.wanted);

	if (key == 0x12) {
		model_search(model.found + 1);
	} else if (key == '\b') {
		if (len)
			model.wanted[len - 1] = '\0';
		model_search(1);
	} else if (key >= ' ' && key < 0x7f) {
		if (len == 32)
			return true;
		model.wanted[len] = (char)key;
		model_search(model.found ? model.found : 1);
	} else {
		model.searches = false;
		if (model.found)
			model.back = model.found;
		if (key == 0x07)
			model_show(model.before);
		return false;
	}
	return true;
}

/* What the keys do; `key`: a control character for those that have several. */
static void model_word(void)
{
	size_t from = model.at;

	while (from && model.text[from - 1].text[0] == ' ')
		from--;
	while (from && model.text[from - 1].text[0] != ' ')
		from--;
	model_erase(from, model.at);
}

static void model_start_search(void)
{
	model_keep_own();
	model.searches = true;
	model.fails = false;
	model.before = model.back;
	model.found = 0;
	memset(model.wanted, 0, sizeof(model.wanted));
}

static void model_history_key(int key)
{
	if (key == 0x10 && model_history(model.back + 1)) {
		model_keep_own();
		model_show(model.back + 1);
	} else if (key == 0x0e && model.back) {
		model_show(model.back - 1);
	} else if (key == 0x12) {
		model_start_search();
	}
}

static void model_edit_key(int key)
{
	size_t at = model.at;

	if (key == 0x01)
		model.at = 0;
	else if (key == 0x05)
		model.at = model.len;
	else if (key == 0x02)
		model.at -= at > 0;
	else if (key == 0x06)
		model.at += at < model.len;
	else if (key == '\b')
		model_erase(at - (at > 0), at);
	else if (key == 0x04)
		model_erase(at, at + (at < model.len));
	else if (key == 0x0b)
		model_erase(at, model.len);
	else if (key == 0x15)
		model_erase(0, model.len);
	else if (key == 0x17)
		model_word();
	else
		model_history_key(key);
}

/* Keys that send sequences, and what they are for the model. */
static const struct {
	const char *bytes;
	int key;
} keys[] = {
	{ "\033[D", 0x02 }, { "\033[C", 0x06 },	    { "\033OD", 0x02 },
	{ "\033[H", 0x01 }, { "\033[F", 0x05 },	    { "\033[3~", 0x04 },
	{ "\033[A", 0x10 }, { "\033[B", 0x0e },	    { "\033[2~", 0 },
	{ "\033\xff", 0 },  { "\033[1;5\xff", 0 },  { "\033[[B", 0 },
	{ "\x7f", '\b' },   { "\x0c", 0 },	    { "\x12", 0x12 },
	{ "\xc3\xa4", -1 }, { "\xe2\x82\xac", -1 }, { "\xf8", -1 },
	{ "\t", ' ' },	    { "\x07", 0x07 },
};

static void queue_key(const char *bytes, int key)
{
	taken = 0;
	queued = strlen(bytes);
	memcpy(queue, bytes, queued);
	if (model.searches) {
		/* A tab ends a search, and is a blank then. */
		if (model_search_key(key == -1 || *bytes == '\t' ? 0 : key))
			return;
	}
	if (key == -1)
		model_insert(bytes);
	else if (key >= ' ')
		model_insert((char[]){ (char)key, '\0' });
	else
		model_edit_key(key);
}

/* The next key; false: the line ends. */
static bool next_key(void)
{
	uint8_t b = fuzz_u8(&in);
	char text[65] = "";

	if (!in.left || b == '\r')
		return false;
	if (model.len > TEXT_MAX) {
		queue_key("\x15", 0x15);
	} else if (b >= 0x80 && b < 0x80 + ARRAY_SIZE(keys)) {
		queue_key(keys[b - 0x80].bytes, keys[b - 0x80].key);
	} else if (b >= 0xc0 && !model.searches) {
		/* Fast: a paste. */
		memset(text, 'a' + b % 26, b - 0xbfu);
		for (size_t i = 0; text[i]; i++)
			queue_key((char[]){ text[i], '\0' }, text[i]);
		queued = strlen(text);
		memcpy(queue, text, queued);
	} else {
		b &= 0x7f;
		if (strchr("\x03\x0a\x1b\t\x7f", b))
			b = 'x';
		queue_key((char[]){ (char)b, '\0' }, b);
	}
	return true;
}

/* What must be on the screen. */

static bool cell_is(unsigned column, const cell *want)
{
	const char *has = vt.cells[vt.row][column].text;

	return !strcmp(*has ? has : " ", want->text);
}

static void check_blank(unsigned from)
{
	static const cell blank = { " " };

	for (; from < VT100_COLUMNS; from++)
		assert(cell_is(from, &blank));
}

/* As it was typed, over several rows. */
static bool shown_wrapped(void)
{
	size_t all = strlen(PROMPT) + model.len, n = 0;

	if (model.at != model.len || model.searches ||
	    all % VT100_COLUMNS != (vt.wraps ? 0 : vt.column))
		return false;
	/* As far up as the screen goes. */
	for (unsigned row = vt.row + 1; row-- && n < model.len;) {
		unsigned column = row == vt.row && !vt.wraps ? vt.column
							     : VT100_COLUMNS;

		while (column-- && n < model.len) {
			const cell *c = &model.text[model.len - ++n];

			if (strcmp(vt.cells[row][column].text, c->text))
				return false;
		}
	}
	return true;
}

/* In one row, which may be a part. */
static void check_row(unsigned prompt)
{
	unsigned room = 79 - prompt;
	bool fits = model.len <= room;
	size_t from = model.at - (vt.column - prompt), n = 0;

	assert(!vt.wraps && vt.column >= prompt);
	assert(vt.column - prompt <= model.at && (!fits || from == 0));
	/* The cursor is not where "<" and ">" are. */
	assert(!from || vt.column > prompt);
	assert(from + room >= model.len || vt.column + 1 < prompt + room);
	for (; n < room && from + n < model.len; n++) {
		const cell *want = &model.text[from + n];

		if (n == 0 && from)
			want = &(cell){ "<" };
		else if (n == room - 1 && from + n + 1 < model.len)
			want = &(cell){ ">" };
		assert(cell_is(prompt + (unsigned)n, want));
	}
	check_blank(prompt + (unsigned)n);
}

static void check_screen(void)
{
	char prompt[64] = PROMPT;

	if (model.searches)
		sprintf(prompt,
			"%s '%s': ", model.fails ? "not found" : "search",
			model.wanted);
	if (model.len > 79 - strlen(prompt) && shown_wrapped())
		return;
	for (unsigned i = 0; prompt[i]; i++)
		assert(cell_is(i, &(cell){ { prompt[i] } }));
	check_row((unsigned)strlen(prompt));
}

/* What the firmware calls. */

int console_wait_char(const struct deadline *until)
{
	if (until && (taken == queued || queue[taken] == PAUSE)) {
		taken += taken < queued;
		return -1;
	}
	if (taken == queued) {
		check_screen();
		taken = queued = 0;
		if (!next_key()) {
			/* The end of a search may change the line. */
			if (model.searches)
				(void)!model_search_key('\r');
			queue[queued++] = '\r';
		}
	}
	return (unsigned char)queue[taken++];
}

enum console_burst console_burst(void)
{
	return CONSOLE_MORE;
}

static void sink_write(struct log_sink *sink, const char *text, size_t len)
{
	(void)sink;
	vt100_write(&vt, text, len);
}

static void check_completion(const char *line)
{
	struct completion found;
	size_t len = strlen(line);

	complete(line, len, &found);
	assert(found.from <= len);
	assert(!*found.text || found.count);
	assert(strlen(found.text) >= len - found.from || !*found.text);
	for (const char *c = found.text; *c; c++)
		assert((unsigned char)*c >= ' ' && *c != 0x7f);
	complete_list(line, len);
}

static void read_one(void)
{
	static char want[TEXT_MAX * 4 + 256];
	char *line;

	model.len = model.at = 0;
	model.back = 0;
	model.searches = false;
	assert(!line_read(PROMPT, &line));
	model_get(want);
	assert(!strcmp(line, want));
	check_blank(0);
	assert(vt.column == 0);
	model_enter(want);
	for (unsigned i = 0; i <= model.lines + 1; i++) {
		const char *has = history_get(i), *must = model_history(i);

		assert(!has == !must && (!has || !strcmp(has, must)));
	}
	check_completion(line);
	heap_free(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct log_sink sink = { .write = sink_write };
	struct node *pci;

	in = (struct fuzz_input){ data, size };
	memset(&model, 0, sizeof(model));
	log_reset();
	history_clear();
	line_forget();
	vt100_reset(&vt);
	log_add_sink(&sink);
	taken = queued = 0;
	assert(!tree_init());
	assert(tree_add_node(tree_root(), "aliases", TREE_QUOIN));
	pci = tree_add_node(tree_root(), "pci@800000020000000", TREE_QEMU);
	assert(pci && tree_add_node(pci, "scsi@1", TREE_QEMU));
	assert(tree_add_node(pci, "scsi@2", TREE_QEMU));
	do
		read_one();
	while (in.left);
	tree_free();
	assert(fake_heap_live() == 0);
	return 0;
}
