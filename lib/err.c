// SPDX-License-Identifier: BSD-2-Clause
// Text for the error codes.
#include "lib/err.h"

#include "lib/types.h"

/* clang-format off */
static const struct {
	int err;
	const char *text;
} err_texts[] = {
	{ ERR_OK, "success" },
	{ ERR_NOENT, "not found" },
	{ ERR_NODEV, "no such device" },
	{ ERR_NOMEDIUM, "no medium" },
	{ ERR_NOTSUP, "not supported" },
	{ ERR_INVAL, "malformed argument" },
	{ ERR_RANGE, "out of range" },
	{ ERR_PERM, "not permitted" },
	{ ERR_EXIST, "already there" },
	{ ERR_BUSY, "busy" },
	{ ERR_AGAIN, "nothing yet" },
	{ ERR_ABORT, "aborted by the user" },
	{ ERR_FORMAT, "bad format" },
	{ ERR_CHECKSUM, "wrong checksum" },
	{ ERR_IO, "I/O error" },
	{ ERR_TIMEOUT, "timed out" },
	{ ERR_NOMEM, "out of memory" },
	{ ERR_NOSPACE, "no space left" },
};
/* clang-format on */

const char *err_str(int err)
{
	for (size_t i = 0; i < ARRAY_SIZE(err_texts); i++) {
		if (err_texts[i].err == err)
			return err_texts[i].text;
	}
	return "unknown error";
}
