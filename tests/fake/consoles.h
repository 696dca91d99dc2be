/* SPDX-License-Identifier: BSD-2-Clause */
/* Two fake consoles, each an input, an output or both. */
#ifndef TESTS_FAKE_CONSOLES_H
#define TESTS_FAKE_CONSOLES_H

#include "drivers/console.h"
#include "tests/fake/blocks.h"
#include "tests/fake/log.h"
#include "tests/fake/tree.h"

struct fake_console {
	struct console_input in;
	struct console_output out;
	const char *input; /* what is still to come */
	size_t most;	   /* per read; 0: ERR_IO */
	unsigned reads;
	char text[64];	/* what was written */
	unsigned order; /* when */
	int result;	/* of a write; 0: the length */
	unsigned flushes;
};
extern struct fake_console fake_a, fake_b;

/*
 * fake_console_add - attach a console of the root. Its node is named after what
 * it reads from and writes to: "a", "in-a", "out-b".
 */
void fake_console_add(const char *name);

/* fake_console_flush - for `flush`: counts. */
void fake_console_flush(struct console_output *out);

/* fake_consoles_start, _stop - cmocka's set-up and tear-down: no consoles. */
int fake_consoles_start(void **state);
int fake_consoles_stop(void **state);

#endif
