/* SPDX-License-Identifier: BSD-2-Clause */
/* The virtual I/O bus (LoPAR 17.2). */
#ifndef DRIVERS_VIO_VIO_H
#define DRIVERS_VIO_VIO_H

#include "drivers/device.h"
#include "drivers/dma.h"

/* vio_bus - the children of /vdevice; match: their `compatible`. */
extern const struct bus vio_bus;

/*
 * vio_dma_window - DMA through the device's own window. Returns 0; ERR_NOTSUP:
 * it has none; ERR_NOMEM.
 */
must_check int vio_dma_window(const struct device *dev, struct dma *dma);

/*
 * vio_dma_start - identity DMA if RTAS allows it, otherwise as
 * vio_dma_window(). `unit`: `reg` of the device's node.
 */
must_check int vio_dma_start(const struct device *dev, uint32_t unit,
			     struct dma *dma);

/* vio_dma_stop - end identity DMA; nothing is mapped any more. Idempotent. */
void vio_dma_stop(const struct device *dev, uint32_t unit, struct dma *dma);

#endif
