// SPDX-License-Identifier: BSD-2-Clause
/* The table of commands, and the commands that act on the machine. */
#include "boot/command.h"

#include <string.h>

#include "boot/banner.h"
#include "boot/bootlog.h"
#include "boot/history.h"
#include "boot/menu.h"
#include "ci/quiesce.h"
#include "lib/log.h"
#include "lib/reason.h"

/* help breaks its sentences before this column. */
#define HELP_COLUMNS 76u

static int command_boot(const struct prompt_ops *ops, char *args)
{
	/* boot() itself prints the outcome of each target. */
	(void)ops->sender->boot(args);
	return COMMAND_QUIET;
}

static int command_load(const struct prompt_ops *ops, char *args)
{
	if (!ops->load)
		return reason_fail(ERR_NOTSUP, "load: a client is in memory; "
					       "go resumes it, boot ends it");
	/* Like boot() it prints the outcome, failures included. */
	return ops->load(args) ? COMMAND_QUIET : COMMAND_OK;
}

static int command_menu(const struct prompt_ops *ops, char *args)
{
	(void)args;
	return menu_run(ops);
}

static int command_go(const struct prompt_ops *ops, char *args)
{
	(void)args;
	if (ops->can_go)
		return COMMAND_GO;
	if (!ops->go || ops->go())
		return reason_fail(ERR_NOENT, "go: no client is loaded; load "
					      "does that, boot does both");
	return COMMAND_QUIET;
}

static int command_reset(const struct prompt_ops *ops, char *args)
{
	(void)ops;
	(void)args;
	ci_reboot();
	return reason_fail(ERR_NOTSUP, "reset-all: the machine did not reset");
}

static int command_power_off(const struct prompt_ops *ops, char *args)
{
	(void)ops;
	(void)args;
	ci_power_off();
	return reason_fail(ERR_NOTSUP,
			   "power-off: the machine did not power off");
}

static int command_dmesg(const struct prompt_ops *ops, char *args)
{
	(void)ops;
	(void)args;
	bootlog_print();
	return COMMAND_OK;
}

static int command_history(const struct prompt_ops *ops, char *args)
{
	unsigned back = 1;

	(void)ops;
	(void)args;
	while (history_get(back))
		back++;
	while (--back)
		print("%s\n", history_get(back));
	return COMMAND_OK;
}

static int command_banner(const struct prompt_ops *ops, char *args)
{
	(void)ops;
	(void)args;
	banner_print();
	return COMMAND_OK;
}

static int command_version(const struct prompt_ops *ops, char *args)
{
	(void)ops;
	(void)args;
	banner_version();
	return COMMAND_OK;
}

/* Prints the table, which contains it. */
static int command_help(const struct prompt_ops *ops, char *args);

