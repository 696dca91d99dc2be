// SPDX-License-Identifier: BSD-2-Clause
/* Completing the words of a command. */
#include "boot/complete.h"

#include <string.h>

#include "boot/command.h"
#include "boot/config.h"
#include "drivers/block.h"
#include "drivers/device.h"
#include "lib/fmt.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "packages/disk_list.h"
#include "tree/path.h"

/* Columns of a listing, of 26 characters each. */
#define COMPLETE_COLUMNS 3u

/* Nobody waits longer for a tab. */
#define COMPLETE_PATIENCE_MS 2000u

/* One look at all that could be meant. */
struct complete_pass {
	const char *part; /* what is there of it */
	size_t len;
	bool prints;
	char separator; /* of files */
	char end;	/* follows one that is whole; '\0': nothing */
	unsigned count;
	char common[COMPLETE_MAX];
};

/*
 * A blank would end the word, and the editor shows bytes above 0x7e as they are:
 * a disc could control the terminal.
 */
static bool complete_is_word(const char *name)
{
	for (; *name; name++) {
		if (*name <= ' ' || *name > '~')
			return false;
	}
	return true;
}

static void complete_print(const struct complete_pass *pass, const char *name)
{
	if (pass->count % COMPLETE_COLUMNS)
		print("%-25s ", name);
	else
		print("%s\n", name);
}

/* Something that could be meant. */
static void complete_offer(struct complete_pass *pass, const char *name)
{
	size_t len = strlen(name), same = 0;

	if (len < pass->len || strncasecmp(name, pass->part, pass->len) ||
	    len + 1 >= COMPLETE_MAX || !complete_is_word(name))
		return;
	pass->count++;
	if (pass->prints)
		complete_print(pass, name);
	if (pass->count == 1) {
		memcpy(pass->common, name, len + 1);
		return;
	}
	while (name[same] && name[same] == pass->common[same])
		same++;
	pass->common[same] = '\0';
}

/* Sources of names. */

static void complete_commands(struct complete_pass *pass)
{
	const char *name;

	pass->end = ' ';
	for (size_t i = 0; (name = command_name(i)); i++)
		complete_offer(pass, name);
}

static void complete_variables(struct complete_pass *pass)
{
	const struct config_var *var;

	pass->end = ' ';
	for (size_t i = 0; (var = config_var(i)); i++)
		complete_offer(pass, var->name);
}

static void complete_aliases(struct complete_pass *pass)
{
	const struct node *aliases = tree_find("/aliases");
	const struct prop *prop;

	if (!aliases)
		return;
	list_for_each(prop, &aliases->props, link) {
		if (strcmp(prop->name, "name"))
			complete_offer(pass, prop->name);
	}
}

static void complete_tpm(struct complete_pass *pass)
{
	pass->end = ' ';
	complete_offer(pass, "clear");
	complete_offer(pass, "banks");
}

static void complete_children(struct complete_pass *pass,
			      const struct node *parent)
{
	const struct node *node = parent ? parent->child : NULL;
	char name[COMPLETE_MAX];

	for (; node; node = node->next) {
		fmt_str(name, sizeof(name), "%s%s%s", node->name,
			node->unit ? "@" : "", node->unit ? node->unit : "");
		complete_offer(pass, name);
	}
}

/* The start of a path: children of the root take a "/". */
static void complete_start(struct complete_pass *pass)
{
	complete_aliases(pass);
	if (command_node() != tree_root())
		complete_children(pass, command_node());
}

static void complete_file(void *arg, const char *name, uint64_t size,
			  enum file_kind kind)
{
	struct complete_pass *pass = arg;
	char text[COMPLETE_MAX];

	(void)size;
	if (fmt_str(text, sizeof(text), "%s%.*s", name, kind == FILE_DIRECTORY,
		    &pass->separator) < sizeof(text))
		complete_offer(pass, text);
}

