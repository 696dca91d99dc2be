// SPDX-License-Identifier: BSD-2-Clause
/* The prompt: reads lines, runs them, prints the outcome. */
#include "boot/prompt.h"

#include "boot/command.h"
#include "boot/line.h"
#include "boot/pager.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"

/* Expect scripts wait for these bytes: the number is SLOF's stack. */
#define PROMPT "0 > "

/* Those of the command that runs. */
static const struct prompt_ops *prompt_ops;

/* Nobody is asked for a key while a client boots and runs. */
static int prompt_boot(const char *text)
{
	pager_stop();
	return prompt_ops->sender->boot(text);
}

static int prompt_load(const char *text)
{
	pager_stop();
	return prompt_ops->load(text);
}

static int prompt_go(void)
{
	pager_stop();
	return prompt_ops->go();
}

/* Runs a line, its output in pages if a person has typed it. */
static int prompt_command(const struct prompt_ops *ops, char *line)
{
	struct phrase_sender sender = *ops->sender;
	const struct prompt_ops paged = {
		.sender = &sender,
		.can_go = ops->can_go,
		.load = ops->load ? prompt_load : NULL,
		.go = ops->go ? prompt_go : NULL,
	};
	int rc;

	prompt_ops = ops;
	if (sender.boot)
		sender.boot = prompt_boot;
	if (line_is_typed())
		pager_start();
	rc = command_run(&paged, line);
	pager_stop();
	return rc;
}

/* Reads and runs one line; COMMAND_GO ends the prompt. */
static int prompt_once(const struct prompt_ops *ops)
{
	char *line;
	int rc;

	reason_clear();
	rc = line_read(PROMPT, &line);
	if (rc == ERR_INVAL)
		return COMMAND_QUIET;
	if (!rc)
		rc = prompt_command(ops, line);
	heap_free(line);
	if (rc < 0)
		log_err("%s", *reason() ? reason() : err_str(rc));
	else if (rc == COMMAND_OK)
		print(" ok\n");
	return rc;
}

void prompt_run(const struct prompt_ops *ops)
{
	line_forget();
	pager_stop();
	print("\nReady! \n");
	while (prompt_once(ops) != COMMAND_GO)
		;
}
