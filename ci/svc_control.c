// SPDX-License-Identifier: BSD-2-Clause
/* Services for control transfer, text and time (IEEE 1275 6.3.2.5 to .7). */
#include <string.h>

#include "ci/call.h"
#include "ci/mem.h"
#include "ci/phrases.h"
#include "ci/quiesce.h"
#include "hcall/rtas.h"
#include "lib/deadline.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "tree/prop.h"

static char *control_boot_text;
static struct ci_chain control_chain;
static cell_t control_callback;

/* test: 0: the service exists, -1: it is missing. */
cell_t svc_test(cell_t name)
{
	const char *text = ci_str(name);

	return text && ci_service_known(text) ? 0 : CELL_TRUE;
}

const char *ci_boot_text(void)
{
	return control_boot_text ? control_boot_text : "";
}

/* After quiesce nothing can be loaded any more: reboot the machine. */
static void control_leave(enum ci_leave why, uint64_t result)
{
	if (ci_is_quiesced())
		rtas_reboot();
	ci_hooks()->leave(why, result);
}

int ci_leave_boot(const char *text)
{
	char *copy = heap_strdup(text);

	if (!copy)
		return reason_fail(ERR_NOMEM, "boot: out of memory");
	heap_free(control_boot_text);
	control_boot_text = copy;
	control_leave(CI_BOOT, 0);
	return 0;
}

/* boot: boots with the client's string; does not change NVRAM. */
void svc_boot(cell_t bootspec)
{
	const char *text = ci_str(bootspec);

	if (ci_leave_boot(text ? text : ""))
		log_err("%s", reason());
}

void svc_enter(void)
{
	ci_hooks()->enter();
}

void svc_exit(void)
{
	control_leave(CI_EXIT, 0);
}

struct ci_chain ci_chain_get(void)
{
	return control_chain;
}

/*
 * chain: frees the client's program memory (virt, size) and enters another
 * program with arguments. Returns only if an address is bad.
 */
void svc_chain(cell_t virt, cell_t size, cell_t entry, cell_t args, cell_t len)
{
	const struct ci_chain chain = { virt, size, entry, args, len };

	if (!ci_mem(entry, 4) || !ci_mem(args, len) || !ci_mem(virt, size) ||
	    entry % 4) {
		log_err("chain: entry %x, arguments %x+%x or memory %x+%x: not "
			"memory",
			entry, args, len, virt, size);
		return;
	}
	control_chain = chain;
	control_leave(CI_CHAIN, 0);
}

/*
 * interpret: runs known phrases. The catch-result is the first cell, as in the
 * standard (the last in SLOF; with one result it is the same cell).
 */
cell_t svc_interpret(cell_t cmd)
{
	const char *text = ci_str(cmd);
	cell_t result = CELL_FAIL;

	if (!text)
		return CELL_FAIL;
	if (phrases_run(text, strlen(text), &phrase_client, &result) && !result)
		result = CELL_FAIL;
	return result;
}

/* set-callback: accepted; returns the old one, but nothing calls it. */
cell_t svc_set_callback(cell_t newfunc)
{
	cell_t oldfunc = control_callback;

	control_callback = newfunc;
	return oldfunc;
}

/* set-symbol-lookup: accepted, but there is no debugger to call them. */
void svc_set_symbol_lookup(cell_t sym_to_value, cell_t value_to_sym)
{
	(void)sym_to_value;
	(void)value_to_sym;
}

cell_t svc_milliseconds(void)
{
	return (cell_t)deadline_ms();
}

/* start-cpu: phandle of the cpu node, address, value for r3 (LoPAR B.10). */
void svc_start_cpu(cell_t phandle, cell_t pc, cell_t r3)
{
	const struct node *node = tree_by_phandle(phandle);
	uint32_t id;

	if (!node || tree_get_u32(node, "reg", 0, &id)) {
		log_err("start-cpu: %x is not a cpu node", phandle);
		return;
	}
	if (rtas_start_cpu(id, pc, r3))
		log_err("start-cpu: cpu %u did not start", id);
}

void svc_quiesce(void)
{
	ci_quiesce();
}
