/* SPDX-License-Identifier: BSD-2-Clause */
/* Properties of live nodes: byte arrays; numbers in them are big-endian. */
#ifndef TREE_PROP_H
#define TREE_PROP_H

#include "tree/node.h"

/* Longest property name: Linux's flattening has 64-byte buffers. */
#define TREE_PROP_NAME_MAX 63

struct prop {
	struct list link;
	char *name;
	uint32_t hash; /* of the name: for fast lookups */
	uint32_t len;  /* bytes of value */
	uint32_t room; /* bytes allocated for value */
	void *value;   /* owned */
	enum tree_owner owner;
};

/*
 * tree_getprop - get the value of a property.
 * `len`: receives its length in bytes; may be NULL.
 * Returns a pointer valid until the property is set or deleted, or NULL: no
 * such property. The pointer is not NULL for a property of length 0.
 */
const void *tree_getprop(const struct node *node, const char *name,
			 uint32_t *len);

/*
 * tree_setprop - create or replace a property; a new one is appended.
 * `value` is copied and may be NULL if `len` is 0. The owner of an existing
 * property does not change. Values shrink and grow in place if possible.
 * Returns 0; ERR_INVAL: empty or overlong name, or '/' in it; ERR_NOMEM.
 */
must_check int tree_setprop(struct node *node, const char *name,
			    const void *value, uint32_t len,
			    enum tree_owner owner);

/* tree_delprop - delete a property; a missing one is ignored. */
void tree_delprop(struct node *node, const char *name);

/*
 * tree_next_prop - return the property after the one named `prev`.
 * `prev`: NULL or "" for the first. O(1) if the walk is in order.
 * Returns NULL if there is none; *found then says whether `prev` exists.
 */
const struct prop *tree_next_prop(struct node *node, const char *prev,
				  bool *found);

/*
 * tree_reserve_prop - make room for later values of up to `room` bytes, so
 * that setting one allocates nothing. The property must exist.
 * Returns 0, ERR_NOENT or ERR_NOMEM.
 */
must_check int tree_reserve_prop(struct node *node, const char *name,
				 uint32_t room);

/*
 * Typed helpers. tree_set_str stores a NUL-terminated string, tree_set_u32 one
 * cell, tree_set_cells `n` cells, tree_set_u64 two cells; all for TREE_QUOIN.
 * Errors as in tree_setprop().
 */
must_check int tree_set_str(struct node *node, const char *name,
			    const char *value);
must_check int tree_set_u32(struct node *node, const char *name,
			    uint32_t value);
must_check int tree_set_u64(struct node *node, const char *name,
			    uint64_t value);
must_check int tree_set_cells(struct node *node, const char *name,
			      const uint32_t *cells, size_t n);

/*
 * tree_get_u32 - get cell number `index` of a property, in host order.
 * Returns 0; ERR_NOENT: no property, or it is too short.
 */
must_check int tree_get_u32(const struct node *node, const char *name,
			    uint32_t index, uint32_t *value);

/* tree_get_u64 - get cells index and index+1 as one number; errors as above. */
must_check int tree_get_u64(const struct node *node, const char *name,
			    uint32_t index, uint64_t *value);

/*
 * tree_get_str - get a property as a string.
 * Returns a pointer (see tree_getprop()) or NULL: missing or not terminated.
 */
const char *tree_get_str(const struct node *node, const char *name);

/*
 * tree_has_string - true if `text` is one of the strings in a string-list
 * property ("compatible"). Compares exactly.
 */
bool tree_has_string(const struct node *node, const char *name,
		     const char *text);

#endif
