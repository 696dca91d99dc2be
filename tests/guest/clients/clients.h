/* SPDX-License-Identifier: BSD-2-Clause */
/* Clients that cannot be had freely, rebuilt from what is known of them. Each
 * makes its calls in its own order, so here a case may build on earlier ones. */
#ifndef TESTS_GUEST_CLIENTS_CLIENTS_H
#define TESTS_GUEST_CLIENTS_CLIENTS_H

#include "tests/guest/conformance/conformance.h"

/*
 * call_method - the service: nargs argument cells after the ihandle, nrets
 * result cells after the catch-result.
 * Returns the catch-result; UNTOUCHED when the service itself failed.
 */
uint32_t call_method(const char *method, uint32_t ihandle, unsigned int nargs,
		     const uint32_t *args, unsigned int nrets, uint32_t *rets);

/* A property of up to 4 bytes of a node by phandle; MISSING when missing. */
uint32_t node_number(uint32_t node, const char *property);

/* The device in /chosen/bootpath, without what stands after ':'. */
#define DEVICE_SIZE 128
const char *boot_device(void);

/* device:argument, in a buffer that the next call uses again. */
const char *with_argument(const char *device, const char *argument);

/* Whether it was booted from a file (a disc), not from a partition. */
bool booted_from_file(void);

/* Opens device:argument, reads n bytes at a position, closes it again; says
 * whether all of them came. */
bool read_at(const char *device, const char *argument, uint64_t position,
	     void *to, uint32_t n);

/* How many bytes of memory begin at address 0 (/memory@0 reg). */
uint64_t memory_size(void);

/*
 * rtas_instantiate - claims memory at a page's start wherever there is some
 * and lets RTAS be put there. Whether it worked; rtas says where.
 */
struct rtas {
	uint32_t base, size, entry;
};
extern struct rtas rtas;
bool rtas_instantiate(void);

/* The token of an RTAS call, MISSING when there is no such. */
uint32_t rtas_token(const char *name);

/*
 * rtas_call - calls RTAS by its entry, without the client interface: nargs
 * arguments and nrets results follow each other in cells.
 */
void rtas_call(uint32_t token, unsigned int nargs, unsigned int nrets,
	       uint32_t *cells);

/* ibm,client-architecture-support on "/", with little in the vectors; 0 when
 * catch-result and result are 0. */
uint32_t architecture_support(void);

#endif /* TESTS_GUEST_CLIENTS_CLIENTS_H */
