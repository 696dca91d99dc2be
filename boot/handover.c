// SPDX-License-Identifier: BSD-2-Clause
/* Entering clients, and cleaning up behind them. */
#include <string.h>

#include "boot/boot.h"
#include "boot/message.h"
#include "boot/place.h"
#include "ci/claim.h"
#include "ci/mem.h"
#include "ci/nodes.h"
#include "ci/quiesce.h"
#include "drivers/instance.h"
#include "hcall/rtas.h"
#include "lib/deadline.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "lib/watch.h"
#include "tree/path.h"
#include "tree/prop.h"

/* Longer arguments would eat up the client's stack: /chosen has them. */
#define HANDOVER_ARGS_MAX 4096u

struct range64 {
	uint64_t start, size;
};

static const struct boot_machine *machine;
/* The -kernel image has been entered. */
static bool handover_kernel_used;
/* Its initrd, of size 0 if there is none, and its arguments, or NULL. */
static struct range64 handover_initrd;
static char *handover_append;
/* Memory is claimed and instances are open for a client. */
static bool handover_busy;

const struct boot_machine *handover_machine(void)
{
	return machine;
}

/* QEMU writes one cell, Linux (before kexec) two. */
static uint64_t handover_chosen(const char *name)
{
	const struct node *chosen = tree_find("/chosen");
	uint32_t len, cell;
	uint64_t value;

	if (!chosen || !tree_getprop(chosen, name, &len))
		return 0;
	if (len == 8)
		return tree_get_u64(chosen, name, 0, &value) ? 0 : value;
	return tree_get_u32(chosen, name, 0, &cell) ? 0 : cell;
}

static void handover_hide_initrd(void)
{
	struct node *chosen = tree_find("/chosen");

	if (!chosen)
		return;
	tree_delprop(chosen, "linux,initrd-start");
	tree_delprop(chosen, "linux,initrd-end");
}

/* As QEMU has it, again: another client may have run in between. */
static int handover_show_kernels(void)
{
	uint64_t start = handover_initrd.start;
	uint64_t end = start + handover_initrd.size;
	struct node *chosen = tree_find("/chosen");
	int rc = 0;

	if (handover_initrd.size && end <= UINT32_MAX &&
	    !handover_chosen("linux,initrd-end")) {
		rc = tree_set_u32(chosen, "linux,initrd-start",
				  (uint32_t)start);
		if (!rc)
			rc = tree_set_u32(chosen, "linux,initrd-end",
					  (uint32_t)end);
	}
	if (!rc && handover_append)
		rc = tree_set_str(chosen, "bootargs", handover_append);
	return rc ? rc : tree_set_str(chosen, "bootpath", "");
}

/*
 * What is the same for every client: a stack of its own with a zero back
 * chain, the client interface, its arguments. (PowerPC binding 8.2) FreeBSD's
 * boot1 reads the arguments; they lie on the client's stack, where it may pass
 * them back to us.
 */
static struct client_regs handover_regs(uint64_t pc, uint64_t msr,
					const char *args)
{
	size_t len = strlen(args) <= HANDOVER_ARGS_MAX ? strlen(args) : 0;
	uint64_t text = machine->stack_top - ALIGN_UP(len + 1, 16);
	uint64_t stack = text - 64;

	watch_begin("client entry");
	watch_allow(ci_ram(stack, 64), machine->stack_top - stack);
	memset(ci_ram(stack, 64), 0, 64);
	memcpy(ci_ram(text, len + 1), len ? args : "", len + 1);
	watch_end();
	return (struct client_regs){
		.pc = pc,
		.msr = msr | MSR_ME | MSR_FP,
		.gpr1 = { stack, 0, 0, 0, machine->interface, len ? text : 0,
			  len },
	};
}

/*
 * The benchmark subtracts what was spent waiting for devices, which varies. The
 * load from a disk is part of that: so it is told as late as can be.
 */
static void handover_waited(void)
{
	if (tree_set_u64(tree_find("/openprom"), "quoin,wait-ticks",
			 deadline_waited()))
		log_err("out of memory for /openprom");
}

static enum ci_leave handover_enter(const struct client_regs *regs,
				    uint64_t *result)
{
	enum ci_leave why;

	handover_waited();
	why = (enum ci_leave)machine->enter(regs, result);
	/* The call that it left by. */
	watch_end();
	return why;
}

/* What an ELF file's class and ABI want. */
static struct client_regs handover_elf_regs(const struct elf_entry *entry,
					    const char *args)
{
	uint64_t mode = (entry->is_64 ? MSR_SF : 0) |
			(entry->little_endian ? MSR_LE : 0);
	struct client_regs regs = handover_regs(entry->pc, mode, args);

	regs.gpr1[1] = entry->toc;
	regs.r12 = entry->r12;
	return regs;
}

enum ci_leave handover_client(const struct elf_entry *entry, uint64_t *result)
{
	const char *args = tree_get_str(tree_find("/chosen"), "bootargs");
	struct client_regs regs = handover_elf_regs(entry, args ? args : "");

