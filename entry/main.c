// SPDX-License-Identifier: BSD-2-Clause
/* The boot sequence, as a list of steps. */
#include <string.h>

#include "boot/banner.h"
#include "boot/config.h"
#include "boot/handover.h"
#include "boot/hotkey.h"
#include "boot/policy.h"
#include "ci/cas.h"
#include "ci/claim.h"
#include "ci/console.h"
#include "ci/fdt.h"
#include "ci/mem.h"
#include "ci/methods.h"
#include "ci/nodes.h"
#include "ci/quiesce.h"
#include "ci/tpm_methods.h"
#include "drivers/device.h"
#include "drivers/vio/vty.h"
#include "entry/cache.h"
#include "entry/exception.h"
#include "entry/idle.h"
#include "entry/image.h"
#include "entry/layout.h"
#include "entry/pristine.h"
#include "entry/window.h"
#include "hcall/hcall.h"
#include "lib/deadline.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "lib/watch.h"
#include "packages/secure/keys.h"
#include "packages/tpm/tpm.h"
#include "tree/fdt.h"
#include "tree/path.h"
#include "tree/prop.h"

/* Vectors and their code and data; SLOF reserves the same range. */
#define LOW_CLAIMED 0x4000u

/* External interrupts, and the decrementer's. [Power ISA 2.07 III-S 3.2.1] */
#define MSR_EE 0x8000u

/* client.S loads the client's registers from there. */
static_assert(offsetof(struct client_regs, pc) == CLIENT_PC, "layout.h");
static_assert(offsetof(struct client_regs, msr) == CLIENT_MSR, "layout.h");
static_assert(offsetof(struct client_regs, gpr1) == CLIENT_GPR1, "layout.h");
static_assert(offsetof(struct client_regs, r12) == CLIENT_GPR12, "layout.h");
static_assert(sizeof(((struct client_regs *)0)->gpr1) == 7 * 8, "r1..r7");

static_assert(LOW_HEADER == KEYS_HEADER, "start.S");

/* client.S and the linker script. */
int64_t client_enter(const struct client_regs *regs, uint64_t *result);
noreturn void client_leave(int64_t why, uint64_t result);
extern char client_interface[];

noreturn void main(const void *fdt);

static const void *main_fdt;
static long main_fdt_size;

/* Sends the firmware's text to the lowest vty, regardless of its number. */
static void main_vty_write(struct log_sink *sink, const char *text, size_t len)
{
	(void)sink;
	/* A failure here cannot be printed. */
	if (vty_write(0, text, len) < 0)
		return;
}

static struct log_sink main_vty = { .write = main_vty_write };

static uintptr_t main_window_end(void)
{
	return (uintptr_t)image_start + WINDOW_SIZE;
}

static int main_console(void)
{
	/* If `sc 1` fails, this finds another way to print. */
	int rc = hcall_init();

	log_add_sink(&main_vty);
	print("\n\n");
	banner_print();
	print(" Press \"s\" to enter Open Firmware.\n\n");
	if (rc)
		return reason_fail(ERR_NOTSUP,
				   "the host traps `sc 1`: this kind of "
				   "KVM PR host is not supported");
	return 0;
}

static int main_memory(void)
{
	heap_init(window_heap, main_window_end() - (uintptr_t)window_heap);
	log_keep(heap_alloc(LOG_KEPT));
	deadline_set_idle(idle_for);
	return 0;
}

static int main_tree(void)
{
	int rc = tree_init();

	if (rc)
		return rc;
	main_fdt_size = tree_unflatten(main_fdt, FDT_MAX_SIZE);
	if (main_fdt_size < 0)
		return (int)main_fdt_size;
	hotkey_announce();
	return 0;
}

/* Early: keys follow the image at address 0, in memory that is free later. */
static int main_keys(void)
{
	uint32_t mode = KEYS_OFF;
	int rc = keys_read((const void *)LOW_IMAGE);

	/* Absent from the trees of QEMU up to now: its default is 0. */
	if (!rc && !tree_get_u32(tree_root(), "ibm,secure-boot", 0, &mode))
		rc = keys_raise_mode(mode);
	if (!rc)
		keys_print();
	return rc;
}

static int main_time(void)
{
	const struct node *cpus = tree_find("/cpus");
	uint32_t hz;

	if (cpus && cpus->child &&
	    !tree_get_u32(cpus->child, "timebase-frequency", 0, &hz))
		deadline_set_hz(hz);
	return 0;
}

/* Claims more memory for a full heap: for open, setprop and CAS. */
static bool main_heap_grow(size_t want)
{
	static uint64_t grown;
	uint64_t size = ALIGN_UP(want + 64 * KiB, MiB), addr;

	/* In increasing steps: the number of claim_keep() ranges is limited. */
	size = MAX(size, ALIGN_DOWN(grown / 4, MiB));
	if (claim_keep(size, 4096, &addr))
		return false;
	grown += size;
	watch_own(ci_ram(addr, size), size);
	heap_add(ci_ram(addr, size), size);
	return true;
}

/*
 * Preserves the dump of a crashed kernel for the next one: claims its memory,
 * so `available` ends below it. (QEMU's own tree is inside.)
 */
