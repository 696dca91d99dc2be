/* SPDX-License-Identifier: BSD-2-Clause */
/* Walking the device tree, and short forms of its services. */
#ifndef TESTS_GUEST_CONFORMANCE_WALK_H
#define TESTS_GUEST_CONFORMANCE_WALK_H

#include "tests/guest/conformance/conformance.h"

/* More nodes, or more properties of a node, than any machine has. */
#define WALK_LIMIT 20000u
#define PROPERTY_LIMIT 2000u

/* Bytes of a property's name with its NUL: Linux's MAX_PROPERTY_NAME. */
#define NAME_SIZE 64u

uint32_t peer_of(uint32_t node);
uint32_t child_of(uint32_t node);
uint32_t parent_of(uint32_t node);
uint32_t property_length(uint32_t node, const char *name);
uint32_t set_property(uint32_t node, const char *name, const void *value,
		      uint32_t length);
uint32_t path_of(uint32_t node, char *to, uint32_t size);

/* nextprop; to has NAME_ROOM bytes; a longer name is cut. It is written only if
 * the result is 1. */
#define NAME_ROOM 256u
uint32_t next_property(uint32_t node, const char *previous, char *to);

/*
 * walk_step - the next node of the whole tree, depth first:
 *	for (struct walk w = WALK; walk_step(&w);)
 * count is the number of nodes up to w.node. A tree that does not end fails
 * the case.
 */
struct walk {
	uint32_t node;
	uint32_t count;
};

#define WALK                                                                   \
	{                                                                      \
		0, 0                                                           \
	}
bool walk_step(struct walk *walk);

/*
 * property_step - the next property of a node:
 *	for (struct properties p = PROPERTIES(node); property_step(&p);)
 */
struct properties {
	uint32_t node;
	uint32_t count;
	char name[NAME_ROOM];
};

#define PROPERTIES(node_)                                                      \
	{                                                                      \
		node_, 0, ""                                                   \
	}
bool property_step(struct properties *p);

/* Whether the handle belongs to a node of the tree. */
bool is_node(uint32_t handle);

/* expect(), with the node's path as a line of diagnosis. */
bool expect_of(uint32_t node, bool good, const char *what);

/* Expects that finddevice returns the node; expect_maybe: or that it finds
 * nothing. */
void expect_found(const char *path, uint32_t node);
void expect_maybe(const char *path, uint32_t node);

/* Whether cases_buffer is unchanged from this byte on. */
bool buffer_kept(uint32_t from);

/* The text is first, second and third one after another, cut to size. */
void put_texts(char *to, uint32_t size, const char *first, const char *second,
	       const char *third);

/* The last place of a character in a text; NULL: none. */
char *last_of(char *text, char character);

/* Whether this is a pseries; skips the case when not. */
bool needs_pseries(void);

#endif /* TESTS_GUEST_CONFORMANCE_WALK_H */
