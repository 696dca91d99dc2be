// SPDX-License-Identifier: BSD-2-Clause
// The event log: its bytes, its end, what happens when it is full.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "packages/tpm/eventlog.h"
#include "tests/fake/event_reader.h"

#define SHA256_ONLY DIGEST_BIT(DIGEST_SHA256)

// What an entry without event takes with all banks, and with SHA-256 alone.
#define ENTRY_ALL 188u
#define ENTRY_SHA256 50u

static void assert_next(struct event_reader *reader, uint32_t pcr,
			uint32_t type, const void *event, size_t len)
{
	struct read_event read;
	struct digest_values expected;

	assert_true(event_reader_next(reader, &read));
	assert_int_equal(read.pcr, pcr);
	assert_int_equal(read.type, type);
	assert_int_equal(read.len, len);
	assert_memory_equal(read.event, event, len);
	digest_of(reader->set, event, len, &expected);
	for (unsigned i = 0; i < DIGEST_HASHES; i++)
		if (reader->set & DIGEST_BIT(i))
			assert_memory_equal(read.values.value[i],
					    expected.value[i],
					    digest_infos[i].size);
}

static int add(struct eventlog *log, uint32_t pcr, const void *event,
	       size_t len)
{
	struct digest_values values;

	digest_of(log->set, event, len, &values);
	return eventlog_add(log, pcr, 13, &values, event, len);
}

static void the_header_has_the_bytes_of_the_standard(void **state)
{
	static const uint8_t expected[] =
		"\0\0\0\0\3\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
		"\x25\0\0\0Spec ID Event03\0\0\0\0\0\0\2\2\2\2\0\0\0"
		"\x04\0\x14\0\x0b\0\x20\0";
	struct eventlog log;
	uint8_t buf[EVENTLOG_MIN];

	(void)state;
	eventlog_begin(&log, buf, sizeof(buf),
		       SHA256_ONLY | DIGEST_BIT(DIGEST_SHA1));
	assert_int_equal(log.used, sizeof(expected));
	assert_memory_equal(buf, expected, sizeof(expected));
}

static void an_entry_has_the_bytes_of_the_standard(void **state)
{
	struct digest_values values = { .set = DIGEST_ALL };
	struct eventlog log;
	uint8_t buf[EVENTLOG_MIN];
	size_t start;

	(void)state;
	memset(values.value, 0x5a, sizeof(values.value));
	eventlog_begin(&log, buf, sizeof(buf), SHA256_ONLY);
	start = log.used;
	assert_int_equal(eventlog_add(&log, 7, 0x80000001, &values, "event", 5),
			 0);
	assert_int_equal(log.used - start, ENTRY_SHA256 + 5);
	assert_memory_equal(buf + start, "\7\0\0\0\1\0\0\x80\1\0\0\0\x0b\0",
			    14);
	for (size_t i = 0; i < 32; i++)
		assert_int_equal(buf[start + 14 + i], 0x5a);
	assert_memory_equal(buf + start + 46, "\5\0\0\0event", 9);
}

static void every_set_of_banks_can_be_read_again(void **state)
{
	(void)state;
	for (unsigned set = 0; set <= DIGEST_ALL; set++) {
		uint8_t buf[2048], copy[2048];
		struct event_reader reader;
		struct read_event read;
		struct eventlog log;

		memset(buf, 0xa5, sizeof(buf));
		eventlog_begin(&log, buf, sizeof(buf), set);
		assert_int_equal(add(&log, 1, "first", 5), 0);
		assert_int_equal(add(&log, 2, "", 0), 0);
		assert_int_equal(add(&log, 23, "third", 6), 0);
		assert_int_equal(eventlog_copy(&log, copy, eventlog_size(&log)),
				 0);
		event_reader_begin(&reader, copy, eventlog_size(&log));
		assert_int_equal(reader.set, set);
		assert_next(&reader, 1, 13, "first", 5);
		assert_next(&reader, 2, 13, "", 0);
		assert_next(&reader, 23, 13, "third", 6);
		assert_false(event_reader_next(&reader, &read));
	}
}

