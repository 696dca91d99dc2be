/* SPDX-License-Identifier: BSD-2-Clause */
/* The prompt "0 > ": for a user, an expect script or a pipe. */
#ifndef BOOT_PROMPT_H
#define BOOT_PROMPT_H

#include "ci/phrases.h"

/* What the prompt's commands act upon. */
struct prompt_ops {
	/*
	 * boot, and text that is no command but a phrase. sender->boot() prints
	 * its own reasons for each target that failed.
	 */
	const struct phrase_sender *sender;
	/* The command go leaves the prompt: there is a client to resume. */
	bool can_go;
};

/*
 * prompt_run - read commands and run them, until the user says `go` (only with
 * can_go). Otherwise it ends with the machine's reset or power-off.
 */
void prompt_run(const struct prompt_ops *ops);

#endif
