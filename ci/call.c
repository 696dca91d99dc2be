// SPDX-License-Identifier: BSD-2-Clause
/* One call of the client interface: decode, dispatch, encode, trace. */
#include "ci/call.h"

#include <string.h>

#include "ci/mem.h"
#include "drivers/device.h"
#include "lib/endian.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "lib/watch.h"

/* The array starts with three cells: name, nargs, nrets. */
#define CI_HEADER 12u

static const struct ci_hooks *hooks;

const struct ci_hooks *ci_hooks(void)
{
	return hooks;
}

static const struct ci_service *ci_service(const char *name)
{
	for (const struct ci_service *s = ci_services; s->name; s++) {
		if (!strcmp(s->name, name))
			return s;
	}
	return NULL;
}

/*
 * The services called last, by the address of their name: clients call few, from
 * the same places, and GRUB polls network cards. `len`: with NUL.
 */
static struct {
	uint32_t addr, len;
	const struct ci_service *service;
} recent[16];

void ci_set_hooks(const struct ci_hooks *new_hooks)
{
	hooks = new_hooks;
	memset(recent, 0, sizeof(recent));
}

/* The service whose name is at `addr`; *name is NULL if no name is there. */
static const struct ci_service *ci_service_at(uint32_t addr, const char **name)
{
	size_t i = addr / 4 % ARRAY_SIZE(recent);
	const struct ci_service *s = recent[i].service;

	if (s && recent[i].addr == addr) {
		*name = ci_mem(addr, recent[i].len);
		if (*name && !memcmp(*name, s->name, recent[i].len))
			return s;
	}
	/* Also at a client's first call, which may look at the tree. */
	device_attach_rest();
	*name = ci_str(addr);
	s = *name ? ci_service(*name) : NULL;
	recent[i].addr = addr;
	recent[i].len = s ? (uint32_t)strlen(s->name) + 1 : 0;
	recent[i].service = s;
	return s;
}

bool ci_service_known(const char *name)
{
	return ci_service(name) != NULL;
}

/* Prints a cell and, if it points to short printable text, the text. */
static void ci_trace_cell(cell_t cell)
{
	const char *text = cell > 0xff ? ci_str(cell) : NULL;
	size_t len = text ? strnlen(text, 64) : 0;

	for (size_t i = 0; i < len; i++) {
		if (text[i] < ' ' || text[i] > '~')
			len = 0;
	}
	if (len > 1)
		print(" %x=\"%.*s\"", cell, (int)len, text);
	else
		print(" %x", cell);
}

static void ci_trace_call(const char *name, const cell_t *in, unsigned nargs)
{
	if (!log_on(LOG_CI))
		return;
	print("ci: %s", name);
	for (unsigned i = 0; i < nargs; i++)
		ci_trace_cell(in[i]);
}

static void ci_trace_return(const cell_t *out, unsigned nrets)
{
	if (!log_on(LOG_CI))
		return;
	print(" ->");
	for (unsigned i = 0; i < nrets; i++)
		print(" %x", out[i]);
	watch_trace();
	if (*reason())
		print("  (%s)", reason());
	print("\n");
}

static int64_t ci_refuse(const char *name, const char *why)
{
	if (log_on(LOG_CI))
		print("ci: %s: %s\n", name, why);
	return -1;
}

/*
 * Calls the handler with the cells that its row declares, and returns its
 * first return cell, if any. Others go to stack->rets.
 */
static cell_t ci_run(const struct ci_service *s, const cell_t *in,
		     struct ci_stack *stack)
{
	const union ci_handler *h = &s->handler;

	switch (s->form) {
	case CI_0_0:
		h->call_0_0();
		return 0;
	case CI_0_1:
		return h->call_0_1();
	case CI_1_0:
		h->call_1_0(in[0]);
		return 0;
	case CI_1_1:
		return h->call_1_1(in[0]);
	case CI_2_0:
		h->call_2_0(in[0], in[1]);
		return 0;
	case CI_2_1:
		return h->call_2_1(in[0], in[1]);
	case CI_3_0:
		h->call_3_0(in[0], in[1], in[2]);
		return 0;
	case CI_3_1:
		return h->call_3_1(in[0], in[1], in[2]);
	case CI_4_1:
		return h->call_4_1(in[0], in[1], in[2], in[3]);
	case CI_4_2:
		return h->call_4_2(in[0], in[1], in[2], in[3], stack->rets);
	case CI_5_0:
		h->call_5_0(in[0], in[1], in[2], in[3], in[4]);
		return 0;
	case CI_5_3:
		return h->call_5_3(in[0], in[1], in[2], in[3], in[4],
				   stack->rets);
	case CI_2_1_STACK:
		return h->call_2_1_stack(in[0], in[1], stack);
	}
	return 0;
}

static int64_t ci_dispatch(const struct ci_service *s, const uint8_t *cells,
			   uint8_t *results, unsigned nargs, unsigned nrets)
{
	cell_t in[CI_CELLS_MAX], out[CI_CELLS_MAX];
	struct ci_stack stack = { in + s->nargs, nargs - s->nargs, out + 1 };

	for (unsigned i = 0; i < nargs; i++)
		in[i] = be32_load(cells + 4 * i);
	for (unsigned i = 1; i < nrets; i++)
		out[i] = 0;
	ci_trace_call(s->name, in, nargs);
	reason_clear();
	watch_begin(s->name);
	out[0] = ci_run(s, in, &stack);
	watch_allow(results, 4 * nrets);
	for (unsigned i = 0; i < nrets; i++)
		be32_store(results + 4 * i, out[i]);
	ci_trace_return(out, nrets);
	watch_end();
	return 0;
}

int64_t ci_call(uint64_t addr)
{
	const uint8_t *header = ci_mem(addr, CI_HEADER);
	const struct ci_service *s;
	uint32_t nargs, nrets;
	const char *name;
	uint8_t *cells;

	if (!header)
		return ci_refuse("?", "the argument array is not in memory");
	s = ci_service_at(be32_load(header), &name);
	nargs = be32_load(header + 4);
	nrets = be32_load(header + 8);
	if (!name)
		return ci_refuse("?", "the name is not in memory");
	if (!s)
		return ci_refuse(name, "no such service");
	if (nargs > CI_CELLS_MAX || nrets > CI_CELLS_MAX)
		return ci_refuse(name, "too many cells");
	if (nargs < s->nargs)
		return ci_refuse(name, "too few arguments");
	cells = ci_buf(addr + CI_HEADER, 4 * (nargs + nrets));
	if (!cells)
		return ci_refuse(name, "cells are not in memory");
	return ci_dispatch(s, cells, cells + 4 * nargs, nargs, nrets);
}