/* docs/prompt.md has the same rows in the same order. */
/* clang-format off */
static const struct command commands[] = {
	{ "boot", "[device] [args]", "boot a device, or the configured ones",
	  "The device is an alias or a path, with a partition or a file after a "
	  "colon: boot disk:2 or boot cdrom:\\boot\\grub\\core.elf. boot -x boots "
	  "the default device with an argument.",
	  0, COMMAND_LINE, command_boot },
	{ "load", "[device] [args]", "load a program, for go",
	  "As boot, but the program waits in memory until go enters it. The "
	  "next load or boot frees its memory.",
	  0, COMMAND_LINE, command_load },
	{ "go", "", "enter what load has loaded, or resume",
	  "In a prompt that a program has opened (the service enter), go "
	  "returns to it.",
	  0, 0, command_go },
	{ "menu", "", "select the device to boot from a list",
	  "The menu of F12: all disks, CD drives and network cards.",
	  0, 0, command_menu },
	{ "reset-all", "", "reset the machine",
	  "The machine starts again, as after power-on.",
	  0, 0, command_reset },
	{ "power-off", "", "power the machine off",
	  "QEMU ends, unless it runs with -no-shutdown.",
	  0, 0, command_power_off },
	{ "printenv", "[variable]", "show configuration variables",
	  "Shows each variable with its value and its default; for a single "
	  "one, also what it does.",
	  0, 1, command_printenv },
	{ "setenv", "variable [value]", "set a variable in NVRAM",
	  "The value is the rest of the line, blanks included. It is kept over "
	  "resets.",
	  1, COMMAND_LINE, command_setenv },
	{ "set-default", "variable", "reset a variable to its default",
	  "printenv shows the defaults.",
	  1, 1, command_set_default },
	{ "set-defaults", "", "reset all variables to their defaults",
	  "Aliases of nvalias go, too: they are in nvramrc.",
	  0, 0, command_set_defaults },
	{ "devalias", "[alias [path]]", "show aliases, or define one",
	  "An alias is a short name for a path, which may have arguments: "
	  "devalias sys disk:2. It lasts until the next reset.",
	  0, 2, command_devalias },
	{ "nvalias", "alias path", "define an alias that outlasts resets",
	  "Adds a line to nvramrc, keeps what else that holds, and sets "
	  "use-nvramrc? to true.",
	  2, 2, command_nvalias },
	{ "nvunalias", "alias", "delete an alias of nvalias",
	  "Deletes its line from nvramrc. The alias itself lasts until the next "
	  "reset.",
	  1, 1, command_nvunalias },
	{ "dev", "path", "select a node of the device tree",
	  "Paths without a leading / start at the selected node, unless they "
	  "start with an alias; .. is the parent. ls, .properties and lsprop "
	  "show the selected node if no path is given.",
	  1, 1, command_dev },
	{ "cd", "path", "the same as dev",
	  "See help dev.",
	  1, 1, command_dev },
	{ "find-device", "path", "the same as dev",
	  "See help dev.",
	  1, 1, command_dev },
	{ "pwd", "", "show the path of the selected node",
	  "At first it is the root, /.",
	  0, 0, command_pwd },
	{ "device-end", "", "select the root again",
	  "The same as dev /.",
	  0, 0, command_device_end },
	{ "ls", "[path]", "list a node's children or a disk's files",
	  "For a disk: its partitions; with arguments the files of a "
	  "directory: ls cdrom:\\boot.",
	  0, 1, command_ls },
	{ ".properties", "[path]", "show a node's properties",
	  "Text is shown in quotation marks, all else in hexadecimal digits, "
	  "up to 1024 bytes.",
	  0, 1, command_properties },
	{ "lsprop", "[path] [property]", "show properties, or a single one",
	  "A single word is a property of the selected node if it has one of "
	  "that name, else a path.",
	  0, 2, command_properties },
	{ "show-devs", "[path]", "list all nodes, or those below one",
	  "One path in a line.",
	  0, 1, command_show_devs },
	{ "show-disks", "", "list the disks with their aliases",
	  "Any of the names or paths can follow boot, load or ls.",
	  0, 0, command_show_disks },
	{ "usb-scan", "", "look for USB devices and list them",
	  "Shows vendor and product, the kind of device, and its path. Devices "
	  "plugged in later are found after a reset.",
	  0, 0, command_usb_scan },
	{ "ping", "device:host[,client,router,timeout]", "ping a host from a card",
	  "ping net:10.0.2.2 gets an address by DHCP and waits up to 10 s for a "
	  "reply. ipv6, dhcp or bootp may precede the host.",
	  1, 1, command_ping },
	{ "tpm", "[action] [names]", "show the TPM, clear it, choose its banks",
	  "tpm clear removes the owner and its keys. tpm banks sha256,sha384 makes "
	  "these banks active, and no others, and resets the machine. Both work "
	  "only before a client has run.",
	  0, 2, command_tpm },
	{ "dmesg", "", "show all lines since reset, with their times",
	  "In seconds since the reset. A bug report should have it.",
	  0, 0, command_dmesg },
	{ "history", "", "show the lines that were entered",
	  "The cursor keys bring them back, ^R searches them. The last 16, or "
	  "1 KiB of them, are kept.",
	  0, 0, command_history },
	{ "banner", "", "show the banner of the start",
	  "The name and the version.",
	  0, 0, command_banner },
	{ ".version", "", "show the version",
	  "Please give it in bug reports.",
	  0, 0, command_version },
	{ "help", "[command]", "list the commands, or explain one",
	  "There is no Forth here: besides the commands, the prompt knows the "
	  "phrases that users and boot loaders send in practice.",
	  0, 1, command_help },
};
/* clang-format on */

static char *command_skip(char *text)
{
	while (*text == ' ')
		text++;
	return text;
}

