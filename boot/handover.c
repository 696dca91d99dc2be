// SPDX-License-Identifier: BSD-2-Clause
/* Entering clients, and cleaning up after them. */
#include "boot/handover.h"

#include <string.h>

#include "boot/bootlog.h"
#include "boot/measured.h"
#include "boot/message.h"
#include "boot/secure.h"
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
#include "packages/measure.h"
#include "packages/tpm/tpm.h"
#include "tree/path.h"
#include "tree/prop.h"

/* Longer arguments would use up the client's stack: /chosen has them. */
#define HANDOVER_ARGS_MAX 4096u

static const struct boot_machine *machine;
/* The image that QEMU put into memory for -kernel, as found at the start. */
static struct {
	bool waits; /* it is there and has not been tried */
	/* From QEMU: its size is the sum of the segments. */
	struct measured_range image;
	int err;   /* why it cannot be entered, or 0 */
	char *why; /* the reason as text, or NULL */
	struct elf_entry entry;
	struct measured_range initrd; /* size 0: none */
	char *append;		      /* its arguments, or NULL */
	/* The claims for its segments. The initrd's is separate. */
	struct measured_range *held;
	size_t held_count;
} kernel;
/* The initrd of a loaded client; size 0: none. */
static struct measured_range handover_initrd;
/* It is a kernel. */
static bool handover_is_kernel;
/* Memory is claimed and instances are open for a client. */
static bool handover_busy;
/* One of them waits for `go`. */
static bool handover_waits;
static struct elf_entry handover_kept;

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

static int handover_show_initrd(const struct measured_range *initrd)
{
	struct node *chosen = tree_find("/chosen");
	uint64_t end = initrd->start + initrd->size;
	int rc;

	if (!initrd->size || end > UINT32_MAX)
		return 0;
	rc = tree_set_u32(chosen, "linux,initrd-start",
			  (uint32_t)initrd->start);
	return rc ? rc
		  : tree_set_u32(chosen, "linux,initrd-end", (uint32_t)end);
}

/* Restores QEMU's /chosen: another client may have run in between. */
static int handover_show_kernels(void)
{
	struct node *chosen = tree_find("/chosen");
	int rc = 0;

	if (!handover_chosen("linux,initrd-end"))
		rc = handover_show_initrd(&kernel.initrd);
	if (!rc && kernel.append)
		rc = tree_set_str(chosen, "bootargs", kernel.append);
	return rc ? rc : tree_set_str(chosen, "bootpath", "");
}

/*
 * The registers common to all clients: a stack of its own with a zero back
 * chain, the client interface, its arguments. (PowerPC binding 8.2) FreeBSD's
 * boot1 reads the arguments; they are on the client's stack, so that it may
 * pass them back to us.
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
 * The benchmark subtracts the time spent waiting for devices, which varies. The
 * load from a disk is part of it, so it is published as late as possible.
 */
static void handover_waited(void)
{
	bootlog_slow();
	if (bootlog_publish() ||
	    tree_set_u64(tree_find("/openprom"), "quoin,wait-ticks",
			 deadline_waited()))
		log_err("out of memory for /openprom");
}

static enum ci_leave handover_enter(const struct client_regs *regs,
				    uint64_t *result)
{
	enum ci_leave why;

	log_debug(LOG_BOOT, "enter %jx with MSR %jx", (uintmax_t)regs->pc,
		  (uintmax_t)regs->msr);
	secure_enter();
	measure_enter();
	/* It was 1 when the TPM started. */
	if (tpm_failure() && tree_set_u32(tree_root(), "ibm,trusted-boot", 0))
		log_err("out of memory for ibm,trusted-boot");
	handover_waited();
	why = (enum ci_leave)machine->enter(regs, result);
	/* Ends the call in which the client left. */
	watch_end();
	return why;
}

/* The registers that an ELF file's class and ABI require. */
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

