/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside the claim checker: the check at each store, and the report. */
#ifndef TESTS_WATCH_WATCH_H
#define TESTS_WATCH_WATCH_H

#include "lib/watch.h"

/*
 * Does the firmware's code call at each store? On the host, clang can do that;
 * gcc has nothing like it that works together with ASan.
 */
#ifdef __clang__
#define WATCH_STORES true
#else
#define WATCH_STORES false
#endif

/* A write that was not allowed. */
struct watch_fault {
	uint64_t addr, size;
	uint64_t pc;	  /* the store's, or the caller's of a check */
	const char *what; /* the call or load in progress */
	const char *why;
};

/* watch_store - called for every store. `pc`: where it is. */
void watch_store(const void *ptr, uint64_t size, const void *pc);

/*
 * watch_written_count - the number of separate ranges outside our memory that
 * were written since watch_begin(); watch_written_at: one of them.
 */
size_t watch_written_count(void);
void watch_written_at(size_t i, uint64_t *start, uint64_t *end);

/* watch_reset - restore the initial state. */
void watch_reset(void);

/*
 * watch_report - report a fault. The firmware's (guest.c) stops the machine;
 * the host's (host.c) ends the program unless watch_set_handler() was called.
 */
void watch_report(const struct watch_fault *fault);
void watch_set_handler(void (*handler)(const struct watch_fault *fault));

/* watch_print_range - how watch_trace() prints one. */
void watch_print_range(uint64_t start, uint64_t end);

#endif
