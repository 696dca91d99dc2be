// SPDX-License-Identifier: BSD-2-Clause
// Maps handles to nodes: a dense table of ours, a hash table of foreign ones.
#include "tree/internal.h"

#include <string.h>

#include "lib/err.h"
#include "lib/heap.h"
#include "lib/reason.h"

/* A handle that QEMU chose. It stays in the table after its node is removed. */
struct phandle_entry {
	phandle_t phandle; /* 0: empty slot */
	struct node *node; /* NULL: dead */
};

/*
 * Ours come from one range that QEMU does not use, in order: an index finds
 * them. QEMU's may be any number, and a tree of 2,048 processors has thousands,
 * each looked up by every client call: a hash table finds them. Both keep the
 * handles of removed nodes, so that none is given out again and a client's stale
 * handle finds nothing rather than another node.
 */
static struct {
	struct node **ours; /* by phandle - TREE_PHANDLE_FIRST; NULL: dead */
	uint32_t ours_len, ours_room;
	struct phandle_entry *foreign; /* open addressing, a power of two */
	uint32_t foreign_len, foreign_room;
} handles;

void phandle_reset(void)
{
	memset(&handles, 0, sizeof(handles));
}

/* The entry of a foreign handle, or the empty slot for it. */
static struct phandle_entry *phandle_slot(struct phandle_entry *table,
					  uint32_t room, phandle_t phandle)
{
	uint32_t i = phandle * 0x9e3779b1u; /* 2^32 / golden ratio */

	for (;; i++) {
		struct phandle_entry *e = &table[i & (room - 1)];

		if (e->phandle == phandle || e->phandle == 0)
			return e;
	}
}

static struct phandle_entry *phandle_foreign(phandle_t phandle)
{
	struct phandle_entry *e;

	if (handles.foreign_len == 0 || phandle == 0)
		return NULL;
	e = phandle_slot(handles.foreign, handles.foreign_room, phandle);
	return e->phandle ? e : NULL;
}

struct node *tree_by_phandle(phandle_t phandle)
{
	uint32_t index = phandle - TREE_PHANDLE_FIRST;
	struct phandle_entry *e;

	if (index < handles.ours_len && handles.ours[index])
		return handles.ours[index];
	e = phandle_foreign(phandle);
	return e ? e->node : NULL;
}

/* Keep a quarter of the slots empty, so that searches are short. */
static int phandle_grow_foreign(void)
{
	uint32_t room = MAX(handles.foreign_room * 2, 16u);
	struct phandle_entry *table;

	if (handles.foreign_len < handles.foreign_room / 4 * 3)
		return 0;
	table = heap_zalloc(room * sizeof(*table));
	if (!table)
		return reason_fail(ERR_NOMEM,
				   "device tree: no memory for handles");
	for (uint32_t i = 0; i < handles.foreign_room; i++) {
		const struct phandle_entry *e = &handles.foreign[i];

		if (e->phandle)
			*phandle_slot(table, room, e->phandle) = *e;
	}
	heap_free(handles.foreign);
	handles.foreign = table;
	handles.foreign_room = room;
	return 0;
}

void phandle_forget(const struct node *node)
{
	uint32_t index = node->phandle - TREE_PHANDLE_FIRST;
	struct phandle_entry *e;

	if (index < handles.ours_len && handles.ours[index] == node) {
		handles.ours[index] = NULL;
		return;
	}
	e = phandle_foreign(node->phandle);
	if (e && e->node == node)
		e->node = NULL;
}

int tree_set_phandle(struct node *node, phandle_t phandle)
{
	uint32_t index = phandle - TREE_PHANDLE_FIRST;
	struct phandle_entry *e;
	int err;

	if (phandle == TREE_NO_PHANDLE || phandle == UINT32_MAX)
		return reason_fail(ERR_INVAL, "device tree: %s: phandle 0x%x",
				   node->name, phandle);
	if (node->phandle == phandle)
		return 0;
	/* The client may still hold a dead handle of ours. */
	if (tree_by_phandle(phandle) || index < handles.ours_len)
		return reason_fail(ERR_EXIST,
				   "device tree: %s: phandle 0x%x is taken",
				   node->name, phandle);
	err = phandle_grow_foreign();
	if (err)
		return err;
	phandle_forget(node);
	e = phandle_slot(handles.foreign, handles.foreign_room, phandle);
	handles.foreign_len += e->phandle == 0;
	*e = (struct phandle_entry){ phandle, node };
	node->phandle = phandle;
	return 0;
}

static int phandle_grow_ours(void)
{
	uint32_t room = MAX(handles.ours_room * 2, 128u);
	struct node **table;

	if (handles.ours_len < handles.ours_room)
		return 0;
	table = heap_realloc(handles.ours, room * sizeof(struct node *));
	if (!table)
		return reason_fail(ERR_NOMEM,
				   "device tree: no memory for handles");
	handles.ours = table;
	handles.ours_room = room;
	return 0;
}

int tree_give_phandle(struct node *node)
{
	phandle_t phandle;

	do {
		int err = phandle_grow_ours();

		if (err)
			return err;
		phandle = TREE_PHANDLE_FIRST + handles.ours_len;
		assert(phandle <= TREE_PHANDLE_MAX);
		handles.ours[handles.ours_len++] = NULL;
	} while (phandle_foreign(phandle));
	handles.ours[handles.ours_len - 1] = node;
	node->phandle = phandle;
	return 0;
}
