/* SPDX-License-Identifier: BSD-2-Clause */
/* The closed list of Forth phrases that clients and users really send. */
#ifndef CI_PHRASES_H
#define CI_PHRASES_H

#include "lib/err.h"
#include "lib/types.h"

/* What phrases act upon. NULL members: phrases that need them are unknown. */
struct phrase_ops {
	void *arg; /* handed to each */
	/*
	 * boot - `text`: what stood behind the word boot, blanks trimmed:
	 * "[device] [args...]". Returns 0 or ERR_* with reason().
	 */
	int (*boot)(void *arg, const char *text);
	/* reset, power_off - return only when the machine cannot do it. */
	void (*reset)(void *arg);
	void (*power_off)(void *arg);
	/*
	 * mem - `len` writable bytes at real address `addr`, or NULL: not
	 * memory that may be written.
	 */
	uint8_t *(*mem)(void *arg, uint32_t addr, uint32_t len);
};

/* Longest delay that "<n> ms" may ask for, in milliseconds. */
#define PHRASES_MS_MAX 10000u

/*
 * phrases_run - run a text that consists of known phrases.
 * Nothing is run unless the whole text has been recognised and every address
 * in it may be written. `text`: `len` bytes, NUL or not; surrounding blanks
 * and line ends do not matter.
 * `result`: receives the catch-result for the client: 0, or the standard's
 * throw code (-13: undefined word). May be NULL.
 * Returns 0; ERR_NOTSUP: not wholly made of known phrases; ERR_PERM: an
 * address that may not be written; ERR_RANGE: a number that is too large;
 * ERR_NOMEM; what boot() returned. All with reason().
 * Section: IEEE 1275-1994 6.3.2.6 (interpret).
 */
must_check int phrases_run(const char *text, size_t len,
			   const struct phrase_ops *ops, cell_t *result);

#endif
