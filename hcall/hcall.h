/* SPDX-License-Identifier: BSD-2-Clause */
/* Hypercalls: the raw call, and a typed wrapper for each one in use. */
#ifndef HCALL_HCALL_H
#define HCALL_HCALL_H

#include "lib/err.h"
#include "lib/types.h"

/* Hypercall numbers: LoPAR 14.5 and QEMU's include/hw/ppc/spapr.h. */
enum hcall_op {
	H_GET_TCE = 0x1c,
	H_PUT_TCE = 0x20,
	H_SET_DABR = 0x28,
	H_LOGICAL_CI_LOAD = 0x3c,
	H_LOGICAL_CI_STORE = 0x40,
	H_GET_TERM_CHAR = 0x54,
	H_PUT_TERM_CHAR = 0x58,
	H_CEDE = 0xe0,
	H_REG_CRQ = 0xfc,
	H_FREE_CRQ = 0x100,
	H_SEND_CRQ = 0x108,
	H_REGISTER_LOGICAL_LAN = 0x114,
	H_FREE_LOGICAL_LAN = 0x118,
	H_ADD_LOGICAL_LAN_BUFFER = 0x11c,
	H_SEND_LOGICAL_LAN = 0x120,
	H_STUFF_TCE = 0x138,
	H_PUT_TCE_INDIRECT = 0x13c,
	H_RANDOM = 0x300,
	H_SET_MODE = 0x31c,
	KVMPPC_H_RTAS = 0xf000,
	KVMPPC_H_LOGICAL_MEMOP = 0xf001,
	KVMPPC_H_CAS = 0xf002,
	KVMPPC_H_UPDATE_DT = 0xf003,
};

/* Return codes: LoPAR 14.2, table "Hypervisor Call Return Codes". */
enum hcall_status {
	H_SUCCESS = 0,
	H_BUSY = 1,
	H_CLOSED = 2,
	H_HARDWARE = -1,
	H_FUNCTION = -2,
	H_PRIVILEGE = -3,
	H_PARAMETER = -4,
	H_NOT_FOUND = -7,
	H_DROPPED = -12,
	H_RESOURCE = -16,
};

/* A raw call: op in r3, reg[0] in r4 and so on; outputs are returned in reg. */
struct hcall {
	uint64_t op;
	uint64_t reg[9];
};

/*
 * hcall - make a hypercall (`sc 1`; hcall.S).
 * Returns the status in r3, see enum hcall_status.
 */
int64_t hcall(struct hcall *h);

/*
 * hcall_emulated - the same with a reserved instruction that Linux's KVM PR
 * treats as `sc 1`; it is illegal everywhere else.
 */
int64_t hcall_emulated(struct hcall *h);

/*
 * hcall_init - check that hypercalls reach the hypervisor (some hosts trap
 * `sc 1` themselves: H_SET_DABR then returns H_PRIVILEGE). If not, the wrappers
 * below use hcall_emulated(), so that the reason can be printed.
 * Returns 0 or ERR_NOTSUP.
 */
must_check int hcall_init(void);

/*
 * h_cede - sleep until an interrupt is pending. On return external and
 * decrementer interrupts are enabled (MSR[EE]): the caller must own their
 * vectors. [LoPAR 14.11.3; QEMU hw/ppc/spapr_hcall.c, h_cede]
 */
void h_cede(void);

/*
 * h_set_big_endian - make all processors take exceptions in big-endian mode, as
 * after reset; a little-endian kernel changes it. Also sets the frame buffer's
 * byte order. [LoPAR, H_SET_MODE; QEMU hw/ppc/spapr_hcall.c, h_set_mode]
 */
void h_set_big_endian(void);

/* Maximum number of characters in one terminal hypercall. */
#define H_TERM_CHARS 16

/*
 * h_put_term_char - write `len` (1..16) bytes to virtual terminal `unit`
 * (reg of the vty node; 0: the lowest vty). [LoPAR 16.4.3]
 * Returns 0; ERR_BUSY: buffer full, try again; ERR_IO.
 */
must_check int h_put_term_char(uint32_t unit, const char *text, size_t len);

/*
 * h_get_term_char - read the pending input of a terminal. [LoPAR 16.4.3]
 * Returns the number of bytes stored in `text` (0..16), or ERR_IO.
 */
must_check long h_get_term_char(uint32_t unit, char text[H_TERM_CHARS]);

/*
 * h_ci_load, h_ci_store - cache-inhibited access of `size` 1, 2, 4 or 8 bytes
 * at a real address, naturally aligned. The access is big-endian: swap values
 * of little-endian registers. All MMIO uses these calls: under KVM, real-mode
 * loads do not reach devices. [LoPAR 14.5.4.2]
 * Return 0, ERR_INVAL or ERR_IO.
 */
must_check int h_ci_load(uint64_t addr, unsigned size, uint64_t *value);
must_check int h_ci_store(uint64_t addr, unsigned size, uint64_t value);

/* Sizes of the elements that h_memop_copy() moves: 1 << 0 to 1 << 3 bytes. */
#define H_MEMOP_SHIFT_MAX 3u

/*
 * h_memop_copy - copy `count` elements of 1 << `shift` bytes between memory and
 * a device, in one call; byte order is kept. Both real addresses are aligned to
 * an element. [QEMU hw/ppc/spapr_hcall.c, h_logical_memop]
 * Returns 0, ERR_INVAL or ERR_NOTSUP.
 */
