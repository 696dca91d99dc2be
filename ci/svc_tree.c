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
 * peer: the next sibling; of 0 the root (Linux and FreeBSD start their walks
 * so). 0: no more, or a bad phandle.
 */
void svc_peer(const struct ci_args *a)
{
	const struct node *node = tree_by_phandle(a->in[0]);

	if (a->in[0] == 0)
		a->out[0] = svc_handle(tree_root());
	else
		a->out[0] = svc_handle(node ? node->next : NULL);
}

void svc_child(const struct ci_args *a)
{
	const struct node *node = tree_by_phandle(a->in[0]);

	a->out[0] = svc_handle(node ? node->child : NULL);
}

void svc_parent(const struct ci_args *a)
{
	const struct node *node = tree_by_phandle(a->in[0]);

	a->out[0] = svc_handle(node ? node->parent : NULL);
}

/* The value that (phandle, name) cells name, or NULL. */
static const void *svc_value(const cell_t *in, uint32_t *len)
{
	const struct node *node = tree_by_phandle(in[0]);
	const char *name = ci_str(in[1]);

	return node && name ? tree_getprop(node, name, len) : NULL;
}

void svc_getproplen(const struct ci_args *a)
{
	uint32_t len;

	a->out[0] = svc_value(a->in, &len) ? len : CELL_FAIL;
}

/* getprop: copies what fits, returns the full length (GRUB sizes buffers so). */
void svc_getprop(const struct ci_args *a)
{
	uint32_t len;
	const void *value = svc_value(a->in, &len);
	uint32_t n = value ? MIN(len, a->in[3]) : 0;
	void *dst = ci_buf(a->in[2], n);

	a->out[0] = CELL_FAIL;
	if (!value || !dst)
		return;
	memcpy(dst, value, n);
	a->out[0] = len;
}

/*
 * nextprop: 1 with the name in the buffer, 0 at the end, -1 for a property that
 * is not there. FreeBSD's loader passes a NULL `previous`, GRUB "".
 */
void svc_nextprop(const struct ci_args *a)
{
	struct node *node = tree_by_phandle(a->in[0]);
	const char *prev = a->in[1] ? ci_str(a->in[1]) : "";
	const struct prop *prop;
	bool found;
	char *dst;

	a->out[0] = CELL_FAIL;
	if (!node || !prev)
		return;
	prop = tree_next_prop(node, prev, &found);
	if (!prop) {
		a->out[0] = found ? 0 : CELL_FAIL;
		return;
	}
	dst = ci_buf(a->in[2], strlen(prop->name) + 1);
	if (!dst)
		return;
	memcpy(dst, prop->name, strlen(prop->name) + 1);
	a->out[0] = 1;
}

void svc_setprop(const struct ci_args *a)
{
	struct node *node = tree_by_phandle(a->in[0]);
	const char *name = ci_str(a->in[1]);
	const void *value = ci_mem(a->in[2], a->in[3]);

	a->out[0] = CELL_FAIL;
	if (!node || !name || !value ||
	    tree_setprop(node, name, value, a->in[3], TREE_CLIENT))
		return;
	a->out[0] = a->in[3];
	if (node == tree_find("/options"))
		ci_hooks()->option_changed(name, value, a->in[3]);
}

void ci_out_path(void *dst, cell_t size, const char *path, size_t len)
{
	size_t n = MIN(len, (size_t)size);

	memcpy(dst, path, n);
	memset((char *)dst + n, 0, size - n);
}

void svc_canon(const struct ci_args *a)
{
	const char *path = ci_str(a->in[0]);
	void *dst = ci_buf(a->in[1], a->in[2]);
	char *buf = heap_alloc(TREE_PATH_MAX);
	long len;

	a->out[0] = CELL_FAIL;
	if (!path || !dst || !buf)
		goto out;
	len = tree_canon(path, buf, TREE_PATH_MAX);
	if (len < 0 || len >= TREE_PATH_MAX)
		goto out;
	ci_out_path(dst, a->in[2], buf, (size_t)len);
	a->out[0] = (cell_t)len;
out:
	heap_free(buf);
}

void svc_finddevice(const struct ci_args *a)
{
	const char *path = ci_str(a->in[0]);
	const struct node *node = path ? tree_find(path) : NULL;

	a->out[0] = node ? node->phandle : CELL_FAIL;
}

void svc_package_to_path(const struct ci_args *a)
{
	const struct node *node = tree_by_phandle(a->in[0]);
	void *dst = ci_buf(a->in[1], a->in[2]);
	size_t len;
	char *buf;

	a->out[0] = CELL_FAIL;
	if (!node || !dst)
		return;
	len = tree_path(node, NULL, 0);
	buf = heap_alloc(len + 1);
	if (!buf)
		return;
	tree_path(node, buf, len + 1);
	ci_out_path(dst, a->in[2], buf, len);
	a->out[0] = (cell_t)len;
	heap_free(buf);
}

/* fdt-fetch: the flattened tree to a client's buffer; 0, or -1: too small. */
void svc_fdt_fetch(const struct ci_args *a)
{
	void *dst = ci_buf(a->in[0], a->in[1]);

	a->out[0] = CELL_FAIL;
	if (dst && ci_fdt_fetch(dst, a->in[1]) == 0)
		a->out[0] = 0;
}
