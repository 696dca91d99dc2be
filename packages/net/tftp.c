// SPDX-License-Identifier: BSD-2-Clause
// The TFTP client: requests, blocks in order, acknowledgements.
#include "packages/net/tftp.h"

#include <string.h>

#include "lib/endian.h"
#include "lib/fmt.h"
#include "lib/reason.h"
#include "packages/net/tftp_options.h"

/* RFC 1350 5, RFC 2347: opcodes. */
#define TFTP_RRQ 1u
#define TFTP_DATA 3u
#define TFTP_ACK 4u
#define TFTP_ERR 5u
#define TFTP_OACK 6u

/* RFC 1350 5, RFC 2347: error codes. */
#define TFTP_CODE_OTHER 0u
#define TFTP_CODE_NOT_FOUND 1u
#define TFTP_CODE_ACCESS 2u
#define TFTP_CODE_ILLEGAL 4u
#define TFTP_CODE_TID 5u
#define TFTP_CODE_OPTIONS 8u

#define TFTP_NAME_MAX 512u
#define TFTP_BLOCK_MIN 8u     /* RFC 2348 */
#define TFTP_BLOCK_MAX 65464u /* RFC 2348 */
#define TFTP_PATIENCE 30000u  /* ms without a block */
#define TFTP_DELAY 1000u      /* ms to the first repetition */
#define TFTP_DELAY_MAX 8000u
/* Rewinds, and restarts, without progress. */
#define TFTP_REWINDS 3u

enum {
	TFTP_REQUESTING,
	TFTP_TAKING,
	TFTP_ENDED,
};

/* Ends a transfer. `reason()` is why. The server gets ERROR `code`, if known. */
static void tftp_fail(struct tftp *tftp, enum tftp_failure failure, int err,
		      unsigned code)
{
	tftp->state = TFTP_ENDED;
	tftp->pending = false;
	tftp->failure = failure;
	tftp->err = err;
	fmt_str(tftp->why, sizeof(tftp->why), "%s", reason());
	/* RFC 1350 7: nothing answers an ERROR. */
	tftp->stray_port = failure == TFTP_ERROR ? 0 : tftp->port;
	tftp->stray_code = (uint16_t)code;
}

static void tftp_request(struct tftp *tftp, unsigned level, uint64_t now)
{
	tftp->state = TFTP_REQUESTING;
	tftp->level = (uint8_t)level;
	tftp->pending = true;
	/* What the old session still sends is not the answer. */
	tftp->old_port = tftp->port == TFTP_PORT ? 0 : tftp->port;
	tftp->port = 0;
	tftp->attempts = 0;
	tftp->due = now;
}

void tftp_start(struct tftp *tftp, const struct tftp_config *config,
		uint64_t now)
{
	struct tftp_config copy = *config; /* may be tftp->config */

	memset(tftp, 0, sizeof(*tftp));
	copy.block_size =
		MIN(MAX(copy.block_size, TFTP_BLOCK_MIN), TFTP_BLOCK_MAX);
	copy.window = MIN(MAX(copy.window, 1u), (unsigned)UINT16_MAX);
	tftp->config = copy;
	tftp->size = TFTP_SIZE_UNKNOWN;
	tftp_request(tftp,
		     copy.window > 1 ? TFTP_LEVEL_WINDOW : TFTP_LEVEL_BLOCK,
		     now);
	if (strlen(copy.name) > TFTP_NAME_MAX)
		tftp_fail(tftp, TFTP_MALFORMED,
			  reason_fail(ERR_INVAL,
				      "file name is longer than %u bytes",
				      TFTP_NAME_MAX),
			  0);
}

/*
 * A new request for the same file: bytes that were taken are skipped. For
 * servers that cannot send an earlier block again.
 */
static void tftp_restart(struct tftp *tftp, uint64_t now)
{
	if (tftp->restarts++ == TFTP_REWINDS) {
		tftp_fail(tftp, TFTP_SILENT,
			  reason_fail(ERR_TIMEOUT, "block %llu does not arrive",
				      (unsigned long long)tftp->block + 1),
			  TFTP_CODE_OTHER);
		return;
	}
	tftp->stray_port = tftp->port;
	tftp->stray_code = TFTP_CODE_OTHER;
	tftp_request(tftp, MAX(tftp->level, TFTP_LEVEL_BLOCK), now);
}

