// SPDX-License-Identifier: BSD-2-Clause
// Reads a crypto agile log as Linux does.
#include "tests/fake/event_reader.h"

#include <assert.h>
#include <string.h>

#include "lib/endian.h"

static unsigned reader_hash(uint16_t alg)
{
	for (unsigned i = 0; i < DIGEST_HASHES; i++) {
		if (digest_infos[i].tpm == alg)
			return i;
	}
	assert(!"a hash that the log may not have");
	return 0;
}

// [TCG PFP 1.05, 10.4.5.1]
void event_reader_begin(struct event_reader *reader, const void *log,
			size_t size)
{
	const uint8_t *p = log;
	uint32_t count;

	for (unsigned i = 0; i < 28; i++)
		assert(p[i] == (i == 4 ? 3 : 0));
	assert(le32_load(p + 28) <= size - 32);
	assert(!memcmp(p + 32, "Spec ID Event03", 16));
	assert(!memcmp(p + 48, "\0\0\0\0\0\2\2\2", 8));
	count = le32_load(p + 56);
	assert(le32_load(p + 28) == 29 + 4 * count);
	reader->set = 0;
	for (uint32_t i = 0; i < count; i++) {
		unsigned hash = reader_hash(le16_load(p + 60 + 4 * i));

		assert(le16_load(p + 62 + 4 * i) == digest_infos[hash].size);
		assert(!(reader->set & DIGEST_BIT(hash)));
		reader->set |= DIGEST_BIT(hash);
	}
	assert(p[60 + 4 * count] == 0);
	reader->at = p + 61 + 4 * count;
	reader->end = p + size;
}

static void reader_digests(struct event_reader *reader,
			   struct read_event *event, uint32_t count)
{
	event->values.set = 0;
	while (count--) {
		unsigned hash = reader_hash(le16_load(reader->at));

		event->values.set |= DIGEST_BIT(hash);
		memcpy(event->values.value[hash], reader->at + 2,
		       digest_infos[hash].size);
		reader->at += 2 + digest_infos[hash].size;
	}
	assert(event->values.set == reader->set);
}

// [Linux include/linux/tpm_eventlog.h, __calc_tpm2_event_size()]
bool event_reader_next(struct event_reader *reader, struct read_event *event)
{
	static const uint8_t zero[12];
	uint32_t count;

	if (reader->end - reader->at < 16 ||
	    !memcmp(reader->at, zero, sizeof(zero)))
		return false;
	event->pcr = le32_load(reader->at);
	event->type = le32_load(reader->at + 4);
	count = le32_load(reader->at + 8);
	reader->at += 12;
	reader_digests(reader, event, count);
	event->len = le32_load(reader->at);
	event->event = reader->at + 4;
	assert(event->len <= (size_t)(reader->end - event->event));
	reader->at = event->event + event->len;
	return reader->at < reader->end;
}

void event_reader_replay(const void *log, size_t size, uint32_t pcr,
			 struct digest_values *values)
{
	struct event_reader reader;
	struct read_event event;

	memset(values, 0, sizeof(*values));
	event_reader_begin(&reader, log, size);
	values->set = reader.set;
	while (event_reader_next(&reader, &event)) {
		if (event.pcr != pcr || event.type == 3)
			continue;
		for (unsigned i = 0; i < DIGEST_HASHES; i++) {
			uint8_t both[2 * DIGEST_MAX];
			struct digest_values one;
			size_t n = digest_infos[i].size;

			if (!(reader.set & DIGEST_BIT(i)))
				continue;
			memcpy(both, values->value[i], n);
			memcpy(both + n, event.values.value[i], n);
			digest_of(DIGEST_BIT(i), both, 2 * n, &one);
			memcpy(values->value[i], one.value[i], n);
		}
	}
}
