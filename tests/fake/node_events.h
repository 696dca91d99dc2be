/* SPDX-License-Identifier: BSD-2-Clause */
/* What happened to which node, in order: "start:host stop:host ". */
#ifndef TESTS_FAKE_NODE_EVENTS_H
#define TESTS_FAKE_NODE_EVENTS_H

#include "tree/node.h"

extern char node_events[512];

/* node_event - append `what` and the node's name. */
void node_event(const char *what, const struct node *node);

/* assert_node_events - these and no others; then forget them. */
void assert_node_events(const char *want);

#endif