static void the_rest_of_a_larger_copy_is_zero(void **state)
{
	uint8_t buf[EVENTLOG_MIN], copy[4096];
	struct eventlog log;

	(void)state;
	memset(buf, 0xa5, sizeof(buf));
	eventlog_begin(&log, buf, sizeof(buf), DIGEST_ALL);
	memset(copy, 0x5a, sizeof(copy));
	assert_int_equal(eventlog_copy(&log, copy, sizeof(copy) - 1), 0);
	assert_memory_equal(copy, buf, log.used);
	for (size_t i = log.used; i < sizeof(copy) - 1; i++)
		assert_int_equal(copy[i], 0);
	assert_int_equal(copy[sizeof(copy) - 1], 0x5a);
}

static void a_copy_too_small_for_the_entries_writes_nothing(void **state)
{
	uint8_t buf[EVENTLOG_MIN], copy[EVENTLOG_MIN];
	struct eventlog log;

	(void)state;
	eventlog_begin(&log, buf, sizeof(buf), DIGEST_ALL);
	memset(copy, 0x5a, sizeof(copy));
	for (size_t size = 0; size < log.used; size++)
		assert_int_equal(eventlog_copy(&log, copy, size), ERR_NOSPACE);
	for (size_t i = 0; i < sizeof(copy); i++)
		assert_int_equal(copy[i], 0x5a);
	assert_int_equal(eventlog_copy(&log, copy, log.used), 0);
}

// The log is on the heap: ASan finds a byte past its end.
static void fill(size_t size)
{
	static const char last[EVENTLOG_LAST] = "log truncated";
	uint8_t *buf = malloc(size), *copy = malloc(size);
	struct event_reader reader;
	struct digest_values values;
	struct read_event read;
	struct eventlog log;
	unsigned added = 0;
	size_t used;

	eventlog_begin(&log, buf, size, DIGEST_ALL);
	while (eventlog_fits(&log, 3)) {
		assert_int_equal(add(&log, 4, "abc", 3), 0);
		added++;
	}
	used = log.used;
	assert_int_equal(add(&log, 4, "abc", 3), ERR_NOSPACE);
	assert_int_equal(log.used, used);
	digest_of(DIGEST_ALL, last, sizeof(last), &values);
	eventlog_last(&log, 5, 6, &values, last, sizeof(last));
	assert_true(eventlog_size(&log) <= size);
	// One more would not have fit.
	assert_true(eventlog_size(&log) + ENTRY_ALL + 3 > size);
	assert_int_equal(add(&log, 4, "", 0), ERR_NOSPACE);
	assert_int_equal(eventlog_copy(&log, copy, eventlog_size(&log)), 0);
	event_reader_begin(&reader, copy, eventlog_size(&log));
	while (added--)
		assert_next(&reader, 4, 13, "abc", 3);
	assert_next(&reader, 5, 6, last, sizeof(last));
	assert_false(event_reader_next(&reader, &read));
	free(copy);
	free(buf);
}

static void a_full_log_has_room_for_its_last_entry(void **state)
{
	(void)state;
	for (size_t size = EVENTLOG_MIN; size < EVENTLOG_MIN + 600; size++)
		fill(size);
}

static void an_event_of_any_length_fits_or_changes_nothing(void **state)
{
	static const size_t huge[] = { 0x100000, 0xffffffff, 0x100000000,
				       SIZE_MAX - 200, SIZE_MAX };
	uint8_t buf[1024], event[1024] = { 0 };
	struct eventlog log;

	(void)state;
	for (size_t len = 0; len <= sizeof(event); len++) {
		bool fits;

		eventlog_begin(&log, buf, sizeof(buf), DIGEST_ALL);
		fits = log.used + 2 * ENTRY_ALL + len + EVENTLOG_LAST +
			       EVENTLOG_TAIL <=
		       sizeof(buf);
		assert_int_equal(eventlog_fits(&log, len), fits);
		assert_int_equal(add(&log, 4, event, len),
				 fits ? 0 : ERR_NOSPACE);
	}
	for (size_t i = 0; i < ARRAY_SIZE(huge); i++)
		assert_false(eventlog_fits(&log, huge[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_header_has_the_bytes_of_the_standard),
		cmocka_unit_test(an_entry_has_the_bytes_of_the_standard),
		cmocka_unit_test(every_set_of_banks_can_be_read_again),
		cmocka_unit_test(the_rest_of_a_larger_copy_is_zero),
		cmocka_unit_test(
			a_copy_too_small_for_the_entries_writes_nothing),
		cmocka_unit_test(a_full_log_has_room_for_its_last_entry),
		cmocka_unit_test(
			an_event_of_any_length_fits_or_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