/* The client's bootargs in /chosen; measured here, when they are final. */
static const char *handover_args(bool is_kernel)
{
	const char *args = tree_get_str(tree_find("/chosen"), "bootargs");

	args = args ? args : "";
	if (is_kernel)
		measure_later(MEASURE_CMDLINE, NULL, args, strlen(args));
	else if (*args)
		measure_later(MEASURE_TEXT, "bootargs", args, strlen(args));
	return args;
}

static void handover_tell_initrd(const struct measured_range *initrd,
				 struct client_regs *regs)
{
	regs->gpr1[2] = initrd->size ? initrd->start : 0;
	regs->gpr1[3] = initrd->size;
}

enum ci_leave handover_client(const struct elf_entry *entry, uint64_t *result)
{
	struct client_regs regs =
		handover_elf_regs(entry, handover_args(handover_is_kernel));

	handover_hide_initrd();
	handover_tell_initrd(&handover_initrd, &regs);
	if (handover_show_initrd(&handover_initrd))
		log_err("out of memory for /chosen");
	return handover_enter(&regs, result);
}

static bool handover_find_kernel(void)
{
	const struct node *chosen = tree_find("/chosen");
	struct measured_range *image = &kernel.image;

	return chosen &&
	       !tree_get_u64(chosen, "qemu,boot-kernel", 0, &image->start) &&
	       !tree_get_u64(chosen, "qemu,boot-kernel", 2, &image->size);
}

bool handover_has_kernel(void)
{
	return kernel.waits;
}

/*
 * QEMU's -initrd and -append in /chosen are only for the -kernel client: Linux
 * from a disk must not get that initrd, nor the kernel a disk's arguments.
 */
static void handover_remember(void)
{
	uint64_t start = handover_chosen("linux,initrd-start");
	uint64_t end = handover_chosen("linux,initrd-end");
	const char *args = tree_get_str(tree_find("/chosen"), "bootargs");

	kernel.initrd =
		(struct measured_range){ start, end > start ? end - start : 0 };
	kernel.append = heap_strdup(args ? args : "");
}

static int handover_hold(uint64_t start, uint64_t size)
{
	size_t n = kernel.held_count;
	struct measured_range *held = kernel.held;

	/* A file may have 65534 segments: the room is a power of two. */
	if (!n || IS_POWER_OF_2(n))
		held = heap_realloc(held, MAX(2 * n, 1) * sizeof(*held));
	if (!held)
		return reason_fail(ERR_NOMEM, "no memory for %zu segments",
				   n + 1);
	kernel.held = held;
	held[kernel.held_count++] = (struct measured_range){ start, size };
	return 0;
}

static int handover_claim(void *arg, uint64_t addr, uint64_t size)
{
	int rc = claim_exact(addr, size);

	(void)arg;
	if (rc)
		return rc;
	rc = handover_hold(addr, size);
	if (rc)
		claim_drop(addr, size);
	return rc;
}

/* elf_find_loaded() releases the last one first. */
static void handover_release(void *arg, uint64_t addr, uint64_t size)
{
	(void)arg;
	claim_drop(addr, size);
	kernel.held_count--;
}

static void *handover_ptr(void *arg, uint64_t addr, uint64_t size)
{
	(void)arg;
	return ci_ram(addr, size);
}

/*
 * A -kernel image is entered at its start, in 32-bit big-endian mode; a
 * little-endian kernel switches the processor itself. If it begins with its ELF
 * header, which cannot be executed, the header gives entry point and mode.
 *
 * QEMU reserves the sum of the segments' sizes, from the first one on. If there
 * are gaps between them, some are past that, perhaps past the initrd, which
 * QEMU puts there: each is claimed where it is.
 */
static int handover_look(void)
{
	static const struct elf_place place = {
		.claim = handover_claim,
		.release = handover_release,
		.ptr = handover_ptr,
	};
	const struct measured_range *at = &kernel.image;
	const void *mem = ci_ram(at->start, at->size);
	struct image img;

	kernel.entry = (struct elf_entry){ .pc = at->start };
	if (!mem || !elf_is_header(mem, (size_t)at->size))
		return handover_hold(at->start, at->size);
	claim_drop(at->start, at->size);
	image_from_memory(&img, mem, at->size);
	return elf_find_loaded(&img, at->start, &place, &kernel.entry);
}

