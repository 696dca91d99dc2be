/* SPDX-License-Identifier: BSD-2-Clause */
/* The prompt "0 > ": for a user, an expect script or a pipe. */
#ifndef BOOT_PROMPT_H
#define BOOT_PROMPT_H

#include "ci/phrases.h"

/* What the prompt's commands act on. */
struct prompt_ops {
	/*
	 * For `boot`, and for text that is a phrase, not a command.
	 * sender->boot() prints the reason for each target that failed.
	 */
	const struct phrase_sender *sender;
	/* `go` leaves the prompt: there is a client to resume. */
	bool can_go;
	/*
	 * load - as sender->boot(), but the client waits in memory. Returns 0,
	 * or ERR_*: nothing was loaded, each reason is printed.
	 * go - enter it. Returns 0 when it has left; ERR_NOENT: none waits.
	 * Both NULL with can_go.
	 */
	int (*load)(const char *text);
	int (*go)(void);
};

/*
 * prompt_run - read and run commands until `go` (only with can_go). Otherwise
 * it ends with a reset or power-off of the machine.
 */
void prompt_run(const struct prompt_ops *ops);

#endif
