/* SPDX-License-Identifier: BSD-2-Clause */
/* Methods of nodes that no driver owns. */
#ifndef CI_METHODS_H
#define CI_METHODS_H

#include "lib/err.h"
#include "lib/types.h"

/*
 * ci_methods_register - methods of /, /rtas, /memory@0, /mmu and /rtc.
 * Returns 0 or ERR_NOMEM; a node that is missing is left out.
 */
must_check int ci_methods_register(void);

#endif
