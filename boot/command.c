// SPDX-License-Identifier: BSD-2-Clause
/* The table of commands, and the commands that act on the machine. */
#include "boot/command.h"

#include <string.h>

#include "boot/bootlog.h"
#include "ci/quiesce.h"
#include "lib/log.h"
#include "lib/reason.h"

static int command_boot(const struct prompt_ops *ops, char *args)
{
	/* boot() itself prints the outcome of each target. */
	(void)ops->sender->boot(args);
	return COMMAND_QUIET;
}

static int command_go(const struct prompt_ops *ops, char *args)
{
	(void)args;
	if (!ops->can_go)
		return reason_fail(ERR_NOTSUP, "go: no client to resume");
	return COMMAND_GO;
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

/* Prints the table, which contains it. */
static int command_help(const struct prompt_ops *ops, char *args);

/* clang-format off */
static const struct command commands[] = {
	{ "boot", "[device] [args]", "boot a device, or the configured ones",
	  command_boot },
	{ "reset-all", "", "reset the machine", command_reset },
	{ "power-off", "", "power the machine off", command_power_off },
	{ "go", "", "resume the client", command_go },
	{ "printenv", "[variable]", "show configuration variables",
	  command_printenv },
	{ "setenv", "variable [value]", "set a variable in NVRAM",
	  command_setenv },
	{ "set-default", "variable", "reset a variable to its default",
	  command_set_default },
	{ "set-defaults", "", "reset all variables to their defaults",
	  command_set_defaults },
	{ "devalias", "[alias]", "show device aliases", command_devalias },
	{ "ls", "[path]", "list a node's children or a disk's files",
	  command_ls },
	{ ".properties", "[path]", "show a node's properties",
	  command_properties },
	{ "dmesg", "", "show all lines since reset, with their times",
	  command_dmesg },
	{ "help", "", "show this list", command_help },
};
/* clang-format on */

static int command_help(const struct prompt_ops *ops, char *args)
{
	(void)ops;
	(void)args;
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		print("%-12s %-18s %s\n", commands[i].name, commands[i].usage,
		      commands[i].help);
	return COMMAND_OK;
}

const char *command_name(size_t index)
{
	return index < ARRAY_SIZE(commands) ? commands[index].name : NULL;
}

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

static const struct command *command_find(const char *line)
{
	const char *blank = strchr(line, ' ');
	size_t len = blank ? (size_t)(blank - line) : strlen(line);

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		if (strlen(commands[i].name) == len &&
		    !memcmp(commands[i].name, line, len))
			return &commands[i];
	}
	return NULL;
}

int command_run(const struct prompt_ops *ops, char *line)
{
	const struct command *cmd;
	size_t len;
	int rc;

	line = command_skip(line);
	len = strlen(line);
	while (len && line[len - 1] == ' ')
		line[--len] = '\0';
	if (!len)
		return COMMAND_QUIET;
	cmd = command_find(line);
	if (cmd) {
		(void)command_word(&line);
		return cmd->run(ops, line);
	}
	rc = phrases_run(line, len, ops->sender, NULL);
	if (rc == ERR_NOTSUP)
		return reason_fail(rc, "%s; help lists the commands", reason());
	return rc;
}
