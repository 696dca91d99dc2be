// SPDX-License-Identifier: BSD-2-Clause
// PKCS #7: signers as OpenSSL writes them, and everything that is refused.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "lib/reason.h"
#include "packages/secure/pkcs7.h"
#include "tests/fake/signed.h"

#define DER_MAX 4000000u

/* A message that is made from its end on. */
struct maker {
	uint8_t *mem, *at, *end;
};

static void begin(struct maker *m)
{
	m->mem = malloc(DER_MAX);
	m->at = m->end = m->mem + DER_MAX;
}

static void put(struct maker *m, const void *bytes, size_t len)
{
	m->at -= len;
	memcpy(m->at, bytes, len);
}

/* Puts the header of all since `end`. */
static void wrap(struct maker *m, uint8_t tag, const uint8_t *end)
{
	size_t len = (size_t)(end - m->at);
	unsigned bytes = 0x80;

	if (len < 128) {
		bytes = (unsigned)len;
		len = 0;
	}
	for (; len; len >>= 8, bytes++)
		*--m->at = (uint8_t)len;
	*--m->at = (uint8_t)bytes;
	*--m->at = tag;
}

#define OID_HASH "\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02"
#define OID_PKCS "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01"
#define SHA256 OID_HASH "\1"
#define RSA OID_PKCS "\1\1"
#define PUT(m, text) put(m, text, sizeof(text) - 1)

/* What a message may have in its place of what it should. */
struct odd {
	const char *version, *list, *inside, *more;
	const char *signer_version, *id, *hash, *attributes, *algorithm, *value;
	const char *unsigned_attributes;
	size_t version_len, list_len, inside_len, more_len;
	size_t signer_version_len, id_len, hash_len, attributes_len;
	size_t algorithm_len, value_len, unsigned_attributes_len;
	unsigned signers; /* more of them */
};

#define ODD(field, text) .field = text, .field##_len = sizeof(text) - 1
#define PUT_ODD(m, odd, field, text)                                           \
	put(m, (odd)->field ? (odd)->field : text,                             \
	    (odd)->field ? (odd)->field##_len : sizeof(text) - 1)

static void put_signer(struct maker *m, const struct odd *odd)
{
	const uint8_t *end = m->at;

	PUT_ODD(m, odd, unsigned_attributes, "");
	PUT_ODD(m, odd, value, "\4\2xy");
	PUT_ODD(m, odd, algorithm, "\x30\x0b" RSA);
	PUT_ODD(m, odd, attributes, "");
	PUT_ODD(m, odd, hash, "\x30\x0b" SHA256);
	PUT_ODD(m, odd, id, "\x30\3\1\2\3");
	PUT_ODD(m, odd, signer_version, "\2\1\1");
	wrap(m, 0x30, end);
}

static void put_message(struct maker *m, const struct odd *odd)
{
	for (unsigned i = 0; i < odd->signers + 1; i++)
		put_signer(m, odd);
	wrap(m, 0x31, m->end);
	PUT_ODD(m, odd, more, "");
	PUT_ODD(m, odd, inside, "\x30\x0b" OID_PKCS "\7\1");
	PUT_ODD(m, odd, list, "\x31\x0d\x30\x0b" SHA256);
	PUT_ODD(m, odd, version, "\2\1\1");
	wrap(m, 0x30, m->end);
	wrap(m, 0xa0, m->end);
	PUT(m, OID_PKCS "\7\2");
	wrap(m, 0x30, m->end);
}

/* Parses a copy, so that ASan knows its ends. */
static int parse(const void *data, size_t len, struct pkcs7 *pkcs7)
{
	uint8_t *copy = malloc(len ? len : 1);
	int err;

	memcpy(copy, data, len);
	reason_clear();
	err = pkcs7_parse(copy, len, pkcs7);
	if (err < 0)
		assert_true(err == ERR_FORMAT && reason()[0]);
	free(copy);
	return err;
}

static int parse_odd(const struct odd *odd, struct pkcs7 *pkcs7)
{
	struct maker m;
	int err;

	begin(&m);
	put_message(&m, odd);
	err = parse(m.at, (size_t)(m.end - m.at), pkcs7);
	free(m.mem);
	return err;
}

static void refused(const struct odd *odd, const char *why)
{
	struct pkcs7 pkcs7;

	assert_int_equal(parse_odd(odd, &pkcs7), ERR_FORMAT);
	assert_string_equal(reason(), why);
}

static void accepted(const struct odd *odd, size_t signers)
{
	struct pkcs7 pkcs7;

	if (parse_odd(odd, &pkcs7))
		fail_msg("%s", reason());
	assert_int_equal(pkcs7.count, signers);
}

static int parse_file(const char *name, struct pkcs7 *pkcs7)
{
	struct signed_file message;
	char file[64];
	int err;

	snprintf(file, sizeof(file), "kernel.%s.p7s", name);
	message = signed_read(file);
	err = parse(message.data, message.size, pkcs7);
	signed_free(&message);
	return err;
}

static void signatures_of_OpenSSL_are_read(void **state)
{
	static const struct {
		const char *name;
		size_t count;
		unsigned hashes;
		size_t len;
	} files[] = {
		{ "rsa2048.sha256", 1, DIGEST_BIT(DIGEST_SHA256), 256 },
		{ "rsa3072.sha384", 1, DIGEST_BIT(DIGEST_SHA384), 384 },
		{ "rsa4096.sha512", 1, DIGEST_BIT(DIGEST_SHA512), 512 },
		{ "keyid", 1, DIGEST_BIT(DIGEST_SHA256), 256 },
		{ "null", 1, DIGEST_BIT(DIGEST_SHA256), 256 },
		{ "certificate", 1, DIGEST_BIT(DIGEST_SHA256), 256 },
		{ "two", 2, DIGEST_BIT(DIGEST_SHA256), 256 },
		{ "two-hashes", 2,
		  DIGEST_BIT(DIGEST_SHA256) | DIGEST_BIT(DIGEST_SHA512), 256 },
	};
	struct pkcs7 pkcs7;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		assert_int_equal(parse_file(files[i].name, &pkcs7), 0);
		assert_int_equal(pkcs7.count, files[i].count);
		assert_int_equal(pkcs7.hashes, files[i].hashes);
		assert_int_equal(pkcs7.signer[0].len, files[i].len);
	}
}

