// SPDX-License-Identifier: BSD-2-Clause
/* The prompt: reads lines, runs them, prints the outcome. */
#include "boot/prompt.h"

#include "boot/command.h"
#include "boot/line.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"

/* Reads and runs one line; COMMAND_GO ends the prompt. */
static int prompt_once(const struct prompt_ops *ops)
{
	char *line;
	int rc;

	reason_clear();
	rc = line_read(&line);
	if (rc == ERR_INVAL)
		return COMMAND_QUIET;
	if (!rc)
		rc = command_run(ops, line);
	heap_free(line);
	if (rc < 0)
		log_err("%s", *reason() ? reason() : err_str(rc));
	else if (rc == COMMAND_OK)
		print(" ok\n");
	return rc;
}

void prompt_run(const struct prompt_ops *ops)
{
	/* Expect scripts wait for these bytes: the number is SLOF's stack. */
	print("\nReady! \n");
	do {
		print("0 > ");
	} while (prompt_once(ops) != COMMAND_GO);
}
