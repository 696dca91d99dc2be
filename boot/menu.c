// SPDX-License-Identifier: BSD-2-Clause
/* The boot menu: its text, which harnesses match, and its keys. */
#include "boot/menu.h"

#include "boot/command.h"
#include "boot/key.h"
#include "boot/menu_entry.h"
#include "boot/pager.h"
#include "drivers/console.h"
#include "drivers/device.h"
#include "lib/deadline.h"
#include "lib/fmt.h"
#include "lib/log.h"

/* All devices together are asked for so long what they are. */
#define DESCRIBE_MS 5000u
#define DESCRIPTION_MAX 160u
/* Of ten entries and more: so long another digit may follow. */
#define DIGIT_MS 1000u
/* The highlighted line does not wrap, so that it can be replaced. */
#define HIGHLIGHT_MAX 76

struct menu {
	struct menu_list list;
	size_t at;	 /* the highlighted entry, or list.count */
	size_t number;	 /* that the digits make so far */
	unsigned digits; /* that are shown */
};

enum menu_choice {
	MENU_NONE,
	MENU_BOOT, /* entry `at` */
	MENU_AGAIN,
	MENU_LEAVE,
};

/*
 * Who types knows what he wants. A repeated F12 is no answer, nor is the LF of
 * the CR LF after the command.
 */
static bool menu_is_answered(void)
{
	while (console_take_key(KEY_F12_BYTES) || console_take_key("\n"))
		;
	return console_take_key("");
}

/*
 * The line begins as SLOF's, byte for byte: tp-qemu reads it. [SLOF
 * lib/libbootmenu/bootmenu.c]
 */
static void menu_print_entry(const struct menu_list *list, size_t i, bool ask)
{
	const struct menu_entry *entry = &list->entries[i];
	char text[DESCRIPTION_MAX];
	bool first = i == list->first;

	print("%zu) %6s : %s", i + 1, entry->alias, entry->path);
	menu_entry_describe(entry, ask, text, sizeof(text));
	if (*text || first)
		print("   [%s%s%s]", text, *text && first ? ", " : "",
		      first ? "*boots first" : "");
	print("\n");
}

static void menu_print(const struct menu_list *list)
{
	struct deadline until;
	bool ask = true;

	print("\nSelect boot device (or press '0' to abort):\n");
	deadline_start(&until, DESCRIBE_MS);
	for (size_t i = 0; i < list->count; i++) {
		ask = ask && !menu_is_answered() && !deadline_passed(&until);
		menu_print_entry(list, i, ask);
	}
	deadline_stop(&until);
	/* The list alone comes in pages: then the keys are the menu's. */
	pager_stop();
	print("Number, or arrow keys and Enter; r: list again; p: prompt\n");
}

/* Replaces its own line only: nobody knows how often the list has wrapped. */
static void menu_highlight(struct menu *menu, size_t at)
{
	const struct menu_entry *entry = &menu->list.entries[at];
	char line[HIGHLIGHT_MAX + 1];

	menu->at = at;
	fmt_str(line, sizeof(line), "%zu) %s : %s", at + 1, entry->alias,
		entry->path);
	print("\r\x1b[7m%s\x1b[m\x1b[K", line);
}

/* The first arrow shows where it starts: at what boots first. */
static void menu_move(struct menu *menu, int key)
{
	size_t last = menu->list.count - 1, at = menu->at;

	if (key == KEY_HOME || key == KEY_PAGE_UP)
		at = 0;
	else if (key == KEY_END || key == KEY_PAGE_DOWN)
		at = last;
	else if (at > last)
		at = menu->list.first > last ? 0 : menu->list.first;
	else if (key == KEY_UP)
		at -= at > 0;
	else
		at += at < last;
	menu_highlight(menu, at);
}

static void menu_drop_digits(struct menu *menu)
{
	for (; menu->digits; menu->digits--)
		print("\b \b");
	menu->number = 0;
}

