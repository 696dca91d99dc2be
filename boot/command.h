/* SPDX-License-Identifier: BSD-2-Clause */
/* The prompt's commands: one table, and how a line becomes a call. */
#ifndef BOOT_COMMAND_H
#define BOOT_COMMAND_H

#include "boot/prompt.h"

/* The results of command_run() besides errors. */
enum command_result {
	COMMAND_OK = 0,
	COMMAND_GO = 1,	   /* leave the prompt */
	COMMAND_QUIET = 2, /* the outcome has been printed: no " ok" */
};

struct command {
	const char *name;
	const char *usage; /* arguments, as help prints them */
	const char *help;
	/*
	 * `args`: the text after the name, blanks trimmed; may be changed.
	 * Returns enum command_result, or ERR_* with reason().
	 */
	int (*run)(const struct prompt_ops *ops, char *args);
};

/*
 * command_run - run one line of input, which it may change. A line that does
 * not begin with a command is run as phrases.
 * Returns enum command_result, COMMAND_QUIET for an empty line; ERR_*: see
 * reason().
 */
must_check int command_run(const struct prompt_ops *ops, char *line);

/* command_name - the name of command number `index`; NULL: after the last. */
const char *command_name(size_t index);

/*
 * command_word - cut the first word off `*args`, which then points to the rest
 * without leading blanks. Returns the word, "" if there is none.
 */
char *command_word(char **args);

/* Commands in other files; `args` as in struct command. */
must_check int command_printenv(const struct prompt_ops *ops, char *args);
must_check int command_setenv(const struct prompt_ops *ops, char *args);
must_check int command_set_default(const struct prompt_ops *ops, char *args);
must_check int command_set_defaults(const struct prompt_ops *ops, char *args);
must_check int command_devalias(const struct prompt_ops *ops, char *args);
must_check int command_ls(const struct prompt_ops *ops, char *args);
must_check int command_properties(const struct prompt_ops *ops, char *args);

#endif
