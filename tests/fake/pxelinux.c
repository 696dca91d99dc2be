// SPDX-License-Identifier: BSD-2-Clause
// Expectations of what a file of pxelinux boots.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"
#include "tests/fake/pxelinux.h"

unsigned pxelinux_includes;

static long include(void *arg, const char *path, char *buf)
{
	pxelinux_includes++;
	for (const struct pxelinux_file *f = arg; f && f->name; f++) {
		if (strcmp(f->name, path))
			continue;
		memcpy(buf, f->text, strlen(f->text));
		return (long)strlen(f->text);
	}
	return ERR_NOENT;
}

int pxelinux_test(const char *text, size_t len,
		  const struct pxelinux_file *files, struct pxelinux *px)
{
	char *copy = malloc(len ? len : 1);
	struct pxelinux_file *arg = NULL;
	int err;

	memcpy(copy, text, len);
	if (files)
		memcpy(&arg, &files, sizeof(arg));
	pxelinux_includes = 0;
	err = pxelinux_parse(copy, len, include, arg, px);
	free(copy);
	return err;
}

void pxelinux_expect_with(const char *text, const struct pxelinux_file *files,
			  const char *kernel, const char *initrd,
			  const char *append)
{
	struct pxelinux px;

	memset(&px, 0xa5, sizeof(px));
	if (pxelinux_test(text, strlen(text), files, &px))
		fail_msg("%s", reason());
	assert_false(px.local);
	assert_string_equal(px.kernel, kernel);
	assert_string_equal(px.initrd, initrd);
	assert_string_equal(px.append, append);
}

void pxelinux_expect(const char *text, const char *kernel, const char *initrd,
		     const char *append)
{
	pxelinux_expect_with(text, NULL, kernel, initrd, append);
}

void pxelinux_expect_kernel(const char *text, const char *kernel)
{
	struct pxelinux px;

	if (pxelinux_test(text, strlen(text), NULL, &px))
		fail_msg("%s", reason());
	assert_false(px.local);
	assert_string_equal(px.kernel, kernel);
}

void pxelinux_expect_local(const char *text)
{
	struct pxelinux px;

	assert_int_equal(pxelinux_test(text, strlen(text), NULL, &px), 0);
	assert_true(px.local);
	assert_string_equal(px.kernel, "");
}

void pxelinux_expect_ipappend(const char *text, unsigned bits)
{
	struct pxelinux px;

	assert_int_equal(pxelinux_test(text, strlen(text), NULL, &px), 0);
	assert_int_equal(px.ipappend, bits);
}

void pxelinux_expect_bad(const char *text, int err, const char *why)
{
	struct pxelinux px;

	assert_int_equal(pxelinux_test(text, strlen(text), NULL, &px), err);
	if (!strstr(reason(), why))
		fail_msg("reason: %s", reason());
}
