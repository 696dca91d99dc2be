/* SPDX-License-Identifier: BSD-2-Clause */
/* Entering clients, and cleaning up after them. */
#ifndef BOOT_HANDOVER_H
#define BOOT_HANDOVER_H

#include "ci/ci.h"
#include "lib/err.h"
#include "lib/types.h"
#include "packages/elf.h"

/* Machine state register bits. [Power ISA 2.07 III-S 3.2.1] */
#define MSR_SF (1ULL << 63)
#define MSR_FP 0x2000u
#define MSR_ME 0x1000u
#define MSR_LE 1u

/* Registers at client entry; entry/client.S knows the offsets. */
struct client_regs {
	uint64_t pc;
	uint64_t msr;
	uint64_t gpr1[7]; /* r1..r7 */
	uint64_t r12;
};

/* Services of entry/. */
struct boot_machine {
	/*
	 * enter - run a client; restore our exception vectors when it has left.
	 * Returns enum ci_leave; `result` receives the client's r3, or the
	 * argument of client_leave().
	 */
	int64_t (*enter)(const struct client_regs *regs, uint64_t *result);
	uint64_t interface; /* the client interface's code address */
	uint64_t stack_top; /* of the client's stack, 16-byte aligned */
};

/*
 * handover_client - enter the loaded client; returns why it left. `result`:
 * receives the client's r3 if it returned.
 * handover_kernel: the same for the image that -kernel put into memory, once.
 * ERR_NOENT: there is none; another ERR_*, printed: its ELF header is unusable,
 * or the host's keys forbid it.
 * handover_has_kernel: would handover_kernel() find an image?
 * handover_chain: enter the client that the service chain asked for.
 */
enum ci_leave handover_client(const struct elf_entry *entry, uint64_t *result);
must_check int handover_kernel(enum ci_leave *why, uint64_t *result);
bool handover_has_kernel(void);
enum ci_leave handover_chain(uint64_t *result);

/*
 * handover_begin - memory claimed from now on is the client's.
 * handover_cancel - it could not be loaded: free its memory.
 */
void handover_begin(void);
void handover_cancel(void);

/*
 * handover_give_initrd - the client being loaded gets an initrd, which is in
 * memory that is claimed for it: /chosen and its registers r3, r4 tell.
 */
void handover_give_initrd(uint64_t start, uint64_t size);

/*
 * handover_give_kernel - the client being loaded is a Linux kernel, started as
 * GRUB does: its arguments are measured as GRUB measures them.
 */
void handover_give_kernel(void);

/*
 * handover_keep - a client has been loaded, but waits: for `go`.
 * handover_take - is there one? Then fills `entry`, and it no longer waits.
 * handover_forget - free the memory of one that waits, before another is
 * loaded or entered. One that waits is also forgotten by handover_cancel() and
 * handover_cleanup().
 */
void handover_keep(const struct elf_entry *entry);
bool handover_take(struct elf_entry *entry);
void handover_forget(void);

/* handover_init - `machine` is kept, not copied. */
void handover_init(const struct boot_machine *machine);

/*
 * handover_cleanup - after a client has left: close its instances, free its
 * memory, renew the handles in /chosen. Resets the machine if the client had
 * quiesced it.
 */
void handover_cleanup(void);

/*
 * handover_abandon - after an exception in the client or its loader: clean up,
 * so that the prompt can boot. If the client had quiesced the machine, do
 * nothing: only a reset helps.
 */
void handover_abandon(void);

#endif
