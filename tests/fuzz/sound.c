// SPDX-License-Identifier: BSD-2-Clause
/* What must hold on the fake machine whatever a client does to it. */
#include "tests/fuzz/sound.h"

#include <string.h>

#include "ci/call.h"
#include "ci/claim.h"
#include "hcall/rtas.h"
#include "lib/endian.h"
#include "tree/path.h"
#include "tree/prop.h"

/* A call, as the client has written it down. */
struct call {
	const char *name;
	cell_t cells[CI_CELLS_MAX];
	unsigned nargs, nrets;
	uint64_t rets; /* where they go */
};

/* What the memory would be if only what may be written was. */
static uint8_t shadow[FAKE_MEMORY];
/* The client or CAS have set `available` themselves. */
static bool available_foreign;

void sound_start(void)
{
	memcpy(shadow, fake_memory, sizeof(shadow));
	available_foreign = false;
}

static void allow(uint64_t addr, uint64_t len)
{
	if (addr >= FAKE_MEMORY)
		return;
	len = MIN(len, FAKE_MEMORY - addr);
	memcpy(shadow + addr, fake_memory + addr, len);
}

/* Not into the window: we would not know who did it. */
void sound_write(cell_t addr, const void *from, size_t len)
{
	bool stack = addr >= FAKE_STACK && addr < FAKE_STACK_END;
	cell_t end = stack		      ? FAKE_STACK_END
		     : addr < FAKE_WINDOW     ? FAKE_WINDOW
		     : addr < FAKE_WINDOW_END ? addr
					      : FAKE_MEMORY;

	if (addr >= FAKE_MEMORY)
		return;
	len = MIN(len, (size_t)(end - addr));
	memcpy(fake_memory + addr, from, len);
	allow(addr, len);
}

static const char *text_at(uint64_t addr)
{
	const uint8_t *text = fake_memory;

	if (addr >= FAKE_MEMORY ||
	    !memchr(text + addr, '\0', (size_t)(FAKE_MEMORY - addr)))
		return "";
	return (const char *)text + addr;
}

static void decode(uint64_t addr, struct call *call)
{
	const uint8_t *array;

	*call = (struct call){ .name = "" };
	if (addr > FAKE_MEMORY - 12)
		return;
	array = fake_memory + addr;
	call->nargs = be32_load(array + 4);
	call->nrets = be32_load(array + 8);
	if (call->nargs > CI_CELLS_MAX || call->nrets > CI_CELLS_MAX)
		return;
	call->rets = addr + 12 + 4 * call->nargs;
	if (call->rets + 4 * call->nrets > FAKE_MEMORY)
		return;
	for (unsigned i = 0; i < call->nargs; i++)
		call->cells[i] = be32_load(array + 12 + 4 * i);
	call->name = text_at(be32_load(array));
}

/* The buffers that services are given: which cells are address and length. */
static const struct {
	const char *service;
	const char *method; /* of call-method */
	uint8_t addr, len;
	uint32_t fixed; /* instead of `len` */
} buffers[] = {
	{ "getprop", NULL, 2, 3, 0 },
	{ "nextprop", NULL, 2, 0, TREE_PROP_NAME_MAX + 1 },
	{ "canon", NULL, 1, 2, 0 },
	{ "instance-to-path", NULL, 1, 2, 0 },
	{ "instance-to-interposed-path", NULL, 1, 2, 0 },
	{ "package-to-path", NULL, 1, 2, 0 },
	{ "read", NULL, 1, 2, 0 },
	{ "fdt-fetch", NULL, 0, 1, 0 },
	{ "call-method", "read", 3, 2, 0 },
	{ "call-method", "instantiate-rtas", 2, 0, RTAS_BLOB_SIZE },
};

static void allow_buffers(const struct call *call, const char *method)
{
	for (size_t i = 0; i < ARRAY_SIZE(buffers); i++) {
		if (strcmp(call->name, buffers[i].service) ||
		    (buffers[i].method && strcmp(method, buffers[i].method)))
			continue;
		allow(call->cells[buffers[i].addr],
		      buffers[i].fixed ? buffers[i].fixed
				       : call->cells[buffers[i].len]);
	}
}

/* The names are taken before the call, which may write over them. */
static void allow_call(const struct call *call, const char *service,
		       const char *method)
{
	struct call named = *call;

	named.name = service;
	allow(call->rets, 4 * call->nrets);
	allow_buffers(&named, method);
	/* Stores of one to four bytes anywhere; the window is checked apart. */
	if (!strcmp(service, "interpret"))
		allow(0, FAKE_MEMORY);
}

