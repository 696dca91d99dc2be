// SPDX-License-Identifier: BSD-2-Clause
/* Long output, a page at a time. */
#include "boot/pager.h"

#include <string.h>

#include "boot/key.h"
#include "drivers/console.h"
#include "lib/log.h"

#define PAGER_ROWS 24u
#define PAGER_COLUMNS 80u

#define PAGER_QUESTION "--more--"
#define PAGER_ERASE "\r        \r"

static struct {
	unsigned page, columns;
	unsigned left;	 /* rows until the next question */
	unsigned column; /* of the cursor */
	bool asks, quits;
} pager;

/* Handles a key; false: there is no such key. */
static bool pager_key(int key)
{
	switch (key) {
	case ' ':
	case KEY_PAGE_DOWN:
		pager.left = pager.page;
		return true;
	case KEY_ENTER:
	case KEY_LINE_FEED:
	case KEY_DOWN:
		pager.left = 1;
		return true;
	case 'q':
	case 'Q':
	case KEY_ESC:
	case KEY_CTRL_A + 'C' - 'A':
		pager.quits = true;
		return true;
	default:
		return false;
	}
}

static void pager_ask(void)
{
	pager.asks = true;
	log_send(PAGER_QUESTION, strlen(PAGER_QUESTION));
	while (!pager_key(key_wait(NULL)))
		;
	log_send(PAGER_ERASE, strlen(PAGER_ERASE));
	pager.asks = false;
}

/* Does a row end before `c`? */
static bool pager_wraps(char c)
{
	return c >= ' ' && pager.column == pager.columns;
}

static void pager_next_row(void)
{
	pager.column = 0;
	pager.left--;
}

static void pager_count(char c)
{
	if (c == '\n')
		pager_next_row();
	else if (c >= ' ')
		pager.column++;
}

static void pager_text(const char *text, size_t len)
{
	size_t from = 0;

	if (pager.asks) {
		log_send(text, len);
		return;
	}
	for (size_t i = 0; i < len && !pager.quits; i++) {
		if (pager_wraps(text[i]))
			pager_next_row();
		if (!pager.left) {
			log_send(text + from, i - from);
			from = i;
			pager_ask();
		}
		pager_count(text[i]);
	}
	if (!pager.quits)
		log_send(text + from, len - from);
}

/* Takes the smallest size. */
static void pager_size(void)
{
	unsigned columns = ~0u, rows = ~0u, x, y;
	struct device_role *as = NULL;

	while ((as = device_next_role(as, &console_output_role))) {
		struct console_output *out =
			container_of(as, struct console_output, as);

		if (!out->size)
			continue;
		out->size(out, &x, &y);
		columns = MIN(columns, x);
		rows = MIN(rows, y);
	}
	pager.columns = columns == ~0u || !columns ? PAGER_COLUMNS : columns;
	/* Two rows are for what follows the text: " ok" and the prompt. */
	pager.page = (rows == ~0u || rows < 3 ? PAGER_ROWS : rows) - 2;
}

void pager_start(void)
{
	pager_size();
	pager.left = pager.page;
	pager.column = 0;
	pager.asks = pager.quits = false;
	log_set_pager(pager_text);
}

void pager_stop(void)
{
	log_set_pager(NULL);
}
