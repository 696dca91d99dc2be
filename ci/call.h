/* SPDX-License-Identifier: BSD-2-Clause */
/* Internals of the client interface: services, their arguments, the table. */
#ifndef CI_CALL_H
#define CI_CALL_H

#include "ci/ci.h"

/* Maximum number of argument cells, and of return cells, of a call. */
#define CI_CELLS_MAX 24u

/*
 * Cells whose number the client chooses: the Forth stack of call-method. They
 * follow its two arguments and its catch-result.
 */
struct ci_stack {
	const cell_t *args; /* `nargs` cells, top of the stack first */
	unsigned nargs;
	cell_t *rets; /* room for CI_STACK_RETS cells, initially 0 */
};

#define CI_STACK_RETS (CI_CELLS_MAX - 1u)

/*
 * The forms of services: CI_<arguments>_<returns>. The parameters of a handler
 * are its argument cells, its return value is the first return cell; `more` has
 * room for the others, initially 0. It has no access to other cells.
 */
enum ci_form {
	CI_0_0,
	CI_0_1,
	CI_1_0,
	CI_1_1,
	CI_2_0,
	CI_2_1,
	CI_3_0,
	CI_3_1,
	CI_4_1,
	CI_4_2,
	CI_5_0,
	CI_5_3,
	CI_2_1_STACK, /* with a Forth stack */
};

union ci_handler {
	void (*call_0_0)(void);
	cell_t (*call_0_1)(void);
	void (*call_1_0)(cell_t a);
	cell_t (*call_1_1)(cell_t a);
	void (*call_2_0)(cell_t a, cell_t b);
	cell_t (*call_2_1)(cell_t a, cell_t b);
	void (*call_3_0)(cell_t a, cell_t b, cell_t c);
	cell_t (*call_3_1)(cell_t a, cell_t b, cell_t c);
	cell_t (*call_4_1)(cell_t a, cell_t b, cell_t c, cell_t d);
	cell_t (*call_4_2)(cell_t a, cell_t b, cell_t c, cell_t d,
			   cell_t *more);
	void (*call_5_0)(cell_t a, cell_t b, cell_t c, cell_t d, cell_t e);
	cell_t (*call_5_3)(cell_t a, cell_t b, cell_t c, cell_t d, cell_t e,
			   cell_t *more);
	cell_t (*call_2_1_stack)(cell_t a, cell_t b, struct ci_stack *stack);
};

struct ci_service {
	const char *name;
	uint8_t nargs; /* required; more are ignored */
	uint8_t nrets; /* returned; if the client wants more, those are 0 */
	enum ci_form form;
	union ci_handler handler;
	const char *spec; /* source section */
};

/*
 * SERVICE(name, nargs, nrets, handler, spec) - a row of the table. Does not
 * compile unless the handler takes `nargs` cells and returns `nrets`.
 * SERVICE_STACK: the same with a Forth stack.
 */
/* clang-format off */
#define SERVICE(name, nargs, nrets, func, spec)                                \
	{ name, nargs, nrets, CI_##nargs##_##nrets,                            \
	  { .call_##nargs##_##nrets = func }, spec }
#define SERVICE_STACK(name, nargs, nrets, func, spec)                          \
	{ name, nargs, nrets, CI_##nargs##_##nrets##_STACK,                    \
	  { .call_##nargs##_##nrets##_stack = func }, spec }
/* clang-format on */

/* The table (services.c); ends with a NULL name. */
extern const struct ci_service ci_services[];

/* Handlers; grouping and cell names as in the standard. */
cell_t svc_test(cell_t name);
cell_t svc_test_method(cell_t phandle, cell_t method);

/* svc_tree.c: IEEE 1275 6.3.2.2 */
cell_t svc_peer(cell_t phandle);
cell_t svc_child(cell_t phandle);
cell_t svc_parent(cell_t phandle);
cell_t svc_getproplen(cell_t phandle, cell_t name);
cell_t svc_getprop(cell_t phandle, cell_t name, cell_t buf, cell_t buflen);
cell_t svc_nextprop(cell_t phandle, cell_t previous, cell_t buf);
cell_t svc_setprop(cell_t phandle, cell_t name, cell_t buf, cell_t len);
cell_t svc_canon(cell_t specifier, cell_t buf, cell_t buflen);
cell_t svc_finddevice(cell_t specifier);
cell_t svc_package_to_path(cell_t phandle, cell_t buf, cell_t buflen);
cell_t svc_fdt_fetch(cell_t buf, cell_t buflen);

/* svc_device.c: IEEE 1275 6.3.2.2 and 6.3.2.3 */
cell_t svc_instance_to_package(cell_t ihandle);
cell_t svc_instance_to_path(cell_t ihandle, cell_t buf, cell_t buflen);
cell_t svc_instance_to_interposed_path(cell_t ihandle, cell_t buf,
				       cell_t buflen);
cell_t svc_call_method(cell_t method, cell_t ihandle, struct ci_stack *stack);
cell_t svc_open(cell_t specifier);
void svc_close(cell_t ihandle);
cell_t svc_read(cell_t ihandle, cell_t addr, cell_t len);
cell_t svc_write(cell_t ihandle, cell_t addr, cell_t len);
cell_t svc_seek(cell_t ihandle, cell_t pos_hi, cell_t pos_lo);

/* svc_memory.c: IEEE 1275 6.3.2.4 */
cell_t svc_claim(cell_t virt, cell_t size, cell_t align);
void svc_release(cell_t virt, cell_t size);

/* svc_control.c: IEEE 1275 6.3.2.5 to 6.3.2.7 and LoPAR B.10 */
void svc_boot(cell_t bootspec);
void svc_enter(void);
void svc_exit(void);
void svc_chain(cell_t virt, cell_t size, cell_t entry, cell_t args, cell_t len);
cell_t svc_interpret(cell_t cmd);
cell_t svc_set_callback(cell_t newfunc);
void svc_set_symbol_lookup(cell_t sym_to_value, cell_t value_to_sym);
cell_t svc_milliseconds(void);
void svc_start_cpu(cell_t phandle, cell_t pc, cell_t r3);
void svc_quiesce(void);

/* svc_pks.c: the platform's key store, as far as boot loaders read it */
cell_t svc_pks_max_object_size(void);
cell_t svc_pks_read_object(cell_t consumer, cell_t label, cell_t label_len,
			   cell_t buf, cell_t buflen, cell_t more[2]);
cell_t svc_pks_read_sbvar(cell_t flags, cell_t type, cell_t buf, cell_t buflen,
			  cell_t more[1]);

/*
 * ci_out_path - copy a path of `len` bytes (without NUL) to a client's buffer
 * of `size` bytes: truncated to fit, the rest zero-filled.
 */
void ci_out_path(void *dst, cell_t size, const char *path, size_t len);

#endif
