// SPDX-License-Identifier: BSD-2-Clause
/* The trailer of the firmware's file: keys, deny lists, policy. */
#include "packages/secure/trailer.h"

#include <string.h>

#include "lib/endian.h"
#include "lib/heap.h"
#include "lib/reason.h"

#define TRAILER_MAGIC "QUOINKEY"
#define TRAILER_VERSION 1u
#define TRAILER_REFUSE_KERNEL 1u /* the only flag */

#define KEY_NAME_MAX 128u
#define SBAT_MAX 4096u

struct trailer_head {
	char magic[8];
	be32 version, total, mode, flags, count, zero;
};
static_assert(sizeof(struct trailer_head) == 32, "see trailer.h");

struct trailer_record {
	be32 type, len;
};
static_assert(sizeof(struct trailer_record) == 8, "see trailer.h");

/* The parts of a TRAILER_KEY record, whose lengths are at its start. */
enum key_part {
	KEY_N,
	KEY_E,
	KEY_CERT,
	KEY_NAME, /* with its NUL */
	KEY_PARTS,
};

struct trailer_key {
	be32 len[KEY_PARTS];
	uint8_t owner[16];
};
static_assert(sizeof(struct trailer_key) == 32, "see trailer.h");

/* A list of signatures, at any address; the header of `header` bytes is not used by any type.
 * [UEFI 2.10, 32.4.1.1 EFI_SIGNATURE_LIST] */
struct trailer_esl {
	uint8_t type[16];
	uint8_t size[4], header[4], entry[4]; /* little-endian */
};
static_assert(sizeof(struct trailer_esl) == 28, "UEFI 32.4.1.1");

/* A record, and where it is, for reasons. */
struct record {
	uint32_t type;	 /* 0: not known */
	uint32_t number; /* from 1 */
	struct trailer_span span;
};

/* The next `len` bytes of a span; NULL: it has fewer. */
static const void *span_take(struct trailer_span *span, size_t len)
{
	const uint8_t *data = span->data;

	if (len > span->len)
		return NULL;
	span->data = data + len;
	span->len -= len;
	return data;
}

/* The checks of a record's data return what is wrong, or NULL. */

static const char *check_parts(struct trailer_span rest, struct keys_key *key)
{
	static const char lengths[] = "its parts are not as long as it is";
	const struct trailer_key *head = span_take(&rest, sizeof(*head));
	struct trailer_span part[KEY_PARTS];

	if (!head)
		return lengths;
	for (size_t i = 0; i < KEY_PARTS; i++) {
		part[i].len = be32_load(&head->len[i]);
		part[i].data = span_take(&rest, part[i].len);
		if (!part[i].data)
			return lengths;
	}
	if (rest.len)
		return lengths;
	*key = (struct keys_key){
		.name = part[KEY_NAME].data,
		.rsa = { part[KEY_N].data, part[KEY_N].len, part[KEY_E].data,
			 part[KEY_E].len },
		.owner = head->owner,
		.cert = part[KEY_CERT].data,
		.cert_len = part[KEY_CERT].len,
	};
	if (!key->cert_len || part[KEY_NAME].len < 2 ||
	    part[KEY_NAME].len > KEY_NAME_MAX ||
	    strnlen(key->name, part[KEY_NAME].len) != part[KEY_NAME].len - 1)
		return "it has no name or no certificate";
	return rsa_key_fault(&key->rsa);
}

static const char *check_key(struct trailer *t, const struct record *r)
{
	if (t->key_count == TRAILER_KEYS)
		return "too many keys";
	return check_parts(r->span, &t->keys[t->key_count++]);
}

static const char *check_deny(struct trailer *t, const struct record *r)
{
	(void)t;
	return r->span.len == KEYS_HASH ? NULL : "not a SHA-256";
}

static const char *check_one(struct trailer *t, const struct record *r)
{
	if (t->one[r->type].data)
		return "there is another one";
	t->one[r->type] = r->span;
	return NULL;
}

/* Also for GRUB, which trusts the sizes of entries. */
static const char *check_lists(struct trailer *t, const struct record *r)
{
	struct trailer_span rest = r->span;
	const struct trailer_esl *list;

	while (rest.len) {
		uint32_t size, entry;

		list = span_take(&rest, sizeof(*list));
		size = list ? le32_load(list->size) : 0;
		if (size < sizeof(*list) ||
		    !span_take(&rest, size - sizeof(*list)))
			return "a list has a wrong size";
		if (le32_load(list->header))
			return "a list has a header";
		size -= (uint32_t)sizeof(*list);
		entry = le32_load(list->entry);
		/* An owner's GUID of 16 bytes, and at least one of data. */
		if (entry <= 16 || !size || size % entry)
			return "a list has a wrong entry size";
	}
	return check_one(t, r);
}

