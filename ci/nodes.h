/* SPDX-License-Identifier: BSD-2-Clause */
/* The nodes that Open Firmware owes beside QEMU's: /chosen, /openprom... */
#ifndef CI_NODES_H
#define CI_NODES_H

#include "drivers/instance.h"
#include "lib/err.h"

/*
 * ci_nodes_create - /aliases, /options, /openprom, /packages, /mmu, /rtc, and
 * the properties of them that do not depend on devices. Before drivers attach
 * (they add aliases).
 * Returns 0, ERR_NOMEM or ERR_INVAL.
 */
must_check int ci_nodes_create(void);

/* ci_rtas_tokens - take the RTAS tokens from /rtas. */
void ci_rtas_tokens(void);

/*
 * ci_chosen_open - open stdin, stdout, memory, mmu and cpu, and put their
 * ihandles into /chosen; bootpath and bootargs exist afterwards. Where there is
 * no terminal, stdin and stdout are instances of /openprom/devnull-console.
 * Returns 0 or ERR_NOMEM; an instance that cannot be opened is left out with
 * one line.
 */
must_check int ci_chosen_open(void);

/* ci_stdout - the handle of /chosen stdout, 0: it could not be opened. */
ihandle_t ci_stdout(void);

#endif
