// SPDX-License-Identifier: BSD-2-Clause
/* Configuration variables: one table, stored in NVRAM, shown in /options. */
#include "boot/config.h"

#include <string.h>

#include "boot/nvram.h"
#include "lib/fmt.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "tree/path.h"
#include "tree/prop.h"

#define IGNORED "no effect; kept for other software"

/*
 * Names, defaults and order are those of SLOF's /options: clients depend on
 * some of them (GRUB reads real-mode? and screen-#*, AIX's boot image
 * load-base, yaboot boot-device). `boot-menu-wait` and `trace` are ours.
 */
/* clang-format off */
static const struct config_var config_vars[] = {
	{ "auto-boot?", CONFIG_FLAG, "true",
	  "boot at power-on; false: go to the prompt" },
	{ "boot-device", CONFIG_STR, "",
	  "devices to boot from, separated by spaces" },
	{ "boot-file", CONFIG_STR, "",
	  "client arguments if boot gives none" },
	{ "boot-command", CONFIG_STR, "boot",
	  "phrases to run at power-on if auto-boot? is true" },
	{ "diag-device", CONFIG_STR, "",
	  "replaces boot-device while diag-switch? is true" },
	{ "diag-file", CONFIG_STR, "",
	  "replaces boot-file while diag-switch? is true" },
	{ "diag-switch?", CONFIG_FLAG, "false",
	  "use diag-device and diag-file" },
	{ "fcode-debug?", CONFIG_FLAG, "true", IGNORED },
	{ "input-device", CONFIG_STR, "",
	  "the client's stdin; empty: the default console" },
	{ "nvramrc", CONFIG_STR, "",
	  "phrases to run before booting if use-nvramrc? is true" },
	{ "oem-banner", CONFIG_STR, "", IGNORED },
	{ "oem-banner?", CONFIG_FLAG, "false", IGNORED },
	{ "oem-logo", CONFIG_STR, "", IGNORED },
	{ "oem-logo?", CONFIG_FLAG, "false", IGNORED },
	{ "output-device", CONFIG_STR, "",
	  "the client's stdout; empty: the default console" },
	{ "screen-#columns", CONFIG_NUM, "512",
	  "for clients; GRUB treats 512 as 80" },
	{ "screen-#rows", CONFIG_NUM, "512",
	  "for clients; GRUB treats 512 as 24" },
	{ "security-#badlogins", CONFIG_NUM, "0", IGNORED },
	{ "security-mode", CONFIG_LEVEL, "0", IGNORED },
	{ "security-password", CONFIG_STR, "", IGNORED },
	{ "selftest-#megs", CONFIG_NUM, "0", IGNORED },
	{ "use-nvramrc?", CONFIG_FLAG, "false",
	  "run nvramrc before booting" },
	{ "direct-serial?", CONFIG_FLAG, "false",
	  "a screen is the console: stdin is the first terminal's" },
	{ "real-mode?", CONFIG_FLAG, "true",
	  "for clients: they run without address translation" },
	{ "load-base", CONFIG_NUM, "16384",
	  "load address for images that load as a whole" },
	{ "boot-menu-wait", CONFIG_NUM, "2000",
	  "milliseconds to wait for F12 with -boot menu=on; 0: one look" },
	{ "trace", CONFIG_TOPICS, "",
	  "debug lines to print: ci, boot, drivers, all" },
};
/* clang-format on */

const struct config_var *config_var(size_t index)
{
	return index < ARRAY_SIZE(config_vars) ? &config_vars[index] : NULL;
}

const struct config_var *config_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(config_vars); i++) {
		if (!strcmp(config_vars[i].name, name))
			return &config_vars[i];
	}
	return NULL;
}

static struct node *config_options(void)
{
	return tree_child_named(tree_root(), "options");
}

const char *config_str(const char *name)
{
	const struct node *options = config_options();
	const char *value = options ? tree_get_str(options, name) : NULL;

	return value ? value : "";
}

static bool config_is_word(const char *text, const char *word)
{
	return strlen(text) == strlen(word) &&
	       !strncasecmp(text, word, strlen(word));
}

