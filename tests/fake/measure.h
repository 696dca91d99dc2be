/* SPDX-License-Identifier: BSD-2-Clause */
/* A measure hook that records what is loaded or run. */
#ifndef TESTS_FAKE_MEASURE_H
#define TESTS_FAKE_MEASURE_H

#include "packages/measure.h"

/* fake_measure - a measure_hook. */
void fake_measure(enum measure_kind kind, const char *name, const void *data,
		  size_t len);

/* fake_measure_reset - forget all records. */
void fake_measure_reset(void);

/* fake_measured - assert the next record. */
void fake_measured(enum measure_kind kind, const char *name, const void *data,
		   size_t len);

/* fake_measured_all - assert that this was all; returns the total bytes. */
size_t fake_measured_all(void);

#endif
