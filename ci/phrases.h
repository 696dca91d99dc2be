/* SPDX-License-Identifier: BSD-2-Clause */
/* The closed list of Forth phrases that clients and users really send. */
#ifndef CI_PHRASES_H
#define CI_PHRASES_H

#include "lib/err.h"
#include "lib/types.h"

/* Who sends phrases, and what differs between senders. */
struct phrase_sender {
	const char *name; /* "a boot script", for messages */
	/*
	 * boot - `text`: the rest of the line that begins with the word boot,
	 * blanks trimmed: "[device] [args...]". Returns 0 or ERR_* with
	 * reason(). NULL: the sender may not boot.
	 */
	int (*boot)(const char *text);
	bool ends_machine; /* may reset it and switch it off */
};

/*
 * phrase_client - a client's `interpret`, and the prompt that it opened by
 * `enter`: to boot, the client is left first.
 * phrase_script - a boot script, which is loaded: it boots nothing else.
 */
extern const struct phrase_sender phrase_client;
extern const struct phrase_sender phrase_script;

/* Longest delay that "<n> ms" may ask for, in milliseconds. */
#define PHRASES_MS_MAX 10000u

/*
 * phrases_run - run a text that consists of known phrases.
 * Nothing is run unless the whole text has been recognised, its sender may do
 * all of it, and every address in it may be written. `text`: `len` bytes, NUL
 * or not; surrounding blanks and line ends do not matter.
 * `result`: receives the catch-result for the client: 0, or the standard's
 * throw code (-13: undefined word). May be NULL.
 * Returns 0; ERR_NOTSUP: not wholly made of known phrases, or of some that
 * the sender may not use; ERR_PERM: an address that may not be written; ERR_RANGE: a number that is too large;
 * ERR_NOMEM; what boot() returned. All with reason().
 * Section: IEEE 1275-1994 6.3.2.6 (interpret).
 */
must_check int phrases_run(const char *text, size_t len,
			   const struct phrase_sender *sender, cell_t *result);

#endif
