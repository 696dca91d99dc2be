// SPDX-License-Identifier: BSD-2-Clause
// Builds the live tree from a flattened one.
#include "tree/fdt.h"

#include <string.h>

#include <libfdt.h>

#include "lib/err.h"
#include "tree/blob.h"
#include "tree/internal.h"

/* One node is filled at a time; its parent waits. */
struct unflatten {
	struct blob_reader blob;
	struct node *node;
	/*
	 * One bit for each name hash in the node: only a name whose bit is set
	 * can be a duplicate. This avoids most searches.
	 */
	uint64_t seen;
};

static int unflatten_node(struct unflatten *u)
{
	u->node = tree_node_new(u->node, u->blob.name, u->blob.name_len,
				TREE_QEMU);
	u->seen = 0;
	return u->node ? 0 : ERR_NOMEM;
}

static int unflatten_prop(struct unflatten *u)
{
	const struct blob_reader *b = &u->blob;
	struct tree_name name = tree_name_of(b->name, b->name_len);
	uint64_t bit = 1ULL << (name.hash >> 26);
	phandle_t phandle = blob_phandle(b);

	/* Only blobs before version 16 need it; the node has its own. */
	if (b->name_len == 4 && memcmp(b->name, "name", 4) == 0)
		return 0;
	if (phandle) {
		int err = blob_take_phandle(u->node, phandle);

		if (err)
			return err;
	}
	if (u->seen & bit)
		return tree_setprop(u->node, b->name, b->value, b->len,
				    TREE_QEMU);
	u->seen |= bit;
	return tree_prop_append(u->node, name, b->value, b->len, TREE_QEMU)
		       ? 0
		       : ERR_NOMEM;
}

static int unflatten_node_end(struct unflatten *u)
{
	int err = u->node->phandle ? 0 : tree_give_phandle(u->node);

	u->node = u->node->parent;
	u->seen = UINT64_MAX; /* properties after a child: rare */
	return err;
}

static int unflatten_all(struct unflatten *u)
{
	for (;;) {
		int err;

		switch (blob_next(&u->blob)) {
		case BLOB_NODE:
			err = unflatten_node(u);
			break;
		case BLOB_PROP:
			err = unflatten_prop(u);
			break;
		case BLOB_NODE_END:
			err = unflatten_node_end(u);
			break;
		case BLOB_END:
			return 0;
		default:
			return ERR_FORMAT;
		}
		if (err)
			return err;
	}
}

long tree_unflatten(const void *fdt, size_t max)
{
	struct unflatten u = { .node = tree_root() };
	long size = blob_open(&u.blob, fdt, max);
	int err;

	if (size < 0)
		return size;
	err = unflatten_all(&u);
	return err ? err : size;
}

int tree_fdt_reserve(const void *fdt, int index, struct fdt_range *range)
{
	if (index < 0 || index >= fdt_num_mem_rsv(fdt))
		return ERR_NOENT;
	if (fdt_get_mem_rsv(fdt, index, &range->addr, &range->size) < 0)
		return ERR_NOENT;
	return 0;
}

/* [Devicetree Specification 0.4, 5.4.1]: the value is padded to four bytes. */
static void fdt_clear_padding(void *fdt, int offset, int next)
{
	uint8_t *value = (uint8_t *)fdt + fdt_off_dt_struct(fdt) + offset +
			 sizeof(struct fdt_property);
	int len;

	if (fdt_get_property_by_offset(fdt, offset, &len))
		memset(value + len, 0,
		       (size_t)next - (size_t)offset -
			       sizeof(struct fdt_property) - (size_t)len);
}

void tree_fdt_settle(void *fdt)
{
	int len, next, offset = 0, chosen = fdt_path_offset(fdt, "/chosen");
	void *seed = chosen < 0 ? NULL
				: fdt_getprop_w(fdt, chosen, "rng-seed", &len);
	uint32_t tag;

	if (seed)
		memset(seed, 0, (size_t)len);
	while ((tag = fdt_next_tag(fdt, offset, &next)) != FDT_END) {
		if (tag == FDT_PROP)
			fdt_clear_padding(fdt, offset, next);
		offset = next;
	}
}
