/* SPDX-License-Identifier: BSD-2-Clause */
/* The client like FreeBSD's boot1 and loader: shared declarations. */
#ifndef TESTS_GUEST_CLIENTS_FREEBSD_H
#define TESTS_GUEST_CLIENTS_FREEBSD_H

#include "tests/guest/clients/clients.h"

/* enter.S: calls function on another stack; it must not return. */
void guest_on_stack(void *top, void (*function)(void));

/* The flattened copy of the tree. */
#define BLOB_SIZE (1u << 20)
extern unsigned char blob[BLOB_SIZE];

/*
 * flatten - copies the whole tree into blob in the format of
 * sys/contrib/libfdt. Returns its size; 0, after a failed expectation, if it
 * cannot.
 */
uint32_t flatten(void);

/* The nodes that flatten() visited, in order. */
#define MOST_NODES 1024
extern uint32_t nodes[MOST_NODES];
extern unsigned int node_count;

#endif /* TESTS_GUEST_CLIENTS_FREEBSD_H */
