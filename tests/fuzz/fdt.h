/* SPDX-License-Identifier: BSD-2-Clause */
/* Flattened trees made of a fuzzer's bytes. */
#ifndef TESTS_FUZZ_FDT_H
#define TESTS_FUZZ_FDT_H

#include "tests/fake/fdt.h"
#include "tests/fuzz/input.h"

/*
 * fuzz_fdt - a blob whose structure follows the input; the strings and nesting
 * are sound, all else need not be. Then single bytes of it are changed, where
 * the input wants it. Returns it, valid until the next call, with its `*size`.
 */
void *fuzz_fdt(struct fuzz_input *in, size_t *size);

#endif
