// SPDX-License-Identifier: BSD-2-Clause
/* Secure boot: what may run, and what the user is told. */
#include "boot/secure.h"

#include <string.h>

#include "boot/message.h"
#include "ci/nodes.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "packages/measure.h"
#include "packages/secure/keys.h"
#include "packages/secure/verify.h"

/* Bytes of a GUID. */
#define SECURE_OWNER 16u

bool secure_is_on(void)
{
	return keys_mode() != KEYS_OFF;
}

/* EFI_SIGNATURE_DATA: the owner, then the certificate. [UEFI 2.10, 32.4.1] */
static int secure_measure(const struct keys_key *key)
{
	size_t len = SECURE_OWNER + key->cert_len;
	uint8_t *data;

	if (!measure_is_on())
		return 0;
	data = heap_alloc(len);
	if (!data)
		return reason_fail(ERR_NOMEM,
				   "no memory for a certificate of %zu bytes",
				   key->cert_len);
	memcpy(data, key->owner, SECURE_OWNER);
	memcpy(data + SECURE_OWNER, key->cert, key->cert_len);
	measure_later(MEASURE_AUTHORITY, "grubdb", data, len);
	heap_free(data);
	return 0;
}

/* Refused with `err` and reason(): in audit mode that is only told. */
static int secure_refuse(const char *name, int err)
{
	if (keys_is_locked())
		return err;
	print("\nSecure boot: would refuse %s: %s\n", name, reason());
	return 0;
}

int secure_program(struct image *img)
{
	struct verify_result result = { 0 };
	int rc;

	if (!secure_is_on())
		return 0;
	rc = verify_image(img, &result);
	if (!rc)
		rc = secure_measure(result.key);
	if (rc)
		return secure_refuse(img->name, rc);
	print("  Verified: signed by %s\n", result.key->name);
	return 0;
}

int secure_other(const char *name, const char *what)
{
	if (!secure_is_on())
		return 0;
	return secure_refuse(name, reason_fail(ERR_PERM, "%s cannot be signed",
					       what));
}

int secure_kernel(void)
{
	static const char name[] = "-kernel";
	int rc = 0;

	if (!secure_is_on())
		return 0;
	if (keys_refuse_kernel())
		rc = secure_refuse(name,
				   reason_fail(ERR_PERM, "the host's keys "
							 "forbid it"));
	else
		print("%s: from the host, not checked\n", name);
	if (rc)
		message_print(message_for_image(rc), name, reason());
	return rc;
}

void secure_enter(void)
{
	if (secure_is_on() && ci_nodes_policy())
		log_err("out of memory for ibm,secure-boot");
}
