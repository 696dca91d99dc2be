// SPDX-License-Identifier: BSD-2-Clause
// Bytes of TPM 2.0 commands and responses (TCG TPM 2.0 Library, part 1, 18).
#include "packages/tpm/tpm2_message.h"

#include <assert.h>
#include <string.h>

#include "lib/endian.h"

/* The header: tag, size, code. */
#define HEADER_SIZE 2u
#define HEADER_CODE 6u

/* An empty password: the area's size, then handle, nonce, attributes, HMAC. */
static const uint8_t tpm2_password[] = {
	0, 0, 0, 9, 0x40, 0, 0, 9, 0, 0, 1, 0, 0,
};

static struct {
	const struct tpm2_command *command;
	size_t len; /* of the command */
	/* The response's parameters that are not taken yet. */
	const uint8_t *at;
	size_t left;
	uint32_t code;
	bool bad; /* it is malformed */
	uint8_t bytes[TPM2_MESSAGE_MAX];
} msg;

void tpm2_begin(const struct tpm2_command *command, uint32_t handle)
{
	msg.command = command;
	msg.code = 0;
	msg.len = TPM_HEADER;
	be16_store(msg.bytes, (uint16_t)command->tag);
	be32_store(msg.bytes + HEADER_CODE, command->code);
	if (command->tag == TPM2_SESSION) {
		tpm2_put_number(handle, 4);
		tpm2_put(tpm2_password, sizeof(tpm2_password));
	}
}

void tpm2_put(const void *bytes, size_t len)
{
	assert(len <= sizeof(msg.bytes) - msg.len);
	memcpy(msg.bytes + msg.len, bytes, len);
	msg.len += len;
}

void tpm2_put_number(uint32_t value, size_t len)
{
	const be32 raw = be32_make(value);

	tpm2_put((const uint8_t *)&raw + sizeof(raw) - len, len);
}

/* What follows the parameters authorizes the response: an empty password. */
static void tpm2_take_size(void)
{
	uint32_t size = tpm2_take_number(4);

	if (size > msg.left)
		tpm2_bad();
	else
		msg.left = size;
}

/* TPM 1.2, and QEMU without a TPM, have other tags: and other codes, too. */
static int tpm2_check(void)
{
	const char *name = msg.command->name;
	uint16_t tag = be16_load(msg.bytes);

	if (tag == TPM2_PLAIN || tag == TPM2_SESSION)
		msg.code = be32_load(msg.bytes + HEADER_CODE);
	if (msg.code)
		return reason_fail(ERR_IO, "TPM2_%s: response code %x", name,
				   msg.code);
	if (tag != msg.command->tag)
		return reason_fail(ERR_FORMAT, "TPM2_%s: response has tag %04x",
				   name, tag);
	if (tag == TPM2_SESSION)
		tpm2_take_size();
	return tpm2_end();
}

int tpm2_run(struct tpm_device *tpm)
{
	long got;

	be32_store(msg.bytes + HEADER_SIZE, (uint32_t)msg.len);
	got = tpm_transmit(tpm, msg.bytes, msg.len, msg.bytes,
			   sizeof(msg.bytes));
	if (got < 0)
		return reason_fail((int)got, "TPM2_%s: %s", msg.command->name,
				   reason());
	msg.bad = false;
	msg.at = msg.bytes + TPM_HEADER;
	msg.left = (size_t)got - TPM_HEADER;
	return tpm2_check();
}

uint32_t tpm2_code(void)
{
	return msg.code;
}

void tpm2_take(void *bytes, size_t len)
{
	if (len > msg.left) {
		tpm2_bad();
		memset(bytes, 0, len);
		return;
	}
	memcpy(bytes, msg.at, len);
	msg.at += len;
	msg.left -= len;
}

uint32_t tpm2_take_number(size_t len)
{
	uint8_t raw[4] = { 0 };

	tpm2_take(raw + sizeof(raw) - len, len);
	return be32_load(raw);
}

void tpm2_bad(void)
{
	msg.bad = true;
	msg.left = 0;
}

int tpm2_end(void)
{
	if (msg.bad)
		return reason_fail(ERR_FORMAT, "TPM2_%s: malformed response",
				   msg.command->name);
	return 0;
}

void tpm2_wipe(void)
{
	memset(msg.bytes, 0, sizeof(msg.bytes));
	/* The compiler must not think that nobody looks. */
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
}
