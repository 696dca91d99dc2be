// SPDX-License-Identifier: BSD-2-Clause
/* The prompt's commands for configuration variables. */
#include "boot/command.h"
#include "boot/config.h"
#include "lib/log.h"
#include "lib/reason.h"

static void command_show(const struct config_var *var)
{
	print("   %-27s %-25s %s\n", var->name,
	      config_shown(var, config_str(var->name)),
	      config_shown(var, var->initial));
}

int command_printenv(const struct prompt_ops *ops, char *args)
{
	const char *name = command_word(&args);
	const struct config_var *var;

	(void)ops;
	if (*name) {
		var = config_find(name);
		if (!var)
			return reason_fail(ERR_NOENT,
					   "%s: not a configuration variable",
					   name);
		command_show(var);
		print("   %s\n", var->effect);
		return COMMAND_OK;
	}
	print("---environment variable--------current value-------------"
	      "default value------\n");
	for (size_t i = 0; (var = config_var(i)); i++)
		command_show(var);
	return COMMAND_OK;
}

int command_setenv(const struct prompt_ops *ops, char *args)
{
	const char *name = command_word(&args);

	(void)ops;
	return config_set(name, args);
}

int command_set_default(const struct prompt_ops *ops, char *args)
{
	(void)ops;
	return config_set_default(args);
}

int command_set_defaults(const struct prompt_ops *ops, char *args)
{
	(void)ops;
	(void)args;
	return config_set_defaults();
}