static void tftp_fail_silent(struct tftp *tftp, uint64_t now)
{
	int err;

	if (!tftp->begun)
		err = reason_fail(ERR_TIMEOUT, "no answer to %u requests",
				  tftp->attempts);
	else
		err = reason_fail(
			ERR_TIMEOUT,
			"no data for %llu s after block %llu (%llu KB)",
			(unsigned long long)(now - tftp->progress) / 1000,
			(unsigned long long)tftp->block,
			(unsigned long long)tftp->received / 1000);
	tftp_fail(tftp, TFTP_SILENT, err, TFTP_CODE_OTHER);
}

/* Runs the timers; afterwards `pending` says if a packet is to be sent. */
static void tftp_tick(struct tftp *tftp, uint64_t now)
{
	if (tftp->state == TFTP_TAKING &&
	    now - tftp->progress >= TFTP_PATIENCE) {
		tftp_fail_silent(tftp, now);
		return;
	}
	if (tftp->pending || now < tftp->due)
		return;
	if (tftp->state == TFTP_REQUESTING &&
	    tftp->attempts >= MAX(tftp->config.tries, 1u)) {
		tftp_fail_silent(tftp, now);
	} else if (tftp->window > 1 && tftp->state == TFTP_TAKING &&
		   ++tftp->rewinds >= TFTP_REWINDS) {
		tftp_restart(tftp, now);
	} else {
		tftp->pending = true;
		tftp->gap = false;
		tftp->old_port = 0;
	}
}

static size_t tftp_write_error(unsigned code, uint8_t *packet)
{
	be16_store(packet, TFTP_ERR);
	be16_store(packet + 2, (uint16_t)code);
	packet[4] = '\0';
	return 5;
}

static size_t tftp_write_request(const struct tftp *tftp, char *packet)
{
	size_t len = 2;

	be16_store(packet, TFTP_RRQ);
	len += 1 + fmt_str(packet + len, TFTP_NAME_MAX + 16, "%s%coctet",
			   tftp->config.name, 0);
	return len + tftp_options_write(tftp, packet + len);
}

size_t tftp_send(struct tftp *tftp, uint64_t now, void *packet, uint16_t *port)
{
	static_assert(2 + TFTP_NAME_MAX + 16 + 64 <= TFTP_SEND_MAX,
		      "a request");

	if (tftp->state != TFTP_ENDED)
		tftp_tick(tftp, now);
	if (tftp->stray_port) {
		*port = tftp->stray_port;
		tftp->stray_port = 0;
		return tftp_write_error(tftp->stray_code, packet);
	}
	if (!tftp->pending)
		return 0;
	tftp->pending = false;
	tftp->due = now +
		    MIN(TFTP_DELAY << MIN(tftp->attempts, 8u), TFTP_DELAY_MAX);
	tftp->attempts++;
	if (tftp->state == TFTP_REQUESTING) {
		*port = TFTP_PORT;
		return tftp_write_request(tftp, packet);
	}
	*port = tftp->port;
	tftp->acked = now;
	tftp->in_window = 0;
	be16_store(packet, TFTP_ACK);
	be16_store((uint8_t *)packet + 2, tftp->wire);
	return 4;
}

/* The server has accepted the request. */
static void tftp_begin(struct tftp *tftp, uint64_t now, uint16_t port)
{
	tftp->state = TFTP_TAKING;
	tftp->begun = true;
	tftp->pending = false;
	tftp->gap = false;
	tftp->port = port;
	tftp->block = 0;
	tftp->position = 0;
	tftp->wire = 0;
	tftp->rewinds = 0;
	tftp->attempts = 0;
	tftp->in_window = 0;
	tftp->progress = now;
	tftp->due = now + TFTP_DELAY;
}

