/* SPDX-License-Identifier: BSD-2-Clause */
/* The data that a client passes to ibm,client-architecture-support. */
#ifndef TESTS_GUEST_CONFORMANCE_CAS_VECTORS_H
#define TESTS_GUEST_CONFORMANCE_CAS_VECTORS_H

#include "tests/guest/conformance/walk.h"

/*
 * LoPAR B.6.2.3: pairs of mask and value for processor versions, the last one
 * with a value that its mask does not cover; the number of option vectors
 * minus one; the vectors, each after its length minus one.
 */
#define CAS_VERSIONS 5u
#define CAS_COUNT_AT (8 * (CAS_VERSIONS + 1))
#define VECTOR1_AT (CAS_COUNT_AT + 1)
#define VECTOR1_LENGTH 4u
#define VECTOR5_LENGTH 26u
#define CAS_VECTOR5_AT (VECTOR1_AT + 1 + VECTOR1_LENGTH + 3 * 2)
#define VECTORS_SIZE (CAS_VECTOR5_AT + 1 + VECTOR5_LENGTH)

/* Bytes of vector 5 (LoPAR B.6.2.3, Linux asm/prom.h OV5_XIVE_SUPPORT ...). */
#define OV5_INTERRUPTS 23u
#define OV5_MMU 24u
#define OV5_RADIX 26u
#define OV5_CHOICE 0xc0 /* 0x80 both, 0x40 the newer one, 0 the older one */
#define OV5_NEWER 0x40
#define OV5_GTSE 0x40

extern unsigned char cas_vectors[VECTORS_SIZE];

/* Fills cas_vectors: for the newer interrupt controller and MMU, if the
 * platform has them, or the older ones. */
void cas_make_vectors(bool newer);

/* Calls the method on an instance, with vectors at an address; returns whether
 * it succeeded. */
bool cas_call(uint32_t instance, uint32_t address);

/* Both, on its own instance, as Linux does. A failure fails the case; the case
 * is skipped if the machine is not a pseries. */
bool cas_negotiate(bool newer);

#endif /* TESTS_GUEST_CONFORMANCE_CAS_VECTORS_H */
