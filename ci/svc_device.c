// SPDX-License-Identifier: BSD-2-Clause
/* Services on instances: open, read, call-method (IEEE 1275 6.3.2.2, .3). */
#include <string.h>

#include "ci/call.h"
#include "ci/mem.h"
#include "drivers/instance.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "tree/path.h"

/*
 * What call-method gives in front when a method fails. Not -1: FreeBSD's loader
 * takes only -1 from /memory's claim for "no".
 */
#define CATCH_FAILED ((cell_t)-2)
/* "Undefined word" of the standard: no such method. */
#define CATCH_NO_METHOD ((cell_t)-13)

void svc_instance_to_package(const struct ci_args *a)
{
	const struct instance *inst = instance_get(a->in[0]);

	a->out[0] = inst ? inst->node->phandle : CELL_FAIL;
}

static void svc_instance_path(const struct ci_args *a, bool interposed)
{
	const struct instance *inst = instance_get(a->in[0]);
	void *dst = ci_buf(a->in[1], a->in[2]);
	/* What was opened fits twice: its path, its arguments. */
	static char buf[2 * TREE_PATH_MAX];
	size_t len;

	a->out[0] = CELL_FAIL;
	if (!inst || !dst)
		return;
	len = instance_path(inst, interposed, buf, sizeof(buf));
	assert(len < sizeof(buf));
	ci_out_path(dst, a->in[2], buf, len);
	a->out[0] = (cell_t)len;
}

void svc_instance_to_path(const struct ci_args *a)
{
	svc_instance_path(a, false);
}

void svc_instance_to_interposed_path(const struct ci_args *a)
{
	svc_instance_path(a, true);
}

/* open: 0 is failure, never -1 (GRUB would use it as a handle). */
void svc_open(const struct ci_args *a)
{
	const char *path = ci_str(a->in[0]);
	const struct instance *inst = path ? instance_open(path) : NULL;

	a->out[0] = inst ? inst->handle : 0;
}

/*
 * close: 0 and stale handles are harmless (FreeBSD's boot1 closes 0). Linux
 * closes stdin; the console that stdout shares with it goes on.
 */
void svc_close(const struct ci_args *a)
{
	struct instance *inst = instance_get(a->in[0]);

	if (inst && inst->handle != ci_hooks()->stdout_handle())
		instance_close(inst);
}

/*
 * A device that failed is reported, once per call; what a client may try (past
 * the end, a device that cannot) is not.
 */
static void svc_report(long err)
{
	if (err == ERR_IO || err == ERR_TIMEOUT || err == ERR_NOMEDIUM)
		log_err("%s", reason());
}

static void svc_console_idle(void *buf, size_t len)
{
	if (len)
		*(char *)buf = 0;
}

/*
 * read: bytes, -1: cannot; -2: a console has nothing, and the first byte is
 * cleared (yaboot looks at the byte, whatever the result).
 */
void svc_read(const struct ci_args *a)
{
	struct instance *inst = instance_get(a->in[0]);
	void *buf = ci_buf(a->in[1], a->in[2]);
	long n;

	a->out[0] = CELL_FAIL;
	if (!inst || !buf)
		return;
	n = instance_read(inst, buf, a->in[2]);
	if (n == ERR_AGAIN) {
		svc_console_idle(buf, a->in[2]);
		a->out[0] = (cell_t)-2;
	} else if (n >= 0) {
		a->out[0] = (cell_t)n;
	} else {
		svc_report(n);
	}
}

void svc_write(const struct ci_args *a)
{
	struct instance *inst = instance_get(a->in[0]);
	const void *buf = ci_mem(a->in[1], a->in[2]);
	long n = inst && buf ? instance_write(inst, buf, a->in[2]) : ERR_INVAL;

	svc_report(n);
	a->out[0] = n < 0 ? CELL_FAIL : (cell_t)n;
}

void svc_seek(const struct ci_args *a)
{
	struct instance *inst = instance_get(a->in[0]);
	uint64_t pos = (uint64_t)a->in[1] << 32 | a->in[2];

	a->out[0] = inst && !instance_seek(inst, pos) ? 0 : CELL_FAIL;
}

/* The methods that every instance has: args in memory order, top first. */
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

static const struct method instance_methods[] = {
	{ "read", 2, 1, method_read },
	{ "write", 2, 1, method_write },
	{ "seek", 2, 1, method_seek },
	{ .name = NULL },
};

static bool method_in_ops(const struct instance_ops *ops, const char *name)
{
	return (ops->read && !strcmp(name, "read")) ||
	       (ops->write && !strcmp(name, "write")) ||
	       (ops->seek && !strcmp(name, "seek"));
}

static const struct method *svc_method(const struct instance *inst,
				       const char *name)
{
	const struct method *method = instance_method(inst, name);

	for (const struct method *m = instance_methods; !method && m->name; m++)
		if (!strcmp(m->name, name) && method_in_ops(inst->ops, name))
			method = m;
	return method;
}

/*
 * call-method: name, ihandle, arguments (the first is the top of the Forth
 * stack); catch-result, then results, top first. A failure gives a non-zero
 * catch-result and zeroes: GRUB walks counts without looking at the first.
 */
void svc_call_method(const struct ci_args *a)
{
	cell_t rets[CI_CELLS_MAX] = { 0 };
	struct instance *inst = instance_get(a->in[1]);
	const char *name = ci_str(a->in[0]);
	const struct method *method;

	a->out[0] = CATCH_NO_METHOD;
	if (!inst || !name)
		return;
	method = svc_method(inst, name);
	if (!method)
		return;
	a->out[0] = CATCH_FAILED;
	if (a->nargs - 2 < method->nargs || method->call(inst, a->in + 2, rets))
		return;
	a->out[0] = 0;
	memcpy(a->out + 1, rets, (CI_CELLS_MAX - 1) * sizeof(cell_t));
}

/* What every package of a kind can do, whoever drives it. */
static const char *const methods_any[] = { "open", "close", NULL };
static const char *const methods_console[] = { "read", "write", NULL };
static const char *const methods_block[] = { "read",	   "write",   "seek",
					     "block-size", "#blocks", NULL };

static bool svc_listed(const char *const *names, const char *name)
{
	while (*names && strcmp(*names, name))
		names++;
	return *names != NULL;
}

static bool svc_node_has(const struct node *node, const char *name)
{
	const struct device *dev = device_of(node);
	const struct instance_ops *ops = node_ops(node);
	const struct method *m = node_methods(node);

	if ((dev || ops || m) && svc_listed(methods_any, name))
		return true;
	if (!dev && ops && method_in_ops(ops, name))
		return true;
	if (dev && dev->block && svc_listed(methods_block, name))
		return true;
	if (dev && dev->console && svc_listed(methods_console, name))
		return true;
	while (m && m->name && strcmp(m->name, name))
		m++;
	return m && m->name;
}

/* test-method: 0: the package has the method, -1: it is missing. */
void svc_test_method(const struct ci_args *a)
{
	const struct node *node = tree_by_phandle(a->in[0]);
	const char *name = ci_str(a->in[1]);

	a->out[0] = node && name && svc_node_has(node, name) ? 0 : CELL_TRUE;
}
