// SPDX-License-Identifier: BSD-2-Clause
/* Services on memory: claim and release (IEEE 1275 6.3.2.4). */
#include "ci/call.h"
#include "ci/claim.h"

/*
 * claim: align 0 claims exactly [virt, virt + size), otherwise any aligned
 * place. Returns the base, or -1 without a message (Linux and yaboot probe).
 */
cell_t svc_claim(cell_t virt, cell_t size, cell_t align)
{
	uint64_t base = virt;
	int rc;

	if (align)
		rc = claim_aligned(size, align, &base);
	else if (size > 4 * GiB - base)
		rc = ERR_RANGE; /* a cell cannot address memory above 4 GiB */
	else
		rc = claim_exact(base, size);
	return rc ? CELL_FAIL : (cell_t)base;
}

void svc_release(cell_t virt, cell_t size)
{
	claim_release(virt, size);
}