char *command_word(char **args)
{
	char *word = command_skip(*args), *end = word;

	while (*end && *end != ' ')
		end++;
	if (*end)
		*end++ = '\0';
	*args = command_skip(end);
	return word;
}

static unsigned command_words(const char *text)
{
	unsigned count = 0;

	for (const char *p = text; *p; p++)
		count += *p != ' ' && (p == text || p[-1] == ' ');
	return count;
}

/* The command whose name is the first word of a line, in any case. */
static const struct command *command_find(const char *line)
{
	const char *blank = strchr(line, ' ');
	size_t len = blank ? (size_t)(blank - line) : strlen(line);

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		if (strlen(commands[i].name) == len &&
		    !strncasecmp(commands[i].name, line, len))
			return &commands[i];
	}
	return NULL;
}

const struct command *command_at(size_t index)
{
	return index < ARRAY_SIZE(commands) ? &commands[index] : NULL;
}

const char *command_name(size_t index)
{
	return index < ARRAY_SIZE(commands) ? commands[index].name : NULL;
}

/* Prints sentences in lines of at most HELP_COLUMNS. */
static void command_explain(const char *text)
{
	size_t column = 0;

	while (*text) {
		const char *blank = strchr(text, ' ');
		size_t len = blank ? (size_t)(blank - text) : strlen(text);

		if (column && column + 1 + len > HELP_COLUMNS) {
			print("\n");
			column = 0;
		}
		print("%s%.*s", column ? " " : "  ", (int)len, text);
		column += 1 + len;
		text += len + (text[len] == ' ');
	}
	print("\n");
}

static int command_help(const struct prompt_ops *ops, char *args)
{
	const struct command *cmd = *args ? command_find(args) : NULL;

	(void)ops;
	if (*args && !cmd)
		return reason_fail(ERR_NOENT,
				   "%s: no such command; help lists all", args);
	if (cmd) {
		print("%s%s%s: %s\n", cmd->name, *cmd->usage ? " " : "",
		      cmd->usage, cmd->help);
		command_explain(cmd->detail);
		return COMMAND_OK;
	}
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		print("%-12s %-18s %s\n", commands[i].name, commands[i].usage,
		      commands[i].help);
	return COMMAND_OK;
}

/* Are there enough words after the name, and not too many? */
static int command_check(const struct command *cmd, unsigned words)
{
	if (words >= cmd->min &&
	    (words <= cmd->max || cmd->max == COMMAND_LINE))
		return 0;
	return reason_fail(ERR_INVAL, "%s: %s; usage: %s%s%s", cmd->name,
			   words < cmd->min ? "something is missing"
					    : "too many words",
			   cmd->name, *cmd->usage ? " " : "", cmd->usage);
}

static bool command_at_root(void)
{
	return !command_node()->parent;
}

static int command_phrases(const struct prompt_ops *ops, const char *line)
{
	struct phrase_sender sender = *ops->sender;
	int rc;

	sender.at_root = command_at_root;
	rc = phrases_run(line, strlen(line), &sender, NULL);
	if (rc == ERR_NOTSUP)
		return reason_fail(rc,
				   "%s; this is no Forth: help lists the "
				   "commands",
				   reason());
	return rc;
}

/* Tabs become blanks, those at the end go. Returns the first word. */
static char *command_trim(char *line)
{
	size_t len = strlen(line);

	for (size_t i = 0; i < len; i++) {
		if (line[i] == '\t')
			line[i] = ' ';
	}
	while (len && line[len - 1] == ' ')
		line[--len] = '\0';
	return command_skip(line);
}

/* AIX users' `dev / 0 0 s" x" property` begins like the command dev. */
static bool command_is_recipe(const struct command *cmd, const char *path)
{
	return !strcmp(cmd->name, "dev") && !strncmp(path, "/ ", 2) &&
	       strchr(path, '"');
}

int command_run(const struct prompt_ops *ops, char *line)
{
	const struct command *cmd;
	int rc;

	line = command_trim(line);
	if (!*line)
		return COMMAND_QUIET;
	cmd = command_find(line);
	if (!cmd ||
	    command_is_recipe(cmd, command_skip(line + strlen(cmd->name))))
		return command_phrases(ops, line);
	rc = command_check(cmd, command_words(line) - 1);
	if (rc)
		return rc;
	(void)command_word(&line);
	return cmd->run(ops, line);
}
