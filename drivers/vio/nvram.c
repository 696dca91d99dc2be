// SPDX-License-Identifier: BSD-2-Clause
// The machine's NVRAM, accessed through RTAS.
#include "drivers/vio/nvram.h"

#include <string.h>

#include "drivers/instance.h"
#include "drivers/vio/vio.h"
#include "hcall/rtas.h"
#include "lib/reason.h"
#include "tree/path.h"

/* For one RTAS call; static, as RTAS needs addresses below 4 GiB. */
#define NVRAM_CHUNK 2048u
static uint8_t nvram_bounce[NVRAM_CHUNK];

/* A machine has at most one (QEMU hw/ppc/spapr.c, spapr_create_nvram()). */
static struct device *nvram_device;
static uint32_t nvram_size;

uint32_t nvram_raw_size(void)
{
	return nvram_size;
}

static int nvram_check(uint32_t off, uint32_t len)
{
	if (!nvram_size)
		return reason_fail(ERR_NODEV, "the machine has no NVRAM");
	if (off > nvram_size || len > nvram_size - off)
		return reason_fail(ERR_RANGE, "NVRAM has only %u bytes",
				   nvram_size);
	return 0;
}

static int nvram_move(uint32_t off, uint8_t *buf, uint32_t len, bool write)
{
	int rc = nvram_check(off, len);

	while (!rc && len) {
		uint32_t n = MIN(len, NVRAM_CHUNK);
		long moved;

		if (write)
			memcpy(nvram_bounce, buf, n);
		moved = write ? rtas_nvram_store(off, nvram_bounce, n)
			      : rtas_nvram_fetch(off, nvram_bounce, n);
		if (moved != (long)n)
			return reason_fail(
				moved < 0 ? (int)moved : ERR_IO,
				"NVRAM: %s %u bytes at %u failed: %s",
				write ? "writing" : "reading", n, off,
				moved < 0 ? err_str((int)moved)
					  : "short transfer");
		if (!write)
			memcpy(buf, nvram_bounce, n);
		buf += n;
		off += n;
		len -= n;
	}
	return rc;
}

int nvram_raw_read(uint32_t off, void *buf, uint32_t len)
{
	return nvram_move(off, buf, len, false);
}

int nvram_raw_write(uint32_t off, const void *buf, uint32_t len)
{
	/* nvram_move() only reads from it. */
	return nvram_move(off, (uint8_t *)(uintptr_t)buf, len, true);
}

/* An instance's `priv` is its position. */
static long nvram_transfer(struct instance *inst, void *buf, size_t len,
			   bool write)
{
	uint32_t pos = (uint32_t)(uintptr_t)inst->priv;
	uint32_t n = (uint32_t)MIN(len, (size_t)(nvram_size - pos));
	int rc = nvram_move(pos, buf, n, write);

	if (rc)
		return rc;
	inst->priv = (void *)((uintptr_t)inst->priv + n);
	return n;
}

static long nvram_read(struct instance *inst, void *buf, size_t len)
{
	return nvram_transfer(inst, buf, len, false);
}

static long nvram_write(struct instance *inst, const void *buf, size_t len)
{
	return nvram_transfer(inst, (void *)(uintptr_t)buf, len, true);
}

static int nvram_seek(struct instance *inst, uint64_t pos)
{
	if (pos > nvram_size)
		return ERR_RANGE;
	inst->priv = (void *)(uintptr_t)pos;
	return 0;
}

static long nvram_get_size(struct instance *inst)
{
	(void)inst;
	return nvram_size;
}

static const struct instance_ops nvram_ops = {
	.read = nvram_read,
	.write = nvram_write,
	.seek = nvram_seek,
	.size = nvram_get_size,
};

static int nvram_attach(struct device *dev)
{
	uint32_t size;
	int rc;

	if (nvram_device)
		return reason_fail(ERR_EXIST, "NVRAM already registered");
	/* QEMU hw/nvram/spapr_nvram.c, spapr_nvram_devnode(). */
	rc = tree_get_u32(dev->node, "#bytes", 0, &size);
	if (rc)
		return reason_fail(rc, "no #bytes property");
	dev->ops = nvram_ops;
	nvram_device = dev;
	nvram_size = size;
	return tree_add_alias("nvram", dev->node);
}

static void nvram_detach(struct device *dev)
{
	if (dev != nvram_device)
		return;
	nvram_device = NULL;
	nvram_size = 0;
}

DRIVER(nvram) = {
	.name = "nvram",
	.bus = &vio_bus,
	.match = "qemu,spapr-nvram",
	.attach = nvram_attach,
	.detach = nvram_detach,
};
