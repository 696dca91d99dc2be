/* SPDX-License-Identifier: BSD-2-Clause */
/* A fake hypervisor: linked in place of hcall/hcall.S. */
#ifndef TESTS_FAKE_HCALL_H
#define TESTS_FAKE_HCALL_H

#include "hcall/hcall.h"

typedef int64_t (*fake_hcall_fn)(struct hcall *h);

/* fake_hcall_set - set the handler of a hypercall; NULL: H_FUNCTION. */
void fake_hcall_set(uint64_t op, fake_hcall_fn fn);

/* fake_hcall_reset - remove all handlers; counts are 0. */
void fake_hcall_reset(void);

/* fake_hcall_count - calls of `op` since the reset. */
unsigned fake_hcall_count(uint64_t op);

/*
 * fake_hcall_trap - a host that traps `sc 1`: hcall() returns H_PRIVILEGE, and
 * only hcall_emulated() works. The reset ends it.
 */
void fake_hcall_trap(void);

#endif