/* `args`: up to a file's name. What cannot be read (soon) has no files. */
static void complete_files(struct complete_pass *pass, const char *path,
			   const char *args)
{
	const struct node *node = command_resolve(path, NULL);
	struct block_device *bd = NULL;

	if (node && device_of(node))
		bd = block_of(device_of(node));
	if (!bd)
		return;
	block_set_timeout(COMPLETE_PATIENCE_MS);
	if (!block_open(bd)) {
		(void)!disk_each_file(bd, args, complete_file, pass);
		block_close(bd);
	}
	block_set_timeout(0);
}

/* Which names: those of the last part of a word, which is taken apart. */

/* Cuts `word` before its last `part`, of `len` bytes; the separator goes. */
static void complete_cut(struct complete_pass *pass, char *part)
{
	pass->part = part;
	pass->len = strlen(part);
	pass->separator = part[-1];
	part[-1] = '\0';
}

static void complete_path(struct complete_pass *pass, char *word)
{
	char *colon = strchr(word, ':'), *end;

	if (!colon) {
		end = strrchr(word, '/');
		if (!end) {
			complete_start(pass);
			return;
		}
		complete_cut(pass, end + 1);
		complete_children(pass, *word ? command_resolve(word, NULL)
					      : tree_root());
		return;
	}
	end = colon + strlen(colon);
	while (*end != '\\' && *end != '/' && end > colon)
		end--;
	if (end == colon)
		return;
	complete_cut(pass, end + 1);
	*colon = '\0';
	complete_files(pass, word, colon + 1);
}

/* What follows a command; all others have paths. */
/* clang-format off */
static const struct {
	const char *command;
	void (*names)(struct complete_pass *pass);
} complete_arguments[] = {
	{ "printenv", complete_variables },
	{ "setenv", complete_variables },
	{ "set-default", complete_variables },
	{ "devalias", complete_aliases },
	{ "nvunalias", complete_aliases },
	{ "help", complete_commands },
	{ "tpm", complete_tpm },
};
/* clang-format on */

static void complete_argument(struct complete_pass *pass, const char *command,
			      char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(complete_arguments); i++) {
		const char *name = complete_arguments[i].command;

		if (!strncasecmp(name, command, strlen(name) + 1)) {
			complete_arguments[i].names(pass);
			return;
		}
	}
	complete_path(pass, word);
}

/* `line`: the text, which is taken apart. */
static void complete_line(struct complete_pass *pass, char *line)
{
	char *word = strrchr(line, ' '), *args = line;
	const char *command = "";

	word = word ? word + 1 : line;
	pass->part = word;
	pass->len = strlen(word);
	if (word != line) {
		word[-1] = '\0';
		command = command_word(&args);
	}
	if (!*command)
		complete_commands(pass);
	else if (*args)
		complete_path(pass, word);
	else
		complete_argument(pass, command, word);
}

/* Looks at all; `line` is a copy of the text. */
static void complete_look(struct complete_pass *pass, char *line)
{
	complete_line(pass, line);
	/* Nobody asked for what could not be found. */
	reason_clear();
}

void complete(const char *text, size_t len, struct completion *found)
{
	struct complete_pass pass = { .count = 0 };
	char *line = heap_strndup(text, len);
	size_t common;

	*found = (struct completion){ .count = 0 };
	if (!line)
		return;
	complete_look(&pass, line);
	common = strlen(pass.common);
	found->count = pass.count;
	found->from = len - pass.len;
	if (pass.count == 1 && pass.end)
		pass.common[common++] = pass.end;
	if (common >= pass.len && strcmp(pass.common, pass.part))
		memcpy(found->text, pass.common, common);
	heap_free(line);
}

void complete_list(const char *text, size_t len)
{
	struct complete_pass pass = { .prints = true };
	char *line = heap_strndup(text, len);

	if (!line)
		return;
	complete_look(&pass, line);
	if (pass.count % COMPLETE_COLUMNS)
		print("\n");
	heap_free(line);
}
