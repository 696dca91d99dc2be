// SPDX-License-Identifier: BSD-2-Clause
/* Run-time abstraction services through QEMU's H_RTAS. */
#include "hcall/rtas.h"

#include "hcall/hcall.h"
#include "lib/endian.h"
#include "lib/watch.h"

#define RTAS_ARGS_MAX 8
#define RTAS_RETS_MAX 9

/* The argument block: token, counts, arguments, results. (LoPAR 7.2.8) */
struct rtas_block {
	be32 token, nargs, nrets;
	be32 cell[RTAS_ARGS_MAX + RTAS_RETS_MAX];
};
static_assert(sizeof(struct rtas_block) == 80, "cells follow the counts");

/*
 * mr r4,r3; lis r3,0; ori r3,r3,0xf000 (KVMPPC_H_RTAS); sc 1; blr: the code
 * that instantiate-rtas gives to clients. [QEMU pc-bios/vof/entry.S]
 */
const uint8_t rtas_blob[RTAS_BLOB_SIZE] = {
	0x7c, 0x64, 0x1b, 0x78, 0x3c, 0x60, 0x00, 0x00, 0x60, 0x63,
	0xf0, 0x00, 0x44, 0x00, 0x00, 0x22, 0x4e, 0x80, 0x00, 0x20,
};

static const char *const rtas_names[RTAS_FN_COUNT] = {
	[RTAS_POWER_OFF] = "power-off",
	[RTAS_SYSTEM_REBOOT] = "system-reboot",
	[RTAS_GET_TIME] = "get-time-of-day",
	[RTAS_SET_TIME] = "set-time-of-day",
	[RTAS_START_CPU] = "start-cpu",
	[RTAS_QUIESCE] = "quiesce",
	[RTAS_NVRAM_FETCH] = "nvram-fetch",
	[RTAS_NVRAM_STORE] = "nvram-store",
	[RTAS_READ_PCI_CONFIG] = "ibm,read-pci-config",
	[RTAS_WRITE_PCI_CONFIG] = "ibm,write-pci-config",
	[RTAS_SET_TCE_BYPASS] = "ibm,set-tce-bypass",
};

/* 0: /rtas has no such call. */
static uint32_t rtas_tokens[RTAS_FN_COUNT];

void rtas_reset(void)
{
	memset(rtas_tokens, 0, sizeof(rtas_tokens));
}

const char *rtas_fn_name(enum rtas_fn fn)
{
	return rtas_names[fn];
}

void rtas_set_token(enum rtas_fn fn, uint32_t token)
{
	rtas_tokens[fn] = token;
}

/*
 * Makes a call with `nargs` argument cells; `rets` receives `nrets`, the status
 * first. Both are in host byte order. Returns 0 if the hypercall succeeded and
 * the status is >= 0; ERR_NOTSUP: no such call; ERR_IO: any failure.
 */
static int rtas_call(enum rtas_fn fn, const uint32_t *args, size_t nargs,
		     uint32_t *rets, size_t nrets)
{
	struct rtas_block block;
	struct hcall h = { .op = KVMPPC_H_RTAS, .reg = { (uintptr_t)&block } };

	assert(nargs <= RTAS_ARGS_MAX && nrets >= 1 && nrets <= RTAS_RETS_MAX);
	if (!rtas_tokens[fn])
		return ERR_NOTSUP;
	block.token = be32_make(rtas_tokens[fn]);
	block.nargs = be32_make((uint32_t)nargs);
	block.nrets = be32_make((uint32_t)nrets);
	for (size_t i = 0; i < nargs; i++)
		block.cell[i] = be32_make(args[i]);
	/* A hypervisor that writes no status must not look successful. */
	for (size_t i = 0; i < nrets; i++)
		block.cell[nargs + i] = be32_make((uint32_t)-1);
	watch_written(&block, sizeof(block));
	if (hcall(&h) != H_SUCCESS)
		return ERR_IO;
	for (size_t i = 0; i < nrets; i++)
		rets[i] = be32_get(block.cell[nargs + i]);
	return (int32_t)rets[0] < 0 ? ERR_IO : 0;
}

