/* SPDX-License-Identifier: BSD-2-Clause */
/* The client like yaboot: declarations shared by its files. */
#ifndef TESTS_GUEST_CLIENTS_YABOOT_H
#define TESTS_GUEST_CLIENTS_YABOOT_H

#include "tests/guest/clients/clients.h"

#define LINE_SIZE 128u
#define PROMPT_SECONDS 60u /* how long the user may take */

/* What the user typed at the prompt, "" before. */
extern char typed[LINE_SIZE];

/* The file "kernel", as the configuration describes it. */
struct kernel {
	const char *argument; /* of the boot device, to open its container */
	uint32_t at, size;
};
extern struct kernel kernel;

#endif /* TESTS_GUEST_CLIENTS_YABOOT_H */
