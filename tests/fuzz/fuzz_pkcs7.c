// SPDX-License-Identifier: BSD-2-Clause
// Signatures: DER and PKCS #7.
#include <stdlib.h>

#include "lib/der.h"
#include "lib/reason.h"
#include "packages/secure/pkcs7.h"
#include "tests/fuzz/input.h"

/* Every element, whatever its tag: each takes something, and stays inside. */
static void walk(const uint8_t *data, size_t size)
{
	struct der in = { data, size }, value;

	while (in.left) {
		const uint8_t *at = in.at;

		assert(der_is(&in, at[0]));
		if (der_take(&in, at[0], "element", &value)) {
			assert(in.at == at);
			return;
		}
		assert(value.at >= at + 2 && value.at + value.left == in.at);
		assert(in.at + in.left == data + size);
	}
}

static void check(const struct pkcs7 *pkcs7, const uint8_t *data, size_t size)
{
	unsigned hashes = 0;

	assert(pkcs7->count && pkcs7->count <= PKCS7_SIGNERS);
	for (size_t i = 0; i < pkcs7->count; i++) {
		const struct pkcs7_signer *signer = &pkcs7->signer[i];

		assert(signer->signature > data && signer->len < size);
		assert(signer->signature + signer->len <= data + size);
		assert(signer->hash > DIGEST_SHA1);
		assert(signer->hash < DIGEST_HASHES);
		hashes |= DIGEST_BIT(signer->hash);
	}
	assert(pkcs7->hashes == hashes);
	assert(data[0] == DER_SEQUENCE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *message = malloc(size ? size : 1);
	struct pkcs7 pkcs7;

	memcpy(message, data, size);
	reason_clear();
	walk(message, size);
	reason_clear();
	if (!pkcs7_parse(message, size, &pkcs7))
		check(&pkcs7, message, size);
	else
		assert(reason_code() == ERR_FORMAT && reason()[0]);
	free(message);
	return 0;
}
