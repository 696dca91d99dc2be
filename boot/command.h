/* SPDX-License-Identifier: BSD-2-Clause */
/* The prompt's commands: one table, and how a line becomes a call. */
#ifndef BOOT_COMMAND_H
#define BOOT_COMMAND_H

#include "boot/prompt.h"
#include "tree/node.h"

/* The results of command_run() besides errors. */
enum command_result {
	COMMAND_OK = 0,
	COMMAND_GO = 1,	   /* leave the prompt */
	COMMAND_QUIET = 2, /* the outcome has been printed: no " ok" */
};

/* struct command: any number of words. */
#define COMMAND_LINE 255u

struct command {
	const char *name;
	const char *usage;  /* arguments, as help prints them */
	const char *help;   /* one line */
	const char *detail; /* sentences for `help COMMAND` */
	uint8_t min, max;   /* number of words after the name */
	/*
	 * `args`: the text after the name, blanks trimmed; may be changed. The
	 * number of its words has been checked.
	 * Returns enum command_result, or ERR_* with reason().
	 */
	int (*run)(const struct prompt_ops *ops, char *args);
};

/*
 * command_run - run one line of input, which it may change. The names of
 * commands match in any case; tabs are blanks. A line that does not begin with
 * a command is run as phrases; so is `dev / ... "`.
 * Returns enum command_result, COMMAND_QUIET for an empty line; ERR_*: see
 * reason().
 */
must_check int command_run(const struct prompt_ops *ops, char *line);

/* command_at - entry `index` of the table, or NULL past its end. */
const struct command *command_at(size_t index);

/* command_name - the name of command number `index`; NULL: after the last. */
const char *command_name(size_t index);

/*
 * command_word - cut the first word off `*args`, which then points to the rest
 * without leading blanks. Returns the word, "" if there is none.
 */
char *command_word(char **args);

/* command_node - the node that `dev` has selected; at first the root. */
struct node *command_node(void);

/*
 * command_resolve - find the node of a path or alias, or of a path relative to
 * command_node(), with "." and "..". "" is that node itself, ":args" that node
 * with arguments.
 * `args`: receives the arguments of the last component, or "", valid until the
 * next call; may be NULL.
 * Returns the node, or NULL with reason().
 */
struct node *command_resolve(const char *path, const char **args);

/* command_path - the path of a node, valid until the next call. */
const char *command_path(const struct node *node);

/* Commands in other files; `run` of struct command. */
must_check int command_printenv(const struct prompt_ops *ops, char *args);
must_check int command_setenv(const struct prompt_ops *ops, char *args);
must_check int command_set_default(const struct prompt_ops *ops, char *args);
must_check int command_set_defaults(const struct prompt_ops *ops, char *args);
must_check int command_devalias(const struct prompt_ops *ops, char *args);
must_check int command_nvalias(const struct prompt_ops *ops, char *args);
must_check int command_nvunalias(const struct prompt_ops *ops, char *args);
must_check int command_ping(const struct prompt_ops *ops, char *args);
must_check int command_tpm(const struct prompt_ops *ops, char *args);
must_check int command_show_disks(const struct prompt_ops *ops, char *args);
must_check int command_usb_scan(const struct prompt_ops *ops, char *args);
must_check int command_dev(const struct prompt_ops *ops, char *args);
must_check int command_pwd(const struct prompt_ops *ops, char *args);
must_check int command_device_end(const struct prompt_ops *ops, char *args);
must_check int command_show_devs(const struct prompt_ops *ops, char *args);
must_check int command_ls(const struct prompt_ops *ops, char *args);
must_check int command_properties(const struct prompt_ops *ops, char *args);

#endif
