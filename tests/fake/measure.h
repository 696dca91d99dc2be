/* SPDX-License-Identifier: BSD-2-Clause */
/* Somebody who is told what is loaded or run, and keeps it. */
#ifndef TESTS_FAKE_MEASURE_H
#define TESTS_FAKE_MEASURE_H

#include "packages/measure.h"

/* fake_measure - a measure_hook. */
void fake_measure(enum measure_kind kind, const char *name, const void *data,
		  size_t len);

/* fake_measure_reset - forget what was told. */
void fake_measure_reset(void);

/* fake_measured - assert what was told next. */
void fake_measured(enum measure_kind kind, const char *name, const void *data,
		   size_t len);

/* fake_measured_all - assert that this was all; returns how many bytes. */
size_t fake_measured_all(void);

#endif
