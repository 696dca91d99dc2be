/* SPDX-License-Identifier: BSD-2-Clause */
/* An HTTP client whose body is kept. */
#ifndef TESTS_FAKE_HTTP_CLIENT_H
#define TESTS_FAKE_HTTP_CLIENT_H

#include "packages/net/http.h"

#define FAKE_HTTP_BODY 70000u

/* The client, its last request, and its body so far with a NUL. */
extern struct http client;
extern char request[HTTP_REQUEST_MAX], got[FAKE_HTTP_BODY];
extern size_t taken;

/* fake_http_begin - start anew with a URL. */
void fake_http_begin(const char *text);

#endif