must_check int h_memop_copy(uint64_t to, uint64_t from, unsigned shift,
			    uint64_t count);

/* TCE permission bits. [LoPAR 14.5.4.4] */
#define H_TCE_READ 1u
#define H_TCE_WRITE 2u
/* Page size of every TCE we use. */
#define H_TCE_PAGE 4096u
/* Maximum number of entries of H_PUT_TCE_INDIRECT: one 4 KiB page. */
#define H_TCE_INDIRECT_MAX 512u

/*
 * h_put_tce - map one page. `ioba`: address on the bus; `tce`: real page
 * address | permission bits. Returns 0, ERR_INVAL or ERR_NOSPACE.
 */
must_check int h_put_tce(uint32_t liobn, uint64_t ioba, uint64_t tce);

/*
 * h_put_tce_indirect - map `count` (1..512) pages from consecutive `ioba`.
 * `list`: big-endian TCEs, 4 KiB aligned. Returns as h_put_tce(), or
 * ERR_NOTSUP where the hypervisor lacks "multi-tce".
 */
must_check int h_put_tce_indirect(uint32_t liobn, uint64_t ioba,
				  const void *list, size_t count);

/* h_stuff_tce - set `count` consecutive entries to `tce` (0: unmapped). */
must_check int h_stuff_tce(uint32_t liobn, uint64_t ioba, uint64_t tce,
			   size_t count);

/*
 * h_reg_crq - register a command/response queue. `queue`: bus address, 4 KiB
 * aligned. `len`: bytes, a multiple of 4 KiB. [LoPAR 17.2.3.1]
 * Returns 0; ERR_BUSY: one is already registered; ERR_INVAL.
 */
must_check int h_reg_crq(uint32_t unit, uint64_t queue, uint64_t len);

/* h_free_crq - unregister the queue. Returns 0 even if there was none. */
must_check int h_free_crq(uint32_t unit);

/*
 * h_send_crq - send one 16-byte element given as two big-endian numbers.
 * Returns 0; ERR_NODEV: partner closed; ERR_BUSY: dropped or full; ERR_INVAL.
 */
must_check int h_send_crq(uint32_t unit, uint64_t high, uint64_t low);

/*
 * h_lan_buffer - a logical LAN's buffer descriptor: valid, `len` < 16 MiB
 * bytes at a bus address < 4 GiB. [LoPAR, "Interpartition Logical LAN"]
 */
static inline uint64_t h_lan_buffer(uint64_t bus, uint32_t len)
{
	return 1ULL << 63 | (uint64_t)len << 32 | bus;
}

/* Bytes of a buffer list, and where it counts the frames that were dropped. */
#define H_LAN_LIST 4096u
#define H_LAN_DROPPED 4088u

/*
 * h_register_logical_lan - start to receive. `list`, `filter`: bus addresses of
 * a page each; `queue`: a descriptor of the receive queue, a multiple of 16
 * bytes. The hypervisor zeroes list and queue. `mac`: in the low 48 bits.
 * [LoPAR, "Interpartition Logical LAN"; QEMU hw/net/spapr_llan.c]
 * Returns 0; ERR_BUSY: already registered; ERR_INVAL.
 */
must_check int h_register_logical_lan(uint32_t unit, uint64_t list,
				      uint64_t queue, uint64_t filter,
				      uint64_t mac);

/* h_free_logical_lan - no DMA follows. Returns 0 even if none is registered. */
must_check int h_free_logical_lan(uint32_t unit);

/*
 * h_add_logical_lan_buffer - a frame may be written to it. `buffer`: a
 * descriptor; its first 8 bytes identify it in the receive queue. Address and
 * length are multiples of 4. Returns 0; ERR_NOSPACE: there are too many, or of
 * too many lengths; ERR_INVAL.
 */
must_check int h_add_logical_lan_buffer(uint32_t unit, uint64_t buffer);

/*
 * h_send_logical_lan - send a frame, a single descriptor. `token`: 0 at first;
 * updated for the next try after ERR_BUSY.
 * Returns 0: sent, or lost on its way; ERR_BUSY; ERR_INVAL; ERR_IO.
 */
must_check int h_send_logical_lan(uint32_t unit, uint64_t frame,
				  uint64_t *token);

/*
 * h_random - a random number of the hypervisor: with QEMU's spapr-rng only.
 * [LoPAR 14.15.1; QEMU hw/ppc/spapr_rng.c]
 * Returns 0 or ERR_NOTSUP, ERR_IO.
 */
must_check int h_random(uint64_t *value);

/*
 * h_cas - ibm,client-architecture-support: pass the client's vectors at real
 * address `vec` to the hypervisor. `buf`: `size` bytes, receives a version word
 * (host byte order, non-zero: a tree follows) and then a device tree.
 * [QEMU hw/ppc/spapr_hcall.c, h_client_architecture_support]
 * Returns 0, or an ERR_* code: the client gets "not negotiated".
 */
must_check int h_cas(uint64_t vec, void *buf, size_t size);

/*
 * h_update_dt - pass the final device tree to the hypervisor. It must pass
 * fdt_check_full() and be at most twice the size of the hypervisor's last one.
 * Returns 0; ERR_INVAL: refused; ERR_NOTSUP: old machine, not needed.
 */
must_check int h_update_dt(const void *fdt);

#endif
