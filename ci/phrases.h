/* SPDX-License-Identifier: BSD-2-Clause */
/* The fixed list of Forth phrases that clients and users actually send. */
#ifndef CI_PHRASES_H
#define CI_PHRASES_H

#include "lib/err.h"
#include "lib/types.h"

/* A sender of phrases, and its permissions. */
struct phrase_sender {
	const char *name; /* "a boot script", for messages */
	/*
	 * boot - `text`: the rest of the line after the word boot, blanks
	 * trimmed: "[device] [args...]". Returns 0 or ERR_* with reason().
	 * NULL: the sender may not boot.
	 */
	int (*boot)(const char *text);
	bool ends_machine; /* may reset the machine and switch it off */
	/*
	 * at_root - is the root selected before the first phrase? The prompt
	 * keeps its position from line to line. NULL: no node is selected.
	 */
	bool (*at_root)(void);
};

/*
 * phrase_client - a client's `interpret`, and the prompt that it opened with
 * `enter`: a boot ends the client first.
 * phrase_script - a loaded boot script: it may not boot.
 */
extern const struct phrase_sender phrase_client;
extern const struct phrase_sender phrase_script;

/* Longest delay of "<n> ms" in a text, in milliseconds. */
#define PHRASES_MS_MAX 10000u

/*
 * phrases_run - run a text that consists of known phrases.
 * Runs nothing unless the whole text is recognised, the sender may do all of
 * it, and every address in it is writable. While secure boot is enforced, no
 * sender may change memory or properties. `text`: `len` bytes, NUL not needed;
 * surrounding blanks and line ends are ignored.
 * `result`: receives the catch-result for the client: 0, or the standard's
 * throw code (-13: undefined word). May be NULL.
 * Returns 0; ERR_NOTSUP: an unknown phrase, or one that the sender may not use;
 * ERR_PERM: an address that is not writable, or secure boot forbids it;
 * ERR_RANGE: a number that is too large; ERR_NOMEM; errors of boot(). All with
 * reason().
 * Section: IEEE 1275-1994 6.3.2.6 (interpret).
 */
must_check int phrases_run(const char *text, size_t len,
			   const struct phrase_sender *sender, cell_t *result);

#endif
