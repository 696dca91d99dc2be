// SPDX-License-Identifier: BSD-2-Clause
/* Services on the device tree (IEEE 1275 6.3.2.2). */
#include <string.h>

#include "ci/call.h"
#include "ci/fdt.h"
#include "ci/mem.h"
#include "lib/heap.h"
#include "tree/path.h"
#include "tree/prop.h"

static cell_t svc_handle(const struct node *node)
{
	return node ? node->phandle : 0;
}

/*
 * peer: the next sibling; peer of 0 is the root (Linux and FreeBSD start walks
 * this way). 0: no more siblings, or a bad phandle.
 */
cell_t svc_peer(cell_t phandle)
{
	const struct node *node = tree_by_phandle(phandle);

	if (phandle == 0)
		return svc_handle(tree_root());
	return svc_handle(node ? node->next : NULL);
}

cell_t svc_child(cell_t phandle)
{
	const struct node *node = tree_by_phandle(phandle);

	return svc_handle(node ? node->child : NULL);
}

cell_t svc_parent(cell_t phandle)
{
	const struct node *node = tree_by_phandle(phandle);

	return svc_handle(node ? node->parent : NULL);
}

/* The value of the property that the cells specify, or NULL. */
static const void *svc_value(cell_t phandle, cell_t name, uint32_t *len)
{
	const struct node *node = tree_by_phandle(phandle);
	const char *text = ci_str(name);

	return node && text ? tree_getprop(node, text, len) : NULL;
}

cell_t svc_getproplen(cell_t phandle, cell_t name)
{
	uint32_t len;

	return svc_value(phandle, name, &len) ? len : CELL_FAIL;
}

/* getprop: copies what fits; returns the full length (GRUB relies on it). */
cell_t svc_getprop(cell_t phandle, cell_t name, cell_t buf, cell_t buflen)
{
	uint32_t len;
	const void *value = svc_value(phandle, name, &len);
	uint32_t n = value ? MIN(len, buflen) : 0;
	void *dst = ci_buf(buf, n);

	if (!value || !dst)
		return CELL_FAIL;
	memcpy(dst, value, n);
	return len;
}

/*
 * nextprop: 1 with the name in the buffer; 0 at the end; -1 if `previous` does
 * not exist. FreeBSD's loader passes a NULL `previous`, GRUB "".
 */
cell_t svc_nextprop(cell_t phandle, cell_t previous, cell_t buf)
{
	struct node *node = tree_by_phandle(phandle);
	const char *prev = previous ? ci_str(previous) : "";
	const struct prop *prop;
	bool found;
	char *dst;

	if (!node || !prev)
		return CELL_FAIL;
	prop = tree_next_prop(node, prev, &found);
	if (!prop)
		return found ? 0 : CELL_FAIL;
	dst = ci_buf(buf, strlen(prop->name) + 1);
	if (!dst)
		return CELL_FAIL;
	memcpy(dst, prop->name, strlen(prop->name) + 1);
	return 1;
}

cell_t svc_setprop(cell_t phandle, cell_t name, cell_t buf, cell_t len)
{
	struct node *node = tree_by_phandle(phandle);
	const char *text = ci_str(name);
	const void *value = ci_mem(buf, len);

	if (!node || !text || !value ||
	    tree_setprop(node, text, value, len, TREE_CLIENT))
		return CELL_FAIL;
	if (node == tree_find("/options"))
		ci_hooks()->option_changed(text, value, len);
	return len;
}

void ci_out_path(void *dst, cell_t size, const char *path, size_t len)
{
	size_t n = MIN(len, (size_t)size);

	memcpy(dst, path, n);
	memset((char *)dst + n, 0, size - n);
}

cell_t svc_canon(cell_t specifier, cell_t buf, cell_t buflen)
{
	const char *text = ci_str(specifier);
	void *dst = ci_buf(buf, buflen);
	char *path = heap_alloc(TREE_PATH_MAX);
	cell_t result = CELL_FAIL;
	long len;

	if (!text || !dst || !path)
		goto out;
	len = tree_canon(text, path, TREE_PATH_MAX);
	if (len < 0 || len >= TREE_PATH_MAX)
		goto out;
	ci_out_path(dst, buflen, path, (size_t)len);
	result = (cell_t)len;
out:
	heap_free(path);
	return result;
}

cell_t svc_finddevice(cell_t specifier)
{
	const char *path = ci_str(specifier);
	const struct node *node = path ? tree_find(path) : NULL;

	return node ? node->phandle : CELL_FAIL;
}

cell_t svc_package_to_path(cell_t phandle, cell_t buf, cell_t buflen)
{
	const struct node *node = tree_by_phandle(phandle);
	void *dst = ci_buf(buf, buflen);
	size_t len;
	char *path;

	if (!node || !dst)
		return CELL_FAIL;
	len = tree_path(node, NULL, 0);
	path = heap_alloc(len + 1);
	if (!path)
		return CELL_FAIL;
	tree_path(node, path, len + 1);
	ci_out_path(dst, buflen, path, len);
	heap_free(path);
	return (cell_t)len;
}

/* fdt-fetch: copies the flattened tree to the buffer; 0, or -1: error. */
cell_t svc_fdt_fetch(cell_t buf, cell_t buflen)
{
	void *dst = ci_buf(buf, buflen);

	return dst && ci_fdt_fetch(dst, buflen) == 0 ? 0 : CELL_FAIL;
}
