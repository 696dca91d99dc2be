/* SPDX-License-Identifier: BSD-2-Clause */
/* Configuration variables: NVRAM below, /options above (IEEE 1275). */
#ifndef BOOT_CONFIG_H
#define BOOT_CONFIG_H

#include "lib/err.h"
#include "lib/types.h"

/* What a value must look like. */
enum config_type {
	CONFIG_STR,    /* any text */
	CONFIG_FLAG,   /* "true" or "false", or a number: 0 is false */
	CONFIG_NUM,    /* decimal, or hexadecimal after "0x" */
	CONFIG_LEVEL,  /* security-mode: "none", "command", "full" or 0 to 2 */
	CONFIG_TOPICS, /* trace: any text, see log_set_topics() */
};

struct config_var {
	const char *name;
	enum config_type type;
	const char *initial; /* the default */
	const char *effect;  /* one line for printenv */
};

/*
 * config_init - read NVRAM and make every variable, also those in NVRAM that
 * we do not know, a string property of /options, which is created if missing.
 * Never fails: without NVRAM every variable has its default, and one line says
 * why.
 */
void config_init(void);

/* config_str - a variable's value, from /options; "" for an unknown one. */
const char *config_str(const char *name);

/* config_flag - is it true? The words count in any case, numbers but 0 do. */
bool config_flag(const char *name);

/* config_num - its value as a number, decimal or "0x"; 0 where it is none. */
uint64_t config_num(const char *name);

/*
 * config_set - give a variable a value, in NVRAM and in /options. Flags become
 * "true" or "false" there, words of security-mode numbers.
 * Returns 0; ERR_NOENT: not a variable; ERR_INVAL: the value does not fit its
 * type; ERR_NOSPACE, ERR_NODEV, ERR_IO, ERR_NOTSUP: NVRAM did not store it,
 * nothing has changed; ERR_NOMEM. See reason().
 */
must_check int config_set(const char *name, const char *value);

/* config_set_default - back to the default. Returns as config_set(). */
must_check int config_set_default(const char *name);

/*
 * config_set_defaults - all variables back to their defaults; names that we do
 * not know stay. Returns as config_set(): the first failure ends it.
 */
must_check int config_set_defaults(void);

/* config_var - the table, for printenv: entry `index`, or NULL past the end. */
const struct config_var *config_var(size_t index);

/* config_shown - a variable's value in the words that printenv uses. */
const char *config_shown(const struct config_var *var, const char *value);

/* config_find - the table's entry for a name, or NULL. */
const struct config_var *config_find(const char *name);

/*
 * config_option_changed - a client has set property `name` of /options to
 * `len` bytes: a known variable goes to NVRAM (its failure is printed), an
 * unknown one does not. A value without NUL counts as text all the same.
 */
void config_option_changed(const char *name, const void *value, uint32_t len);

#endif