/* Its lines are read for each program: sbat.h. */
static const char *check_sbat(struct trailer *t, const struct record *r)
{
	if (!r->span.len || r->span.len > SBAT_MAX)
		return "empty, or more than 4096 bytes";
	return check_one(t, r);
}

static const struct {
	const char *name;
	const char *(*check)(struct trailer *t, const struct record *r);
} types[TRAILER_TYPES] = {
	{ "unknown", NULL },	   { "grubdb", check_key },
	{ "grubdbx", check_deny }, { "db", check_lists },
	{ "dbx", check_lists },	   { "sbat", check_sbat },
};

/* Takes the next record of `rest`. Returns what is wrong, or NULL. */
static const char *record_take(struct trailer_span *rest, struct record *r)
{
	const struct trailer_record *head = span_take(rest, sizeof(*head));
	const uint8_t *padding;
	size_t len;

	r->number++;
	r->type = 0;
	if (!head)
		return "too short";
	if (be32_load(&head->type) - 1 >= TRAILER_TYPES - 1)
		return "its type is not known";
	r->type = be32_load(&head->type);
	len = be32_load(&head->len);
	r->span = (struct trailer_span){ span_take(rest, len), len };
	len = -len % 8;
	padding = r->span.data ? span_take(rest, len) : NULL;
	if (!padding)
		return "longer than the keys";
	while (len--) {
		if (padding[len])
			return "its padding is not zero";
	}
	return NULL;
}

static int trailer_fail(const char *why)
{
	return reason_fail(ERR_FORMAT, "keys: %s", why);
}

static int trailer_records(struct trailer *t, uint32_t count)
{
	struct trailer_span rest = t->records;
	struct record r = { .number = 0 };
	const char *fault;

	while (rest.len) {
		fault = record_take(&rest, &r);
		if (!fault)
			fault = types[r.type].check(t, &r);
		if (fault)
			return reason_fail(ERR_FORMAT,
					   "keys: record %u (%s): %s", r.number,
					   types[r.type].name, fault);
	}
	if (r.number != count)
		return reason_fail(ERR_FORMAT, "keys: %u records instead of %u",
				   r.number, count);
	if (t->mode == KEYS_ENFORCE && !t->key_count)
		return trailer_fail("enforcing, but no grubdb");
	return 0;
}

static const char *head_fault(const struct trailer_head *head, size_t len)
{
	if (len < sizeof(*head) || len > TRAILER_MAX ||
	    be32_load(&head->total) != len)
		return "longer or shorter than they say";
	if (memcmp(head->magic, TRAILER_MAGIC, sizeof(head->magic)))
		return "no \"" TRAILER_MAGIC "\"";
	if (be32_load(&head->version) != TRAILER_VERSION)
		return "of another version";
	if (be32_load(&head->mode) > KEYS_ENFORCE ||
	    be32_load(&head->flags) & ~TRAILER_REFUSE_KERNEL ||
	    be32_load(&head->zero))
		return "an unknown mode or flag";
	return NULL;
}

int trailer_parse(const void *data, size_t len, struct trailer *trailer)
{
	const struct trailer_head *head = data;
	const char *fault = head_fault(head, len);
	int rc;

	*trailer = (struct trailer){ .mode = KEYS_OFF };
	if (fault)
		return trailer_fail(fault);
	trailer->mode = (enum keys_mode)be32_load(&head->mode);
	trailer->refuse_kernel = be32_load(&head->flags) &
				 TRAILER_REFUSE_KERNEL;
	trailer->records =
		(struct trailer_span){ head + 1, len - sizeof(*head) };
	trailer->keys = heap_zalloc(TRAILER_KEYS * sizeof(*trailer->keys));
	if (trailer->keys)
		rc = trailer_records(trailer, be32_load(&head->count));
	else
		rc = reason_fail(ERR_NOMEM, "keys: out of memory");
	if (rc) {
		heap_free(trailer->keys);
		*trailer = (struct trailer){ .mode = KEYS_OFF };
	}
	return rc;
}

const uint8_t *trailer_denied(const struct trailer *trailer,
			      const uint8_t *last)
{
	struct trailer_span rest = trailer->records;
	struct record r = { .number = 0 };

	if (last)
		(void)span_take(&rest, (size_t)(last + KEYS_HASH -
						(const uint8_t *)rest.data));
	while (rest.len && !record_take(&rest, &r)) {
		if (r.type == TRAILER_DENY)
			return r.span.data;
	}
	return NULL;
}
