// SPDX-License-Identifier: BSD-2-Clause
// TFTP's options: what is asked for, and what the server makes of it.
#include "packages/net/tftp_options.h"

#include <string.h>

#include "lib/fmt.h"
#include "lib/reason.h"

enum {
	TFTP_TSIZE,	 /* RFC 2349 */
	TFTP_BLKSIZE,	 /* RFC 2348 */
	TFTP_WINDOWSIZE, /* RFC 7440 */
	TFTP_OPTION_COUNT,
};

/* In the order of requests: QEMU's user network looks at two (slirp, tftp.c). */
static const struct {
	const char *name;
	uint16_t min, normal;
} tftp_options[TFTP_OPTION_COUNT] = {
	[TFTP_TSIZE] = { "tsize", 0, 0 },
	[TFTP_BLKSIZE] = { "blksize", 8, 512 },
	[TFTP_WINDOWSIZE] = { "windowsize", 1, 1 },
};

/* How many of them are in a request. */
static unsigned tftp_options_asked(const struct tftp *tftp)
{
	static const uint8_t asked[] = {
		[TFTP_LEVEL_WINDOW] = 3, [TFTP_LEVEL_BLOCK] = 2
	};

	return tftp->level < ARRAY_SIZE(asked) ? asked[tftp->level] : 0;
}

static uint64_t tftp_options_value(const struct tftp *tftp, unsigned option)
{
	const uint64_t values[] = { 0, tftp->config.block_size,
				    tftp->config.window };

	return values[option];
}

size_t tftp_options_write(const struct tftp *tftp, char *to)
{
	size_t len = 0;
	unsigned i;

	for (i = 0; i < tftp_options_asked(tftp); i++)
		len += 1 + fmt_str(to + len, 32, "%s%c%u", tftp_options[i].name,
				   0, (unsigned)tftp_options_value(tftp, i));
	return len;
}

/* The length of a text with its NUL at the start of `len` bytes; 0: no NUL. */
static size_t tftp_options_item(const char *text, size_t len)
{
	size_t n = strnlen(text, len);

	return n < len ? n + 1 : 0;
}

static int tftp_options_take(const struct tftp *tftp, const char *name,
			     const char *text, uint64_t *values, unsigned *seen)
{
	uint64_t val;
	unsigned i;

	for (i = 0; i < tftp_options_asked(tftp); i++)
		if (!strncasecmp(name, tftp_options[i].name, 16))
			break;
	if (i == tftp_options_asked(tftp) || *seen & 1u << i)
		return reason_fail(ERR_FORMAT, "server sets option %.32s",
				   name);
	if (fmt_parse_dec(text, strlen(text), &val) ||
	    val < tftp_options[i].min ||
	    (i != TFTP_TSIZE && val > tftp_options_value(tftp, i)))
		return reason_fail(ERR_FORMAT,
				   "server sets %s to %.32s, not %u",
				   tftp_options[i].name, text,
				   (unsigned)tftp_options_value(tftp, i));
	*seen |= 1u << i;
	values[i] = val;
	return 0;
}

int tftp_options_read(struct tftp *tftp, const char *text, size_t len)
{
	uint64_t values[TFTP_OPTION_COUNT];
	unsigned seen = 0, i;
	int err;

	for (i = 0; i < TFTP_OPTION_COUNT; i++)
		values[i] = tftp_options[i].normal;
	while (len) {
		size_t name = tftp_options_item(text, len), val;

		val = name ? tftp_options_item(text + name, len - name) : 0;
		if (!val)
			return reason_fail(ERR_FORMAT,
					   "server sends malformed options");
		err = tftp_options_take(tftp, text, text + name, values, &seen);
		if (err)
			return err;
		text += name + val;
		len -= name + val;
	}
	tftp->block_size = (unsigned)values[TFTP_BLKSIZE];
	tftp->window = (unsigned)values[TFTP_WINDOWSIZE];
	/* Some servers repeat the request's 0 when they do not know. */
	if (!tftp->begun && values[TFTP_TSIZE])
		tftp->size = values[TFTP_TSIZE];
	else if (values[TFTP_TSIZE] && tftp->size != TFTP_SIZE_UNKNOWN &&
		 tftp->size != values[TFTP_TSIZE])
		return reason_fail(ERR_FORMAT, "file has changed its size");
	return 0;
}
