// SPDX-License-Identifier: BSD-2-Clause
/* Services that move control, time and text (IEEE 1275 6.3.2.5 to .7). */
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

/* test: 0: the service is there, -1: it is missing. */
void svc_test(const struct ci_args *a)
{
	const char *name = ci_str(a->in[0]);

	a->out[0] = name && ci_service_known(name) ? 0 : CELL_TRUE;
}

const char *ci_boot_text(void)
{
	return control_boot_text ? control_boot_text : "";
}

/* After quiesce nothing can be loaded any more: the machine starts again. */
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

/* boot: the policy with the client's string; NVRAM stays as it is. */
void svc_boot(const struct ci_args *a)
{
	const char *text = ci_str(a->in[0]);

	if (ci_leave_boot(text ? text : ""))
		log_err("%s", reason());
}

void svc_enter(const struct ci_args *a)
{
	(void)a;
	ci_hooks()->enter();
}

void svc_exit(const struct ci_args *a)
{
	(void)a;
	control_leave(CI_EXIT, 0);
}

void ci_leave_chain(const struct ci_chain *chain)
{
	control_chain = *chain;
	control_leave(CI_CHAIN, 0);
}

struct ci_chain ci_chain_get(void)
{
	return control_chain;
}

/*
 * chain: free the client's program memory (virt, size) and enter another one
 * with arguments. Refused, by returning, when what it names is not memory.
 */
void svc_chain(const struct ci_args *a)
{
	const struct ci_chain chain = { a->in[0], a->in[1], a->in[2], a->in[3],
					a->in[4] };

	if (!ci_mem(chain.entry, 4) || !ci_mem(chain.args, chain.len) ||
	    !ci_mem(chain.virt, chain.size) || chain.entry % 4) {
		log_err("chain: entry %x, arguments %x+%x or memory %x+%x: not "
			"memory",
			chain.entry, chain.args, chain.len, chain.virt,
			chain.size);
		return;
	}
	ci_leave_chain(&chain);
}

static int control_phrase_boot(void *arg, const char *text)
{
	(void)arg;
	return ci_leave_boot(text);
}

static void control_phrase_reset(void *arg)
{
	(void)arg;
	ci_reboot();
}

static void control_phrase_power_off(void *arg)
{
	(void)arg;
	ci_power_off();
}

static uint8_t *control_phrase_mem(void *arg, uint32_t addr, uint32_t len)
{
	(void)arg;
	return ci_buf(addr, len);
}

/*
 * interpret: one of the phrases that clients send. Catch-result first, as the
 * standard says (SLOF stored it last; with one result it is the same cell).
 */
void svc_interpret(const struct ci_args *a)
{
	static const struct phrase_ops ops = {
		.boot = control_phrase_boot,
		.reset = control_phrase_reset,
		.power_off = control_phrase_power_off,
		.mem = control_phrase_mem,
	};
	const char *text = ci_str(a->in[0]);
	cell_t result = CELL_FAIL;

	a->out[0] = CELL_FAIL;
	if (!text)
		return;
	if (phrases_run(text, strlen(text), &ops, &result) && !result)
		result = CELL_FAIL;
	a->out[0] = result;
}

/* set-callback: accepted, the old one is returned; nothing calls it. */
void svc_set_callback(const struct ci_args *a)
{
	a->out[0] = control_callback;
	control_callback = a->in[0];
}

/* set-symbol-lookup: accepted; we have no debugger that would call them. */
void svc_set_symbol_lookup(const struct ci_args *a)
{
	(void)a;
}

void svc_milliseconds(const struct ci_args *a)
{
	a->out[0] = (cell_t)deadline_ms();
}

/* start-cpu: phandle of the cpu node, address, value for r3 (LoPAR B.10). */
void svc_start_cpu(const struct ci_args *a)
{
	const struct node *node = tree_by_phandle(a->in[0]);
	uint32_t id;

	if (!node || tree_get_u32(node, "reg", 0, &id)) {
		log_err("start-cpu: %x is not a cpu node", a->in[0]);
		return;
	}
	if (rtas_start_cpu(id, a->in[1], a->in[2]))
		log_err("start-cpu: cpu %u did not start", id);
}

void svc_quiesce(const struct ci_args *a)
{
	(void)a;
	ci_quiesce();
}
