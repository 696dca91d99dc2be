/* SPDX-License-Identifier: BSD-2-Clause */
/* Nodes of Open Firmware that QEMU's tree lacks: /openprom, /options... */
#ifndef CI_NODES_H
#define CI_NODES_H

#include "drivers/instance.h"
#include "lib/err.h"

/*
 * ci_nodes_create - create /aliases, /options, /openprom, /packages, /mmu, /rtc
 * and their properties that do not depend on devices. Call it before drivers
 * attach (they add aliases).
 * Returns 0, ERR_NOMEM or ERR_INVAL.
 */
must_check int ci_nodes_create(void);

/*
 * ci_nodes_policy - set the root's ibm,secure-boot: enum keys_mode, which GRUB
 * and Linux read. Returns 0 or ERR_NOMEM.
 */
must_check int ci_nodes_policy(void);

/* ci_rtas_tokens - read the RTAS tokens from /rtas. */
void ci_rtas_tokens(void);

/*
 * ci_chosen_open - open stdin and stdout (ci_console_select(), merged), memory,
 * mmu and cpu, and store their ihandles in /chosen; also create bootpath and
 * bootargs if missing.
 * Returns 0 or ERR_NOMEM; if an instance cannot be opened, prints a line and
 * omits it.
 */
must_check int ci_chosen_open(void);

/* ci_stdout - the ihandle of /chosen stdout; 0: it could not be opened. */
ihandle_t ci_stdout(void);

#endif
