// SPDX-License-Identifier: BSD-2-Clause
// URLs, and locations on a page.
#include <stdlib.h>

#include "packages/net/url.h"
#include "tests/fuzz/input.h"

static void check(const struct url *url)
{
	static struct url again;
	static char text[URL_MAX * 3 + 512];
	size_t len = url_text(url, text, sizeof(text));

	assert(len == strlen(text) && len < sizeof(text));
	assert(url->port && *url->host);
	for (const char *c = url->path; *c; c++)
		assert((unsigned char)*c >= ' ' && *c != 0x7f);
	if (url->scheme == URL_HTTP) {
		assert(url->path[0] == '/');
		assert(!strpbrk(url->path, " #"));
	}
	/* What is written is read as the same. */
	assert(!url_parse(text, &again));
	assert(again.scheme == url->scheme && again.port == url->port);
	assert(!strcmp(again.host, url->host));
	assert(!strcmp(again.path, url->path));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct url url;
	char *text = malloc(size + 1), *location;

	memcpy(text, data, size);
	text[size] = '\0';
	location = strchr(text, '\n');
	if (location)
		*location++ = '\0';
	(void)url_is(text);
	if (!url_parse(text, &url)) {
		assert(url_is(text));
		check(&url);
		if (location && !url_join(&url, location, &url))
			check(&url);
	}
	free(text);
	return 0;
}
