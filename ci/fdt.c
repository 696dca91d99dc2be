// SPDX-License-Identifier: BSD-2-Clause
/* Flattened trees at hand-over and CAS: buffers, sizes, new devices. */
#include "ci/fdt.h"

#include <string.h>

#include "ci/mem.h"
#include "ci/quiesce.h"
#include "drivers/device.h"
#include "drivers/pci/pci.h"
#include "hcall/hcall.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "tree/fdt.h"
#include "tree/path.h"

/* The least that a list of processor versions takes: one pair. */
#define CAS_VECTORS_MIN 8u

static uint8_t *cas_buffer;
static size_t cas_size;
/* Bytes of the last tree that QEMU made: H_UPDATE_DT takes twice that. */
static size_t fdt_qemu_size;

int ci_fdt_init(size_t fdt_size)
{
	fdt_qemu_size = fdt_size;
	cas_size = MAX((size_t)CI_CAS_BUFFER_MIN, 2 * fdt_size);
	/*
	 * The tree stands behind a 4-byte version word and must be 8-byte
	 * aligned for libfdt: the buffer starts at 4 modulo 8.
	 */
	cas_buffer = heap_alloc(cas_size + 4);
	if (!cas_buffer)
		return ERR_NOMEM;
	cas_buffer += 4;
	return 0;
}

/* The processor that /chosen cpu stands for: boot_cpuid_phys. */
static uint32_t fdt_boot_cpu(void)
{
	const struct node *cpus = tree_find("/cpus");
	uint32_t id = 0;

	if (!cpus || !cpus->child || tree_get_u32(cpus->child, "reg", 0, &id))
		return 0;
	return id;
}

int ci_fdt_fetch(void *dst, size_t size)
{
	void *blob;
	long len = tree_flatten(0, fdt_boot_cpu(), &blob);

	if (len < 0)
		return (int)len;
	if ((size_t)len <= size)
		memcpy(dst, blob, (size_t)len);
	heap_free(blob);
	return (size_t)len <= size ? 0 : ERR_NOSPACE;
}

/* What is left out, step by step, until the blob is small enough. */
static const struct {
	unsigned omit;
	const char *what;
} fdt_steps[] = {
	{ 0, NULL },
	{ TREE_OMIT_OPTIONS, "/options" },
	{ TREE_OMIT_OPTIONS | TREE_OMIT_PACKAGES, "/options, /packages" },
	{ TREE_OMIT_OPTIONS | TREE_OMIT_PACKAGES | TREE_OMIT_DISKS,
	  "/options, /packages, disks" },
	{ TREE_OMIT_OPTIONS | TREE_OMIT_PACKAGES | TREE_OMIT_DISKS |
		  TREE_OMIT_ALIASES,
	  "/options, /packages, disks, /aliases" },
};

void ci_fdt_update(void)
{
	void *blob = NULL;
	size_t step = 0;
	long len;
	int rc;

	do {
		heap_free(blob);
		blob = NULL;
		len = tree_flatten(fdt_steps[step].omit, fdt_boot_cpu(), &blob);
	} while (len > 0 && (size_t)len > 2 * fdt_qemu_size &&
		 ++step < ARRAY_SIZE(fdt_steps));
	if (len < 0) {
		log_err("device tree: not handed over: %s", err_str((int)len));
		return;
	}
	if (step == ARRAY_SIZE(fdt_steps))
		step--;
	if (fdt_steps[step].what)
		log_warn("device tree: handed over without %s: %ld bytes, the "
			 "hypervisor takes %zu",
			 fdt_steps[step].what, len, 2 * fdt_qemu_size);
	rc = h_update_dt(blob);
	if (rc && rc != ERR_NOTSUP)
		log_err("device tree: the hypervisor refused it: %s",
			err_str(rc));
	heap_free(blob);
}

/* A node that came at CAS gets its driver. */
static void cas_added(struct node *node)
{
	const char *type = tree_get_str(node->parent, "device_type");

	if (type && !strcmp(type, "vdevice"))
		device_add(node, BUS_VIO, NULL, NULL);
	/* A function below a bridge, or a whole host bridge below the root. */
	else if (node->parent == tree_root() || (type && !strcmp(type, "pci")))
		pci_attach_new(node);
}

int ci_cas(uint32_t vec)
{
	static const struct tree_merge_ops ops = { .added = cas_added };
	const uint8_t *fdt = cas_buffer + 4;
	uint32_t version;
	long size;
	int rc;

	/* QEMU exits when it cannot read them: refuse what is not memory. */
	if (!ci_mem(vec, CAS_VECTORS_MIN))
		return reason_fail(ERR_INVAL, "CAS: vectors at %x: not memory",
				   vec);
	memset(cas_buffer, 0, 4);
	rc = h_cas(vec, cas_buffer, cas_size);
	if (rc)
		return reason_fail(rc, "CAS: the hypervisor refused: %s",
				   err_str(rc));
	/* In the host's byte order: only zero or not zero means anything. */
	memcpy(&version, cas_buffer, sizeof(version));
	if (!version)
		return 0;
	/* A quiesced machine stays so: no driver touches a new device. */
	size = tree_merge(fdt, cas_size - 4, ci_is_quiesced() ? NULL : &ops);
	if (size < 0) {
		log_err("CAS: the new device tree is not usable: %s", reason());
		return (int)size;
	}
	fdt_qemu_size = (size_t)size;
	/* New controllers are asked what hangs on them, as at the start. */
	if (!ci_is_quiesced())
		device_scan_all();
	return 0;
}
