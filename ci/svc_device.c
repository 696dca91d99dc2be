// SPDX-License-Identifier: BSD-2-Clause
/* Services on instances: open, read, call-method (IEEE 1275 6.3.2.2, .3). */
#include <string.h>

#include "ci/call.h"
#include "ci/mem.h"
#include "ci/nodes.h"
#include "drivers/instance.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "tree/path.h"

/*
 * The catch-result of call-method if a method fails. Not -1: FreeBSD's loader
 * treats only -1 from /memory's claim as a refusal.
 */
#define CATCH_FAILED ((cell_t)-2)
/* The standard's "undefined word": no such method. */
#define CATCH_NO_METHOD ((cell_t)-13)

cell_t svc_instance_to_package(cell_t ihandle)
{
	const struct instance *inst = instance_get(ihandle);

	return inst ? inst->node->phandle : CELL_FAIL;
}

static cell_t svc_instance_path(cell_t ihandle, cell_t buf, cell_t buflen,
				bool interposed)
{
	const struct instance *inst = instance_get(ihandle);
	void *dst = ci_buf(buf, buflen);
	/* Room for two times the longest path: the path, the arguments. */
	static char path[2 * TREE_PATH_MAX];
	size_t len;

	if (!inst || !dst)
		return CELL_FAIL;
	len = instance_path(inst, interposed, path, sizeof(path));
	assert(len < sizeof(path));
	ci_out_path(dst, buflen, path, len);
	return (cell_t)len;
}

cell_t svc_instance_to_path(cell_t ihandle, cell_t buf, cell_t buflen)
{
	return svc_instance_path(ihandle, buf, buflen, false);
}

cell_t svc_instance_to_interposed_path(cell_t ihandle, cell_t buf,
				       cell_t buflen)
{
	return svc_instance_path(ihandle, buf, buflen, true);
}

/*
 * Reports a device failure, once per call. Errors that a client may provoke
 * (access past the end, unsupported operation) are not reported.
 */
static void svc_report(long err)
{
	if (err == ERR_IO || err == ERR_TIMEOUT || err == ERR_NOMEDIUM)
		log_err("%s", reason());
}

/*
 * open: 0 is failure, never -1 (GRUB would use it as a handle). GRUB opens every
 * drive: an empty one is no news.
 */
cell_t svc_open(cell_t specifier)
{
	const char *path = ci_str(specifier);
	const struct instance *inst = path ? instance_open(path) : NULL;

	if (!inst && reason_code() != ERR_NOMEDIUM)
		svc_report(reason_code());
	return inst ? inst->handle : 0;
}

/*
 * close: 0 and stale handles are harmless (FreeBSD's boot1 closes 0). Linux
 * closes stdin; the console, shared with stdout, still works.
 */
void svc_close(cell_t ihandle)
{
	struct instance *inst = instance_get(ihandle);

	if (inst && inst->handle != ci_stdout())
		instance_close(inst);
}

static void svc_console_idle(void *buf, size_t len)
{
	if (len)
		*(char *)buf = 0;
}

/*
 * read: the number of bytes; -1: error; -2: no console input; then the first
 * byte is cleared (yaboot reads the byte regardless of the result).
 */
cell_t svc_read(cell_t ihandle, cell_t addr, cell_t len)
{
	struct instance *inst = instance_get(ihandle);
	void *buf = ci_buf(addr, len);
	long n;

	if (!inst || !buf)
		return CELL_FAIL;
	n = instance_read(inst, buf, len);
	if (n == ERR_AGAIN) {
		svc_console_idle(buf, len);
		return (cell_t)-2;
	}
	svc_report(n);
	return n < 0 ? CELL_FAIL : (cell_t)n;
}

cell_t svc_write(cell_t ihandle, cell_t addr, cell_t len)
{
	struct instance *inst = instance_get(ihandle);
	const void *buf = ci_mem(addr, len);
	long n = inst && buf ? instance_write(inst, buf, len) : ERR_INVAL;

	svc_report(n);
	return n < 0 ? CELL_FAIL : (cell_t)n;
}

cell_t svc_seek(cell_t ihandle, cell_t pos_hi, cell_t pos_lo)
{
	struct instance *inst = instance_get(ihandle);
	uint64_t pos = (uint64_t)pos_hi << 32 | pos_lo;

	return inst && !instance_seek(inst, pos) ? 0 : CELL_FAIL;
}

/* Methods of every instance: args in memory order, top first. */
static int method_read(struct instance *inst, const cell_t *args, cell_t *rets)
{
	void *buf = ci_buf(args[1], args[0]);
	long n = buf ? instance_read(inst, buf, args[0]) : ERR_INVAL;

	if (n < 0 && n != ERR_AGAIN)
		return (int)n;
	rets[0] = n == ERR_AGAIN ? (cell_t)-2 : (cell_t)n;
	return 0;
}