static void kinds_of_OpenSSL_that_GRUB_refuses_are_refused(void **state)
{
	struct pkcs7 pkcs7;

	(void)state;
	assert_int_equal(parse_file("sha1", &pkcs7), ERR_FORMAT);
	assert_string_equal(reason(),
			    "signer's hash: not SHA-256, SHA-384 or SHA-512");
	assert_int_equal(parse_file("attributes", &pkcs7), ERR_FORMAT);
	assert_string_equal(reason(), "the signer has signed attributes");
	assert_int_equal(parse_file("content", &pkcs7), ERR_FORMAT);
	assert_string_equal(reason(), "the content is inside the signature");
	assert_int_equal(parse_file("ec", &pkcs7), ERR_FORMAT);
	assert_string_equal(reason(), "signature's algorithm: not RSA");
}

static void a_message_cut_at_any_byte_is_refused(void **state)
{
	struct signed_file message = signed_read("kernel.two-hashes.p7s");
	struct pkcs7 pkcs7;

	(void)state;
	for (size_t len = 0; len < message.size; len++)
		assert_int_equal(parse(message.data, len, &pkcs7), ERR_FORMAT);
	signed_append(&message, "", 1);
	assert_int_equal(parse(message.data, message.size, &pkcs7), ERR_FORMAT);
	assert_string_equal(reason(), "PKCS #7 message: followed by 1 bytes");
	signed_free(&message);
}

/* Whatever is changed, signatures stay inside the message, or it is refused. */
static void a_message_with_any_byte_changed_is_read_within_it(void **state)
{
	static const uint8_t bytes[] = { 0x00, 0x01, 0x30, 0x31, 0x7f, 0x80,
					 0x81, 0x82, 0x83, 0x84, 0xa0, 0xff };
	struct signed_file message = signed_read("kernel.two-hashes.p7s");
	struct pkcs7 pkcs7;

	(void)state;
	for (size_t at = 0; at < message.size; at++) {
		uint8_t was = message.data[at];

		for (size_t i = 0; i < ARRAY_SIZE(bytes); i++) {
			message.data[at] = bytes[i];
			if (parse(message.data, message.size, &pkcs7))
				continue;
			assert_in_range(pkcs7.count, 1, 2);
			assert_in_range(pkcs7.signer[0].len, 0, message.size);
		}
		message.data[at] = was;
	}
	signed_free(&message);
}

static void what_no_signature_covers_is_skipped(void **state)
{
	(void)state;
	accepted(&(struct odd){ 0 }, 1);
	accepted(&(struct odd){ ODD(version, "\2\1\3") }, 1);
	accepted(&(struct odd){ ODD(id, "\x30\0") }, 1);
	accepted(&(struct odd){ ODD(more, "\xa0\4junk") }, 1);
	accepted(&(struct odd){ ODD(signer_version, "\2\1\3"),
				ODD(id, "\x80\2ab") },
		 1);
	/* A hash that nobody knows, beside the one that is used. */
	accepted(&(struct odd){ ODD(list, "\x31\x1a\x30\x0b" OID_PKCS "cc"
					  "\x30\x0b" SHA256) },
		 1);
}