/*
 * SLOF reads a flag with Forth (slof/fs/envvar.fs: env-flag): the words in any
 * case, or a hexadecimal number; only 0 is false. Returns false if `text` is
 * none of these; SLOF aborts its start then.
 */
static bool config_parse_flag(const char *text, bool *flag)
{
	const char *digits = *text == '-' ? text + 1 : text;
	uint64_t num = 0;

	*flag = config_is_word(text, "true");
	if (*flag || config_is_word(text, "false"))
		return true;
	if (fmt_parse_hex(digits, strlen(digits), &num))
		return false;
	*flag = num != 0;
	return true;
}

bool config_flag(const char *name)
{
	bool flag;

	return config_parse_flag(config_str(name), &flag) && flag;
}

/* Decimal, or hexadecimal after "0x", as in SLOF. */
static int config_parse(const char *text, uint64_t *num)
{
	size_t len = strlen(text);

	if (!strncasecmp(text, "0x", 2))
		return fmt_parse_hex(text, len, num);
	return fmt_parse_dec(text, len, num);
}

uint64_t config_num(const char *name)
{
	uint64_t num;

	return config_parse(config_str(name), &num) ? 0 : num;
}

/* The words of security-mode. SLOF reads only the numbers. */
static const char *const config_levels[] = { "none", "command", "full" };

static bool config_parse_level(const char *text, uint64_t *level)
{
	size_t count = ARRAY_SIZE(config_levels);

	for (*level = 0; *level < count; ++*level) {
		if (!strcmp(text, config_levels[*level]))
			return true;
	}
	return !config_parse(text, level) && *level < count;
}

static int config_check(const struct config_var *var, const char *value)
{
	uint64_t num;
	bool flag;

	switch (var->type) {
	case CONFIG_STR:
	case CONFIG_TOPICS:
		return 0;
	case CONFIG_FLAG:
		if (config_parse_flag(value, &flag))
			return 0;
		return reason_fail(ERR_INVAL, "%s: \"%s\" is not true or false",
				   var->name, value);
	case CONFIG_NUM:
		if (!config_parse(value, &num))
			return 0;
		return reason_fail(ERR_INVAL, "%s: \"%s\" is not a number",
				   var->name, value);
	case CONFIG_LEVEL:
		if (config_parse_level(value, &num))
			return 0;
		return reason_fail(ERR_INVAL,
				   "%s: \"%s\" is not none, command or full",
				   var->name, value);
	}
	return ERR_INVAL;
}

/*
 * A value as stored: clients (GRUB) compare a flag with "true", and SLOF does
 * not start if NVRAM has a word for security-mode.
 */
static const char *config_stored(const struct config_var *var,
				 const char *value)
{
	static const char *const levels[] = { "0", "1", "2" };
	uint64_t level;
	bool flag;

	if (var && var->type == CONFIG_FLAG && config_parse_flag(value, &flag))
		return flag ? "true" : "false";
	if (var && var->type == CONFIG_LEVEL &&
	    config_parse_level(value, &level))
		return levels[level];
	return value;
}

const char *config_shown(const struct config_var *var, const char *value)
{
	uint64_t level;

	if (var->type == CONFIG_LEVEL && config_parse_level(value, &level))
		return config_levels[level];
	return config_stored(var, value);
}

/* All defaults as NVRAM strings; the caller frees them. */
static char *config_defaults(size_t *len)
{
	char *text, *pos;

	*len = 0;
	for (size_t i = 0; i < ARRAY_SIZE(config_vars); i++)
		*len += strlen(config_vars[i].name) +
			strlen(config_vars[i].initial) + 2;
	pos = text = heap_alloc(*len + 1);
	for (size_t i = 0; text && i < ARRAY_SIZE(config_vars); i++)
		pos += fmt_str(pos, *len + 1 - (size_t)(pos - text), "%s=%s",
			       config_vars[i].name, config_vars[i].initial) +
		       1;
	return text;
}

