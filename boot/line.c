// SPDX-License-Identifier: BSD-2-Clause
/* Reading one line from the console: what each key does. */
#include "boot/line.h"

#include <string.h>

#include "boot/complete.h"
#include "boot/history.h"
#include "boot/key.h"
#include "drivers/console.h"
#include "lib/fmt.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"

#define CTRL(letter) ((letter)&0x1f)

/* ECMA-48 8.3.21, 8.3.39: to the first column and row; erase the screen. */
#define LINE_CLEAR_SCREEN "\033[H\033[2J"

/* The longest text that is searched for. */
#define LINE_SEARCH_MAX 32u

struct line {
	struct edit edit;
	const char *prompt;
	int rc; /* why characters are dropped, or 0 */
	bool done;
	bool lists;    /* several words are possible: the next TAB lists them */
	unsigned back; /* the line of the history that is shown, or 0 */
	char *own;     /* what was typed before that */
};

/* See line_is_typed(). */
static bool line_cursor_used, line_typed;

static void line_insert(struct line *line, char c)
{
	line->rc = edit_insert(&line->edit, c);
}

static void line_set(struct line *line, const char *text)
{
	line->rc = edit_set(&line->edit, text);
}

/* The cursor. */

static void line_left(struct line *line)
{
	edit_move(&line->edit, edit_before(&line->edit));
}

static void line_right(struct line *line)
{
	edit_move(&line->edit, edit_after(&line->edit));
}

static void line_home(struct line *line)
{
	edit_move(&line->edit, 0);
}

static void line_end(struct line *line)
{
	edit_move(&line->edit, line->edit.len);
}

static void line_redraw(struct line *line)
{
	log_write(LINE_CLEAR_SCREEN, strlen(LINE_CLEAR_SCREEN));
	edit_redraw(&line->edit);
}

/* Erasing. */

static void line_erase_before(struct line *line)
{
	edit_erase(&line->edit, edit_before(&line->edit), line->edit.at);
}

static void line_erase_at(struct line *line)
{
	edit_erase(&line->edit, line->edit.at, edit_after(&line->edit));
}

static void line_erase_word(struct line *line)
{
	const char *text = line->edit.text;
	size_t from = line->edit.at;

	while (from && text[from - 1] == ' ')
		from--;
	while (from && text[from - 1] != ' ')
		from--;
	edit_erase(&line->edit, from, line->edit.at);
}

static void line_erase_rest(struct line *line)
{
	edit_erase(&line->edit, line->edit.at, line->edit.len);
}

static void line_erase_all(struct line *line)
{
	edit_erase(&line->edit, 0, line->edit.len);
}

/* The history. */

/* Keeps what was typed, to come back to. False: no memory. */
static bool line_keep_own(struct line *line)
{
	if (line->back)
		return true;
	heap_free(line->own);
	line->own = edit_copy(&line->edit);
	return line->own;
}

static void line_show_history(struct line *line, unsigned back)
{
	const char *text = back ? history_get(back) : line->own;

	line->back = back;
	line_set(line, text);
}

static void line_older(struct line *line)
{
	if (history_get(line->back + 1) && line_keep_own(line))
		line_show_history(line, line->back + 1);
}

static void line_newer(struct line *line)
{
	if (line->back)
		line_show_history(line, line->back - 1);
}

/* A search in the history. */
struct line_search {
	char text[LINE_SEARCH_MAX + 1];
	char prompt[LINE_SEARCH_MAX + 24];
	size_t len;
	unsigned back; /* the line that is shown, or 0 */
	bool fails;
};

/* Looks for the text, `back` lines ago or earlier, and shows the line. */
static void search_from(struct line *line, struct line_search *search,
			unsigned back)
{
	unsigned found = search->len ? history_find(search->text, back) : 0;

	search->fails = search->len && !found;
	if (found)
		search->back = found;
	fmt_str(search->prompt, sizeof(search->prompt),
		"%s '%s': ", search->fails ? "not found" : "search",
		search->text);
	line->edit.prompt = search->prompt;
	if (found)
		line_set(line, history_get(found));
	else
		edit_show(&line->edit);
}

/* Handles a key; false: it ends the search. */
static bool search_key(struct line *line, struct line_search *search, int key)
{
	if (key == CTRL('R')) {
		search_from(line, search, search->back + 1);
	} else if (key == KEY_BACKSPACE || key == KEY_DEL) {
		if (search->len)
			search->text[--search->len] = '\0';
		search_from(line, search, 1);
	} else if (key >= ' ' && key < KEY_DEL) {
		if (search->len == LINE_SEARCH_MAX)
			return true;
		search->text[search->len++] = (char)key;
		search->text[search->len] = '\0';
		search_from(line, search, MAX(search->back, 1));
	} else {
		return false;
	}
	return !line->rc;
}

