/* SPDX-License-Identifier: BSD-2-Clause */
/* Boot policy: from power-on to the prompt. */
#ifndef BOOT_POLICY_H
#define BOOT_POLICY_H

#include "lib/err.h"
#include "lib/types.h"

struct boot_machine;

/* boot_main - nvramrc, automatic boot, the prompt; never returns. */
noreturn void boot_main(const struct boot_machine *machine);

/* boot_prompt - the prompt; returns only on `go`, for the service enter. */
void boot_prompt(bool can_go);

#endif
