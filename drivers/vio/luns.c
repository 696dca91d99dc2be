// SPDX-License-Identifier: BSD-2-Clause
// The table of vscsi-report-luns: LUNs of a virtual SCSI host, by target.

#include "drivers/vio/luns.h"
#include "drivers/scsi/scsi.h"
#include "lib/heap.h"
#include "lib/reason.h"

/* Bus and target of a LUN in logical unit addressing. [SAM-5 4.7.7.4] */
#define TARGET_MASK 0xffe0000000000000ULL

static bool luns_same_target(uint64_t a, uint64_t b)
{
	return !((a ^ b) & TARGET_MASK);
}

/* `list`: follows the table; a number per unit and a 0 per target. */
static void luns_fill(struct vscsi_luns *luns, be64 *list,
		      const struct list *units)
{
	const struct scsi_unit *unit;
	uint64_t last = 0;

	list_for_each(unit, units, link) {
		if (luns->n == 0 || !luns_same_target(last, unit->lun)) {
			list += luns->n != 0;
			luns->table[luns->n++] = be64_make((uintptr_t)list);
		}
		*list++ = be64_make(unit->lun);
		last = unit->lun;
	}
}

int vscsi_luns_make(struct vscsi_luns *luns, const struct list *units)
{
	const struct scsi_unit *unit;
	size_t n = 0;

	list_for_each(unit, units, link)
		n++;
	/* At most as many targets as units; another 0 ends the table. */
	luns->table = heap_zalloc((3 * n + 1) * sizeof(*luns->table));
	if (!luns->table)
		return reason_fail(ERR_NOMEM,
				   "no memory for the table of LUNs");
	luns->n = 0;
	luns_fill(luns, luns->table + n, units);
	return 0;
}

void vscsi_luns_free(struct vscsi_luns *luns)
{
	heap_free(luns->table);
	*luns = (struct vscsi_luns){ 0 };
}
