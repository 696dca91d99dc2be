// SPDX-License-Identifier: BSD-2-Clause
/*
 * The prompt's commands for aliases. nvalias keeps them in nvramrc, as lines
 * "devalias <name> <path>", where SLOF keeps and finds them, too.
 */
#include <string.h>

#include "boot/command.h"
#include "boot/config.h"
#include "lib/fmt.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "tree/path.h"
#include "tree/prop.h"

/* Prints an alias, or all of them: `name` "". Returns whether there is one. */
static bool alias_show(const char *name)
{
	const struct node *aliases = tree_find("/aliases");
	const struct prop *prop;
	bool shown = false;

	if (!aliases)
		return false;
	list_for_each(prop, &aliases->props, link) {
		if (!strcmp(prop->name, "name") ||
		    (*name && strcmp(prop->name, name)))
			continue;
		shown = true;
		print("%-20s %.*s\n", prop->name, (int)prop->len,
		      (const char *)prop->value);
	}
	return shown;
}

/* Says so if the path leads nowhere, which may change: USB, hot-plug. */
static int alias_define(const char *name, const char *path)
{
	int rc = tree_set_alias(name, path);

	if (!rc && !tree_find(path))
		print("(there is no device %s now)\n", path);
	return rc;
}

int command_devalias(const struct prompt_ops *ops, char *args)
{
	const char *name = command_word(&args);

	(void)ops;
	if (*args)
		return alias_define(name, args);
	if (!alias_show(name) && *name)
		return reason_fail(ERR_NOENT, "%s: no such alias", name);
	return COMMAND_OK;
}

/* A piece of nvramrc: `len` bytes, its line ends included. */
struct alias_line {
	const char *at;
	size_t len;
};

static bool alias_is_end(char c)
{
	return c == '\r' || c == '\n';
}

static struct alias_line alias_next_line(const char *text)
{
	size_t len = 0;

	while (text[len] && !alias_is_end(text[len]))
		len++;
	while (alias_is_end(text[len]))
		len++;
	return (struct alias_line){ text, len };
}

/* Takes `word`, in any case, off the start of a line, and blanks around it. */
static bool alias_take(struct alias_line *line, const char *word)
{
	size_t len = strlen(word), skip = 0;

	while (skip < line->len &&
	       (line->at[skip] == ' ' || line->at[skip] == '\t'))
		skip++;
	line->at += skip;
	line->len -= skip;
	if (line->len <= len || strncasecmp(line->at, word, len) ||
	    (line->at[len] != ' ' && line->at[len] != '\t'))
		return false;
	line->at += len;
	line->len -= len;
	return true;
}

/* Is it "devalias <name> ..."? The name counts as it is. */
static bool alias_defines(struct alias_line line, const char *name)
{
	return alias_take(&line, "devalias") && alias_take(&line, name) &&
	       !strncmp(line.at - strlen(name), name, strlen(name));
}

/*
 * Makes the new nvramrc: the first line that defines `name` is replaced by
 * `line`, others are left out. Without such a line, `line` comes first: what
 * follows may boot. (IEEE 1275: nvalias, nvunalias)
 * Returns the text, which the caller frees, or NULL. *found: is there one?
 */
static char *alias_edit(const char *old, const char *name, const char *line,
			bool *found)
{
	size_t head = strlen(line), end;
	char *text = heap_alloc(head + strlen(old) + 1);

	*found = false;
	if (!text)
		return NULL;
	/* The room at the start is closed if `line` has its place later. */
	end = head;
	for (struct alias_line next; *old; old += next.len) {
		next = alias_next_line(old);
		if (!alias_defines(next, name)) {
			memcpy(text + end, old, next.len);
			end += next.len;
		} else if (!*found) {
			memmove(text, text + head, end - head);
			memcpy(text + end - head, line, head);
			*found = true;
		}
	}
	if (!*found)
		memcpy(text, line, head);
	text[end] = '\0';
	return text;
}

/* Stores an edited nvramrc, and makes it run if it has a new line. */
static int alias_store(const char *text, bool run, bool alone)
{
	bool runs = config_flag("use-nvramrc?");
	int rc = config_set("nvramrc", text);

	if (rc || !run || runs)
		return rc;
	rc = config_set("use-nvramrc?", "true");
	if (!rc && !alone)
		print("(use-nvramrc? is true now: all of nvramrc runs at each "
		      "start)\n");
	return rc;
}

int command_nvalias(const struct prompt_ops *ops, char *args)
{
	const char *name = command_word(&args);
	size_t size =
		strlen("devalias  \r\n") + strlen(name) + strlen(args) + 1;
	char *line = heap_alloc(size), *text = NULL;
	int rc = tree_check_alias(name, args);
	bool found;

	(void)ops;
	if (line) {
		fmt_str(line, size, "devalias %s %s\r\n", name, args);
		text = alias_edit(config_str("nvramrc"), name, line, &found);
	}
	if (!rc && !text)
		rc = reason_fail(ERR_NOMEM, "out of memory");
	if (!rc)
		rc = alias_store(text, true, !strcmp(text, line));
	if (!rc)
		rc = alias_define(name, args);
	heap_free(text);
	heap_free(line);
	return rc;
}

int command_nvunalias(const struct prompt_ops *ops, char *args)
{
	bool found;
	char *text = alias_edit(config_str("nvramrc"), args, "", &found);
	int rc;

	(void)ops;
	if (!text)
		rc = reason_fail(ERR_NOMEM, "out of memory");
	else if (!found)
		rc = reason_fail(ERR_NOENT, "nvramrc defines no alias %s",
				 args);
	else
		rc = alias_store(text, false, true);
	if (!rc && alias_show(args))
		print("(until the next reset)\n");
	heap_free(text);
	return rc;
}
