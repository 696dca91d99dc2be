// SPDX-License-Identifier: BSD-2-Clause
// Each property name of a tree once, in a hash table.
#include "tree/names.h"

#include <string.h>

#include "lib/err.h"
#include "lib/heap.h"
#include "lib/reason.h"

struct names_entry {
	const char *name; /* NULL: empty slot */
	uint32_t hash;
	uint32_t offset;
};

/* The entry of `name`, or the empty slot for it. */
static struct names_entry *names_slot(struct names_entry *table, uint32_t room,
				      const char *name, uint32_t hash)
{
	/* The lowest byte of the hash is the length: do not use it. */
	for (uint32_t i = hash >> 8;; i++) {
		struct names_entry *e = &table[i & (room - 1)];

		if (!e->name || (e->hash == hash && strcmp(e->name, name) == 0))
			return e;
	}
}

static int names_grow(struct names *names)
{
	uint32_t room = MAX(names->room * 2, 256u);
	struct names_entry *table = heap_zalloc(room * sizeof(*table));

	if (!table)
		return reason_fail(ERR_NOMEM,
				   "device tree: no memory to flatten it");
	for (uint32_t i = 0; i < names->room; i++) {
		const struct names_entry *e = &names->table[i];

		if (e->name)
			*names_slot(table, room, e->name, e->hash) = *e;
	}
	heap_free(names->table);
	names->table = table;
	names->room = room;
	return 0;
}

long names_offset(struct names *names, const char *name, uint32_t hash)
{
	struct names_entry *e;

	if (names->len >= names->room / 4 * 3) {
		int err = names_grow(names);

		if (err)
			return err;
	}
	e = names_slot(names->table, names->room, name, hash);
	if (!e->name) {
		*e = (struct names_entry){ name, hash, names->size };
		names->len++;
		names->size += (uint32_t)strlen(name) + 1;
	}
	return e->offset;
}

void names_write(const struct names *names, char *to)
{
	for (uint32_t i = 0; i < names->room; i++) {
		const struct names_entry *e = &names->table[i];

		if (e->name)
			memcpy(to + e->offset, e->name, strlen(e->name) + 1);
	}
}

void names_free(struct names *names)
{
	heap_free(names->table);
	memset(names, 0, sizeof(*names));
}
