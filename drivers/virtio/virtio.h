/* SPDX-License-Identifier: BSD-2-Clause */
/* The virtio core: split rings over any transport (virtio 1.2). */
#ifndef DRIVERS_VIRTIO_VIRTIO_H
#define DRIVERS_VIRTIO_VIRTIO_H

#include "drivers/dma.h"
#include "lib/err.h"
#include "lib/list.h"
#include "lib/types.h"

struct pci_function;
struct virtio_device;
struct virtio_queue;

/* Feature bits that every device has. [virtio 1.2, 6] */
#define VIRTIO_F_VERSION_1 (1ULL << 32)
#define VIRTIO_F_ACCESS_PLATFORM (1ULL << 33)

/* Device status. [virtio 1.2, 2.1] */
enum virtio_status {
	VIRTIO_ACKNOWLEDGE = 1,
	VIRTIO_DRIVER = 2,
	VIRTIO_DRIVER_OK = 4,
	VIRTIO_FEATURES_OK = 8,
	VIRTIO_NEEDS_RESET = 64,
	VIRTIO_FAILED = 128,
};

/* Operations of a transport (legacy PCI, modern PCI). */
struct virtio_transport {
	uint8_t (*get_status)(struct virtio_device *vd);
	void (*set_status)(struct virtio_device *vd, uint8_t status);
	uint64_t (*get_features)(struct virtio_device *vd);
	void (*set_features)(struct virtio_device *vd, uint64_t features);
	/* queue_size - entries the device offers for a queue; 0: none. */
	uint16_t (*queue_size)(struct virtio_device *vd, uint16_t index);
	/* queue_setup - set addresses, enable. 0, ERR_NOTSUP, ERR_IO. */
	int (*queue_setup)(struct virtio_device *vd, struct virtio_queue *vq);
	void (*notify)(struct virtio_device *vd, struct virtio_queue *vq);
	/* config_read - device configuration, in the device's byte order. */
	void (*config_read)(struct virtio_device *vd, unsigned offset,
			    void *buf, unsigned len);
	bool legacy; /* guest-endian rings and config [virtio 1.2, 2.6.3...] */
};

/* Queues of most devices; virtio-scsi: control, event, request. */
#define VIRTIO_QUEUES_FEW 3u
/* Most queues of a device: virtio_start() takes a bit for each. */
#define VIRTIO_QUEUES_MAX 64u

struct virtio_device {
	struct pci_function *pci;
	const struct virtio_transport *transport;
	struct dma dma;
	uint8_t status;	   /* as last written */
	uint64_t features; /* negotiated */
	uint64_t queues;   /* a bit for each that the driver uses */
	/* By number: `few`, or an array that the driver sets at first. */
	struct virtio_queue **queue;
	struct virtio_queue *few[VIRTIO_QUEUES_FEW];
	/* Most entries of a queue, set by the driver at first; 0: 128. */
	uint16_t entries;
	/*
	 * While started: zeroed memory for headers and the like, 8-byte
	 * aligned, which is mapped once. Buffers inside it cost no hypercall.
	 * The driver sets its length, in bytes, at first; 0: none.
	 */
	uint32_t shared_len;
	void *shared;
	uint64_t shared_bus;
	/* The transport's registers: real addresses, 0: none. */
	uint64_t common, isr, notify_base, config;
	uint32_t notify_multiplier, notify_len;
	uint32_t config_len;
};

/*
 * One buffer of a chain: device-readable ones first. It is mapped until the
 * chain returns, unless it lies in vd->shared.
 */
struct virtio_buf {
	void *ptr;
	uint32_t len;
	bool device_writes;
};

/*
 * virtio_pci_init - fill `vd`, zero or with `queue`, `entries` and `shared_len`
 * set, and determine the transport of a PCI function.
 * Returns 0; ERR_NOTSUP: neither a legacy nor a usable modern device.
 */
must_check int virtio_pci_init(struct virtio_device *vd,
			       struct pci_function *fn);

/*
 * virtio_pci_start - virtio_pci_init(), only the first time, and
 * virtio_start().
 * Returns as these.
 */
must_check int virtio_pci_start(struct virtio_device *vd,
				struct pci_function *fn, uint64_t wanted,
				uint64_t queues);

/*
 * virtio_start - reset, negotiate features, set up queues, up to DRIVER_OK.
 * `wanted`: features the driver supports; the core handles VERSION_1 and
 * ACCESS_PLATFORM. `queues`: a bit for each queue the driver uses.
 * Returns 0; ERR_NOTSUP: features refused; ERR_TIMEOUT: no reset; ERR_IO;
 * ERR_NOMEM; ERR_NODEV: no DMA window.
 */
must_check int virtio_start(struct virtio_device *vd, uint64_t wanted,
			    uint64_t queues);

/*
 * virtio_stop - reset the device, disable its decoding and bus mastering, then
 * free rings and mappings. Idempotent.
 */
void virtio_stop(struct virtio_device *vd);

/*
 * virtio_leave - as virtio_stop(), but without the reset, so that what an idle
 * device shows stays. The next start resets it.
 */
void virtio_leave(struct virtio_device *vd);

/*
 * virtio_submit - queue a chain of `n` buffers; virtio_poll() returns `token`.
 * The device sees it after virtio_kick().
 * Returns 0; ERR_BUSY: not enough free descriptors; ERR_NOSPACE: DMA window
 * full.
 */
must_check int virtio_submit(struct virtio_device *vd, unsigned queue,
			     const struct virtio_buf *bufs, unsigned n,
			     void *token);

/*
 * virtio_kick - publish all submitted chains with one notification, unless the
 * device has asked for none.
 */
void virtio_kick(struct virtio_device *vd, unsigned queue);

/*
 * virtio_poll - remove one completed chain from a queue.
 * `len`: receives the bytes that the device claims to have written, at most the
 * chain's. Returns the token, or NULL: none, or a protocol violation, after
 * which virtio_broken() is true.
 */
void *virtio_poll(struct virtio_device *vd, unsigned queue, uint32_t *len);

/* virtio_broken - has the device violated the ring protocol? */
bool virtio_broken(const struct virtio_device *vd, unsigned queue);

/*
 * virtio_says - why the device may be silent, as its status register has it:
 * gone, or NEEDS_RESET, which legacy devices do not know. NULL: it says nothing.
 */
const char *virtio_says(struct virtio_device *vd);

/* virtio_config - read a configuration field of 1, 2, 4 or 8 bytes. */
uint64_t virtio_config(struct virtio_device *vd, unsigned offset, unsigned len);

/*
 * virtio_wire16, 32, 64 - convert a number to the byte order of rings and
 * requests, or back: little-endian, on legacy devices guest-endian.
 * [virtio 1.2, 2.6.3]
 */
uint16_t virtio_wire16(const struct virtio_device *vd, uint16_t value);
uint32_t virtio_wire32(const struct virtio_device *vd, uint32_t value);
uint64_t virtio_wire64(const struct virtio_device *vd, uint64_t value);

#endif
