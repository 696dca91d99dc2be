// SPDX-License-Identifier: BSD-2-Clause
/* Keys and policy: what the host has attached to the firmware's file. */
#include "packages/secure/keys.h"

#include <string.h>

#include "lib/digest.h"
#include "lib/endian.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "packages/secure/trailer.h"

/* QEMU takes no larger file. [QEMU hw/ppc/spapr.c, FW_MAX_SIZE] */
#define KEYS_FILE_MAX (4u * MiB)

#define KEYS_HEADER_VERSION 1u

static struct trailer keys_trailer;
static void *keys_copy; /* the trailer's bytes */
static enum keys_mode keys_is;

/* Is it as it was built, or as quoin-keys has written it? */
static bool keys_is_valid(const struct keys_header *header)
{
	static const uint8_t none[KEYS_HASH];
	uint32_t length = be32_get(header->length);
	uint32_t trailer = be32_get(header->trailer);

	if (memcmp(header->magic, KEYS_MAGIC, sizeof(header->magic)) ||
	    be32_get(header->version) != KEYS_HEADER_VERSION ||
	    be32_get(header->zero))
		return false;
	if (!trailer)
		return !memcmp(header->sha256, none, sizeof(none));
	return length <= KEYS_FILE_MAX - TRAILER_MAX && length % 8 == 0 &&
	       trailer <= TRAILER_MAX;
}

static int keys_check_hash(const struct keys_header *header, const void *copy,
			   size_t len)
{
	struct digest_values values;

	digest_of(DIGEST_BIT(DIGEST_SHA256), copy, len, &values);
	if (!memcmp(values.value[DIGEST_SHA256], header->sha256,
		    sizeof(header->sha256)))
		return 0;
	return reason_fail(ERR_CHECKSUM,
			   "the keys at the end of the "
			   "firmware's file are damaged or missing");
}

/* The trailer's `len` bytes at `from`, which may be a guest's later. */
static int keys_take(const struct keys_header *header, const void *from,
		     size_t len)
{
	int rc;

	keys_copy = heap_alloc(len);
	if (!keys_copy)
		return reason_fail(ERR_NOMEM, "keys: out of memory");
	memcpy(keys_copy, from, len);
	rc = keys_check_hash(header, keys_copy, len);
	if (!rc)
		rc = trailer_parse(keys_copy, len, &keys_trailer);
	if (rc) {
		heap_free(keys_copy);
		keys_copy = NULL;
		return rc;
	}
	keys_is = keys_trailer.mode;
	return 0;
}

int keys_read(const void *image)
{
	const uint8_t *file = image;
	const struct keys_header *header = (const void *)(file + KEYS_HEADER);
	uint32_t trailer = be32_get(header->trailer);

	if (!keys_is_valid(header))
		return reason_fail(ERR_FORMAT,
				   "the firmware's file is damaged: "
				   "its header");
	if (!trailer)
		return 0;
	return keys_take(header, file + be32_get(header->length), trailer);
}

int keys_raise_mode(uint32_t mode)
{
	if (mode > keys_is)
		keys_is = (enum keys_mode)MIN(mode, (uint32_t)KEYS_ENFORCE);
	if (keys_is == KEYS_ENFORCE && !keys_trailer.key_count)
		return reason_fail(ERR_NOENT,
				   "the host asks for secure boot, "
				   "but the firmware's file has no keys");
	return 0;
}

void keys_print(void)
{
	static const char *const names[] = { NULL, "audit", "enforcing" };

	if (keys_is)
		print("Secure boot: %s, %zu key%s\n", names[keys_is],
		      keys_trailer.key_count,
		      keys_trailer.key_count == 1 ? "" : "s");
}

enum keys_mode keys_mode(void)
{
	return keys_is;
}

bool keys_is_locked(void)
{
	return keys_is == KEYS_ENFORCE;
}

bool keys_refuse_kernel(void)
{
	return keys_trailer.refuse_kernel;
}

size_t keys_count(void)
{
	return keys_trailer.key_count;
}

const struct keys_key *keys_at(size_t i)
{
	return i < keys_trailer.key_count ? &keys_trailer.keys[i] : NULL;
}

const uint8_t *keys_denied(const uint8_t *last)
{
	return trailer_denied(&keys_trailer, last);
}

bool keys_denies(const uint8_t hash[32])
{
	const uint8_t *denied = keys_denied(NULL);

	while (denied && memcmp(denied, hash, KEYS_HASH))
		denied = keys_denied(denied);
	return denied != NULL;
}

static const void *keys_one(enum trailer_type type, size_t *len)
{
	*len = keys_trailer.one[type].len;
	return keys_trailer.one[type].data;
}

const void *keys_esl(enum keys_list list, size_t *len)
{
	return keys_one(list == KEYS_DB ? TRAILER_DB : TRAILER_DBX, len);
}

const char *keys_sbat(size_t *len)
{
	return keys_one(TRAILER_SBAT, len);
}