	handover_hide_initrd();
	return handover_enter(&regs, result);
}

/* What QEMU has put into memory for -kernel. */
static bool handover_find_kernel(struct range64 *kernel)
{
	const struct node *chosen = tree_find("/chosen");

	return !handover_kernel_used && chosen &&
	       !tree_get_u64(chosen, "qemu,boot-kernel", 0, &kernel->start) &&
	       !tree_get_u64(chosen, "qemu,boot-kernel", 2, &kernel->size);
}

bool handover_has_kernel(void)
{
	struct range64 kernel;

	return handover_find_kernel(&kernel);
}

/*
 * What QEMU says in /chosen of -initrd and -append is for the -kernel client
 * alone: Linux from a disk takes no strange initrd, and the arguments of a disk
 * do not become the kernel's.
 */
static void handover_remember(void)
{
	uint64_t start = handover_chosen("linux,initrd-start");
	uint64_t end = handover_chosen("linux,initrd-end");
	const char *args;

	handover_initrd =
		(struct range64){ start, end > start ? end - start : 0 };
	handover_append = NULL;
	if (!handover_has_kernel())
		return;
	args = tree_get_str(tree_find("/chosen"), "bootargs");
	handover_append = heap_strdup(args ? args : "");
}

void handover_init(const struct boot_machine *m)
{
	machine = m;
	handover_kernel_used = false;
	handover_remember();
}

/* The firmware holds its memory no longer, and it is not tried again. */
static void handover_drop(const struct range64 *kernel)
{
	handover_kernel_used = true;
	claim_drop(kernel->start, kernel->size);
	claim_drop(handover_initrd.start, handover_initrd.size);
}

/*
 * The kernel and its initrd are the client's memory: claimed as long as it
 * runs, free when it has left: they are not intact then.
 */
static void handover_own(const struct range64 *kernel)
{
	const struct range64 *initrd = &handover_initrd;

	handover_drop(kernel);
	handover_begin();
	if (claim_exact(kernel->start, kernel->size) ||
	    (initrd->size && claim_exact(initrd->start, initrd->size)))
		log_err("the kernel's memory cannot be claimed");
	if (handover_show_kernels())
		log_err("out of memory for /chosen");
}

/*
 * -kernel: entered where QEMU put it, 32-bit and big-endian, whatever it is: a
 * little-endian kernel turns the processor round itself. Only if its ELF header
 * stands there, in front, is more known, and the header cannot be executed.
 */
static int handover_kernel_entry(const struct range64 *kernel,
				 struct elf_entry *entry)
{
	const void *mem = ci_ram(kernel->start, kernel->size);
	struct place place = { 0 };
	struct elf_place elf;
	struct image img;

	*entry = (struct elf_entry){ .pc = kernel->start };
	if (!mem || !elf_is_header(mem, (size_t)kernel->size))
		return 0;
	image_from_memory(&img, mem, kernel->size);
	place_elf(&place, &elf);
	return elf_find_loaded(&img, kernel->start, &elf, entry);
}

int handover_kernel(enum ci_leave *why, uint64_t *result)
{
	struct client_regs regs;
	struct elf_entry entry;
	struct range64 kernel;
	int rc;

	if (!handover_find_kernel(&kernel))
		return ERR_NOENT;
	print("Detected RAM kernel at %jx (%jx bytes)\n",
	      (uintmax_t)kernel.start, (uintmax_t)kernel.size);
	rc = handover_kernel_entry(&kernel, &entry);
	if (rc) {
		handover_drop(&kernel);
		message_print(message_for_image(rc), "-kernel", reason());
		return rc;
	}
	print("Booting from memory...\n");
	handover_own(&kernel);
	regs = handover_elf_regs(&entry, "");
	if (handover_initrd.size) {
		regs.gpr1[2] = handover_initrd.start;
		regs.gpr1[3] = handover_initrd.size;
	}
	*why = handover_enter(&regs, result);
	return 0;
}

enum ci_leave handover_chain(uint64_t *result)
{
	const struct ci_chain chain = ci_chain_get();
	struct client_regs regs = handover_regs(chain.entry, 0, "");

	claim_release(chain.virt, chain.size);
	regs.gpr1[5] = chain.args;
	regs.gpr1[6] = chain.len;
	return handover_enter(&regs, result);
}

void handover_begin(void)
{
	claim_save();
	handover_busy = true;
}

void handover_cancel(void)
{
	handover_busy = false;
	claim_restore();
}

void boot_abandon(void)
{
	if (!ci_is_quiesced()) {
		/* First: closing would go on with what is in flight. */
		device_abandon_all();
		device_sync_all();
		if (handover_busy)
			handover_cleanup();
	}
	watch_end();
}

void handover_cleanup(void)
{
	handover_busy = false;
	if (ci_is_quiesced())
		rtas_reboot();
	/* Whosever it is: Linux sets it, too. -kernel's comes back. */
	handover_hide_initrd();
	instance_close_all();
	claim_restore();
	if (ci_chosen_open())
		log_err("out of memory for /chosen");
}
