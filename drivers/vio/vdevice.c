// SPDX-License-Identifier: BSD-2-Clause
// The virtual I/O bus: children of /vdevice, matched by `compatible`; DMA.
#include "drivers/vio/vio.h"

#include "hcall/rtas.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "tree/prop.h"

BUS(vio_bus) = {
	.name = "vio",
	.match = bus_match_compatible,
};

/* [LoPAR 17.2.1.1: ibm,my-dma-window] LIOBN, address, size. */
int vio_dma_window(const struct device *dev, struct dma *dma)
{
	uint32_t liobn;
	uint64_t base, size;

	if (tree_get_u32(dev->node, "ibm,my-dma-window", 0, &liobn) < 0 ||
	    tree_get_u64(dev->node, "ibm,my-dma-window", 1, &base) < 0 ||
	    tree_get_u64(dev->node, "ibm,my-dma-window", 3, &size) < 0)
		return reason_fail(ERR_NOTSUP,
				   "neither TCE bypass nor a DMA window");
	return dma_init_window(dma, liobn, base, size);
}

int vio_dma_start(const struct device *dev, uint32_t unit, struct dma *dma)
{
	if (rtas_set_tce_bypass(unit, true) < 0)
		return vio_dma_window(dev, dma);
	dma_init_bypass(dma);
	return 0;
}

/* RTAS quiesce does not disable it. [QEMU hw/ppc/spapr_vio.c] */
void vio_dma_stop(const struct device *dev, uint32_t unit, struct dma *dma)
{
	if (dma->bypass && rtas_set_tce_bypass(unit, false) < 0)
		log_warn("%s %s: TCE bypass stays on", dev->driver->name,
			 device_path(dev));
	dma->bypass = false;
}

static int vdevice_attach(struct device *dev)
{
	struct node *node;

	for (node = dev->node->child; node; node = node->next)
		bus_offer(node);
	return 0;
}

/* Early: like SLOF, number its disks and terminals first. */
DRIVER(vdevice) = {
	.name = "vdevice",
	.bus = &platform_bus,
	.match = "IBM,vdevice",
	.children = &vio_bus,
	.early = true,
	.attach = vdevice_attach,
};
