// SPDX-License-Identifier: BSD-2-Clause
/* The machine's NVRAM: moved through RTAS, never mapped. */
#include "drivers/vio/nvram.h"

#include <string.h>

#include "drivers/instance.h"
#include "hcall/rtas.h"
#include "lib/reason.h"
#include "tree/path.h"

/* What one RTAS call moves; static: RTAS takes addresses below 4 GiB only. */
#define NVRAM_CHUNK 2048u
static uint8_t nvram_bounce[NVRAM_CHUNK];

/* There is one on a machine (QEMU hw/ppc/spapr.c, spapr_create_nvram()). */
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

/* What RTAS says to moving `want` bytes at `off`: 0 or the reason. */
static int nvram_moved(long moved, uint32_t off, uint32_t want,
		       const char *what)
{
	if (moved == (long)want)
		return 0;
	return reason_fail(
		moved < 0 ? (int)moved : ERR_IO,
		"NVRAM: %s %u bytes at %u failed: %s", what, want, off,
		moved < 0 ? err_str((int)moved) : "fewer were moved");
}

int nvram_raw_read(uint32_t off, void *buf, uint32_t len)
{
	uint8_t *dst = buf;
	int rc = nvram_check(off, len);

	while (!rc && len) {
		uint32_t n = MIN(len, NVRAM_CHUNK);

		rc = nvram_moved(rtas_nvram_fetch(off, nvram_bounce, n), off, n,
				 "reading");
		if (rc)
			break;
		memcpy(dst, nvram_bounce, n);
		dst += n;
		off += n;
		len -= n;
	}
	return rc;
}

int nvram_raw_write(uint32_t off, const void *buf, uint32_t len)
{
	const uint8_t *src = buf;
	int rc = nvram_check(off, len);

	while (!rc && len) {
		uint32_t n = MIN(len, NVRAM_CHUNK);

		memcpy(nvram_bounce, src, n);
		rc = nvram_moved(rtas_nvram_store(off, nvram_bounce, n), off, n,
				 "writing");
		src += n;
		off += n;
		len -= n;
	}
	return rc;
}

/* An instance's position stands in its `priv`: there is no more to remember. */
static uint32_t nvram_clip(const struct instance *inst, size_t len)
{
	uint32_t left = nvram_size - (uint32_t)(uintptr_t)inst->priv;

	return (uint32_t)MIN(len, (size_t)left);
}

static long nvram_advance(struct instance *inst, int rc, uint32_t len)
{
	if (rc)
		return rc;
	inst->priv = (void *)((uintptr_t)inst->priv + len);
	return len;
}

static long nvram_read(struct instance *inst, void *buf, size_t len)
{
	uint32_t n = nvram_clip(inst, len);
	uint32_t pos = (uint32_t)(uintptr_t)inst->priv;

	return nvram_advance(inst, nvram_raw_read(pos, buf, n), n);
}

static long nvram_write(struct instance *inst, const void *buf, size_t len)
{
	uint32_t n = nvram_clip(inst, len);
	uint32_t pos = (uint32_t)(uintptr_t)inst->priv;

	return nvram_advance(inst, nvram_raw_write(pos, buf, n), n);
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
		return reason_fail(ERR_EXIST, "there is NVRAM already");
	/* QEMU hw/nvram/spapr_nvram.c, spapr_nvram_devnode(). */
	rc = tree_get_u32(dev->node, "#bytes", 0, &size);
	if (rc)
		return reason_fail(rc, "no #bytes property");
	rc = node_methods_register(device_path(dev), &nvram_ops, NULL);
	if (rc)
		return rc;
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
	.bus = BUS_VIO,
	.compatible = "qemu,spapr-nvram",
	.attach = nvram_attach,
	.detach = nvram_detach,
};
