// SPDX-License-Identifier: BSD-2-Clause
/* The log of a TPM 2.0, in the crypto agile format. */
#include "packages/tpm/eventlog.h"

#include <string.h>

#include "lib/endian.h"

/* Bytes of an entry besides its digests and event: pcr, type, count, size. */
#define EVENTLOG_FIXED 16u

/*
 * The header: TCG_PCR_EVENT [PFP 10.2.1] with TCG_EfiSpecIDEvent [PFP 10.4.5.1].
 * `size` and `count` are written, too; the algorithms follow.
 */
static const struct eventlog_header {
	uint8_t pcr[4], type[4], digest[20];
	uint8_t size[4];
	char signature[16];
	uint8_t platform_class[4]; /* 0: client */
	uint8_t minor, major, errata;
	uint8_t uintn_size; /* 2: of 64 bits */
	uint8_t count[4];
} eventlog_header = {
	.type = { 3 }, /* EV_NO_ACTION */
	.signature = "Spec ID Event03",
	.major = 2,
	.errata = 2,
	.uintn_size = 2,
};
static_assert(sizeof(eventlog_header) == 60, "PFP 10.2.1, 10.4.5.1");

/* Bytes that all digests of an entry take, with their algorithms. */
static size_t eventlog_digests(const struct eventlog *log)
{
	size_t len = 0;

	for (unsigned i = 0; i < DIGEST_HASHES; i++) {
		if (log->set & DIGEST_BIT(i))
			len += 2 + digest_infos[i].size;
	}
	return len;
}

/* What an entry needs if its event has no bytes. */
static size_t eventlog_entry(const struct eventlog *log)
{
	return EVENTLOG_FIXED + eventlog_digests(log);
}

static void eventlog_put(struct eventlog *log, const void *data, size_t len)
{
	assert(len <= log->size - log->used);
	if (len)
		memcpy(log->base + log->used, data, len);
	log->used += len;
}

/* `len`: up to 4. */
static void eventlog_put_number(struct eventlog *log, uint32_t value,
				size_t len)
{
	const le32 wire = le32_make(value);

	eventlog_put(log, &wire, len);
}

/* All algorithms, each with its value, or NULL: with its size. */
static void eventlog_put_digests(struct eventlog *log,
				 const struct digest_values *values)
{
	for (unsigned i = 0; i < DIGEST_HASHES; i++) {
		const struct digest_info *info = &digest_infos[i];

		if (!(log->set & DIGEST_BIT(i)))
			continue;
		eventlog_put_number(log, info->tpm, 2);
		if (values)
			eventlog_put(log, values->value[i], info->size);
		else
			eventlog_put_number(log, info->size, 2);
	}
}

void eventlog_begin(struct eventlog *log, void *buf, size_t size, unsigned set)
{
	struct eventlog_header *header = buf;
	unsigned count = digest_count(set);
	size_t len = sizeof(*header) + 4 * count + 1;

	assert(size >= EVENTLOG_MIN);
	*log = (struct eventlog){ .base = buf, .size = size, .set = set };
	eventlog_put(log, &eventlog_header, sizeof(eventlog_header));
	len -= offsetof(struct eventlog_header, signature);
	le32_store(header->size, (uint32_t)len);
	le32_store(header->count, count);
	eventlog_put_digests(log, NULL);
	eventlog_put_number(log, 0, 1); /* no vendor's data */
}

bool eventlog_fits(const struct eventlog *log, size_t len)
{
	size_t kept = eventlog_entry(log) + EVENTLOG_LAST + EVENTLOG_TAIL;
	size_t room = log->size - log->used - kept;

	return !log->closed && eventlog_entry(log) <= room &&
	       len <= room - eventlog_entry(log);
}

/* [TCG_PCR_EVENT2, PFP 10.2.2] */
static void eventlog_append(struct eventlog *log, uint32_t pcr, uint32_t type,
			    const struct digest_values *values,
			    const void *event, size_t len)
{
	assert((values->set & log->set) == log->set);
	eventlog_put_number(log, pcr, 4);
	eventlog_put_number(log, type, 4);
	eventlog_put_number(log, digest_count(log->set), 4);
	eventlog_put_digests(log, values);
	eventlog_put_number(log, (uint32_t)len, 4);
	eventlog_put(log, event, len);
}

int eventlog_add(struct eventlog *log, uint32_t pcr, uint32_t type,
		 const struct digest_values *values, const void *event,
		 size_t len)
{
	if (!eventlog_fits(log, len))
		return ERR_NOSPACE;
	eventlog_append(log, pcr, type, values, event, len);
	return 0;
}

void eventlog_last(struct eventlog *log, uint32_t pcr, uint32_t type,
		   const struct digest_values *values, const void *event,
		   size_t len)
{
	assert(!log->closed && len <= EVENTLOG_LAST);
	log->closed = true;
	eventlog_append(log, pcr, type, values, event, len);
}

size_t eventlog_size(const struct eventlog *log)
{
	return log->used + EVENTLOG_TAIL;
}

int eventlog_copy(const struct eventlog *log, void *dst, size_t size)
{
	if (size < log->used)
		return ERR_NOSPACE;
	memcpy(dst, log->base, log->used);
	memset((uint8_t *)dst + log->used, 0, size - log->used);
	return 0;
}
