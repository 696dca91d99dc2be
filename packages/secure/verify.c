// SPDX-License-Identifier: BSD-2-Clause
// Verifying a program: every check, in their order.
#include "packages/secure/verify.h"

#include "lib/digest.h"
#include "lib/heap.h"
#include "lib/reason.h"
#include "lib/rsa.h"
#include "packages/secure/appsig.h"
#include "packages/secure/pkcs7.h"
#include "packages/secure/sbat.h"

/* Read at once: small enough for a cache. */
#define VERIFY_PIECE (64 * KiB)
static_assert(VERIFY_PIECE >= APPSIG_MAX, "a message or an SBAT note fits");

/* All that is known of a program; too large for the stack. */
struct verify {
	struct image *img;
	struct appsig sig;
	struct pkcs7 pkcs7; /* its signatures are in `message` */
	struct digest digest;
	struct digest_values content;
	uint8_t message[APPSIG_MAX];
	uint8_t piece[VERIFY_PIECE];
};

/* The message, and the signers in it. */
static int verify_read_message(struct verify *v)
{
	int err =
		image_read(v->img, v->sig.content, v->message, v->sig.message);

	if (err == 0)
		err = pkcs7_parse(v->message, v->sig.message, &v->pkcs7);
	if (err == ERR_FORMAT)
		err = reason_fail(err, "damaged signature: %s", reason());
	return err;
}

/* One pass for all hashes: those of the signers and of a deny list. */
static int verify_hash(struct verify *v)
{
	unsigned denied = keys_denied(NULL) ? DIGEST_BIT(DIGEST_SHA256) : 0;
	uint64_t left = v->sig.content;
	int err = 0;

	digest_begin(&v->digest, v->pkcs7.hashes | denied);
	while (err == 0 && left) {
		size_t len = (size_t)MIN(left, VERIFY_PIECE);

		err = image_read(v->img, v->sig.content - left, v->piece, len);
		if (err == 0)
			digest_add(&v->digest, v->piece, len);
		left -= len;
	}
	digest_end(&v->digest, &v->content);
	return err;
}

static int verify_not_denied(const struct verify *v)
{
	if (keys_denied(NULL) && keys_denies(v->content.value[DIGEST_SHA256]))
		return reason_fail(ERR_PERM,
				   "its contents are on the deny list");
	return 0;
}

static bool verify_signer(const struct verify *v,
			  const struct pkcs7_signer *signer,
			  const struct keys_key *key)
{
	return !rsa_verify(&key->rsa, signer->signature, signer->len,
			   signer->hash, v->content.value[signer->hash]);
}

static bool verify_key_denied(const struct keys_key *key)
{
	struct digest_values cert;

	digest_of(DIGEST_BIT(DIGEST_SHA256), key->cert, key->cert_len, &cert);
	return keys_denies(cert.value[DIGEST_SHA256]);
}

/* Which key is it? NULL: none, or, in `denied`, one that does not count. */
static const struct keys_key *verify_find_key(const struct verify *v,
					      const struct pkcs7_signer *signer,
					      const struct keys_key **denied)
{
	for (size_t i = 0; i < keys_count(); i++) {
		const struct keys_key *key = keys_at(i);

		if (!verify_signer(v, signer, key))
			continue;
		if (!verify_key_denied(key))
			return key;
		*denied = key;
	}
	return NULL;
}

static int verify_signers(const struct verify *v, struct verify_result *result)
{
	const struct keys_key *denied = NULL;

	for (size_t i = 0; !result->key && i < v->pkcs7.count; i++)
		result->key = verify_find_key(v, &v->pkcs7.signer[i], &denied);
	if (result->key)
		return 0;
	if (denied)
		return reason_fail(ERR_PERM,
				   "the certificate of key %s is denied",
				   denied->name);
	return reason_fail(ERR_PERM, "signed by none of %zu key%s",
			   keys_count(), keys_count() == 1 ? "" : "s");
}

static int verify_generations(struct verify *v)
{
	size_t len = 0;
	const char *lowest = keys_sbat(&len);
	int err;

	if (!lowest)
		return 0;
	if (!v->sig.sbat_len)
		return reason_fail(ERR_PERM,
				   "no SBAT note, but the host sets levels");
	err = image_read(v->img, v->sig.sbat, v->piece, v->sig.sbat_len);
	if (err < 0)
		return err;
	return sbat_check((const char *)v->piece, v->sig.sbat_len, lowest, len);
}

static int verify_all(struct verify *v, struct verify_result *result)
{
	int err = appsig_find(v->img, &v->sig);

	if (err == 0)
		err = verify_read_message(v);
	if (err == 0)
		err = verify_hash(v);
	if (err == 0)
		err = verify_not_denied(v);
	if (err == 0)
		err = verify_signers(v, result);
	if (err == 0)
		err = verify_generations(v);
	return err;
}

int verify_image(struct image *img, struct verify_result *result)
{
	struct verify *v = heap_alloc(sizeof(*v));
	int err;

	*result = (struct verify_result){ 0 };
	if (!v)
		return reason_fail(ERR_NOMEM, "no memory to verify it");
	v->img = img;
	err = verify_all(v, result);
	if (err < 0)
		result->key = NULL;
	else
		result->content = v->sig.content;
	heap_free(v);
	/* Whatever form is wrong, it is not signed as it has to be. */
	if (err == ERR_FORMAT)
		err = reason_fail(ERR_PERM, "%s", reason());
	return err;
}
