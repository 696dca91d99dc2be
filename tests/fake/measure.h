/* SPDX-License-Identifier: BSD-2-Clause */
/* packages/measure.c, replaced: keeps what is measured, byte by byte. */
#ifndef TESTS_FAKE_MEASURE_H
#define TESTS_FAKE_MEASURE_H

#include "packages/measure.h"

/* Is there a TPM? */
extern bool fake_measure_on;

/* fake_measure_start - there is one, and nothing has been measured. */
void fake_measure_start(void);

/* fake_measure_stop - there is none; forget all. */
void fake_measure_stop(void);

/* fake_measured - assert the next event that was logged. NULL: no name. */
void fake_measured(enum measure_event what, const char *name, const void *data,
		   size_t len);

/* fake_measured_name - assert the next event's kind; its name. */
const char *fake_measured_name(enum measure_event what);

/* fake_measured_len - the length of the next event's data. */
size_t fake_measured_len(void);

/* fake_measured_end - assert that this was all. */
void fake_measured_end(void);

/* fake_measured_waits - how many events wait for a client. */
size_t fake_measured_waits(void);

#endif
