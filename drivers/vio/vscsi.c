// SPDX-License-Identifier: BSD-2-Clause
// spapr-vscsi: the virtual SCSI host's driver and addressing (LoPAR 17.2.5).
#include "drivers/vio/vscsi.h"

#include "drivers/instance.h"
#include "drivers/vio/vio.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "tree/prop.h"

/* Logical unit addressing: 8 buses of 64 targets. [SAM-5 4.7.7.4] */
#define LUN_METHOD (2ULL << 62)
#define BUSES 8u
#define BUS_TARGETS 64u

/*
 * LUN 0 of QEMU's host reports all targets: its entries have bus, target and
 * LUN, those of bus 0, target 0 in the peripheral form. A target's own entries
 * only have the LUN. [hw/scsi/spapr_vscsi.c, vscsi_report_luns]
 */
static uint64_t vscsi_lun(uint64_t target_lun, uint64_t entry)
{
	uint64_t method = entry >> 62;
	uint64_t lun = entry >> 48 & 0x3fff;

	if (method == 2)
		return target_lun ? 0 : entry & 0xffffULL << 48;
	if (method == 3 || lun > 0x1f)
		return 0;
	return (target_lun ? target_lun : LUN_METHOD) | lun << 48;
}

/* Round 0: LUN 0 reports all. If it fails, round 1: every target. */
static size_t vscsi_targets(const struct scsi_host *host, unsigned round)
{
	static const size_t n[] = { 1, BUSES * BUS_TARGETS };

	(void)host;
	return round < ARRAY_SIZE(n) ? n[round] : 0;
}

/* [SAM-5 4.7.7.4] Target in bits 56 to 61, bus in 53 to 55. */
static uint64_t vscsi_target(const struct scsi_host *host, unsigned round,
			     size_t i)
{
	(void)host;
	if (round == 0)
		return 0;
	return LUN_METHOD | (uint64_t)(i % BUS_TARGETS) << 56 |
	       (uint64_t)(i / BUS_TARGETS) << 53;
}

static const struct scsi_addressing vscsi_addressing = {
	.targets = vscsi_targets,
	.target = vscsi_target,
	.lun_of = vscsi_lun,
};

static void vscsi_found(struct device *dev)
{
	struct vscsi *vs = vscsi_of(dev);

	scsi_found(dev);
	if (vscsi_luns_make(&vs->luns, &vs->host.units) < 0)
		log_err("spapr-vscsi %s: %s", device_path(dev), reason());
}

/* vscsi-report-luns ( -- table n ), for GRUB. */
static int vscsi_report(struct instance *inst, const cell_t *args, cell_t *rets)
{
	const struct vscsi *vs = vscsi_of(device_of(inst->node));

	(void)args;
	rets[0] = vs->luns.n;
	rets[1] = (cell_t)(uintptr_t)vs->luns.table;
	return 0;
}

static const struct method vscsi_methods[] = {
	{ .name = "vscsi-report-luns", .nrets = 2, .call = vscsi_report },
	{ .name = NULL },
};

static int vscsi_attach(struct device *dev)
{
	struct vscsi *vs = heap_zalloc(sizeof(*vs));

	if (!vs)
		return reason_fail(ERR_NOMEM, "no memory");
	if (tree_get_u32(dev->node, "reg", 0, &vs->unit) < 0) {
		heap_free(vs);
		return reason_fail(ERR_FORMAT, "no reg");
	}
	scsi_host_init(&vs->host, dev, &vscsi_host_ops, vs->requests,
		       VSCSI_SLOTS, &vscsi_addressing);
	/* [QEMU hw/scsi/spapr_vscsi.c, vscsi_queue_cmd] */
	vs->host.gone_invalid = true;
	vs->host.vital = true;
	dev->methods = vscsi_methods;
	return 0;
}

static void vscsi_detach(struct device *dev)
{
	struct vscsi *vs = vscsi_of(dev);

	vscsi_luns_free(&vs->luns);
	scsi_host_release(&vs->host);
	heap_free(vs);
}

DRIVER(vscsi) = {
	.name = "spapr-vscsi",
	.bus = &vio_bus,
	.match = "IBM,v-scsi",
	.attach = vscsi_attach,
	.start = vscsi_start,
	.stop = vscsi_stop,
	.scan = scsi_scan,
	.found = vscsi_found,
	.detach = vscsi_detach,
};
