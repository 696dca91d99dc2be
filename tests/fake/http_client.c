// SPDX-License-Identifier: BSD-2-Clause
/* An HTTP client whose body is kept. */
#include "tests/fake/http_client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"

struct http client;
char request[HTTP_REQUEST_MAX], got[FAKE_HTTP_BODY];
size_t taken;

static int take(void *arg, const void *data, size_t len)
{
	(void)arg;
	assert_in_range(taken + len, 1, sizeof(got) - 1);
	memcpy(got + taken, data, len);
	taken += len;
	got[taken] = '\0';
	return 0;
}

void fake_http_begin(const char *text)
{
	static struct url url;

	memset(&client, 0, sizeof(client));
	client.take = take;
	taken = 0;
	got[0] = '\0';
	reason_clear();
	assert_int_equal(url_parse(text, &url), 0);
	http_start(&client, &url);
	request[http_request(&client, request)] = '\0';
}