static int config_open_nvram(void)
{
	size_t len;
	char *text = config_defaults(&len);
	int rc;

	if (!text)
		return reason_fail(ERR_NOMEM, "no memory for the defaults");
	rc = nvram_open(text, len);
	heap_free(text);
	return rc;
}

/* Applies a new value that takes effect at once. */
static void config_apply(const struct config_var *var)
{
	if (var->type == CONFIG_TOPICS)
		log_set_topics(config_str(var->name));
}

/* Copies one variable from NVRAM to /options. */
static int config_import(struct node *options, const char *name,
			 const char *value)
{
	const struct config_var *var = config_find(name);

	/* The default is there already. */
	if (var && !strcmp(value, var->initial))
		return 0;
	/* NVRAM must not change the node's own properties. */
	if (!strcmp(name, "name") || !strcmp(name, "phandle"))
		return ERR_INVAL;
	if (var && config_check(var, value)) {
		log_warn("NVRAM: %s; using the default, %s", reason(),
			 var->initial);
		return 0;
	}
	return tree_set_str(options, name, config_stored(var, value));
}

/* Includes unknown names: the operating system's, yaboot's. */
static void config_import_all(struct node *options)
{
	char name[TREE_PROP_NAME_MAX + 1];
	struct nvram_var var;
	unsigned dropped = 0;
	size_t pos = 0;

	while (nvram_next(&pos, &var)) {
		if (var.name_len >= sizeof(name)) {
			dropped++;
			continue;
		}
		memcpy(name, var.name, var.name_len);
		name[var.name_len] = '\0';
		if (config_import(options, name, var.value))
			dropped++;
	}
	if (dropped)
		log_warn("NVRAM: %u variables do not fit /options: a name has "
			 "at most %u characters, no '/', and is not \"name\"",
			 dropped, TREE_PROP_NAME_MAX);
}

void config_init(void)
{
	struct node *options = config_options();
	int rc = 0;

	if (!options)
		options = tree_add_node(tree_root(), "options", TREE_QUOIN);
	for (size_t i = 0; options && !rc && i < ARRAY_SIZE(config_vars); i++)
		rc = tree_set_str(options, config_vars[i].name,
				  config_vars[i].initial);
	if (!options || rc) {
		log_err("/options: no memory for the variables");
		return;
	}
	if (config_open_nvram())
		log_warn("%s; all variables have their defaults", reason());
	else
		config_import_all(options);
	for (size_t i = 0; i < ARRAY_SIZE(config_vars); i++)
		config_apply(&config_vars[i]);
}

static int config_store(const struct config_var *var, const char *value)
{
	struct node *options = config_options();
	int rc = config_check(var, value);

	value = config_stored(var, value);
	if (!rc)
		rc = nvram_set(var->name, value);
	if (rc)
		return rc;
	rc = options ? tree_set_str(options, var->name, value) : ERR_NOENT;
	if (rc)
		return reason_fail(rc, "/options: %s was not changed: %s",
				   var->name, err_str(rc));
	config_apply(var);
	return 0;
}

int config_set(const char *name, const char *value)
{
	const struct config_var *var = config_find(name);

	if (!var)
		return reason_fail(ERR_NOENT,
				   "%s: not a configuration variable", name);
	return config_store(var, value);
}

int config_set_default(const char *name)
{
	const struct config_var *var = config_find(name);

	return config_set(name, var ? var->initial : "");
}

int config_set_defaults(void)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < ARRAY_SIZE(config_vars); i++)
		rc = config_store(&config_vars[i], config_vars[i].initial);
	return rc;
}

void config_option_changed(const char *name, const void *value, uint32_t len)
{
	const struct config_var *var = config_find(name);
	char *text;
	int rc;

	if (!var)
		return;
	/* A copy: `value` may be the property that config_set() replaces. */
	text = heap_strndup(value, len);
	if (!text)
		rc = reason_fail(ERR_NOMEM, "no memory to store %s in NVRAM",
				 name);
	else
		rc = config_store(var, text);
	if (rc)
		log_warn("setprop of /options: %s", reason());
	heap_free(text);
}
