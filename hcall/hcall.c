// SPDX-License-Identifier: BSD-2-Clause
/* Typed hypercalls: registers in, ERR_* codes out. */
#include "hcall/hcall.h"

#include "lib/endian.h"
#include "lib/watch.h"

/* The ERR_* code for a hypervisor status. */
static int hcall_err(int64_t status)
{
	switch (status) {
	case H_SUCCESS:
		return ERR_OK;
	case H_BUSY:
	case H_DROPPED:
		return ERR_BUSY;
	case H_CLOSED:
	case H_NOT_FOUND:
		return ERR_NODEV;
	case H_FUNCTION:
		return ERR_NOTSUP;
	case H_PRIVILEGE:
		return ERR_PERM;
	case H_PARAMETER:
		return ERR_INVAL;
	case H_RESOURCE:
		return ERR_NOSPACE;
	default:
		return ERR_IO;
	}
}

/* Used by all wrappers; hcall_init() replaces it if `sc 1` does not work. */
static int64_t (*hcall_make)(struct hcall *h) = hcall;

/* A call with up to four arguments that returns only a status. */
static int hcall4(enum hcall_op op, uint64_t a, uint64_t b, uint64_t c,
		  uint64_t d)
{
	struct hcall h = { .op = op, .reg = { a, b, c, d } };

	return hcall_err(hcall_make(&h));
}

int hcall_init(void)
{
	hcall_make = hcall;
	/*
	 * On some hosts `sc 1` does not reach Linux's KVM PR: every call then
	 * returns H_PRIVILEGE. Elsewhere, setting DABR to 0 has no effect.
	 */
	if (hcall4(H_SET_DABR, 0, 0, 0, 0) != ERR_PERM)
		return 0;
	hcall_make = hcall_emulated;
	return ERR_NOTSUP;
}

void h_cede(void)
{
	/* Without H_CEDE there is no sleep; that only costs time. */
	(void)hcall4(H_CEDE, 0, 0, 0, 0);
}

/* H_SET_MODE: the resource, and its value. */
#define H_MODE_ENDIAN 4
#define H_MODE_ENDIAN_BIG 0

void h_set_big_endian(void)
{
	/* Without H_SET_MODE the mode cannot have been changed. */
	(void)hcall4(H_SET_MODE, H_MODE_ENDIAN_BIG, H_MODE_ENDIAN, 0, 0);
}

int h_put_term_char(uint32_t unit, const char *text, size_t len)
{
	char chars[H_TERM_CHARS] = { 0 };

	assert(len >= 1 && len <= sizeof(chars));
	memcpy(chars, text, len);
	return hcall4(H_PUT_TERM_CHAR, unit, len, be64_load(chars),
		      be64_load(chars + 8));
}

long h_get_term_char(uint32_t unit, char text[H_TERM_CHARS])
{
	struct hcall h = { .op = H_GET_TERM_CHAR, .reg = { unit } };
	int rc = hcall_err(hcall_make(&h));

	if (rc)
		return rc;
	be64_store(text, h.reg[1]);
	be64_store(text + 8, h.reg[2]);
	return (long)MIN(h.reg[0], (uint64_t)H_TERM_CHARS);
}

int h_ci_load(uint64_t addr, unsigned size, uint64_t *value)
{
	struct hcall h = { .op = H_LOGICAL_CI_LOAD, .reg = { size, addr } };
	int rc = hcall_err(hcall_make(&h));

	if (!rc)
		*value = h.reg[0];
	return rc;
}

int h_ci_store(uint64_t addr, unsigned size, uint64_t value)
{
	watch_device(addr, size);
	return hcall4(H_LOGICAL_CI_STORE, size, addr, value, 0);
}

/* The operation of KVMPPC_H_LOGICAL_MEMOP. */
#define MEMOP_COPY 0

int h_memop_copy(uint64_t to, uint64_t from, unsigned shift, uint64_t count)
{
	struct hcall h = {
		.op = KVMPPC_H_LOGICAL_MEMOP,
		.reg = { to, from, shift, count, MEMOP_COPY },
	};

	assert(shift <= H_MEMOP_SHIFT_MAX);
	watch_device(to, count << shift);
	return hcall_err(hcall_make(&h));
}

int h_put_tce(uint32_t liobn, uint64_t ioba, uint64_t tce)
{
	return hcall4(H_PUT_TCE, liobn, ioba, tce, 0);
}

int h_put_tce_indirect(uint32_t liobn, uint64_t ioba, const void *list,
		       size_t count)
{
	assert(count >= 1 && count <= H_TCE_INDIRECT_MAX);
	return hcall4(H_PUT_TCE_INDIRECT, liobn, ioba, (uintptr_t)list, count);
}

int h_stuff_tce(uint32_t liobn, uint64_t ioba, uint64_t tce, size_t count)
{
	return hcall4(H_STUFF_TCE, liobn, ioba, tce, count);
}

int h_reg_crq(uint32_t unit, uint64_t queue, uint64_t len)
{
	int rc = hcall4(H_REG_CRQ, unit, queue, len, 0);

	/* H_CLOSED: registered, but the partner is not there yet. */
	if (rc == ERR_NODEV)
		return 0;
	/* A queue is already registered. [LoPAR 17.2.3.1.5.1] */
	return rc == ERR_NOSPACE ? ERR_BUSY : rc;
}

int h_free_crq(uint32_t unit)
{
	int rc = hcall4(H_FREE_CRQ, unit, 0, 0, 0);

	return rc == ERR_INVAL ? 0 : rc;
}

int h_send_crq(uint32_t unit, uint64_t high, uint64_t low)
{
	return hcall4(H_SEND_CRQ, unit, high, low, 0);
}

int h_register_logical_lan(uint32_t unit, uint64_t list, uint64_t queue,
			   uint64_t filter, uint64_t mac)
{
	struct hcall h = {
		.op = H_REGISTER_LOGICAL_LAN,
		.reg = { unit, list, queue, filter, mac },
	};
	int rc = hcall_err(hcall_make(&h));

	return rc == ERR_NOSPACE ? ERR_BUSY : rc;
}

int h_free_logical_lan(uint32_t unit)
{
	int rc = hcall4(H_FREE_LOGICAL_LAN, unit, 0, 0, 0);

	return rc == ERR_NOSPACE ? 0 : rc;
}

int h_add_logical_lan_buffer(uint32_t unit, uint64_t buffer)
{
	return hcall4(H_ADD_LOGICAL_LAN_BUFFER, unit, buffer, 0, 0);
}

/* Five more descriptors are not valid; then the token. */
#define SEND_LAN_TOKEN 7

int h_send_logical_lan(uint32_t unit, uint64_t frame, uint64_t *token)
{
	struct hcall h = {
		.op = H_SEND_LOGICAL_LAN,
		.reg = { unit, frame, [SEND_LAN_TOKEN] = *token },
	};
	int64_t status = hcall_make(&h);

	*token = h.reg[0];
	/* As when a switch drops it. */
	return status == H_DROPPED ? 0 : hcall_err(status);
}

int h_random(uint64_t *value)
{
	struct hcall h = { .op = H_RANDOM };
	int rc = hcall_err(hcall_make(&h));

	*value = h.reg[0];
	return rc;
}

int h_cas(uint64_t vec, void *buf, size_t size)
{
	watch_written(buf, size);
	return hcall4(KVMPPC_H_CAS, vec, (uintptr_t)buf, size, 0);
}

int h_update_dt(const void *fdt)
{
	return hcall4(KVMPPC_H_UPDATE_DT, (uintptr_t)fdt, 0, 0, 0);
}
