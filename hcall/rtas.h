/* SPDX-License-Identifier: BSD-2-Clause */
/* Run-time abstraction services: calls by name, typed. (LoPAR 7) */
#ifndef HCALL_RTAS_H
#define HCALL_RTAS_H

#include "lib/err.h"
#include "lib/types.h"

/* The calls in use; their names and tokens are properties of /rtas. */
enum rtas_fn {
	RTAS_POWER_OFF,
	RTAS_SYSTEM_REBOOT,
	RTAS_GET_TIME,
	RTAS_SET_TIME,
	RTAS_START_CPU,
	RTAS_QUIESCE,
	RTAS_NVRAM_FETCH,
	RTAS_NVRAM_STORE,
	RTAS_READ_PCI_CONFIG,
	RTAS_WRITE_PCI_CONFIG,
	RTAS_SET_TCE_BYPASS,
	RTAS_FN_COUNT,
};

/* Bytes of the RTAS code that instantiate-rtas copies for a client. */
#define RTAS_BLOB_SIZE 20u
extern const uint8_t rtas_blob[RTAS_BLOB_SIZE];

/* rtas_reset - forget all tokens. */
void rtas_reset(void);

/* rtas_fn_name - return the property name of a call. */
const char *rtas_fn_name(enum rtas_fn fn);

/* rtas_set_token - set the token that /rtas gives for a call. */
void rtas_set_token(enum rtas_fn fn, uint32_t token);

/* rtas_power_off, rtas_reboot - do not return unless the call is missing. */
void rtas_power_off(void);
void rtas_reboot(void);

/* A date in RTAS format (UTC). */
struct rtas_time {
	uint32_t year, month, day, hour, minute, second, nanosecond;
};

/* rtas_get_time, rtas_set_time - the RTC. Return 0, ERR_NOTSUP or ERR_IO. */
must_check int rtas_get_time(struct rtas_time *time);
must_check int rtas_set_time(const struct rtas_time *time);

/*
 * rtas_start_cpu - start a stopped processor at real address `addr` with `r3`.
 * `id`: ibm,ppc-interrupt-server#s. Returns 0, ERR_NOTSUP, ERR_IO.
 */
must_check int rtas_start_cpu(uint32_t id, uint32_t addr, uint32_t r3);

/* rtas_quiesce - QEMU frees CRQs and resets VIO TCE tables. */
must_check int rtas_quiesce(void);

/*
 * rtas_nvram_fetch, rtas_nvram_store - read, write `len` bytes; `buf` must be
 * below 4 GiB. Return the number of bytes, ERR_NOTSUP or ERR_IO.
 */
must_check long rtas_nvram_fetch(uint32_t offset, void *buf, uint32_t len);
must_check long rtas_nvram_store(uint32_t offset, const void *buf,
				 uint32_t len);

/*
 * rtas_pci_read, rtas_pci_write - access a function's configuration space.
 * `buid`: the PHB's unit id. `addr`: 0x0rbbddrr (bus, devfn, register; the top
 * nibble is register bits 8..11). `size`: 1, 2 or 4. Values in host order.
 * Return 0; ERR_NODEV: no such function; ERR_NOTSUP.
 */
must_check int rtas_pci_read(uint64_t buid, uint32_t addr, unsigned size,
			     uint32_t *value);
must_check int rtas_pci_write(uint64_t buid, uint32_t addr, unsigned size,
			      uint32_t value);

/*
 * rtas_set_tce_bypass - use identity DMA for the VIO device `unit` (QEMU's
 * ibm,set-tce-bypass). Returns 0, ERR_NOTSUP, ERR_IO.
 */
must_check int rtas_set_tce_bypass(uint32_t unit, bool on);

#endif
