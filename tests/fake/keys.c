// SPDX-License-Identifier: BSD-2-Clause
/* The firmware's file with keys at its end, and keys.c with a reset. */
#include "tests/fake/keys.h"

#include <assert.h>
#include <string.h>

#include "packages/secure/keys.c"

uint8_t fake_keys_file[4 * MiB];
size_t fake_keys_len;

static uint8_t *const trailer_bytes = fake_keys_file + FAKE_KEYS_IMAGE;

static void header_write(size_t len)
{
	struct keys_header header = {
		.version = be32_make(1),
		.length = be32_make(FAKE_KEYS_IMAGE),
		.trailer = be32_make((uint32_t)len),
	};
	struct digest_values values;

	memcpy(header.magic, KEYS_MAGIC, sizeof(header.magic));
	if (len) {
		digest_of(DIGEST_BIT(DIGEST_SHA256), trailer_bytes, len,
			  &values);
		memcpy(header.sha256, values.value[DIGEST_SHA256],
		       sizeof(header.sha256));
	}
	memcpy(fake_keys_file + KEYS_HEADER, &header, sizeof(header));
}

void fake_keys_reset(void)
{
	heap_free(keys_trailer.keys);
	heap_free(keys_copy);
	memset(&keys_trailer, 0, sizeof(keys_trailer));
	keys_copy = NULL;
	keys_is = KEYS_OFF;
	memset(fake_keys_file, 0, FAKE_KEYS_IMAGE + FAKE_KEYS_ROOM);
	fake_keys_len = 0;
	header_write(0);
}

void fake_keys_begin(uint32_t mode, uint32_t flags)
{
	fake_keys_reset();
	memcpy(trailer_bytes, "QUOINKEY", 8);
	be32_store(trailer_bytes + 8, 1);
	be32_store(trailer_bytes + 12, 32);
	be32_store(trailer_bytes + 16, mode);
	be32_store(trailer_bytes + 20, flags);
	fake_keys_len = 32;
}

void fake_keys_add(uint32_t type, const void *data, size_t len)
{
	uint8_t *at = trailer_bytes + fake_keys_len;

	assert(len < FAKE_KEYS_ROOM - fake_keys_len - 16);
	be32_store(at, type);
	be32_store(at + 4, (uint32_t)len);
	if (len)
		memcpy(at + 8, data, len);
	fake_keys_len += 8 + ALIGN_UP(len, 8);
	be32_store(trailer_bytes + 12, (uint32_t)fake_keys_len);
	be32_store(trailer_bytes + 24, be32_load(trailer_bytes + 24) + 1);
}

void fake_keys_add_key(const char *name, size_t bits, uint8_t last, uint8_t e)
{
	uint8_t record[2048] = { 0 }, *at = record + 32;
	size_t n_len = (bits + 7) / 8, name_len = strlen(name) + 1;

	be32_store(record, (uint32_t)n_len);
	be32_store(record + 4, 1);
	be32_store(record + 8, 4);
	be32_store(record + 12, (uint32_t)name_len);
	for (uint8_t i = 0; i < 16; i++)
		record[16 + i] = i + 1;
	memset(at, 0xff, n_len);
	at[0] = (uint8_t)(0xff >> (n_len * 8 - bits));
	at[n_len - 1] = last;
	at += n_len;
	*at++ = e;
	memcpy(at, "cert", 4);
	memcpy(at + 4, name, name_len);
	fake_keys_add(TRAILER_KEY, record,
		      (size_t)(at - record) + 4 + name_len);
}

void fake_keys_add_list(uint32_t type, const void *data, size_t len)
{
	uint8_t list[1024] = { 0 };
	uint32_t size = (uint32_t)(28 + 16 + len);

	assert(size <= sizeof(list));
	le32_store(list + 16, size);
	le32_store(list + 24, size - 28);
	memcpy(list + 44, data, len);
	fake_keys_add(type, list, size);
}

void fake_keys_seal(void)
{
	header_write(fake_keys_len);
}

int fake_keys_read(void)
{
	fake_keys_seal();
	return keys_read(fake_keys_file);
}

const void *fake_keys_copy(void)
{
	return keys_copy;
}
