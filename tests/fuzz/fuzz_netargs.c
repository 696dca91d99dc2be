// SPDX-License-Identifier: BSD-2-Clause
// A card's arguments.
#include <stdlib.h>

#include "packages/net/net_args.h"
#include "tests/fuzz/input.h"

static void check_text(const char *text, size_t size)
{
	assert(strnlen(text, size) < size);
	assert(!strchr(text, ','));
}

static void check_address(const struct net_addr *addr)
{
	assert(addr->version == 0 || addr->version == 4 || addr->version == 6);
}

static void check(const struct net_args *args)
{
	assert(args->protocol <= NET_IPV6);
	check_text(args->file, sizeof(args->file));
	check_text(args->server_name, sizeof(args->server_name));
	assert(!strchr(args->file, '\\'));
	assert(!args->server_name[0] || args->server.version == 0);
	check_address(&args->server);
	check_address(&args->client);
	check_address(&args->router);
	check_address(&args->mask);
	assert(args->dhcp_tries <= 65464 && args->tftp_tries <= 65464 &&
	       args->block_size <= 65464);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct net_args args;
	char *text = malloc(size + 1);

	memcpy(text, data, size);
	text[size] = '\0';
	if (net_args_parse(text, &args) == 0)
		check(&args);
	free(text);
	return 0;
}
