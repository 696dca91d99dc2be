// SPDX-License-Identifier: BSD-2-Clause
// DER: elements, their lengths checked.
#include "lib/der.h"

#include <string.h>

#include "lib/reason.h"

/* X.690 8.1.3: from here on, the low bits count the bytes of the length. */
#define DER_LONG 0x80u
#define DER_LENGTH_BYTES 3u

bool der_is(const struct der *in, unsigned tag)
{
	return in->left && in->at[0] == tag;
}

static int der_fail(const char *name, const char *why)
{
	return reason_fail(ERR_FORMAT, "%s: %s", name, why);
}

/* Takes the length that `in` begins with. False: no valid one. */
static bool der_length(struct der *in, size_t *len)
{
	size_t bytes;

	if (!in->left)
		return false;
	*len = *in->at++;
	in->left--;
	if (*len < DER_LONG)
		return true;
	bytes = *len - DER_LONG;
	/* 0 is the indefinite length. */
	if (!bytes || bytes > DER_LENGTH_BYTES || bytes > in->left)
		return false;
	*len = 0;
	for (size_t i = 0; i < bytes; i++)
		*len = *len << 8 | in->at[i];
	in->at += bytes;
	in->left -= bytes;
	return *len >= DER_LONG && *len >> 8 * (bytes - 1);
}

int der_take(struct der *in, unsigned tag, const char *name, struct der *value)
{
	struct der rest = *in;
	size_t len;

	if (!rest.left)
		return der_fail(name, "missing");
	if (rest.at[0] != tag)
		return reason_fail(ERR_FORMAT, "%s: tag %02x instead of %02x",
				   name, rest.at[0], tag);
	rest.at++;
	rest.left--;
	if (!der_length(&rest, &len))
		return der_fail(name, "invalid length");
	if (len > rest.left)
		return reason_fail(ERR_FORMAT,
				   "%s: %zu bytes, but only %zu are left", name,
				   len, rest.left);
	*value = (struct der){ rest.at, len };
	*in = (struct der){ rest.at + len, rest.left - len };
	return 0;
}

int der_take_last(struct der *in, unsigned tag, const char *name,
		  struct der *value)
{
	struct der rest = *in;
	int err = der_take(&rest, tag, name, value);

	if (err < 0)
		return err;
	if (rest.left)
		return reason_fail(ERR_FORMAT, "%s: followed by %zu bytes",
				   name, rest.left);
	*in = rest;
	return 0;
}

bool der_equals(const struct der *value, const void *data, size_t len)
{
	return value->left == len && !memcmp(value->at, data, len);
}