static enum menu_choice menu_take(struct menu *menu, size_t at)
{
	if (at >= menu->list.count)
		return MENU_NONE;
	menu->at = at;
	return MENU_BOOT;
}

/* A digit that no other can follow acts at once. */
static enum menu_choice menu_digit(struct menu *menu, int key)
{
	size_t count = menu->list.count;
	size_t number = menu->number * 10 + (size_t)(key - '0');

	if (!number)
		return MENU_LEAVE;
	if (number > count) {
		menu_drop_digits(menu);
		return MENU_NONE;
	}
	if (number * 10 > count)
		return menu_take(menu, number - 1);
	if (!menu->digits && menu->at < count) {
		print("\r\x1b[K");
		menu->at = count;
	}
	print("%c", key);
	menu->digits++;
	menu->number = number;
	return MENU_NONE;
}

static enum menu_choice menu_enter(struct menu *menu)
{
	if (menu->digits)
		return menu_take(menu, menu->number - 1);
	return menu_take(menu, menu->at < menu->list.count ? menu->at
							   : menu->list.first);
}

/* A key besides digits. */
static enum menu_choice menu_key(struct menu *menu, int key)
{
	switch (key) {
	case KEY_ENTER:
	case KEY_LINE_FEED:
	case KEY_TIMEOUT:
		return menu_enter(menu);
	case KEY_UP:
	case KEY_DOWN:
	case KEY_HOME:
	case KEY_END:
	case KEY_PAGE_UP:
	case KEY_PAGE_DOWN:
		menu_drop_digits(menu);
		menu_move(menu, key);
		return MENU_NONE;
	case KEY_BACKSPACE:
	case KEY_DEL:
		menu_drop_digits(menu);
		return MENU_NONE;
	case KEY_ESC:
	case KEY_CTRL_A + 'C' - 'A':
	case 'q':
	case 'p':
		return MENU_LEAVE;
	case 'r':
		return MENU_AGAIN;
	default:
		return MENU_NONE;
	}
}

static int menu_wait(const struct menu *menu)
{
	struct deadline until;
	int key;

	if (!menu->digits)
		return key_wait(NULL);
	deadline_start(&until, DIGIT_MS);
	key = key_wait(&until);
	deadline_stop(&until);
	return key;
}

static enum menu_choice menu_ask(struct menu *menu)
{
	enum menu_choice choice = MENU_NONE;

	menu_print(&menu->list);
	while (choice == MENU_NONE) {
		int key = menu_wait(menu);

		if (key >= '0' && key <= '9')
			choice = menu_digit(menu, key);
		else
			choice = menu_key(menu, key);
	}
	print("\n");
	return choice;
}

/* Scans, lists and asks once. `alias`: receives what to boot. */
static int menu_once(const struct prompt_ops *ops, enum menu_choice *choice,
		     char *alias)
{
	struct menu menu = { 0 };
	int err;

	/* The tree of a client does not change under it. */
	if (!ops->can_go)
		device_scan_rest();
	err = menu_list_build(&menu.list);
	*choice = MENU_LEAVE;
	menu.at = menu.list.count;
	if (err == 0 && menu.list.count)
		*choice = menu_ask(&menu);
	else if (err == 0)
		print("\nNo device to boot from: no disk, no CD drive, no "
		      "network card\n");
	if (*choice == MENU_BOOT)
		fmt_str(alias, MENU_ALIAS_MAX, "%s",
			menu.list.entries[menu.at].alias);
	menu_list_free(&menu.list);
	return err;
}

int menu_run(const struct prompt_ops *ops)
{
	char alias[MENU_ALIAS_MAX];
	enum menu_choice choice;
	int err;

	do {
		err = menu_once(ops, &choice, alias);
		if (err < 0)
			return err;
	} while (choice == MENU_AGAIN);
	/* boot() itself prints the outcome of each target. */
	if (choice == MENU_BOOT)
		(void)ops->sender->boot(alias);
	return COMMAND_QUIET;
}