static void main_claim_dump(uint64_t memory)
{
	const struct node *rtas = tree_find("/rtas");
	uint64_t dump;

	if (!rtas || !tree_getprop(rtas, "ibm,kernel-dump", NULL))
		return;
	dump = window_dump((uintptr_t)main_fdt);
	if (!dump)
		log_warn("ignoring ibm,kernel-dump: it is damaged or leaves "
			 "no room");
	else if (dump < memory && claim_exact(dump, memory - dump))
		log_warn("kernel dump from %jx up: memory already in use",
			 (uintmax_t)dump);
	else
		print("Keeping the kernel dump from %jx up.\n",
		      (uintmax_t)dump);
}

static int main_claims(void)
{
	const struct node *memory = tree_find("/memory@0");
	uintptr_t window = (uintptr_t)image_start;
	struct fdt_range range;
	uint64_t size;
	int rc;

	if (!memory || tree_get_u64(memory, "reg", 2, &size))
		return reason_fail(ERR_FORMAT, "/memory@0 has no reg");
	rc = claim_init(size);
	if (!rc)
		rc = claim_exact(0, LOW_CLAIMED);
	if (!rc)
		rc = claim_exact(window, WINDOW_SIZE);
	for (int i = 0; !rc && !tree_fdt_reserve(main_fdt, i, &range); i++) {
		if (range.size && claim_exact(range.addr, range.size))
			log_warn("reserved memory %jx+%jx is not free",
				 (uintmax_t)range.addr, (uintmax_t)range.size);
	}
	if (rc)
		return rc;
	main_claim_dump(size);
	ci_mem_init(0, size);
	ci_mem_protect(window, window + WINDOW_SIZE,
		       (uintptr_t)stack_firmware_top,
		       (uintptr_t)stack_client_top);
	heap_set_grow(main_heap_grow);
	return claim_publish();
}

static void main_stop_self(void)
{
	const struct node *rtas = tree_find("/rtas");
	uint32_t token;

	if (rtas && !tree_get_u32(rtas, "stop-self", 0, &token))
		exception_init(token);
}

static int main_nodes(void)
{
	int rc;

	ci_quiesce_reset();
	device_init();
	ci_fdt_set_qemu_size((size_t)main_fdt_size);
	ci_rtas_tokens();
	main_stop_self();
	rc = ci_nodes_create();
	if (!rc)
		rc = ci_nodes_policy();
	if (!rc)
		rc = tree_set_u32(tree_root(), "ibm,trusted-boot", 0);
	if (!rc)
		rc = ci_methods_register();
	if (!rc)
		rc = ci_cas_init((size_t)main_fdt_size);
	return rc;
}

static int main_devices(void)
{
	bus_offer_all(true);
	/* As soon as NVRAM is readable: it selects the debug topics. */
	config_init();
	bus_offer_all(false);
	device_scan_all();
	/* Otherwise the boot policy and the prompt scan them when they must. */
	if (!ci_console_is_named())
		device_scan_rest();
	return ci_chosen_open();
}

static int main_trust(void)
{
	int rc;

	tpm_start();
	pristine_measure(main_fdt, (size_t)main_fdt_size);
	rc = ci_tpm_methods();
	if (!rc && tpm_is_ready())
		rc = tree_set_u32(tree_root(), "ibm,trusted-boot", 1);
	return rc;
}

static void main_leave(enum ci_leave why, uint64_t result)
{
	client_leave(why, result);
}

static void main_enter(void)
{
	boot_prompt(true);
}

static int main_hooks(void)
{
	static const struct ci_hooks hooks = {
		.leave = main_leave,
		.enter = main_enter,
		.option_changed = config_option_changed,
		.code_written = cache_flush,
	};

	ci_set_hooks(&hooks);
	return 0;
}

static const struct {
	const char *name;
	int (*run)(void);
} main_steps[] = {
	{ "console", main_console },  { "heap", main_memory },
	{ "device tree", main_tree }, { "trusted boot", main_keys },
	{ "time", main_time },	      { "memory map", main_claims },
	{ "nodes", main_nodes },      { "devices", main_devices },
	{ "measuring", main_trust },  { "client interface", main_hooks },
};

void machine_set_decrementer(uint32_t ticks)
{
	__asm__ volatile("mtdec %0" : : "r"(ticks));
}

void machine_disable_interrupts(void)
{
	uint64_t msr;

	__asm__ volatile("mfmsr %0" : "=r"(msr));
	/* This form changes only EE and RI. */
	__asm__ volatile("mtmsrd %0, 1" : : "r"(msr & ~MSR_EE) : "memory");
}

/* The window is ours, except the client's stack in it. */
static void main_watch(void)
{
	watch_own(image_start,
		  (uintptr_t)stack_firmware_top - (uintptr_t)image_start);
	watch_own(stack_client_top,
		  main_window_end() - (uintptr_t)stack_client_top);
	exception_take_low();
}

static int64_t main_client(const struct client_regs *regs, uint64_t *result)
{
	int64_t why;

	exception_give_low();
	why = client_enter(regs, result);
	exception_take_low();
	exception_restore();
	return why;
}

noreturn void main(const void *fdt)
{
	/* Not on the stack: the prompt after an exception resets the stack. */
	static const struct boot_machine machine = {
		.enter = main_client,
		.interface = (uintptr_t)client_interface,
		.stack_top = (uintptr_t)stack_client_top,
	};

	main_watch();
	deadline_init(0);
	main_fdt = fdt;
	for (size_t i = 0; i < ARRAY_SIZE(main_steps); i++) {
		int rc;

		reason_clear();
		rc = main_steps[i].run();
		if (rc) {
			log_err("start: %s: %s: %s", main_steps[i].name,
				err_str(rc), reason());
			idle_stop();
		}
	}
	boot_main(&machine);
}
