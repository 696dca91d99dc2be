/* SPDX-License-Identifier: BSD-2-Clause */
/* Long output, a page at a time. */
#ifndef BOOT_PAGER_H
#define BOOT_PAGER_H

/*
 * pager_start - from now on, stop after each page of text and wait for a key:
 * space for a page, Enter for a line, q: print nothing more. A page is that of
 * the smallest screen that knows its size, or 24 rows of 80 columns. Only for a
 * person: see line_is_typed().
 */
void pager_start(void);

/* pager_stop - print all; also if it was not started. */
void pager_stop(void);

#endif
