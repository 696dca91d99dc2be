/* SPDX-License-Identifier: BSD-2-Clause */
/* The client interface: dispatch, hooks from above, leaving a client. */
#ifndef CI_CI_H
#define CI_CI_H

#include "lib/err.h"
#include "lib/types.h"

/* Failure value of most services (IEEE 1275 6.3.2). */
#define CELL_FAIL ((cell_t)-1)
/* "true" of Forth. */
#define CELL_TRUE ((cell_t)-1)

/* Why a client was left; the values of client_leave(). */
enum ci_leave {
	CI_RETURNED = 0, /* it returned; result: its r3 */
	CI_EXIT,	 /* service exit */
	CI_BOOT,	 /* service or phrase boot; see ci_boot_text() */
	CI_CHAIN,	 /* service chain; see ci_chain_get() */
};

/* What boot/ and entry/ register for the services that end up there. */
struct ci_hooks {
	/* leave - end the client: does not return. */
	void (*leave)(enum ci_leave why, uint64_t result);
	/* enter - the prompt, for the service enter; returns on `go`. */
	void (*enter)(void);
	/* option_changed - a client has set a property of /options. */
	void (*option_changed)(const char *name, const void *value,
			       uint32_t len);
	/* code_written - instructions were written to [addr, addr + size). */
	void (*code_written)(void *addr, uint64_t size);
};

/* ci_set_hooks - kept, not copied; set before a client runs. */
void ci_set_hooks(const struct ci_hooks *hooks);
const struct ci_hooks *ci_hooks(void);

/*
 * ci_call - one call of the client interface.
 * `addr`: client address of the argument array: cells name, nargs, nrets,
 * arguments, returns; big-endian. Bad arrays and unknown services fail.
 * Returns 0 or -1 (all 64 bits: what r3 gets). (PowerPC binding 4.1)
 */
int64_t ci_call(uint64_t addr);

/* ci_service_known - is there a service of that name? (for `test`) */
bool ci_service_known(const char *name);

/* ci_boot_text - the string of the last CI_BOOT; "" if there is none. */
const char *ci_boot_text(void);

/*
 * ci_leave_boot - end the client and boot `text` ("[device] [args]") instead.
 * Does not return where a client runs; ERR_NOMEM.
 */
must_check int ci_leave_boot(const char *text);

/* What `chain` asks for. */
struct ci_chain {
	uint32_t virt, size, entry, args, len;
};
struct ci_chain ci_chain_get(void);

#endif