void handover_init(const struct boot_machine *m)
{
	machine = m;
	memset(&kernel, 0, sizeof(kernel));
	kernel.waits = handover_find_kernel();
	if (!kernel.waits)
		return;
	handover_remember();
	reason_clear();
	kernel.err = handover_look();
	if (kernel.err)
		kernel.why = heap_strdup(reason());
}

/* Releases the firmware's claims on the image, which is not tried again. */
static void handover_drop(void)
{
	kernel.waits = false;
	for (size_t i = 0; i < kernel.held_count; i++)
		claim_drop(kernel.held[i].start, kernel.held[i].size);
	claim_drop(kernel.initrd.start, kernel.initrd.size);
}

/*
 * Makes the kernel and its initrd the client's memory: claimed while it runs,
 * free when it has left, because they are no longer intact.
 */
static void handover_own(void)
{
	const struct measured_range *initrd = &kernel.initrd;
	int rc = 0;

	handover_begin();
	for (size_t i = 0; i < kernel.held_count && !rc; i++)
		rc = claim_exact(kernel.held[i].start, kernel.held[i].size);
	if (!rc && initrd->size)
		rc = claim_exact(initrd->start, initrd->size);
	if (rc)
		log_err("cannot claim the kernel's memory");
	if (handover_show_kernels())
		log_err("out of memory for /chosen");
}

int handover_kernel(enum ci_leave *why, uint64_t *result)
{
	struct client_regs regs;

	if (!kernel.waits)
		return ERR_NOENT;
	print("Detected RAM kernel at %jx (%jx bytes)\n",
	      (uintmax_t)kernel.image.start, (uintmax_t)kernel.image.size);
	handover_drop();
	if (kernel.err) {
		message_print(message_for_image(kernel.err), "-kernel",
			      kernel.why);
		return kernel.err;
	}
	if (secure_kernel())
		return ERR_PERM;
	print("Booting from memory...\n");
	handover_own();
	measured_kernel(kernel.held, kernel.held_count, &kernel.initrd);
	(void)handover_args(true);
	regs = handover_elf_regs(&kernel.entry, "");
	handover_tell_initrd(&kernel.initrd, &regs);
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

void handover_give_initrd(uint64_t start, uint64_t size)
{
	handover_initrd = (struct measured_range){ start, size };
}

void handover_give_kernel(void)
{
	handover_is_kernel = true;
}

void handover_begin(void)
{
	claim_save();
	handover_initrd.size = 0;
	handover_is_kernel = false;
	handover_busy = true;
}

void handover_cancel(void)
{
	handover_busy = handover_waits = false;
	measure_forget();
	claim_restore();
}

void handover_keep(const struct elf_entry *entry)
{
	handover_kept = *entry;
	handover_waits = true;
}

bool handover_take(struct elf_entry *entry)
{
	bool waits = handover_waits;

	*entry = handover_kept;
	handover_waits = false;
	return waits;
}

void handover_forget(void)
{
	if (handover_waits)
		handover_cancel();
}

void handover_abandon(void)
{
	if (!ci_is_quiesced()) {
		/* First: closing would continue the requests in flight. */
		device_abandon_all();
		device_sync_all();
		if (handover_busy)
			handover_cleanup();
	}
	watch_end();
}

void handover_cleanup(void)
{
	handover_busy = handover_waits = false;
	if (ci_is_quiesced())
		rtas_reboot();
	measure_left();
	/* Whoever set it: Linux does, too. -kernel's is restored later. */
	handover_hide_initrd();
	instance_close_all();
	claim_restore();
	if (ci_chosen_open())
		log_err("out of memory for /chosen");
}
