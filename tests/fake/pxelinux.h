/* SPDX-License-Identifier: BSD-2-Clause */
/* Expectations of what a file of pxelinux boots. */
#ifndef TESTS_FAKE_PXELINUX_H
#define TESTS_FAKE_PXELINUX_H

#include "packages/net/pxelinux.h"

/* A file that can be included; a list ends without a name. */
struct pxelinux_file {
	const char *name, *text;
};

/* Files that the last parsing wanted to include. */
extern unsigned pxelinux_includes;

/*
 * pxelinux_test - parse a copy of exactly `len` bytes, so that ASan sees each
 * byte too many. `files`: NULL: none. Returns as pxelinux_parse().
 */
must_check int pxelinux_test(const char *text, size_t len,
			     const struct pxelinux_file *files,
			     struct pxelinux *px);

/* What the text boots; the test fails otherwise. */
void pxelinux_expect(const char *text, const char *kernel, const char *initrd,
		     const char *append);
void pxelinux_expect_with(const char *text, const struct pxelinux_file *files,
			  const char *kernel, const char *initrd,
			  const char *append);
void pxelinux_expect_kernel(const char *text, const char *kernel);
void pxelinux_expect_local(const char *text);
void pxelinux_expect_ipappend(const char *text, unsigned bits);

/* pxelinux_expect_bad - `why` is a part of the reason. */
void pxelinux_expect_bad(const char *text, int err, const char *why);

#endif
