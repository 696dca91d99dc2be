// SPDX-License-Identifier: BSD-2-Clause
// PKCS #7: the signers of a SignedData, RFC 5652 sections 3 and 5.
#include "packages/secure/pkcs7.h"

#include "lib/der.h"
#include "lib/reason.h"
#include "lib/rsa.h"

/* 1.2.840.113549.1: RSA's identifiers. */
#define OID_PKCS 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01

static const uint8_t oid_data[] = { OID_PKCS, 7, 1 };
static const uint8_t oid_signed_data[] = { OID_PKCS, 7, 2 };
static const uint8_t oid_rsa[] = { OID_PKCS, 1, 1 };

/* An object identifier that can only be this one. */
static int pkcs7_type(struct der *in, const uint8_t *oid, size_t len,
		      const char *name)
{
	struct der value;
	int err = der_take(in, DER_OID, name, &value);

	if (err == 0 && !der_equals(&value, oid, len))
		err = reason_fail(ERR_FORMAT, "%s: of another kind", name);
	return err;
}

/* A version, as one of two. */
static int pkcs7_version(struct der *in, const char *name, uint8_t *version)
{
	struct der value;
	int err = der_take(in, DER_INTEGER, name, &value);

	if (err < 0)
		return err;
	if (value.left != 1 || (value.at[0] != 1 && value.at[0] != 3))
		return reason_fail(ERR_FORMAT, "%s: neither 1 nor 3", name);
	*version = value.at[0];
	return 0;
}

/* AlgorithmIdentifier: parameters are absent or NULL. */
static int pkcs7_algorithm(struct der *in, const char *name, struct der *oid)
{
	struct der body, null = { 0 };
	int err = der_take(in, DER_SEQUENCE, name, &body);

	if (err == 0)
		err = der_take(&body, DER_OID, name, oid);
	if (err == 0 && body.left)
		err = der_take_last(&body, DER_NULL, name, &null);
	if (err == 0 && null.left)
		err = reason_fail(ERR_FORMAT, "%s: NULL is not empty", name);
	return err;
}

/* The hash of an identifier; DIGEST_HASHES: none that is accepted. */
static enum digest_hash pkcs7_hash(const struct der *value)
{
	unsigned hash;

	for (hash = 0; hash < DIGEST_HASHES; hash++) {
		const uint8_t *oid = rsa_hash_oid((enum digest_hash)hash);

		if (oid && der_equals(value, oid + 1, oid[0]))
			break;
	}
	return (enum digest_hash)hash;
}

/* `hashes`: those of the list; what is not known may be in it, too. */
static int pkcs7_list(struct der *in, unsigned *hashes)
{
	struct der list, oid;
	int err = der_take(in, DER_SET, "digest algorithms", &list);

	*hashes = 0;
	while (err == 0 && list.left) {
		err = pkcs7_algorithm(&list, "digest algorithm", &oid);
		if (err == 0)
			*hashes |= DIGEST_BIT(pkcs7_hash(&oid));
	}
	*hashes &= DIGEST_ALL;
	return err;
}

/* The contents are elsewhere: they are the file. */
static int pkcs7_content(struct der *in)
{
	struct der body;
	int err = der_take(in, DER_SEQUENCE, "content", &body);

	if (err == 0)
		err = pkcs7_type(&body, oid_data, sizeof(oid_data),
				 "type of the content");
	if (err == 0 && body.left)
		err = reason_fail(ERR_FORMAT,
				  "the content is inside the signature");
	return err;
}

/* Which key it is: not believed, so not looked at. */
static int pkcs7_signer_id(struct der *in)
{
	struct der skipped;
	uint8_t version = 0;
	int err = pkcs7_version(in, "signer's version", &version);
	unsigned tag = version == 1 ? DER_SEQUENCE : DER_CONTEXT_VALUE(0);

	if (err == 0)
		err = der_take(in, tag, "signer's identifier", &skipped);
	return err;
}

static int pkcs7_signer_hash(struct der *in, unsigned hashes,
			     enum digest_hash *hash)
{
	struct der oid;
	int err = pkcs7_algorithm(in, "signer's hash", &oid);

