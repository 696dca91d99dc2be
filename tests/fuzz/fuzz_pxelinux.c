// SPDX-License-Identifier: BSD-2-Clause
// pxelinux's files that include each other, and the paths in them.
#include <stdlib.h>

#include "packages/net/pxelinux.h"
#include "tests/fuzz/input.h"

/* The bytes between two 0xff are a file; the rest are included in turn. */
struct files {
	struct fuzz_input in;
	unsigned included;
};

static size_t next_file(struct files *files, const uint8_t **text)
{
	const uint8_t *end;
	size_t len;

	*text = files->in.at;
	end = files->in.left ? memchr(*text, 0xff, files->in.left) : NULL;
	len = end ? (size_t)(end - *text) : files->in.left;
	files->in.at += len + (end != NULL);
	files->in.left -= len + (end != NULL);
	return len;
}

static long include(void *arg, const char *path, char *buf)
{
	struct files *files = arg;
	const uint8_t *text;
	size_t len;

	assert(strlen(path) < PXELINUX_PATH);
	assert(++files->included <= PXELINUX_INCLUDES);
	len = next_file(files, &text);
	if (!len)
		return ERR_NOENT;
	len = MIN(len, PXELINUX_FILE_MAX);
	memcpy(buf, text, len);
	/* It may fail after it has written. */
	return path[0] == '!' ? ERR_IO : (long)len;
}

static void check_text(const char *text, size_t size)
{
	assert(strnlen(text, size) < size);
	assert(!strchr(text, '\n') && !strchr(text, '\r'));
}

static void check_paths(const struct pxelinux *px)
{
	static const struct pxelinux_facts facts;
	char *buf = malloc(2 * PXELINUX_APPEND);

	assert(pxelinux_path("http://h/p/", px->kernel, buf,
			     2 * PXELINUX_APPEND) == 0);
	assert(pxelinux_args(px, &facts, buf, 2 * PXELINUX_APPEND) == 0);
	assert(!strncmp(buf, px->append, strlen(px->append)));
	pxelinux_prefix("", px->kernel, buf);
	assert(strlen(buf) <= strlen(px->kernel));
	free(buf);
}

static void check(const struct pxelinux *px)
{
	check_text(px->kernel, sizeof(px->kernel));
	check_text(px->initrd, sizeof(px->initrd));
	check_text(px->append, sizeof(px->append));
	assert(px->local || px->kernel[0]);
	assert(strncmp(px->append, "initrd=", 7) &&
	       !strstr(px->append, " initrd="));
	check_paths(px);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pxelinux *px = malloc(sizeof(*px));
	struct files files = { { data, size }, 0 };
	const uint8_t *text;
	size_t len = next_file(&files, &text);
	char *copy = malloc(len ? len : 1);

	memcpy(copy, text, len);
	if (pxelinux_parse(copy, len, include, &files, px) == 0)
		check(px);
	free(copy);
	free(px);
	return 0;
}
