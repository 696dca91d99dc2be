/* SPDX-License-Identifier: BSD-2-Clause */
/* A fake NVRAM: an array in place of drivers/vio/nvram.c. */
#ifndef TESTS_FAKE_NVRAM_H
#define TESTS_FAKE_NVRAM_H

#include "drivers/vio/nvram.h"

#define FAKE_NVRAM_MAX (1024 * 1024)

extern uint8_t fake_nvram[FAKE_NVRAM_MAX];
/* Bytes written since the reset. */
extern unsigned fake_nvram_written;

/* fake_nvram_reset - `size` zero bytes, as QEMU has them; 0: no NVRAM. */
void fake_nvram_reset(uint32_t size);

/* fake_nvram_fail_after - all accesses after `n` more fail; -1: none fails. */
void fake_nvram_fail_after(int n);

/*
 * fake_nvram_partition - write a valid header, and `len` bytes after it.
 * `size`: of the whole partition.
 */
void fake_nvram_partition(uint32_t off, uint8_t signature, const char *name,
			  uint32_t size, const void *data, uint32_t len);

/*
 * fake_nvram_prom_env - what QEMU makes from -prom-env, its faults included:
 * `len` bytes of terminated strings. [QEMU hw/nvram/chrp_nvram.c]
 */
void fake_nvram_prom_env(const char *strings, uint32_t len);

/* A string literal with all its NULs, as (pointer, length). */
#define FAKE_STRINGS(literal) (literal), (uint32_t)sizeof(literal) - 1

#endif
