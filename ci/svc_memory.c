// SPDX-License-Identifier: BSD-2-Clause
/* Services on memory: claim and release (IEEE 1275 6.3.2.4). */
#include "ci/call.h"
#include "ci/claim.h"

/*
 * claim: align 0 claims exactly [virt, virt + size), else any aligned place.
 * The base, or -1 without a word (Linux and yaboot probe in steps).
 */
void svc_claim(const struct ci_args *a)
{
	uint64_t base = a->in[0];
	int rc;

	if (a->in[2])
		rc = claim_aligned(a->in[1], a->in[2], &base);
	else if (a->in[1] > 4 * GiB - base)
		rc = ERR_RANGE; /* no cell holds an address behind 4 GiB */
	else
		rc = claim_exact(base, a->in[1]);
	a->out[0] = rc ? CELL_FAIL : (cell_t)base;
}

void svc_release(const struct ci_args *a)
{
	claim_release(a->in[0], a->in[1]);
}