static void check_window(void)
{
	static uint8_t clean[FAKE_WINDOW_END - FAKE_WINDOW];

	if (!clean[0])
		memset(clean, 0xee, sizeof(clean));
	assert(!memcmp(fake_memory + FAKE_WINDOW, clean,
		       FAKE_STACK - FAKE_WINDOW));
	assert(!memcmp(fake_memory + FAKE_STACK_END, clean,
		       FAKE_WINDOW_END - FAKE_STACK_END));
	assert(!claim_is_free(FAKE_WINDOW, 1));
	assert(!claim_is_free(FAKE_WINDOW_END - 1, 1));
}

static void check_props(const struct node *node)
{
	const struct prop *prop;

	list_for_each(prop, &node->props, link) {
		assert(prop->len <= prop->room && strlen(prop->name));
		assert(prop->link.next->prev == &prop->link);
	}
}

static void check_tree(void)
{
	for (struct node *n = tree_root(); n; n = tree_next(n)) {
		assert(n->phandle && tree_by_phandle(n->phandle) == n);
		assert(!n->next || n->next->prev == n);
		assert(!n->child || n->child->parent == n);
		assert(!n->last_child || !n->last_child->next);
		check_props(n);
	}
}

/* Sorted, free, and no smaller than what is free. */
static void check_available(void)
{
	const struct node *node = tree_find("/memory@0");
	uint32_t len = 0;
	const uint8_t *cells = node ? tree_getprop(node, "available", &len)
				    : NULL;
	uint64_t last = 0;

	if (!cells || available_foreign)
		return;
	assert(len % 16 == 0 && len <= 16 * CLAIM_AVAILABLE_MAX);
	for (; len; len -= 16, cells += 16) {
		uint64_t start = be64_load(cells), size = be64_load(cells + 8);

		assert(size && (start > last || !last));
		last = start + size;
		assert(claim_is_free(start, size));
		assert(!start || !claim_is_free(start - 1, 1));
		assert(!claim_is_free(last, 1));
	}
}

static bool sets_available(const struct call *call, const char *service,
			   const char *method)
{
	return (!strcmp(service, "setprop") &&
		!strcmp(text_at(call->cells[1]), "available")) ||
	       (!strcmp(service, "call-method") &&
		!strcmp(method, "ibm,client-architecture-support"));
}

int64_t sound_call(uint64_t addr)
{
	char service[64], method[64];
	struct call call;
	int64_t rc;

	decode(addr, &call);
	strncpy(service, call.name, sizeof(service) - 1);
	service[sizeof(service) - 1] = '\0';
	strncpy(method, text_at(call.cells[0]), sizeof(method) - 1);
	method[sizeof(method) - 1] = '\0';
	available_foreign |= sets_available(&call, service, method);
	rc = ci_call(addr);
	assert(rc == 0 || rc == -1);
	if (!rc)
		allow_call(&call, service, method);
	if (!rc && !strcmp(service, "release"))
		available_foreign = false;
	check_window();
	check_tree();
	check_available();
	return rc;
}

void sound_handle(cell_t handle)
{
	const struct instance *inst = instance_get(handle);

	if (!inst)
		return;
	assert(inst->handle == handle && !tree_by_phandle(handle));
	assert(tree_by_phandle(inst->node->phandle) == inst->node);
	for (; inst->parent; inst = inst->parent)
		assert(inst->parent->node == inst->node);
}

static cell_t ask(const char *name, cell_t node)
{
	uint8_t *array = fake_memory + FAKE_ARRAY;

	memcpy(array + 0x40, name, strlen(name) + 1);
	be32_store(array, FAKE_ARRAY + 0x40);
	be32_store(array + 4, 1);
	be32_store(array + 8, 1);
	be32_store(array + 12, node);
	assert(!ci_call(FAKE_ARRAY));
	allow(FAKE_ARRAY, 0x60);
	return be32_load(array + 16);
}

static cell_t handle_of(const struct node *node)
{
	return node ? node->phandle : 0;
}

void sound_walk(void)
{
	assert(ask("peer", 0) == handle_of(tree_root()));
	for (struct node *n = tree_root(); n; n = tree_next(n)) {
		assert(ask("child", n->phandle) == handle_of(n->child));
		assert(ask("peer", n->phandle) == handle_of(n->next));
		assert(ask("parent", n->phandle) == handle_of(n->parent));
	}
}

void sound_end(void)
{
	assert(!memcmp(shadow, fake_memory, FAKE_MEMORY));
}
