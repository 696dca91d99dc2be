/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads a crypto agile log as Linux does, entry by entry. */
#ifndef TESTS_FAKE_EVENT_READER_H
#define TESTS_FAKE_EVENT_READER_H

#include "lib/digest.h"

struct read_event {
	uint32_t pcr, type;
	struct digest_values values;
	const uint8_t *event;
	size_t len;
};

struct event_reader {
	const uint8_t *at, *end;
	unsigned set; /* the banks of its header */
};

/* event_reader_begin - asserts a good header. */
void event_reader_begin(struct event_reader *reader, const void *log,
			size_t size);

/*
 * event_reader_next - false: the end of the log, as Linux finds it: a zero entry
 * or an entry that reaches the end. Asserts what would make Linux stop early.
 */
bool event_reader_next(struct event_reader *reader, struct read_event *event);

/* event_reader_replay - the PCR's values in all banks after the whole log. */
void event_reader_replay(const void *log, size_t size, uint32_t pcr,
			 struct digest_values *values);

#endif
