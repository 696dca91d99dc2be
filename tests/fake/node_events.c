// SPDX-License-Identifier: BSD-2-Clause
// A record of what happened to nodes.
#include "tests/fake/node_events.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

char node_events[512];

void node_event(const char *what, const struct node *node)
{
	assert_true(strlen(node_events) + strlen(what) + strlen(node->name) +
			    2 <=
		    sizeof(node_events));
	strcat(node_events, what);
	strcat(node_events, node->name);
	strcat(node_events, " ");
}

void assert_node_events(const char *want)
{
	assert_string_equal(node_events, want);
	node_events[0] = '\0';
}