static void line_key(struct line *line, int key);

/* Any key that does not belong to the search ends it, and has its effect. */
static void line_search(struct line *line)
{
	struct line_search search = { .len = 0 };
	unsigned before = line->back;
	int key;

	if (!line_keep_own(line))
		return;
	search_from(line, &search, 1);
	do
		key = key_wait(NULL);
	while (search_key(line, &search, key));
	line->edit.prompt = line->prompt;
	if (search.back)
		line->back = search.back;
	if (key == CTRL('G'))
		line_show_history(line, before);
	else
		edit_show(&line->edit);
	line_key(line, key);
}

/* Completion. */

static void line_replace(struct line *line, size_t from, const char *text)
{
	while (*text && from < line->edit.at && line->edit.text[from] == *text)
		from++, text++;
	edit_erase(&line->edit, from, line->edit.at);
	while (*text && !line->rc)
		line_insert(line, *text++);
}

/* A tab in pasted text is a blank. */
static void line_tab(struct line *line)
{
	struct edit *edit = &line->edit;
	bool lists = line->lists;
	struct completion found;

	if (key_in_burst()) {
		line_insert(line, ' ');
		return;
	}
	complete(edit->text, edit->at, &found);
	line->lists = found.count > 1;
	if (found.text[0]) {
		line_replace(line, found.from, found.text);
	} else if (lists && line->lists) {
		print("\n");
		complete_list(edit->text, edit->at);
		edit_redraw(edit);
	}
}

/* The keys. */

/* clang-format off */
static const struct {
	int key;
	void (*run)(struct line *line);
} line_keys[] = {
	{ CTRL('A'), line_home }, { KEY_HOME, line_home },
	{ CTRL('E'), line_end }, { KEY_END, line_end },
	{ CTRL('B'), line_left }, { KEY_LEFT, line_left },
	{ CTRL('F'), line_right }, { KEY_RIGHT, line_right },
	{ KEY_BACKSPACE, line_erase_before }, { KEY_DEL, line_erase_before },
	{ CTRL('D'), line_erase_at }, { KEY_DELETE, line_erase_at },
	{ CTRL('W'), line_erase_word },
	{ CTRL('K'), line_erase_rest },
	{ CTRL('U'), line_erase_all },
	{ CTRL('L'), line_redraw },
	{ CTRL('P'), line_older }, { KEY_UP, line_older },
	{ CTRL('N'), line_newer }, { KEY_DOWN, line_newer },
	{ CTRL('R'), line_search },
	{ KEY_TAB, line_tab },
};
/* clang-format on */

static void line_edit_key(struct line *line, int key)
{
	if (key != KEY_TAB)
		line->lists = false;
	if (key >= KEY_UP && key <= KEY_PAGE_DOWN)
		line_cursor_used = true;
	for (size_t i = 0; i < ARRAY_SIZE(line_keys); i++) {
		if (line_keys[i].key == key) {
			line_keys[i].run(line);
			return;
		}
	}
	if (key >= ' ' && key < KEY_UP)
		line_insert(line, (char)key);
}

static void line_key(struct line *line, int key)
{
	if (key == CTRL('C'))
		line->rc = reason_fail(ERR_INVAL, "interrupted");
	line->done = key == KEY_ENTER || key == KEY_LINE_FEED ||
		     key == CTRL('C');
	/* What is too long is not half of a line. */
	if (!line->done && !line->rc)
		line_edit_key(line, key);
}

int line_read(const char *prompt, char **text)
{
	struct line line = { .prompt = prompt };

	edit_start(&line.edit, prompt);
	while (!line.done)
		line_key(&line, key_wait(NULL));
	line_typed = line_cursor_used && console_burst() == CONSOLE_ALONE;
	print("\n");
	*text = line.rc ? NULL : edit_copy(&line.edit);
	if (!line.rc && !*text)
		line.rc = reason_fail(ERR_NOMEM,
				      "no memory for a line of %zu characters",
				      line.edit.len);
	if (*text)
		history_add(*text);
	edit_end(&line.edit);
	heap_free(line.own);
	return line.rc;
}

bool line_is_typed(void)
{
	return line_typed;
}

void line_forget(void)
{
	line_cursor_used = line_typed = false;
}