static int method_write(struct instance *inst, const cell_t *args, cell_t *rets)
{
	const void *buf = ci_mem(args[1], args[0]);
	long n = buf ? instance_write(inst, buf, args[0]) : ERR_INVAL;

	if (n < 0)
		return (int)n;
	rets[0] = (cell_t)n;
	return 0;
}

static int method_seek(struct instance *inst, const cell_t *args, cell_t *rets)
{
	int rc = instance_seek(inst, (uint64_t)args[0] << 32 | args[1]);

	rets[0] = rc ? CELL_FAIL : 0;
	return rc == ERR_NOTSUP ? rc : 0;
}

/* What load may need of the heap: a TCP window of frames, and more. */
#define LOAD_HEAP (512 * KiB)

/*
 * load ( addr -- size ), to all the memory that is the client's from there: the
 * heap grows before, not into it. A client need not have claimed it.
 */
static int method_load(struct instance *inst, const cell_t *args, cell_t *rets)
{
	uint64_t room;
	void *buf;
	long n = ERR_INVAL;

	heap_free(heap_alloc(LOAD_HEAP));
	room = ci_room(args[0]);
	buf = room ? ci_buf(args[0], room) : NULL;
	heap_hold(true);
	if (buf)
		n = instance_load(inst, buf, room);
	heap_hold(false);
	svc_report(n);
	if (n < 0)
		return (int)n;
	rets[0] = (cell_t)n;
	return 0;
}

/* Colours of 8 bits; a client's nonsense is not to take minutes. */
#define PALETTE_MAX 256u

/*
 * ( addr index count -- ), top first: colours of three bytes each, for displays.
 * A driver knows single colours only. [IEEE 1275 8-bit graphics, set-colors]
 */
static int method_set_colors(struct instance *inst, const cell_t *args,
			     cell_t *rets)
{
	const struct method *one = instance_method(inst, "color!");
	const uint8_t *rgb = ci_mem(args[2], 3ull * args[0]);
	int rc = rgb && args[0] <= PALETTE_MAX ? 0 : ERR_INVAL;

	for (cell_t i = 0; !rc && i < args[0]; i++, rgb += 3) {
		const cell_t colour[] = { args[1] + i, rgb[2], rgb[1], rgb[0] };

		rc = one->call(inst, colour, rets);
	}
	return rc;
}

static const struct method instance_methods[] = {
	{ "read", 2, 1, method_read },
	{ "write", 2, 1, method_write },
	{ "seek", 2, 1, method_seek },
	{ "load", 1, 1, method_load },
	{ "set-colors", 3, 0, method_set_colors },
	{ .name = NULL },
};

static bool method_in_ops(const struct instance_ops *ops, const char *name)
{
	return (ops->read && !strcmp(name, "read")) ||
	       (ops->write && !strcmp(name, "write")) ||
	       (ops->seek && !strcmp(name, "seek")) ||
	       (ops->load && !strcmp(name, "load"));
}

/* Does a node with these operations have one of instance_methods[]? */
static bool method_applies(const struct node *node,
			   const struct instance_ops *ops, const char *name)
{
	return method_in_ops(ops, name) ||
	       (!strcmp(name, "set-colors") && node_method(node, "color!"));
}

static const struct method *svc_method(const struct instance *inst,
				       const char *name)
{
	const struct method *method = instance_method(inst, name);

	for (const struct method *m = instance_methods; !method && m->name; m++)
		if (!strcmp(m->name, name) &&
		    method_applies(inst->node, &inst->ops, name))
			method = m;
	return method;
}

/*
 * call-method: name, ihandle, arguments (the first is the top of the Forth
 * stack); catch-result, then results, top first. On failure the catch-result is
 * non-zero and the results are 0: GRUB uses counts without checking the former.
 */
cell_t svc_call_method(cell_t method, cell_t ihandle, struct ci_stack *stack)
{
	cell_t rets[CI_STACK_RETS] = { 0 };
	struct instance *inst = instance_get(ihandle);
	const char *name = ci_str(method);
	const struct method *m;

	if (!inst || !name)
		return CATCH_NO_METHOD;
	m = svc_method(inst, name);
	if (!m)
		return CATCH_NO_METHOD;
	if (stack->nargs < m->nargs || m->call(inst, stack->args, rets))
		return CATCH_FAILED;
	memcpy(stack->rets, rets, m->nrets * sizeof(*rets));
	return 0;
}

static bool svc_node_has(const struct node *node, const char *name)
{
	struct instance_ops ops;

	if (!node_ops(node, &ops))
		return false;
	return !strcmp(name, "open") || !strcmp(name, "close") ||
	       method_applies(node, &ops, name) || node_method(node, name);
}

/* test-method: 0: the package has the method, -1: it is missing. */
cell_t svc_test_method(cell_t phandle, cell_t method)
{
	const struct node *node = tree_by_phandle(phandle);
	const char *name = ci_str(method);

	return node && name && svc_node_has(node, name) ? 0 : CELL_TRUE;
}
