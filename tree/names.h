/* SPDX-License-Identifier: BSD-2-Clause */
/* The strings block of a flattened tree: each name once, in a hash table. */
#ifndef TREE_NAMES_H
#define TREE_NAMES_H

#include "lib/types.h"

struct names {
	struct names_entry *table; /* open addressing, a power of two */
	uint32_t len, room;
	uint32_t size; /* bytes of all names, including NULs */
};

/*
 * names_offset - find a name in the strings block, or add it.
 * `name`: kept, not copied. `hash`: tree_name_hash() of it.
 * Returns the offset, or ERR_NOMEM.
 */
must_check long names_offset(struct names *names, const char *name,
			     uint32_t hash);

/* names_write - write the strings block, names->size bytes. */
void names_write(const struct names *names, char *to);

/* names_free - free the table. */
void names_free(struct names *names);

#endif
