/* SPDX-License-Identifier: BSD-2-Clause */
/* Stand-ins for clients that are not freely available, made from what is known
 * of them. Each calls in its own order, so a case may depend on earlier ones. */
#ifndef TESTS_GUEST_CLIENTS_CLIENTS_H
#define TESTS_GUEST_CLIENTS_CLIENTS_H

#include "tests/guest/conformance/conformance.h"

/*
 * call_method - the service: nargs argument cells after the ihandle, nrets
 * result cells after the catch-result.
 * Returns the catch-result; UNTOUCHED if the service itself failed.
 */
uint32_t call_method(const char *method, uint32_t ihandle, unsigned int nargs,
		     const uint32_t *args, unsigned int nrets, uint32_t *rets);

/* A property of up to 4 bytes of a node by phandle; MISSING if missing. */
uint32_t node_number(uint32_t node, const char *property);

/* The device in /chosen/bootpath, without the arguments after ':'. */
#define DEVICE_SIZE 128
const char *boot_device(void);

/* device:argument, in a buffer that the next call reuses. */
const char *with_argument(const char *device, const char *argument);

/* Whether it was booted from a file (a disc), not from a partition. */
bool booted_from_file(void);

/* Opens device:argument, reads n bytes at a position, closes it; returns
 * whether all bytes were read. */
bool read_at(const char *device, const char *argument, uint64_t position,
	     void *to, uint32_t n);

/* How many bytes of memory begin at address 0 (/memory@0 reg). */
uint64_t memory_size(void);

/*
 * rtas_instantiate - claims page-aligned memory anywhere and instantiates RTAS
 * there. Returns whether it worked; rtas has the address.
 */
struct rtas {
	uint32_t base, size, entry;
};
extern struct rtas rtas;
bool rtas_instantiate(void);

/* The token of an RTAS call, MISSING if there is none. */
uint32_t rtas_token(const char *name);

/*
 * rtas_call - calls RTAS at its entry, without the client interface: cells has
 * nargs arguments, then nrets results.
 */
void rtas_call(uint32_t token, unsigned int nargs, unsigned int nrets,
	       uint32_t *cells);

/* ibm,client-architecture-support on "/", with short vectors; 0 if
 * catch-result and result are 0. */
uint32_t architecture_support(void);

#endif /* TESTS_GUEST_CLIENTS_CLIENTS_H */
