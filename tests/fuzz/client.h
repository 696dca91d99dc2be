/* SPDX-License-Identifier: BSD-2-Clause */
/* A client made of a fuzzer's bytes: its cells, strings and calls. */
#ifndef TESTS_FUZZ_CLIENT_H
#define TESTS_FUZZ_CLIENT_H

#include "tests/fuzz/input.h"
#include "tests/fuzz/sound.h"

/* client_start - a client whose bytes are at `in`; two disks are open. */
void client_start(struct fuzz_input *in);

/* client_service - call service number `n` of the table, in due form. */
void client_service(unsigned n);

/* client_raw - call with any cells, or with whatever stands at any address. */
void client_raw(void);

/* client_poke - write some of the input anywhere. */
void client_poke(void);

/*
 * client_image - what is left of the input is a piece of memory. It begins
 * with the offsets (16 bits) of argument arrays in it, up to the first 0.
 */
void client_image(void);

/* client_check - the handles that the client was given. */
void client_check(void);

#endif