void rtas_power_off(void)
{
	/* The arguments are power-on masks: none. (LoPAR 7.3.7.1) */
	static const uint32_t masks[2] = { UINT32_MAX, UINT32_MAX };
	uint32_t status;

	if (rtas_call(RTAS_POWER_OFF, masks, 2, &status, 1))
		return;
}

void rtas_reboot(void)
{
	uint32_t status;

	if (rtas_call(RTAS_SYSTEM_REBOOT, NULL, 0, &status, 1))
		return;
}

int rtas_get_time(struct rtas_time *time)
{
	uint32_t rets[8];
	int rc = rtas_call(RTAS_GET_TIME, NULL, 0, rets, ARRAY_SIZE(rets));

	if (rc)
		return rc;
	*time = (struct rtas_time){ .year = rets[1],
				    .month = rets[2],
				    .day = rets[3],
				    .hour = rets[4],
				    .minute = rets[5],
				    .second = rets[6],
				    .nanosecond = rets[7] };
	return 0;
}

int rtas_set_time(const struct rtas_time *time)
{
	const uint32_t args[7] = { time->year,	    time->month,  time->day,
				   time->hour,	    time->minute, time->second,
				   time->nanosecond };
	uint32_t status;

	return rtas_call(RTAS_SET_TIME, args, ARRAY_SIZE(args), &status, 1);
}

int rtas_start_cpu(uint32_t id, uint32_t addr, uint32_t r3)
{
	const uint32_t args[3] = { id, addr, r3 };
	uint32_t status;

	return rtas_call(RTAS_START_CPU, args, ARRAY_SIZE(args), &status, 1);
}

int rtas_quiesce(void)
{
	uint32_t status;

	return rtas_call(RTAS_QUIESCE, NULL, 0, &status, 1);
}

static long rtas_nvram(enum rtas_fn fn, uint32_t offset, uintptr_t buf,
		       uint32_t len)
{
	const uint32_t args[3] = { offset, (uint32_t)buf, len };
	uint32_t rets[2];
	int rc;

	assert(buf <= UINT32_MAX && len <= UINT32_MAX - buf);
	rc = rtas_call(fn, args, ARRAY_SIZE(args), rets, ARRAY_SIZE(rets));
	if (rc)
		return rc;
	return rets[1] > len ? ERR_IO : (long)rets[1];
}

long rtas_nvram_fetch(uint32_t offset, void *buf, uint32_t len)
{
	watch_written(buf, len);
	return rtas_nvram(RTAS_NVRAM_FETCH, offset, (uintptr_t)buf, len);
}

long rtas_nvram_store(uint32_t offset, const void *buf, uint32_t len)
{
	return rtas_nvram(RTAS_NVRAM_STORE, offset, (uintptr_t)buf, len);
}

int rtas_pci_read(uint64_t buid, uint32_t addr, unsigned size, uint32_t *value)
{
	const uint32_t args[4] = { addr, (uint32_t)(buid >> 32), (uint32_t)buid,
				   size };
	uint32_t rets[2];
	int rc = rtas_call(RTAS_READ_PCI_CONFIG, args, ARRAY_SIZE(args), rets,
			   ARRAY_SIZE(rets));

	if (rc)
		return rc == ERR_IO ? ERR_NODEV : rc;
	*value = rets[1];
	return 0;
}

int rtas_pci_write(uint64_t buid, uint32_t addr, unsigned size, uint32_t value)
{
	const uint32_t args[5] = { addr, (uint32_t)(buid >> 32), (uint32_t)buid,
				   size, value };
	uint32_t status;
	int rc = rtas_call(RTAS_WRITE_PCI_CONFIG, args, ARRAY_SIZE(args),
			   &status, 1);

	return rc == ERR_IO ? ERR_NODEV : rc;
}

int rtas_set_tce_bypass(uint32_t unit, bool on)
{
	const uint32_t args[2] = { unit, on };
	uint32_t status;

	return rtas_call(RTAS_SET_TCE_BYPASS, args, ARRAY_SIZE(args), &status,
			 1);
}
