// SPDX-License-Identifier: BSD-2-Clause
// virtio over PCI: the transport of a function and its registers.

#include "drivers/virtio/pci.h"
#include "drivers/pci/pci.h"
#include "drivers/virtio/queue.h"
#include "lib/endian.h"
#include "lib/reason.h"

/* PCI 3.0 6.7: the vendor-specific capability. */
#define PCI_CAP_VENDOR 0x09
/* PCI 3.0 6.2.5: six base address registers. */
#define PCI_BAR_COUNT 6

/* struct virtio_pci_cap [virtio 1.2, 4.1.4]: offsets and types. */
enum cap_field {
	CAP_LEN = 2,
	CAP_TYPE = 3,
	CAP_BAR = 4,
	CAP_OFFSET = 8,
	CAP_LENGTH = 12,
	CAP_NOTIFY_MULTIPLIER = 16,
};

enum cap_type {
	CAP_COMMON = 1,
	CAP_NOTIFY = 2,
	CAP_ISR = 3,
	CAP_DEVICE = 4,
};

/* Least sizes of structures; the notify one holds one register. */
#define COMMON_LEN 56u /* [virtio 1.2, 4.1.4.3], up to queue_device */
#define CAP_SIZE 16u
#define CAP_NOTIFY_SIZE 20u

/*
 * Real address of the structure that the capability at `pos` describes, or 0:
 * reserved or unassigned BAR, or outside the BAR.
 */
static uint64_t cap_address(const struct pci_function *fn, unsigned pos,
			    uint32_t *length)
{
	uint32_t bar = pci_config_read(fn, pos + CAP_BAR, 1);
	uint32_t offset = pci_config_read(fn, pos + CAP_OFFSET, 4);
	uint64_t size = 0, base;

	*length = pci_config_read(fn, pos + CAP_LENGTH, 4);
	if (bar >= PCI_BAR_COUNT ||
	    pci_config_read(fn, pos + CAP_LEN, 1) < CAP_SIZE)
		return 0;
	base = pci_bar_address(fn, bar, &size);
	if (base == 0 || offset > size || *length > size - offset)
		return 0;
	return base + offset;
}

/*
 * Alignment of offsets, as registers need aligned accesses.
 * [virtio 1.2, 4.1.4.3.1, 4.1.4.4.1, 4.1.4.6.1]
 */
static uint32_t cap_alignment(uint32_t type)
{
	switch (type) {
	case CAP_ISR:
		return 1;
	case CAP_NOTIFY:
		return 2;
	default:
		return 4;
	}
}

/* Uses one capability; the first usable one of a type wins. */
static void cap_use(struct virtio_device *vd, unsigned pos)
{
	const struct pci_function *fn = vd->pci;
	uint32_t type = pci_config_read(fn, pos + CAP_TYPE, 1);
	uint32_t length;
	uint64_t addr;

	if (type < CAP_COMMON || type > CAP_DEVICE)
		return;
	addr = cap_address(fn, pos, &length);
	if (addr == 0 || addr % cap_alignment(type))
		return;
	if (type == CAP_COMMON && !vd->common && length >= COMMON_LEN) {
		vd->common = addr;
	} else if (type == CAP_ISR && !vd->isr && length >= 1) {
		vd->isr = addr;
	} else if (type == CAP_DEVICE && !vd->config) {
		vd->config = addr;
		vd->config_len = length;
	} else if (type == CAP_NOTIFY && !vd->notify_base && length >= 2 &&
		   pci_config_read(fn, pos + CAP_LEN, 1) >= CAP_NOTIFY_SIZE) {
		vd->notify_base = addr;
		vd->notify_len = length;
		vd->notify_multiplier =
			pci_config_read(fn, pos + CAP_NOTIFY_MULTIPLIER, 4);
	}
}

/* The driver wants the first capability of a type. [virtio 1.2, 4.1.4.1] */
static bool cap_use_all(struct virtio_device *vd)
{
	unsigned pos = 0;

	do {
		pos = pci_find_capability(vd->pci, PCI_CAP_VENDOR, pos);
		if (pos)
			cap_use(vd, pos);
	} while (pos);
	return vd->common && vd->notify_base;
}

/* Finds the legacy registers: I/O BAR 0. [virtio 1.2, 4.1.4.10] */
static bool legacy_find(struct virtio_device *vd)
{
	uint64_t size = 0;

	vd->common = 0;
	if (vd->pci->bar[0].space == PCI_IO)
		vd->common = pci_bar_address(vd->pci, 0, &size);
	if (vd->common == 0 || size < VIRTIO_PCI_LEGACY_LEN)
		return false;
	vd->config = vd->common + VIRTIO_PCI_LEGACY_LEN;
	vd->config_len = (uint32_t)MIN(size - VIRTIO_PCI_LEGACY_LEN, 4096);
	vd->transport = &virtio_pci_legacy;
	return true;
}

/* Transitional functions have both kinds of registers: prefer the modern. */
int virtio_pci_init(struct virtio_device *vd, struct pci_function *fn)
{
	*vd = (struct virtio_device){
		.pci = fn,
		.queue = vd->queue ? vd->queue : vd->few,
		.entries = vd->entries ? vd->entries : VIRTIO_QUEUE_ENTRIES,
		.shared_len = vd->shared_len,
	};
	if (cap_use_all(vd)) {
		vd->transport = &virtio_pci_modern;
		return 0;
	}
	if (!legacy_find(vd))
		return reason_fail(
			ERR_NOTSUP,
			"neither modern nor legacy virtio registers");
	return 0;
}

/* Finding the legacy registers takes no access, so prefer them here. */
int virtio_pci_peek_config(struct pci_function *fn, unsigned offset, void *buf,
			   unsigned len)
{
	struct virtio_device vd = { .pci = fn };
	int err = legacy_find(&vd) ? 0 : virtio_pci_init(&vd, fn);

	if (err < 0)
		return err;
	if (offset > vd.config_len || len > vd.config_len - offset)
		return reason_fail(ERR_NOTSUP, "no virtio configuration");
	pci_enable_decoding(fn);
	virtio_pci_config_read(vd.config + offset, buf, len);
	pci_disable(fn);
	return 0;
}

int virtio_pci_start(struct virtio_device *vd, struct pci_function *fn,
		     uint64_t wanted, uint64_t queues)
{
	int err = vd->transport ? 0 : virtio_pci_init(vd, fn);

	return err < 0 ? err : virtio_start(vd, wanted, queues);
}

/* A register's bytes go to `buf` in the order of addresses. */
void virtio_pci_config_read(uint64_t addr, void *buf, unsigned len)
{
	uint8_t *out = buf;

	for (; len >= 4; len -= 4, addr += 4, out += 4)
		le32_store(out, pci_io_read(addr, 4));
	for (; len >= 2; len -= 2, addr += 2, out += 2)
		le16_store(out, (uint16_t)pci_io_read(addr, 2));
	if (len)
		*out = (uint8_t)pci_io_read(addr, 1);
}