static void parameters_are_absent_or_NULL(void **state)
{
	(void)state;
	accepted(&(struct odd){ ODD(hash, "\x30\x0d" SHA256 "\5\0"),
				ODD(algorithm, "\x30\x0d" RSA "\5\0") },
		 1);
	refused(&(struct odd){ ODD(hash, "\x30\x0e" SHA256 "\5\1x") },
		"signer's hash: NULL is not empty");
	refused(&(struct odd){ ODD(hash, "\x30\x0e" SHA256 "\4\1x") },
		"signer's hash: tag 04 instead of 05");
	refused(&(struct odd){ ODD(algorithm, "\x30\x0f" RSA "\5\0\5\0") },
		"signature's algorithm: followed by 2 bytes");
}

static void each_wrong_part_has_its_reason(void **state)
{
	(void)state;
	refused(&(struct odd){ ODD(version, "\2\1\2") },
		"version: neither 1 nor 3");
	refused(&(struct odd){ ODD(version, "\2\2\0\1") },
		"version: neither 1 nor 3");
	refused(&(struct odd){ ODD(version, "\2\0") },
		"version: neither 1 nor 3");
	refused(&(struct odd){ ODD(list, "\x31\0") },
		"signer's hash: not in the list of digest algorithms");
	refused(&(struct odd){ ODD(list, "\x31\x0d\x30\x0b" OID_HASH "\2") },
		"signer's hash: not in the list of digest algorithms");
	refused(&(struct odd){ ODD(list, "\x30\x0d\x30\x0b" SHA256) },
		"digest algorithms: tag 30 instead of 31");
	refused(&(struct odd){ ODD(inside, "\x30\x0b" OID_PKCS "\7\2") },
		"type of the content: of another kind");
	refused(&(struct odd){ ODD(more, "\xa1\0") },
		"it has lists of revoked certificates");
	refused(&(struct odd){ ODD(more, "\x80\0") },
		"signers: tag 80 instead of 31");
	refused(&(struct odd){ ODD(signer_version, "\2\1\3") },
		"signer's identifier: tag 30 instead of 80");
	refused(&(struct odd){ ODD(id, "\x80\2ab") },
		"signer's identifier: tag 80 instead of 30");
	refused(&(struct odd){ ODD(hash, "\x30\x0b" OID_HASH "\4") },
		"signer's hash: not SHA-256, SHA-384 or SHA-512");
	refused(&(struct odd){ ODD(attributes, "\xa0\0") },
		"the signer has signed attributes");
	refused(&(struct odd){ ODD(algorithm, "\x30\x0b" OID_PKCS "\1\x0a") },
		"signature's algorithm: not RSA");
	refused(&(struct odd){ ODD(value, "\x24\4\4\2xy") },
		"signature's value: tag 24 instead of 04");
	refused(&(struct odd){ ODD(value, "") }, "signature's value: missing");
	refused(&(struct odd){ ODD(unsigned_attributes, "\xa1\0") },
		"signature's value: followed by 2 bytes");
}

static void there_are_one_to_sixteen_signers(void **state)
{
	(void)state;
	accepted(&(struct odd){ .signers = 15 }, 16);
	refused(&(struct odd){ .signers = 16 }, "more than 16 signers");
	refused(&(struct odd){ .signers = 999 }, "more than 16 signers");
	refused(&(struct odd){ .signers = -1u }, "no signer");
}

/* A list of 10^5 algorithms, and as many elements nested in a certificate. */
static void a_hundred_thousand_elements_take_no_time(void **state)
{
	struct maker list, nested;
	struct odd odd = { 0 };

	(void)state;
	begin(&list);
	begin(&nested);
	for (unsigned i = 0; i < 100000; i++) {
		PUT(&list, "\x30\x0b" SHA256);
		wrap(&nested, 0x30, nested.end);
	}
	wrap(&list, 0x31, list.end);
	wrap(&nested, 0xa0, nested.end);
	odd.list = (const char *)list.at;
	odd.list_len = (size_t)(list.end - list.at);
	odd.more = (const char *)nested.at;
	odd.more_len = (size_t)(nested.end - nested.at);
	accepted(&odd, 1);
	free(list.mem);
	free(nested.mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signatures_of_OpenSSL_are_read),
		cmocka_unit_test(
			kinds_of_OpenSSL_that_GRUB_refuses_are_refused),
		cmocka_unit_test(a_message_cut_at_any_byte_is_refused),
		cmocka_unit_test(
			a_message_with_any_byte_changed_is_read_within_it),
		cmocka_unit_test(what_no_signature_covers_is_skipped),
		cmocka_unit_test(parameters_are_absent_or_NULL),
		cmocka_unit_test(each_wrong_part_has_its_reason),
		cmocka_unit_test(there_are_one_to_sixteen_signers),
		cmocka_unit_test(a_hundred_thousand_elements_take_no_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
