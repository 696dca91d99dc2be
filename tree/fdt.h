/* SPDX-License-Identifier: BSD-2-Clause */
/* Flattened device trees: from QEMU, to QEMU and clients, and CAS merge. */
#ifndef TREE_FDT_H
#define TREE_FDT_H

#include "tree/node.h"

/* One entry of a blob's memory reserve map. */
struct fdt_range {
	uint64_t addr, size;
};

/*
 * tree_unflatten - build the live tree from a blob (after tree_init()).
 * `fdt`: 8-byte aligned. `max`: readable bytes. Everything is copied. Nodes
 * and properties belong to TREE_QEMU. Nodes keep the phandles of the blob; the
 * others get one of ours.
 * Returns the blob's total size; ERR_FORMAT: fdt_check_full() refused it (see
 * reason()); ERR_NOMEM.
 */
must_check long tree_unflatten(const void *fdt, size_t max);

/*
 * tree_fdt_reserve - get entry `index` of the blob's memory reserve map.
 * Returns 0 or ERR_NOENT.
 */
must_check int tree_fdt_reserve(const void *fdt, int index,
				struct fdt_range *range);

/*
 * tree_fdt_settle - zero what differs between two starts of the same machine in
 * a copy of a blob that tree_unflatten() has accepted: /chosen's rng-seed, and
 * the padding of values, which QEMU leaves as it was in its memory.
 */
void tree_fdt_settle(void *fdt);

/* Parts that a flattened tree may omit, least needed first. */
enum tree_flatten_omit {
	TREE_OMIT_OPENPROM = 1 << 0, /* properties of /openprom */
	TREE_OMIT_OPTIONS = 1 << 1,  /* properties of /options */
	TREE_OMIT_PACKAGES = 1 << 2, /* nodes below /packages */
	TREE_OMIT_DISKS = 1 << 3,    /* block children that quoin created */
	TREE_OMIT_ALIASES = 1 << 4,  /* properties of /aliases */
};

/*
 * tree_flatten - write the live tree as a version 17 blob, in linear time.
 * `omit`: set of TREE_OMIT_*. `boot_cpu`: boot_cpuid_phys. "name" properties
 * are omitted; each node gets a "phandle" property. The blob passes
 * fdt_check_full().
 * `*blob`: receives heap memory that the caller frees, 8-byte aligned.
 * Returns its total size, or ERR_NOMEM.
 */
must_check long tree_flatten(unsigned omit, uint32_t boot_cpu, void **blob);

/* Callbacks from a merge. */
struct tree_merge_ops {
	/* A node was added, with all its properties. Parents first. */
	void (*added)(struct node *node);
};

/*
 * tree_merge - merge the tree that H_CAS returned.
 * Nodes match by full path. The blob's properties are added (owner QEMU) or
 * overwrite existing ones; no property of a surviving node is deleted. Nodes of
 * TREE_QEMU that are not in the blob are removed with their subtrees, before
 * new nodes are added: a new interrupt-controller gets the phandle of the old
 * one. Surviving nodes keep their phandles; new nodes get the blob's. Aliases
 * of removed nodes are deleted. `ops`: NULL: no callbacks.
 * Returns the blob's total size; ERR_FORMAT: not a valid blob (no change);
 * ERR_NOMEM: new nodes are removed again, other changes remain.
 */
must_check long tree_merge(const void *fdt, size_t max,
			   const struct tree_merge_ops *ops);

#endif
