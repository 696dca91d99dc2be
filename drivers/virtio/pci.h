/* SPDX-License-Identifier: BSD-2-Clause */
/* The two PCI transports (virtio 1.2, 4.1). */
#ifndef DRIVERS_VIRTIO_PCI_H
#define DRIVERS_VIRTIO_PCI_H

#include "drivers/virtio/virtio.h"

/* The vendor of every virtio function. [virtio 1.2, 4.1.2] */
#define VIRTIO_PCI_VENDOR 0x1af4

/* Legacy registers; configuration follows without MSI-X. [4.1.4.10] */
#define VIRTIO_PCI_LEGACY_LEN 20u

extern const struct virtio_transport virtio_pci_legacy;
extern const struct virtio_transport virtio_pci_modern;

/*
 * virtio_pci_peek_config - `len` bytes at `offset` of the device configuration
 * of a function that is not started, with few accesses: for attach().
 * Returns 0; ERR_NOTSUP: as virtio_pci_init(), or there are not so many.
 */
must_check int virtio_pci_peek_config(struct pci_function *fn, unsigned offset,
				      void *buf, unsigned len);

/*
 * virtio_pci_config_read - `len` bytes of device configuration at a register
 * address, by accesses of the fields' natural size. [virtio 1.2, 4.1.3.1]
 */
void virtio_pci_config_read(uint64_t addr, void *buf, unsigned len);

#endif
