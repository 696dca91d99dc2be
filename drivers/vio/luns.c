// SPDX-License-Identifier: BSD-2-Clause
// The table of vscsi-report-luns: the LUNs of a virtual SCSI host, by target.

#include "drivers/vio/luns.h"
#include "drivers/scsi/scsi.h"
#include "lib/heap.h"
#include "lib/reason.h"

/* Bus and target of a LUN in logical unit addressing. [SAM-5 4.7.7.4] */
#define TARGET_MASK 0xffe0000000000000ULL

static bool same_target(uint64_t a, uint64_t b)
{
	return !((a ^ b) & TARGET_MASK);
}

/* Counts units and targets; those of a target stand together. */
static void count(const struct list *units, size_t *n_units, uint32_t *n)
{
	const struct scsi_unit *unit;
	uint64_t last = 0;

	list_for_each(unit, units, link) {
		if (*n_units == 0 || !same_target(last, unit->lun))
			++*n;
		++*n_units;
		last = unit->lun;
	}
}

/* `list`: behind the table, one number per unit and a 0 per target. */
static void fill(struct vscsi_luns *luns, be64 *list, const struct list *units)
{
	const struct scsi_unit *unit;
	uint64_t last = 0;
	uint32_t i = 0;

	list_for_each(unit, units, link) {
		bool first = i == 0 || !same_target(last, unit->lun);

		if (first && i)
			*list++ = be64_make(0);
		if (first)
			luns->table[i++] = be64_make((uintptr_t)list);
		*list++ = be64_make(unit->lun);
		last = unit->lun;
	}
	*list = be64_make(0);
}

int vscsi_luns_make(struct vscsi_luns *luns, const struct list *units)
{
	size_t n_units = 0;
	uint32_t n = 0;

	count(units, &n_units, &n);
	/* One more, so that an empty table has its 0, too. */
	luns->table = heap_zalloc((2 * (size_t)n + n_units + 1) *
				  sizeof(*luns->table));
	if (!luns->table)
		return reason_fail(ERR_NOMEM,
				   "no memory for the table of LUNs");
	luns->n = n;
	fill(luns, luns->table + n, units);
	return 0;
}

void vscsi_luns_free(struct vscsi_luns *luns)
{
	heap_free(luns->table);
	*luns = (struct vscsi_luns){ 0 };
}
