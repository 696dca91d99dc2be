// SPDX-License-Identifier: BSD-2-Clause
/* The live tree, flattened: for the hypervisor and for clients. */
#include "ci/fdt.h"

#include <string.h>

#include "hcall/hcall.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "tree/fdt.h"
#include "tree/path.h"
#include "tree/prop.h"

/* Bytes of QEMU's last tree: H_UPDATE_DT accepts up to twice that. */
static size_t fdt_qemu_size;

void ci_fdt_set_qemu_size(size_t size)
{
	fdt_qemu_size = size;
}

/* The processor of /chosen cpu, for boot_cpuid_phys. */
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

/* Parts to omit, one more at each step, until the blob is small enough. */
static const struct {
	unsigned omit;
	const char *what;
} fdt_steps[] = {
	{ 0, NULL },
	{ TREE_OMIT_OPENPROM, "/openprom" },
	{ TREE_OMIT_OPTIONS, "/openprom, /options" },
	{ TREE_OMIT_PACKAGES, "/openprom, /options, /packages" },
	{ TREE_OMIT_DISKS, "/openprom, /options, /packages, disks" },
	{ TREE_OMIT_ALIASES,
	  "/openprom, /options, /packages, disks, /aliases" },
};

void ci_fdt_update(void)
{
	void *blob = NULL;
	unsigned omit = 0;
	size_t step = 0;
	long len;
	int rc;

	do {
		heap_free(blob);
		blob = NULL;
		omit |= fdt_steps[step].omit;
		len = tree_flatten(omit, fdt_boot_cpu(), &blob);
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
			 "hypervisor accepts %zu",
			 fdt_steps[step].what, len, 2 * fdt_qemu_size);
	rc = h_update_dt(blob);
	if (rc && rc != ERR_NOTSUP)
		log_err("device tree: the hypervisor refused it: %s",
			err_str(rc));
	heap_free(blob);
}
