/* SPDX-License-Identifier: BSD-2-Clause */
/* Flattened trees for tests, written with libfdt's sequential functions. */
#ifndef TESTS_FAKE_FDT_H
#define TESTS_FAKE_FDT_H

#include "lib/types.h"

/* fake_fdt_start - begin a tree: the root node is open. */
void fake_fdt_start(void);

/* fake_fdt_reserve - an entry of the reserve map; before any other call. */
void fake_fdt_reserve(uint64_t addr, uint64_t size);

/* fake_fdt_node, fake_fdt_end - begin and end a node. */
void fake_fdt_node(const char *name);
void fake_fdt_end(void);

/* fake_fdt_prop, _str, _u32 - a property of the open node. */
void fake_fdt_prop(const char *name, const void *value, size_t len);
void fake_fdt_str(const char *name, const char *value);
void fake_fdt_u32(const char *name, uint32_t value);

/*
 * fake_fdt_finish - end the root. Returns the blob, valid until the next
 * fake_fdt_start(); the caller may write to its `*size` bytes.
 */
void *fake_fdt_finish(size_t *size);

/*
 * fake_fdt_machine - a minimal tree like that of QEMU's spapr_build_fdt():
 * chosen, memory, cpus, vdevice, a PHB, the interrupt controller with phandle
 * 0x1111. Returns as fake_fdt_finish().
 */
void *fake_fdt_machine(size_t *size);

#endif
