// SPDX-License-Identifier: BSD-2-Clause
// Writes the live tree as a flattened one (Devicetree Specification 0.3, 5).
#include "tree/fdt.h"

#include <string.h>

#include <libfdt.h>

#include "lib/endian.h"
#include "lib/err.h"
#include "lib/fmt.h"
#include "lib/heap.h"
#include "lib/reason.h"
#include "tree/internal.h"
#include "tree/names.h"

/*
 * The same walk twice: the first adds up sizes and collects names, the second
 * writes. libfdt's own writer compares each name with all previous names.
 */
struct flatten {
	unsigned omit;
	struct names names;
	char *structs; /* structure block, NULL in the first walk */
	size_t size;   /* of the structure block so far */
};

static void flatten_bytes(struct flatten *f, const void *data, size_t len)
{
	size_t padded = ALIGN_UP(len, FDT_TAGSIZE);

	if (f->structs) {
		memcpy(f->structs + f->size, data, len);
		memset(f->structs + f->size + len, 0, padded - len);
	}
	f->size += padded;
}

static void flatten_word(struct flatten *f, uint32_t word)
{
	be32 wire = be32_make(word);

	flatten_bytes(f, &wire, sizeof(wire));
}

static int flatten_prop(struct flatten *f, const char *name, uint32_t hash,
			const void *value, uint32_t len)
{
	long offset = names_offset(&f->names, name, hash);

	if (offset < 0)
		return (int)offset;
	flatten_word(f, FDT_PROP);
	flatten_word(f, len);
	flatten_word(f, (uint32_t)offset);
	flatten_bytes(f, value, len);
	return 0;
}

/* Writes the node's actual handle, even if a client changed the property. */
static int flatten_phandle(struct flatten *f, const struct node *node,
			   const char *name)
{
	be32 value = be32_make(node->phandle);

	return flatten_prop(f, name, tree_name_hash(name, strlen(name)), &value,
			    sizeof(value));
}

/* True if `node` is named `name` and is a child of the root. */
static bool flatten_is_top(const struct node *node, const char *name)
{
	return node->parent == tree_root() && strcmp(node->name, name) == 0;
}

static bool flatten_omits_props(const struct flatten *f,
				const struct node *node)
{
	if ((f->omit & TREE_OMIT_OPENPROM) && flatten_is_top(node, "openprom"))
		return true;
	if ((f->omit & TREE_OMIT_OPTIONS) && flatten_is_top(node, "options"))
		return true;
	return (f->omit & TREE_OMIT_ALIASES) && flatten_is_top(node, "aliases");
}

static bool flatten_omits_node(const struct flatten *f, const struct node *node)
{
	const char *type;

	if ((f->omit & TREE_OMIT_PACKAGES) &&
	    flatten_is_top(node->parent, "packages"))
		return true;
	if (!(f->omit & TREE_OMIT_DISKS) || node->owner != TREE_QUOIN)
		return false;
	type = tree_get_str(node, "device_type");
	return type && strcmp(type, "block") == 0;
}

/* How to write a property. */
enum flatten_kind {
	FLATTEN_PLAIN,
	FLATTEN_NAME,	 /* omitted: it is in the node's begin token */
	FLATTEN_PHANDLE, /* written separately */
};

static enum flatten_kind flatten_kind_of(const struct prop *p)
{
	if (strcmp(p->name, "name") == 0)
		return FLATTEN_NAME;
	if (strcmp(p->name, "phandle") == 0 ||
	    strcmp(p->name, "linux,phandle") == 0)
		return FLATTEN_PHANDLE;
	return FLATTEN_PLAIN;
}

static int flatten_props(struct flatten *f, const struct node *node)
{
	const struct prop *p;
	int err = 0;

	list_for_each(p, &node->props, link) {
		switch (flatten_kind_of(p)) {
		case FLATTEN_NAME:
			break;
		case FLATTEN_PHANDLE:
			err = flatten_phandle(f, node, p->name);
			break;
		default:
			err = flatten_prop(f, p->name, p->hash, p->value,
					   p->len);
			break;
		}
		if (err)
			return err;
	}
	return 0;
}

