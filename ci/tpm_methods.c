// SPDX-License-Identifier: BSD-2-Clause
/*
 * Methods of the TPM's node: its log, measuring, commands. GRUB and Linux call
 * them; names and stack effects are SLOF's (board-qemu/slof/vtpm-sml.fs).
 */
#include "ci/tpm_methods.h"

#include <string.h>

#include "ci/ci.h"
#include "ci/mem.h"
#include "drivers/instance.h"
#include "drivers/tpm.h"
#include "lib/endian.h"
#include "packages/tpm/tpm.h"
#include "tree/prop.h"

/* Where a command's header has its size. [TPM 2.0 Library, part 1, 18.1] */
#define COMMAND_SIZE 2u

/* A response: TPM_RC_FAILURE. [TPM 2.0 Library, part 2, 6.6.3] */
static const uint8_t tpm_refusal[] = { 0x80, 0x01, 0, 0, 0, 10, 0, 0, 1, 1 };

/*
 * ( -- n ) What get-failure-reason returns for tpm_state(); 9: any other failure.
 * [SLOF lib/libtpm/tpm_drivers.h]
 */
static const struct {
	int err;
	cell_t reason;
} tpm_reasons[] = {
	{ 0, 0xffffffff },   { ERR_NODEV, 0 },	    { ERR_TIMEOUT, 5 },
	{ ERR_NOMEM, 0x0d }, { ERR_NOSPACE, 0x0d }, { ERR_PERM, 0x0e },
};

static int method_failure_reason(struct instance *inst, const cell_t *args,
				 cell_t *rets)
{
	int state = tpm_state();

	(void)inst;
	(void)args;
	rets[0] = 9;
	for (size_t i = 0; i < ARRAY_SIZE(tpm_reasons); i++) {
		if (tpm_reasons[i].err == state)
			rets[0] = tpm_reasons[i].reason;
	}
	return 0;
}

/* ( -- n ) Bytes of the log when it is full; 0: there is none. */
static int method_allocated_size(struct instance *inst, const cell_t *args,
				 cell_t *rets)
{
	(void)inst;
	(void)args;
	rets[0] = tpm_log_size() ? (cell_t)TPM_LOG_SIZE : 0;
	return 0;
}

/* ( -- n ) Bytes that a copy needs now. */
static int method_handover_size(struct instance *inst, const cell_t *args,
				cell_t *rets)
{
	(void)inst;
	(void)args;
	rets[0] = (cell_t)tpm_log_size();
	return 0;
}

/* ( dest size -- ok ), top first: size, dest. */
static int method_handover(struct instance *inst, const cell_t *args,
			   cell_t *rets)
{
	void *dst = ci_buf(args[1], args[0]);

	(void)inst;
	if (dst && !tpm_hand_over(dst, args[0]))
		rets[0] = CELL_TRUE;
	return 0;
}

/* ( -- ok ) The log has no other format. */
static int method_reformat(struct instance *inst, const cell_t *args,
			   cell_t *rets)
{
	(void)inst;
	(void)args;
	rets[0] = tpm_log_size() ? CELL_TRUE : 0;
	return 0;
}

/*
 * ( pcr type info infolen data datalen -- ok ), top first: datalen, data,
 * infolen, info, type, pcr. Extends by the hashes of `data` and logs `info`.
 */
static int method_hash_ext_log(struct instance *inst, const cell_t *args,
			       cell_t *rets)
{
	const void *data = ci_mem(args[1], args[0]);
	const void *info = ci_mem(args[3], args[2]);
	struct digest_values values;
	unsigned set = tpm_hashes();

	(void)inst;
	if (!set || !data || !info || args[5] >= TPM2_PCRS)
		return 0;
	digest_of(set, data, args[0], &values);
	if (!tpm_event(args[5], args[4], info, args[2], &values))
		rets[0] = CELL_TRUE;
	return 0;
}

/* ( -- n ) */
static int method_maximum_size(struct instance *inst, const cell_t *args,
			       cell_t *rets)
{
	const struct tpm_device *tpm = tpm_device();

	(void)inst;
	(void)args;
	rets[0] = tpm ? (cell_t)tpm->max : 0;
	return 0;
}

/*
 * QEMU reads the length from the header, not from us. [hw/tpm/tpm_spapr.c]
 * Returns the length of the response in `buf`, of tpm->max bytes, or ERR_*.
 */
static long tpm_pass(struct tpm_device *tpm, uint8_t *buf, size_t len)
{
	if (len < sizeof(tpm_refusal) || len > tpm->max ||
	    be32_load(buf + COMMAND_SIZE) != len)
		return ERR_INVAL;
	return tpm_transmit(tpm, buf, len, buf, tpm->max);
}

/*
 * ( buf cmdlen -- rsplen ), top first: cmdlen, buf. GRUB ignores a length of 0
 * and reads what is there: so a command that fails gets a response that says so.
 */
static int method_pass_through(struct instance *inst, const cell_t *args,
			       cell_t *rets)
{
	struct tpm_device *tpm = tpm_device();
	uint8_t *buf = ci_buf(args[1], tpm ? tpm->max : sizeof(tpm_refusal));
	long len = ERR_NODEV;

	(void)inst;
	if (!buf)
		return 0;
	if (tpm)
		len = tpm_pass(tpm, buf, args[0]);
	if (len < 0) {
		memcpy(buf, tpm_refusal, sizeof(tpm_refusal));
		len = sizeof(tpm_refusal);
	}
	rets[0] = (cell_t)len;
	return 0;
}

static const struct method tpm_methods[] = {
	{ "sml-get-allocated-size", 0, 1, method_allocated_size },
	{ "sml-get-handover-size", 0, 1, method_handover_size },
	{ "sml-handover", 2, 1, method_handover },
	{ "get-failure-reason", 0, 1, method_failure_reason },
	{ "2hash-ext-log", 6, 1, method_hash_ext_log },
	{ "get-maximum-cmd-size", 0, 1, method_maximum_size },
	{ "pass-through-to-tpm", 2, 1, method_pass_through },
	{ "reformat-sml-to-efi-alignment", 0, 1, method_reformat },
	{ .name = NULL },
};

/*
 * With the property, Linux asks for the allocated size, and the log has room to
 * spare. [arch/powerpc/kernel/prom_init.c, prom_instantiate_sml()]
 */
int ci_tpm_methods(void)
{
	struct device_role *as = device_next_role(NULL, &tpm_role);

	if (!as)
		return 0;
	as->dev->methods = tpm_methods;
	return tree_setprop(as->dev->node, "ibm,sml-efi-reformat-supported", "",
			    0, TREE_QUOIN);
}