static void tftp_fail_short(struct tftp *tftp, uint64_t end)
{
	uint64_t size = tftp->size == TFTP_SIZE_UNKNOWN ? tftp->received
							: tftp->size;

	tftp_fail(tftp, TFTP_SHORT,
		  reason_fail(ERR_FORMAT, "server sends %s%llu of %llu bytes",
			      end > size ? "at least " : "",
			      (unsigned long long)end,
			      (unsigned long long)size),
		  TFTP_CODE_OTHER);
}

/* Passes on what was not taken before a restart. */
static int tftp_take(struct tftp *tftp, const uint8_t *data, size_t len)
{
	uint64_t end = tftp->position + len;
	uint64_t skip = tftp->received - tftp->position;
	int err;

	tftp->position = end;
	if (len <= skip)
		return 0;
	tftp->received = end;
	tftp->restarts = 0;
	err = tftp->config.take(tftp->config.arg, data + skip, len - skip);
	if (err)
		tftp_fail(tftp, TFTP_SINK, err, TFTP_CODE_OTHER);
	return err;
}

/* The next block in order. */
static void tftp_block(struct tftp *tftp, uint64_t now, const uint8_t *data,
		       size_t len)
{
	bool last = len < tftp->block_size;

	if (len > tftp->block_size) {
		tftp_fail(tftp, TFTP_MALFORMED,
			  reason_fail(ERR_FORMAT,
				      "block of %zu bytes, agreed were %u", len,
				      tftp->block_size),
			  TFTP_CODE_ILLEGAL);
		return;
	}
	if (len > tftp->size - tftp->position) {
		tftp_fail_short(tftp, tftp->position + len);
		return;
	}
	if (tftp_take(tftp, data, len))
		return;
	tftp->block++;
	tftp->gap = false;
	tftp->attempts = 0;
	tftp->rewinds = 0;
	tftp->progress = now;
	tftp->due = now + TFTP_DELAY;
	if (++tftp->in_window >= tftp->window || last)
		tftp->pending = true;
	if (!last)
		return;
	if (tftp->position < tftp->received ||
	    (tftp->size != TFTP_SIZE_UNKNOWN && tftp->position != tftp->size))
		tftp_fail_short(tftp, tftp->position);
	tftp->state = TFTP_ENDED;
}

/* The last one again. Servers that ignore its number must not get two ACKs. */
static void tftp_again(struct tftp *tftp, uint64_t now)
{
	if (!tftp->in_window && now - tftp->acked >= TFTP_DELAY)
		tftp->pending = true;
}

/* A block from after the next one: that is lost. */
static void tftp_gap(struct tftp *tftp, uint64_t now)
{
	/*
	 * In lock-step only a server that does not look at the number of an ACK
	 * goes on: QEMU's user network (slirp, tftp_handle_ack).
	 */
	if (tftp->window == 1) {
		tftp_restart(tftp, now);
		return;
	}
	/* RFC 7440 4: once, then wait for it. */
	if (tftp->gap)
		return;
	tftp->gap = true;
	if (++tftp->rewinds >= TFTP_REWINDS)
		tftp_restart(tftp, now);
	else
		tftp->pending = true;
}

static void tftp_data(struct tftp *tftp, uint64_t now, const uint8_t *packet,
		      size_t len)
{
	uint16_t number = be16_load(packet + 2);
	int16_t ahead = (int16_t)(uint16_t)(number - tftp->wire);

	/* Some servers' numbers go on with 1, not 0. */
	if (tftp->wire == UINT16_MAX && number == 1 && tftp->window == 1)
		ahead = 1;
	if (ahead == 1) {
		tftp->wire = number;
		tftp_block(tftp, now, packet + 4, len - 4);
	} else if (ahead > 1) {
		tftp_gap(tftp, now);
	} else if (ahead == 0) {
		tftp_again(tftp, now);
	}
}

