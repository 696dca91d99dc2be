/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside the client interface: services, their arguments, the one table. */
#ifndef CI_CALL_H
#define CI_CALL_H

#include "ci/ci.h"

/* Most cells of arguments, and of returns, that a call may have. */
#define CI_CELLS_MAX 24u

/*
 * One call. in[] holds at least the service's nargs cells, out[] has room for
 * CI_CELLS_MAX and starts as zero; the client gets the first nrets of it.
 */
struct ci_args {
	const cell_t *in;
	cell_t *out;
	unsigned nargs, nrets;
};

struct ci_service {
	const char *name;
	uint8_t nargs; /* the least that must come */
	uint8_t nrets; /* what the standard defines, for the documentation */
	void (*call)(const struct ci_args *a);
	const char *spec; /* where it is defined */
};

/* The table, ends with a NULL name (services.c). */
extern const struct ci_service ci_services[];

/* Handlers, in the standard's own grouping. */
void svc_test(const struct ci_args *a);
void svc_test_method(const struct ci_args *a);

/* svc_tree.c: IEEE 1275 6.3.2.2 */
void svc_peer(const struct ci_args *a);
void svc_child(const struct ci_args *a);
void svc_parent(const struct ci_args *a);
void svc_getproplen(const struct ci_args *a);
void svc_getprop(const struct ci_args *a);
void svc_nextprop(const struct ci_args *a);
void svc_setprop(const struct ci_args *a);
void svc_canon(const struct ci_args *a);
void svc_finddevice(const struct ci_args *a);
void svc_package_to_path(const struct ci_args *a);
void svc_fdt_fetch(const struct ci_args *a);

/* svc_device.c: IEEE 1275 6.3.2.2 and 6.3.2.3 */
void svc_instance_to_package(const struct ci_args *a);
void svc_instance_to_path(const struct ci_args *a);
void svc_instance_to_interposed_path(const struct ci_args *a);
void svc_call_method(const struct ci_args *a);
void svc_open(const struct ci_args *a);
void svc_close(const struct ci_args *a);
void svc_read(const struct ci_args *a);
void svc_write(const struct ci_args *a);
void svc_seek(const struct ci_args *a);

/* svc_memory.c: IEEE 1275 6.3.2.4 */
void svc_claim(const struct ci_args *a);
void svc_release(const struct ci_args *a);

/* svc_control.c: IEEE 1275 6.3.2.5 to 6.3.2.7 and LoPAR B.10 */
void svc_boot(const struct ci_args *a);
void svc_enter(const struct ci_args *a);
void svc_exit(const struct ci_args *a);
void svc_chain(const struct ci_args *a);
void svc_interpret(const struct ci_args *a);
void svc_set_callback(const struct ci_args *a);
void svc_set_symbol_lookup(const struct ci_args *a);
void svc_milliseconds(const struct ci_args *a);
void svc_start_cpu(const struct ci_args *a);
void svc_quiesce(const struct ci_args *a);

/*
 * ci_out_path - put a path of `len` bytes (NUL not counted) into a client's
 * buffer: cut to fit, the rest zero-filled.
 */
void ci_out_path(void *dst, cell_t size, const char *path, size_t len);

#endif
