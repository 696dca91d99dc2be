/* SPDX-License-Identifier: BSD-2-Clause */
/* The prompt's commands: one table, and how a line becomes a call. */
#ifndef BOOT_COMMAND_H
#define BOOT_COMMAND_H

#include "boot/prompt.h"

/* What command_run() has to say to the prompt besides errors. */
#define COMMAND_GO 1

struct command {
	const char *name;
	const char *usage; /* arguments, as help prints them */
	const char *help;
	/*
	 * `args`: what stood behind the name, blanks trimmed; may be changed.
	 * Returns 0, COMMAND_GO, or ERR_* with reason().
	 */
	int (*run)(const struct prompt_ops *ops, char *args);
};

/*
 * command_run - run one line of input, which it may change. An empty line does
 * nothing. A line that begins with no command is tried as phrases.
 * Returns 0; COMMAND_GO: leave the prompt; ERR_*: see reason().
 */
must_check int command_run(const struct prompt_ops *ops, char *line);

/* command_entry - entry `index` of the table, or NULL past the end. */
const struct command *command_entry(size_t index);

#endif
