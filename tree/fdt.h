/* SPDX-License-Identifier: BSD-2-Clause */
/* Flattened device trees: in from QEMU, out to QEMU and clients, CAS merge. */
#ifndef TREE_FDT_H
#define TREE_FDT_H

#include "tree/node.h"

/* One entry of a blob's memory reserve map. */
struct fdt_range {
	uint64_t addr, size;
};

/*
 * tree_unflatten - build the live tree from a blob (after tree_init()).
 * `fdt`: 8-byte aligned, `max`: bytes readable. Everything is copied. Nodes
 * and properties belong to TREE_QEMU; phandles of the blob are kept, other
 * nodes get ours.
 * Returns the blob's total size; ERR_FORMAT: fdt_check_full() refused it (see
 * reason()); ERR_NOMEM.
 */
must_check long tree_unflatten(const void *fdt, size_t max);

/*
 * tree_fdt_reserve - entry `index` of the blob's memory reserve map.
 * Returns 0 or ERR_NOENT.
 */
must_check int tree_fdt_reserve(const void *fdt, int index,
				struct fdt_range *range);

/* What may be left out of a flattened tree, least needed first. */
enum tree_flatten_omit {
	TREE_OMIT_OPTIONS = 1 << 0,  /* /options' properties */
	TREE_OMIT_PACKAGES = 1 << 1, /* nodes below /packages */
	TREE_OMIT_DISKS = 1 << 2,    /* block children that quoin made */
	TREE_OMIT_ALIASES = 1 << 3,  /* /aliases' properties */
};

/*
 * tree_flatten - write the live tree as a version 17 blob, in linear time.
 * `omit`: set of TREE_OMIT_*. `boot_cpu`: boot_cpuid_phys. "name" properties
 * are left out; each node gets a "phandle" property. The blob passes
 * fdt_check_full().
 * `*blob`: receives heap memory that the caller frees, 8-byte aligned.
 * Returns its total size, or ERR_NOMEM.
 */
must_check long tree_flatten(unsigned omit, uint32_t boot_cpu, void **blob);

/* What a merge did, for the caller to act upon. */
struct tree_merge_ops {
	/* A node came; its properties are complete. Parents come first. */
	void (*added)(struct node *node);
};

/*
 * tree_merge - bring in the tree that H_CAS returned.
 * Nodes match by full path. Properties that the blob carries overwrite or are
 * added (owner QEMU); none of a surviving node is deleted. Nodes of TREE_QEMU
 * that are absent from the blob are removed with all below them; an old
 * interrupt-controller goes before a new one comes, which gets the same
 * phandle. Phandles of surviving nodes stay, the blob's are given to new
 * nodes. Aliases to removed nodes go.
 * Returns the blob's total size; ERR_FORMAT: not a valid blob (nothing was
 * changed); ERR_NOMEM: no new node stays, what was removed or set does.
 */
must_check long tree_merge(const void *fdt, size_t max,
			   const struct tree_merge_ops *ops);

#endif
