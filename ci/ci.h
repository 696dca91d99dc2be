/* SPDX-License-Identifier: BSD-2-Clause */
/* The client interface: dispatch, hooks from above, leaving a client. */
#ifndef CI_CI_H
#define CI_CI_H

#include "lib/err.h"
#include "lib/types.h"

/* Failure value of most services (IEEE 1275 6.3.2). */
#define CELL_FAIL ((cell_t)-1)
/* Forth's "true". */
#define CELL_TRUE ((cell_t)-1)

/* Why a client ended; values for client_leave(). */
enum ci_leave {
	CI_RETURNED = 0, /* it returned; result: its r3 */
	CI_EXIT,	 /* service exit */
	CI_BOOT,	 /* service or phrase boot; see ci_boot_text() */
	CI_CHAIN,	 /* service chain; see ci_chain_get() */
};

/* Functions that boot/ and entry/ register for services. */
struct ci_hooks {
	/* leave - end the client. Does not return. */
	void (*leave)(enum ci_leave why, uint64_t result);
	/* enter - run the prompt for the service enter; returns on `go`. */
	void (*enter)(void);
	/* option_changed - a client has set a property of /options. */
	void (*option_changed)(const char *name, const void *value,
			       uint32_t len);
	/* code_written - instructions were written to [addr, addr + size). */
	void (*code_written)(void *addr, uint64_t size);
};

/* ci_set_hooks - kept, not copied; call it before a client runs. */
void ci_set_hooks(const struct ci_hooks *hooks);
const struct ci_hooks *ci_hooks(void);

/*
 * ci_call - handle one call of the client interface.
 * `addr`: client address of the argument array: cells name, nargs, nrets,
 * arguments, returns; big-endian. Bad arrays and unknown services fail.
 * Returns 0 or -1, the 64-bit value for r3. (PowerPC binding 4.1)
 */
int64_t ci_call(uint64_t addr);

/* ci_service_known - true if there is a service `name` (for `test`). */
bool ci_service_known(const char *name);

/* ci_boot_text - the text of the last CI_BOOT; "" if there is none. */
const char *ci_boot_text(void);

/*
 * ci_leave_boot - end the client and boot `text` ("[device] [args]") instead.
 * Does not return if a client is running. Returns ERR_NOMEM.
 */
must_check int ci_leave_boot(const char *text);

/* The arguments of `chain`. */
struct ci_chain {
	uint32_t virt, size, entry, args, len;
};
struct ci_chain ci_chain_get(void);

#endif