static void tftp_error(struct tftp *tftp, uint64_t now, const uint8_t *packet,
		       size_t len)
{
	unsigned code = be16_load(packet + 2);
	size_t text = strnlen((const char *)packet + 4, MIN(len - 4, 128u));
	int err = ERR_IO;

	if (tftp->state == TFTP_REQUESTING && tftp->level < TFTP_LEVEL_NONE &&
	    (code == TFTP_CODE_OPTIONS || code == TFTP_CODE_ILLEGAL ||
	     code == TFTP_CODE_OTHER)) {
		/* A second copy is not the answer to the next request. */
		if (!tftp->pending)
			tftp_request(tftp, tftp->level + 1u, now);
		return;
	}
	if (code == TFTP_CODE_NOT_FOUND)
		err = ERR_NOENT;
	else if (code == TFTP_CODE_ACCESS)
		err = ERR_PERM;
	tftp->code = code;
	reason_fail(err, "server says error %u%s%.*s", code, text ? ": " : "",
		    (int)text, (const char *)packet + 4);
	tftp_fail(tftp, TFTP_ERROR, err, 0);
}

static void tftp_oack(struct tftp *tftp, uint64_t now, uint16_t port,
		      const uint8_t *packet, size_t len)
{
	int err = tftp_options_read(tftp, (const char *)packet + 2, len - 2);

	tftp->port = port;
	if (err) {
		tftp_fail(tftp, TFTP_OPTIONS, err, TFTP_CODE_OPTIONS);
		return;
	}
	tftp_begin(tftp, now, port);
	tftp->pending = true;
}

/* The answer to a request; what cannot be one is ignored. */
static void tftp_answer(struct tftp *tftp, uint64_t now, uint16_t port,
			const uint8_t *packet, size_t len)
{
	unsigned opcode = be16_load(packet);

	if (port == tftp->old_port || !port)
		return;
	if (opcode == TFTP_OACK) {
		tftp_oack(tftp, now, port, packet, len);
	} else if (opcode == TFTP_ERR && len >= 4) {
		tftp_error(tftp, now, packet, len);
	} else if (opcode == TFTP_DATA && len >= 4 && len <= 4 + 512 &&
		   be16_load(packet + 2) == 1) {
		/* A longer one is of an earlier session. */
		tftp->block_size = 512;
		tftp->window = 1;
		tftp_begin(tftp, now, port);
		tftp_data(tftp, now, packet, len);
	}
}

void tftp_receive(struct tftp *tftp, uint64_t now, uint16_t port,
		  const void *packet, size_t len)
{
	unsigned opcode;

	if (len < 2)
		return;
	opcode = be16_load(packet);
	if (tftp->state == TFTP_REQUESTING) {
		tftp_answer(tftp, now, port, packet, len);
	} else if (tftp->state == TFTP_ENDED) {
		/* Perhaps the last ACK was lost. */
		if (!tftp->err && port == tftp->port && opcode == TFTP_DATA)
			tftp_again(tftp, now);
	} else if (port != tftp->port) {
		/* RFC 1350 4; nothing answers an ERROR. */
		if (opcode == TFTP_ERR)
			return;
		tftp->stray_port = port;
		tftp->stray_code = TFTP_CODE_TID;
	} else if (opcode == TFTP_DATA && len >= 4) {
		tftp_data(tftp, now, packet, len);
	} else if (opcode == TFTP_ERR && len >= 4) {
		tftp_error(tftp, now, packet, len);
	} else if (opcode == TFTP_OACK) {
		if (!tftp->block)
			tftp_again(tftp, now);
	} else {
		tftp_fail(tftp, TFTP_MALFORMED,
			  reason_fail(ERR_FORMAT,
				      "server sends a malformed packet"),
			  TFTP_CODE_ILLEGAL);
	}
}

void tftp_abort(struct tftp *tftp)
{
	if (tftp->state != TFTP_ENDED)
		tftp_fail(tftp, TFTP_SINK, reason_fail(ERR_IO, "aborted"),
			  TFTP_CODE_OTHER);
}

bool tftp_begun(const struct tftp *tftp)
{
	return tftp->begun;
}

int tftp_result(const struct tftp *tftp)
{
	if (tftp->state != TFTP_ENDED)
		return ERR_AGAIN;
	return tftp->err ? reason_fail(tftp->err, "%s", tftp->why) : 0;
}