static int flatten_begin(struct flatten *f, const struct node *node)
{
	char name[TREE_NODE_NAME_MAX + 1];
	size_t len = fmt_str(name, sizeof(name), "%s%s%s", node->name,
			     node->unit ? "@" : "",
			     node->unit ? node->unit : "");

	flatten_word(f, FDT_BEGIN_NODE);
	flatten_bytes(f, name, len + 1);
	if (!flatten_omits_props(f, node)) {
		int err = flatten_props(f, node);

		if (err || tree_getprop(node, "phandle", NULL))
			return err;
	}
	return flatten_phandle(f, node, "phandle");
}

/* The first of `node` and its later siblings that is not omitted. */
static const struct node *flatten_kept(const struct flatten *f,
				       const struct node *node)
{
	while (node && flatten_omits_node(f, node))
		node = node->next;
	return node;
}

/* Ends `node`, and each parent it was the last child of. Returns the next. */
static const struct node *flatten_end(struct flatten *f,
				      const struct node *node)
{
	const struct node *next = NULL;

	for (; node && !next; node = node->parent) {
		flatten_word(f, FDT_END_NODE);
		next = flatten_kept(f, node->next);
	}
	return next;
}

static int flatten_walk(struct flatten *f)
{
	const struct node *node = tree_root();

	f->size = 0;
	while (node) {
		const struct node *child;
		int err = flatten_begin(f, node);

		if (err)
			return err;
		child = flatten_kept(f, node->child);
		node = child ? child : flatten_end(f, node);
	}
	flatten_word(f, FDT_END);
	return 0;
}

/* The reserve map is empty: one entry of zeros. */
#define FLATTEN_RESERVE_AT sizeof(struct fdt_header)
#define FLATTEN_STRUCTS_AT                                                     \
	(FLATTEN_RESERVE_AT + sizeof(struct fdt_reserve_entry))

static void flatten_header(char *blob, const struct flatten *f, size_t total,
			   uint32_t boot_cpu)
{
	memset(blob, 0, FLATTEN_STRUCTS_AT);
	fdt_set_magic(blob, FDT_MAGIC);
	fdt_set_totalsize(blob, (uint32_t)total);
	fdt_set_off_dt_struct(blob, FLATTEN_STRUCTS_AT);
	fdt_set_off_dt_strings(blob, (uint32_t)(FLATTEN_STRUCTS_AT + f->size));
	fdt_set_off_mem_rsvmap(blob, FLATTEN_RESERVE_AT);
	fdt_set_version(blob, 17);
	fdt_set_last_comp_version(blob, 16);
	fdt_set_boot_cpuid_phys(blob, boot_cpu);
	fdt_set_size_dt_strings(blob, f->names.size);
	fdt_set_size_dt_struct(blob, (uint32_t)f->size);
}

/* The second walk, into a block of the size from the first one. */
static long flatten_write(struct flatten *f, uint32_t boot_cpu, void **blob)
{
	size_t total = FLATTEN_STRUCTS_AT + f->size + f->names.size;
	char *to = total <= INT32_MAX ? heap_alloc(total) : NULL;
	int err;

	if (!to)
		return reason_fail(
			ERR_NOMEM,
			"device tree: no memory for %zu flattened bytes",
			total);
	f->structs = to + FLATTEN_STRUCTS_AT;
	err = flatten_walk(f);
	assert(err == 0); /* all names are already in the table */
	flatten_header(to, f, total, boot_cpu);
	names_write(&f->names, f->structs + f->size);
	*blob = to;
	return (long)total;
}

long tree_flatten(unsigned omit, uint32_t boot_cpu, void **blob)
{
	struct flatten f = { .omit = omit };
	long size = flatten_walk(&f);

	if (size == 0)
		size = flatten_write(&f, boot_cpu, blob);
	names_free(&f.names);
	return size;
}
