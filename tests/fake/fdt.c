// SPDX-License-Identifier: BSD-2-Clause
// Flattened trees for tests.
#include "tests/fake/fdt.h"

#include <string.h>

#include <libfdt.h>

#include "lib/endian.h"

static char fdt_blob[65536] __attribute__((aligned(8)));
static bool fdt_in_reserve_map;

static void fdt_check(int err)
{
	assert(err == 0);
}

static void fdt_open_root(void)
{
	if (!fdt_in_reserve_map)
		return;
	fdt_in_reserve_map = false;
	fdt_check(fdt_finish_reservemap(fdt_blob));
	fdt_check(fdt_begin_node(fdt_blob, ""));
}

void fake_fdt_start(void)
{
	fdt_check(fdt_create(fdt_blob, sizeof(fdt_blob)));
	fdt_in_reserve_map = true;
}

void fake_fdt_reserve(uint64_t addr, uint64_t size)
{
	fdt_check(fdt_add_reservemap_entry(fdt_blob, addr, size));
}

void fake_fdt_node(const char *name)
{
	fdt_open_root();
	fdt_check(fdt_begin_node(fdt_blob, name));
}

void fake_fdt_end(void)
{
	fdt_check(fdt_end_node(fdt_blob));
}

void fake_fdt_prop(const char *name, const void *value, size_t len)
{
	fdt_open_root();
	fdt_check(fdt_property(fdt_blob, name, value, (int)len));
}

void fake_fdt_str(const char *name, const char *value)
{
	fake_fdt_prop(name, value, strlen(value) + 1);
}

void fake_fdt_u32(const char *name, uint32_t value)
{
	be32 cell = be32_make(value);

	fake_fdt_prop(name, &cell, sizeof(cell));
}

void *fake_fdt_finish(size_t *size)
{
	fdt_open_root();
	fake_fdt_end();
	fdt_check(fdt_finish(fdt_blob));
	*size = fdt_totalsize(fdt_blob);
	return fdt_blob;
}

static void fdt_add_memory(const char *name, uint64_t addr, uint64_t size)
{
	be64 reg[2] = { be64_make(addr), be64_make(size) };

	fake_fdt_node(name);
	fake_fdt_str("device_type", "memory");
	fake_fdt_prop("reg", reg, sizeof(reg));
	fake_fdt_end();
}

static void fdt_add_vdevice(void)
{
	fake_fdt_node("vdevice");
	fake_fdt_str("device_type", "vdevice");
	fake_fdt_u32("#address-cells", 1);
	fake_fdt_node("v-scsi@71000003");
	fake_fdt_u32("reg", 0x71000003);
	fake_fdt_end();
	fake_fdt_node("vty@71000000");
	fake_fdt_u32("reg", 0x71000000);
	fake_fdt_prop("compatible", "hvterm1\0hvterm-protocol", 24);
	fake_fdt_end();
	fake_fdt_end();
}

static void fdt_add_pci(void)
{
	fake_fdt_node("pci@800000020000000");
	fake_fdt_str("device_type", "pci");
	fake_fdt_u32("interrupt-map", 0x1111);
	fake_fdt_node("pci@1");
	fake_fdt_node("scsi@1,1");
	fake_fdt_u32("vendor-id", 0x1af4);
	fake_fdt_end();
	fake_fdt_end();
	fake_fdt_node("scsi@2");
	fake_fdt_u32("vendor-id", 0x1af4);
	fake_fdt_end();
	fake_fdt_end();
}

void *fake_fdt_machine(size_t *size)
{
	fake_fdt_start();
	fake_fdt_reserve(0x10000, 0x2000);
	fake_fdt_str("model", "IBM pSeries (emulated by qemu)");
	fake_fdt_u32("#address-cells", 2);
	fake_fdt_node("chosen");
	fake_fdt_str("bootargs", "quiet");
	fake_fdt_prop("qemu,boot-kernel-le", "", 0);
	fake_fdt_end();
	fake_fdt_node("cpus");
	fake_fdt_node("PowerPC,POWER9@0");
	fake_fdt_u32("reg", 0);
	fake_fdt_end();
	fake_fdt_end();
	fdt_add_memory("memory@40000000", 0x40000000, 0x40000000);
	fdt_add_memory("memory@0", 0, 0x40000000);
	fdt_add_vdevice();
	fdt_add_pci();
	fake_fdt_node("interrupt-controller");
	fake_fdt_u32("phandle", 0x1111);
	fake_fdt_u32("linux,phandle", 0x1111);
	fake_fdt_end();
	return fake_fdt_finish(size);
}
