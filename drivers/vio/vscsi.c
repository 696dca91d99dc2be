// SPDX-License-Identifier: BSD-2-Clause
// spapr-vscsi: the virtual SCSI host's node and what hangs on it (LoPAR 17.2.5).
#include "drivers/vio/vscsi.h"

#include "drivers/device.h"
#include "drivers/instance.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "tree/prop.h"

/* Logical unit addressing: 8 buses of 64 targets. [SAM-5 4.7.7.4] */
#define LUN_METHOD (2ULL << 62)
#define BUSES 8u
#define BUS_TARGETS 64u

/*
 * LUN 0 of QEMU's host answers for every target: its entries name bus, target
 * and LUN, those of bus 0, target 0 in the peripheral form. A target's own
 * entries name only the LUN. [hw/scsi/spapr_vscsi.c, vscsi_report_luns]
 */
static uint64_t lun_of(uint64_t target, uint64_t entry)
{
	uint64_t method = entry >> 62;
	uint64_t lun = entry >> 48 & 0x3fff;

	if (method == 2)
		return target ? 0 : entry & 0xffffULL << 48;
	if (method == 3 || lun > 0x1f)
		return 0;
	return (target ? target : LUN_METHOD) | lun << 48;
}

/* A host whose LUN 0 does not know: ask every target. */
static void scan_targets(struct vscsi *vs)
{
	uint64_t *targets = heap_alloc(BUSES * BUS_TARGETS * sizeof(*targets));
	unsigned i;

	if (!targets)
		return;
	/* [SAM-5 4.7.7.4] Target in bits 56 to 61, bus in 53 to 55. */
	for (i = 0; i < BUSES * BUS_TARGETS; i++)
		targets[i] = LUN_METHOD | (uint64_t)(i % BUS_TARGETS) << 56 |
			     (uint64_t)(i / BUS_TARGETS) << 53;
	scsi_scan(&vs->host, targets, BUSES * BUS_TARGETS, lun_of);
	heap_free(targets);
}

static void vscsi_scan(struct device *dev)
{
	static const uint64_t all_targets = 0;
	struct vscsi *vs = dev->priv;

	if (scsi_host_open(&vs->host) < 0) {
		log_err("spapr-vscsi %s: %s", device_path(dev), reason());
		return;
	}
	if (scsi_scan(&vs->host, &all_targets, 1, lun_of) == 0)
		scan_targets(vs);
	scsi_host_close(&vs->host);
	if (vscsi_luns_make(&vs->luns, &vs->host.units) < 0)
		log_err("spapr-vscsi %s: %s", device_path(dev), reason());
}

/* vscsi-report-luns ( -- table n ): GRUB finds the disks by it. */
static int report_luns(struct instance *inst, const cell_t *args, cell_t *rets)
{
	const struct vscsi *vs = device_of(inst->node)->priv;

	(void)args;
	rets[0] = vs->luns.n;
	rets[1] = (cell_t)(uintptr_t)vs->luns.table;
	return 0;
}

static const struct method vscsi_methods[] = {
	{ .name = "vscsi-report-luns", .nrets = 2, .call = report_luns },
	{ .name = NULL },
};

static int vscsi_attach(struct device *dev)
{
	struct vscsi *vs = heap_zalloc(sizeof(*vs));
	uint32_t unit;

	if (!vs)
		return reason_fail(ERR_NOMEM, "no memory");
	if (tree_get_u32(dev->node, "reg", 0, &unit) < 0) {
		heap_free(vs);
		return reason_fail(ERR_FORMAT, "no reg");
	}
	vscsi_host_init(vs, dev, unit);
	dev->priv = vs;
	dev->methods = vscsi_methods;
	return 0;
}

static void vscsi_quiesce(struct device *dev)
{
	struct vscsi *vs = dev->priv;

	scsi_host_quiesce(&vs->host);
}

static void vscsi_abandon(struct device *dev)
{
	struct vscsi *vs = dev->priv;

	scsi_host_abandon(&vs->host);
}

static void vscsi_detach(struct device *dev)
{
	struct vscsi *vs = dev->priv;

	vscsi_quiesce(dev);
	vscsi_luns_free(&vs->luns);
	scsi_host_release(&vs->host);
	heap_free(vs);
}

DRIVER(vscsi) = {
	.name = "spapr-vscsi",
	.bus = BUS_VIO,
	.compatible = "IBM,v-scsi",
	.attach = vscsi_attach,
	.scan = vscsi_scan,
	.quiesce = vscsi_quiesce,
	.abandon = vscsi_abandon,
	.detach = vscsi_detach,
};
