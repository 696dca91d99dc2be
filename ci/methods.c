// SPDX-License-Identifier: BSD-2-Clause
/* Methods of nodes without a driver: CAS, RTAS, memory, mmu, clock. */
#include "ci/methods.h"

#include <string.h>

#include "ci/call.h"
#include "ci/cas.h"
#include "ci/claim.h"
#include "ci/mem.h"
#include "ci/nodes.h"
#include "hcall/rtas.h"
#include "lib/reason.h"
#include "tree/path.h"
#include "tree/prop.h"

/* ( vec -- err? ) For Linux, 0 is success. (LoPAR B.6.2.3) */
static int method_cas(struct instance *inst, const cell_t *args, cell_t *rets)
{
	(void)inst;
	rets[0] = ci_cas(args[0]) ? CELL_TRUE : 0;
	return 0;
}

/* ( base -- entry ) Copies the RTAS code to the client's memory. (LoPAR B.6) */
static int method_rtas(struct instance *inst, const cell_t *args, cell_t *rets)
{
	uint32_t size = RTAS_BLOB_SIZE;
	uint8_t *dst;

	if (tree_get_u32(inst->node, "rtas-size", 0, &size))
		size = RTAS_BLOB_SIZE;
	dst = ci_buf(args[0], MAX(size, RTAS_BLOB_SIZE));
	if (!args[0] || !dst)
		return reason_fail(ERR_INVAL,
				   "instantiate-rtas: %x is not memory",
				   args[0]);
	memcpy(dst, rtas_blob, RTAS_BLOB_SIZE);
	ci_hooks()->code_written(dst, RTAS_BLOB_SIZE);
	/* The ultravisor reads these two. [SLOF rtas.fs] */
	if (tree_set_u32(inst->node, "slof,rtas-base", args[0]) ||
	    tree_set_u32(inst->node, "slof,rtas-size", size))
		return ERR_NOMEM;
	rets[0] = args[0];
	return 0;
}

/*
 * ( addr len align -- base ), top first: align, len, addr. FreeBSD's loader
 * claims 512 KiB pieces that overlap its earlier claims: so an exact claim of
 * already claimed memory succeeds, if it is memory.
 */
static int method_claim(struct instance *inst, const cell_t *args, cell_t *rets)
{
	uint64_t base = args[2];
	int rc;

	(void)inst;
	if (args[0]) {
		rc = claim_aligned(args[1], args[0], &base);
	} else if (args[1] > 4 * GiB - base) {
		rc = ERR_RANGE;
	} else {
		rc = claim_exact(base, args[1]);
		if (rc == ERR_EXIST && ci_mem(base, args[1]))
			rc = 0;
	}
	rets[0] = (cell_t)base;
	return rc;
}

/* ( addr len -- ), top first: len, addr. */
static int method_release(struct instance *inst, const cell_t *args,
			  cell_t *rets)
{
	(void)inst;
	(void)rets;
	claim_release(args[1], args[0]);
	return 0;
}

/* Real mode: the identity mapping always exists. */
static int method_mmu_nothing(struct instance *inst, const cell_t *args,
			      cell_t *rets)
{
	(void)inst;
	(void)args;
	(void)rets;
	return 0;
}

/* ( virt len align -- base ): virtual memory is free if real memory is. */
static int method_mmu_claim(struct instance *inst, const cell_t *args,
			    cell_t *rets)
{
	(void)inst;
	rets[0] = args[2];
	return 0;
}

/* ( virt -- phys mode true ), top first. Mode 0x10: memory, coherent. */
static int method_translate(struct instance *inst, const cell_t *args,
			    cell_t *rets)
{
	(void)inst;
	rets[0] = CELL_TRUE;
	rets[1] = 0x10;
	rets[2] = args[0];
	return 0;
}

/* ( -- s m h d mo y ), top first: year...: for GRUB's datetime. */
static int method_get_time(struct instance *inst, const cell_t *args,
			   cell_t *rets)
{
	struct rtas_time t;
	int rc = rtas_get_time(&t);

	(void)inst;
	(void)args;
	if (rc)
		return reason_fail(rc, "get-time: %s", err_str(rc));
	rets[0] = t.year;
	rets[1] = t.month;
	rets[2] = t.day;
	rets[3] = t.hour;
	rets[4] = t.minute;
	rets[5] = t.second;
	return 0;
}

/* ( s m h d mo y -- ), top first. */
static int method_set_time(struct instance *inst, const cell_t *args,
			   cell_t *rets)
{
	const struct rtas_time t = { args[0], args[1], args[2], args[3],
				     args[4], args[5], 0 };
	int rc = rtas_set_time(&t);

	(void)inst;
	(void)rets;
	return rc ? reason_fail(rc, "set-time: %s", err_str(rc)) : 0;
}

static const struct method root_methods[] = {
	{ "ibm,client-architecture-support", 1, 1, method_cas },
	{ .name = NULL },
};

static const struct method rtas_methods[] = {
	{ "instantiate-rtas", 1, 1, method_rtas },
	{ .name = NULL },
};

static const struct method memory_methods[] = {
	{ "claim", 3, 1, method_claim },
	{ "release", 2, 0, method_release },
	{ .name = NULL },
};

static const struct method mmu_methods[] = {
	{ "claim", 3, 1, method_mmu_claim },
	{ "release", 2, 0, method_mmu_nothing },
	{ "map", 4, 0, method_mmu_nothing },
	{ "unmap", 2, 0, method_mmu_nothing },
	{ "translate", 1, 3, method_translate },
	{ .name = NULL },
};

static const struct method rtc_methods[] = {
	{ "get-time", 0, 6, method_get_time },
	{ "set-time", 6, 0, method_set_time },
	{ .name = NULL },
};

/* For packages that are opened only for their ihandle in /chosen. */
static const struct method no_methods[] = { { .name = NULL } };

/* /chosen cpu is an instance of the boot processor's node. */
static int methods_cpu(void)
{
	const struct node *cpus = tree_find("/cpus");

	if (!cpus || !cpus->child)
		return 0;
	return node_methods_register(cpus->child, NULL, no_methods);
}

int ci_methods_register(void)
{
	static const struct {
		const char *path;
		const struct method *methods;
	} nodes[] = {
		{ "/", root_methods },		 { "/rtas", rtas_methods },
		{ "/memory@0", memory_methods }, { "/mmu", mmu_methods },
		{ "/rtc", rtc_methods },
	};

	for (size_t i = 0; i < ARRAY_SIZE(nodes); i++) {
		struct node *node = tree_find(nodes[i].path);
		int rc = 0;

		if (node)
			rc = node_methods_register(node, NULL,
						   nodes[i].methods);
		if (rc)
			return rc;
	}
	return methods_cpu();
}
