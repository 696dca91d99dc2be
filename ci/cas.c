// SPDX-License-Identifier: BSD-2-Clause
/* Client-architecture-support: the buffer, the call, and new devices. */
#include "ci/cas.h"

#include <string.h>

#include "ci/fdt.h"
#include "ci/mem.h"
#include "ci/nodes.h"
#include "ci/quiesce.h"
#include "drivers/device.h"
#include "hcall/hcall.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "packages/secure/keys.h"
#include "tree/fdt.h"

/* Minimum size of a list of processor versions: one pair. */
#define CAS_VECTORS_MIN 8u
/* Bytes of the version word before the tree. */
#define CAS_VERSION 4u

/*
 * H_CAS fills the buffer with a version word and, directly after it, a whole
 * flattened tree. libfdt reads a tree only at a multiple of 8, so the buffer
 * starts 4 bytes into its heap block:
 *
 *	heap (0 mod 8)   cas_buffer (4 mod 8)   tree (0 mod 8)
 *	| unused         | version              | d0 0d fe ed ...
 *
 * QEMU exits if the tree does not fit, and at the time of the call the client
 * may own all other memory: so the buffer is large and allocated early.
 * [QEMU hw/ppc/spapr_hcall.c, do_client_architecture_support]
 */
static uint8_t *cas_buffer;
static size_t cas_size;

int ci_cas_init(size_t fdt_size)
{
	uint8_t *memory;

	cas_size = MAX((size_t)CI_CAS_BUFFER_MIN, 2 * fdt_size);
	memory = heap_alloc(cas_size + CAS_VERSION);
	if (!memory)
		return ERR_NOMEM;
	cas_buffer = memory + CAS_VERSION;
	return 0;
}

int ci_cas(uint32_t vec)
{
	static const struct tree_merge_ops ops = { .added = bus_offer };
	uint32_t version;
	long size;
	int rc;

	/* QEMU exits if it cannot read them: refuse bad addresses. */
	if (!ci_mem(vec, CAS_VECTORS_MIN))
		return reason_fail(ERR_INVAL, "CAS: vectors at %x: not memory",
				   vec);
	memset(cas_buffer, 0, CAS_VERSION);
	rc = h_cas(vec, cas_buffer, cas_size);
	if (rc)
		return reason_fail(rc, "CAS: the hypervisor refused: %s",
				   err_str(rc));
	/*
	 * QEMU writes 1 in the host's byte order, which usually differs from
	 * ours: test only for zero (nothing written) or non-zero.
	 */
	memcpy(&version, cas_buffer, sizeof(version));
	if (!version)
		return 0;
	/* A quiesced machine stays quiesced: no drivers for new devices. */
	size = tree_merge(cas_buffer + CAS_VERSION, cas_size - CAS_VERSION,
			  ci_is_quiesced() ? NULL : &ops);
	if (size < 0) {
		log_err("CAS: the new device tree is unusable: %s", reason());
		return (int)size;
	}
	ci_fdt_set_qemu_size((size_t)size);
	/* A host that asks for less than its keys has set its own value. */
	if (keys_mode() && ci_nodes_policy())
		return reason_fail(ERR_NOMEM, "CAS: out of memory");
	/* Scan new controllers, as at startup. */
	if (!ci_is_quiesced())
		device_scan_all();
	return 0;
}
