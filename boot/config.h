/* SPDX-License-Identifier: BSD-2-Clause */
/* Configuration variables, stored in NVRAM, visible in /options (IEEE 1275). */
#ifndef BOOT_CONFIG_H
#define BOOT_CONFIG_H

#include "lib/err.h"
#include "lib/types.h"

/* The syntax of a value. */
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
 * config_init - read NVRAM and make every variable a string property of
 * /options, including unknown ones in NVRAM. /options is created if missing.
 * Never fails: without NVRAM every variable has its default, and one line says
 * why.
 */
void config_init(void);

/* config_str - a variable's value, from /options; "" for an unknown one. */
const char *config_str(const char *name);

/* config_flag - is it true? "true" in any case and numbers other than 0 are. */
bool config_flag(const char *name);

/* config_num - its value as a number, decimal or "0x"; 0 if it is not one. */
uint64_t config_num(const char *name);

/*
 * config_set - set a variable in NVRAM and in /options. Flags are stored as
 * "true" or "false", the words of security-mode as numbers.
 * Returns 0; ERR_NOENT: not a variable; ERR_INVAL: the value does not fit its
 * type; ERR_NOSPACE, ERR_NODEV, ERR_IO, ERR_NOTSUP: NVRAM did not store it,
 * nothing has changed; ERR_NOMEM. See reason().
 */
must_check int config_set(const char *name, const char *value);

/* config_set_default - reset to the default. Returns as config_set(). */
must_check int config_set_default(const char *name);

/*
 * config_set_defaults - reset all variables to their defaults; unknown names
 * stay. Returns as config_set(): the first failure ends it.
 */
must_check int config_set_defaults(void);

/* config_var - the table, for printenv: entry `index`, or NULL past the end. */
const struct config_var *config_var(size_t index);

/* config_shown - a variable's value as printenv shows it. */
const char *config_shown(const struct config_var *var, const char *value);

/* config_find - the table's entry for a name, or NULL. */
const struct config_var *config_find(const char *name);

/*
 * config_option_changed - a client has set property `name` of /options to
 * `len` bytes at `value`. A known variable is stored in NVRAM (a failure is
 * printed), an unknown one is not. A value without a NUL is also text.
 */
void config_option_changed(const char *name, const void *value, uint32_t len);

#endif