	if (err < 0)
		return err;
	*hash = pkcs7_hash(&oid);
	if (*hash == DIGEST_HASHES)
		return reason_fail(
			ERR_FORMAT,
			"signer's hash: not SHA-256, SHA-384 or SHA-512");
	if (!(hashes & DIGEST_BIT(*hash)))
		return reason_fail(
			ERR_FORMAT,
			"signer's hash: not in the list of digest algorithms");
	return 0;
}

static int pkcs7_signer_signature(struct der *in, struct pkcs7_signer *signer)
{
	struct der value = { 0 };
	int err = pkcs7_algorithm(in, "signature's algorithm", &value);

	if (err == 0 && !der_equals(&value, oid_rsa, sizeof(oid_rsa)))
		err = reason_fail(ERR_FORMAT, "signature's algorithm: not RSA");
	/* What there could be more is [1], unsigned attributes. */
	if (err == 0)
		err = der_take_last(in, DER_OCTETS, "signature's value",
				    &value);
	signer->signature = value.at;
	signer->len = value.left;
	return err;
}

static int pkcs7_signer(struct der *in, unsigned hashes,
			struct pkcs7_signer *signer)
{
	struct der body;
	int err = der_take(in, DER_SEQUENCE, "signer", &body);

	if (err == 0)
		err = pkcs7_signer_id(&body);
	if (err == 0)
		err = pkcs7_signer_hash(&body, hashes, &signer->hash);
	if (err == 0 && der_is(&body, DER_CONTEXT(0)))
		err = reason_fail(ERR_FORMAT,
				  "the signer has signed attributes");
	if (err == 0)
		err = pkcs7_signer_signature(&body, signer);
	return err;
}

/* `in`: the SET of signers, the last element; `hashes`: those of the list. */
static int pkcs7_signers(struct der *in, unsigned hashes, struct pkcs7 *pkcs7)
{
	struct der set;
	int err = der_take_last(in, DER_SET, "signers", &set);

	while (err == 0 && set.left) {
		struct pkcs7_signer *signer = &pkcs7->signer[pkcs7->count];

		if (pkcs7->count == PKCS7_SIGNERS)
			return reason_fail(ERR_FORMAT, "more than %u signers",
					   PKCS7_SIGNERS);
		err = pkcs7_signer(&set, hashes, signer);
		if (err < 0)
			return err;
		pkcs7->hashes |= DIGEST_BIT(signer->hash);
		pkcs7->count++;
	}
	if (err == 0 && !pkcs7->count)
		err = reason_fail(ERR_FORMAT, "no signer");
	return err;
}

static int pkcs7_signed_data(struct der *in, struct pkcs7 *pkcs7)
{
	struct der skipped;
	unsigned hashes = 0;
	uint8_t version;
	int err = pkcs7_version(in, "version", &version);

	if (err == 0)
		err = pkcs7_list(in, &hashes);
	if (err == 0)
		err = pkcs7_content(in);
	if (err == 0 && der_is(in, DER_CONTEXT(0)))
		err = der_take(in, DER_CONTEXT(0), "certificates", &skipped);
	if (err == 0 && der_is(in, DER_CONTEXT(1)))
		err = reason_fail(ERR_FORMAT,
				  "it has lists of revoked certificates");
	if (err == 0)
		err = pkcs7_signers(in, hashes, pkcs7);
	return err;
}

int pkcs7_parse(const void *data, size_t len, struct pkcs7 *pkcs7)
{
	struct der in = { data, len }, info, outer, body;
	int err = der_take_last(&in, DER_SEQUENCE, "PKCS #7 message", &info);

	*pkcs7 = (struct pkcs7){ .count = 0 };
	if (err == 0)
		err = pkcs7_type(&info, oid_signed_data,
				 sizeof(oid_signed_data), "type");
	if (err == 0)
		err = der_take_last(&info, DER_CONTEXT(0), "contents", &outer);
	if (err == 0)
		err = der_take_last(&outer, DER_SEQUENCE, "signed data", &body);
	if (err == 0)
		err = pkcs7_signed_data(&body, pkcs7);
	return err;
}
