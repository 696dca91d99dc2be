/* SPDX-License-Identifier: BSD-2-Clause */
/* Random calls: their parts, and the state that they must not change. */
#ifndef TESTS_GUEST_CONFORMANCE_STORM_H
#define TESTS_GUEST_CONFORMANCE_STORM_H

#include "tests/guest/conformance/ranges.h"

enum storm_kind {
	STORM_TREE = 1,
	STORM_SETPROP = 2,
	STORM_INSTANCES = 4,
	STORM_MEMORY = 8,
	STORM_USER = 16,
	STORM_FDT = 32,
};

/* The only memory that calls of the storm may write to. */
#define STORM_AREA 0x10000u
extern unsigned char *const storm_area;

/* One of several things, chosen by any number. */
const char *storm_text(uint32_t number);
const char *storm_forth(uint32_t number);
const char *storm_method(uint32_t number);
const char *storm_property(uint32_t number);
uint32_t storm_package(uint32_t number);

/* An instance of the root, which can neither be read nor written. */
uint32_t storm_root_instance(void);

/* Before a storm: records the firmware's answers and the client's memory. */
void storm_remember(void);

/* Compares a part of it, quickly; false after a failed expectation. */
bool storm_probe(void);

/* After a storm: compares all of it. */
void storm_compare(void);

#endif /* TESTS_GUEST_CONFORMANCE_STORM_H */
