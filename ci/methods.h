/* SPDX-License-Identifier: BSD-2-Clause */
/* Methods of nodes without a driver. */
#ifndef CI_METHODS_H
#define CI_METHODS_H

#include "lib/err.h"
#include "lib/types.h"

/*
 * ci_methods_register - register methods of /, /rtas, /memory@0, /mmu and /rtc.
 * Missing nodes are ignored. Returns 0 or ERR_NOMEM.
 */
must_check int ci_methods_register(void);

#endif
