// SPDX-License-Identifier: BSD-2-Clause
/*
 * A file from a server, as a stream of bytes. Servers push, readers pull: what
 * comes goes to the reader's memory, and what came with it to the spill buffer,
 * for the next read. Between two reads the network is not looked at, so one
 * turn's frames bound the spill.
 */
#include "packages/net/transfer.h"

#include <string.h>

#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "packages/net/message.h"

/* A turn of the stack takes at most 64 frames. */
#define TRANSFER_SPILL (64u * NETWORK_FRAME_MAX)
#define TRANSFER_FIND_MS 5000u
#define TRANSFER_RESOLVE_MS 15000u
#define TRANSFER_SHOW_MS 250u

/* The first line does not wait for the first quarter of a second. */
static void transfer_show(struct transfer *t, bool last)
{
	uint64_t now = deadline_ms();

	if (t->config.quiet ||
	    (!last && t->shown && now - t->shown < TRANSFER_SHOW_MS))
		return;
	log_keep_nothing(true);
	if (t->shown)
		print("\r");
	print("  Receiving data: %6llu KBytes",
	      (unsigned long long)(t->came / KiB));
	log_keep_nothing(false);
	t->shown = MAX(now, 1);
	t->shown_came = t->came;
}

/* The progress ends; a message may follow. */
static void transfer_end_line(struct transfer *t)
{
	if (t->shown && t->came != t->shown_came)
		transfer_show(t, true);
	if (t->shown)
		print("\n");
	t->shown = 0;
}

int transfer_fail(struct transfer *t, unsigned message, int err,
		  const char *why)
{
	transfer_end_line(t);
	/* Servers that hide what they lack refuse access. */
	if (t->config.may_lack &&
	    (message == NET_E3009 || message == NET_E3010))
		return reason_fail(ERR_NOENT, "%s", why);
	if (err == ERR_ABORT)
		return reason_fail(err, "%s", why);
	/* As SLOF, which names the file. */
	if (message == NET_E3009)
		reason_fail(err, "%s: %s", t->config.url.path, why);
	return net_fail(message, err, message == NET_E3009 ? reason() : why);
}

int transfer_take(void *arg, const void *data, size_t len)
{
	struct transfer *t = arg;
	size_t now = MIN(len, t->room), later = len - now;

	if (now) {
		memcpy(t->dst, data, now);
		t->dst += now;
		t->room -= now;
	}
	t->came += len;
	if (!later)
		return 0;
	if (!t->spill)
		t->spill = heap_alloc(TRANSFER_SPILL);
	if (!t->spill || later > TRANSFER_SPILL - t->spill_len)
		return reason_fail(ERR_NOMEM, "no memory for what came");
	memcpy(t->spill + t->spill_len, (const uint8_t *)data + now, later);
	t->spill_len += later;
	return 0;
}

/* lwIP would take "1.2.3" for 1.2.0.3. */
static bool transfer_is_number(const char *host)
{
	while (*host == '.' || (*host >= '0' && *host <= '9'))
		host++;
	return !*host;
}

/* The host's address; the user reads the name in the request's line. */
static int transfer_resolve(struct transfer *t)
{
	const char *host = t->config.url.host;
	struct net_wait wait;
	int rc, turn = 0;

	if (!net_addr_parse(host, strlen(host), &t->server))
		return 0;
	if (transfer_is_number(host))
		return reason_fail(ERR_INVAL, "\"%s\" is no address", host);
	net_wait_begin(&wait, t->config.nd, TRANSFER_RESOLVE_MS);
	do {
		rc = netstack_resolve(host, t->config.version, &t->server);
		if (rc == ERR_AGAIN)
			turn = net_wait_turn(&wait);
	} while (rc == ERR_AGAIN && !turn);
	net_wait_end(&wait);
	if (turn == ERR_TIMEOUT)
		reason_fail(turn, "no name server knows \"%s\"", host);
	return turn ? turn : rc;
}

static int transfer_reach(struct transfer *t)
{
	struct net_addr via = { 0 };
	struct net_wait wait;
	int rc, turn = 0;

	net_wait_begin(&wait, t->config.nd, TRANSFER_FIND_MS);
	do {
		rc = netstack_reach(&t->server, &via);
		if (rc == ERR_AGAIN)
			turn = net_wait_turn(&wait);
	} while (rc == ERR_AGAIN && !turn);
	net_wait_end(&wait);
	if (turn != ERR_TIMEOUT)
		return turn ? turn : rc;
	return reason_fail(
		turn, "no %s answer from %s%s%s",
		t->server.version == 4 ? "ARP" : "neighbour",
		net_addr_text(&via),
		net_addr_equal(&via, &t->server) ? "" : ", the router to ",
		net_addr_equal(&via, &t->server) ? ""
						 : net_addr_text(&t->server));
}

int transfer_find(struct transfer *t)
{
	int rc = transfer_resolve(t);

	if (rc)
		return transfer_fail(t, NET_E3008,
				     rc == ERR_NOENT ? ERR_NODEV : rc,
				     reason());
	rc = transfer_reach(t);
	if (rc)
		return transfer_fail(t, NET_E3002,
				     rc == ERR_NOENT ? ERR_NODEV : rc,
				     reason());
	return 0;
}

/* One line of result; TFTP's begins as SLOF's. */
static void transfer_done(struct transfer *t)
{
	uint64_t ms = MAX(deadline_ms() - t->started, 1);

	if (t->config.quiet)
		return;
	transfer_show(t, true);
	transfer_end_line(t);
	print("  %s: Received %s (%llu KBytes), %llu.%llu s, %llu KB/s",
	      t->protocol->name, t->config.url.path,
	      (unsigned long long)(t->came / KiB),
	      (unsigned long long)(ms / 1000),
	      (unsigned long long)(ms % 1000 / 100),
	      (unsigned long long)(t->came * 1000 / KiB / ms));
	if (t->protocol == &transfer_tftp)
		print(", blksize %u x %u", t->tftp.block_size, t->tftp.window);
	print("\n");
}

/* Where the server is in the file: after a new start, before what we have. */
static uint64_t transfer_position(const struct transfer *t)
{
	return t->protocol == &transfer_tftp ? t->tftp.position
					     : t->came - t->http.skip;
}

/* Trickling bytes are no progress. */
static int transfer_stalled(struct transfer *t)
{
	uint64_t now = deadline_ms(), at = transfer_position(t);

	if (at < t->mark || at - t->mark >= TRANSFER_STALL_BYTES ||
	    !t->marked) {
		t->mark = at;
		t->marked = MAX(now, 1);
	}
	if (now - t->marked < TRANSFER_STALL_MS)
		return 0;
	reason_fail(ERR_TIMEOUT, "%llu bytes in %llu s after %llu KB",
		    (unsigned long long)(at - t->mark),
		    (unsigned long long)((now - t->marked) / 1000),
		    (unsigned long long)(t->mark / KiB));
	return transfer_fail(t, NET_E3015, ERR_TIMEOUT, reason());
}

static int transfer_turn(struct transfer *t, struct net_wait *wait)
{
	uint64_t at = transfer_position(t);
	int rc = net_wait_turn(wait);

	if (rc)
		return transfer_fail(t, NET_E3015, rc, reason());
	rc = t->protocol->turn(t);
	if (rc > 0)
		t->complete = true;
	else if (!rc)
		rc = transfer_stalled(t);
	if (transfer_position(t) != at)
		net_wait_again(wait);
	if (rc >= 0 && t->came != t->shown_came)
		transfer_show(t, false);
	return MIN(rc, 0);
}

/* Turns until `done`, or until it is complete. */
static int transfer_run(struct transfer *t,
			bool (*done)(const struct transfer *t))
{
	struct net_wait wait;
	int rc = t->err;

	net_wait_begin(&wait, t->config.nd, 2 * TRANSFER_STALL_MS);
	while (!rc && !t->complete && !done(t))
		rc = transfer_turn(t, &wait);
	net_wait_end(&wait);
	if (t->complete && !t->err && !rc)
		transfer_done(t);
	t->err = rc;
	return rc;
}

static bool transfer_begun(const struct transfer *t)
{
	return t->begun;
}

static void transfer_say(const struct transfer *t)
{
	char text[160];

	if (t->config.quiet)
		return;
	if (t->protocol == &transfer_tftp) {
		print("  Requesting file \"%s\" via TFTP from %s\n",
		      t->config.url.path, t->config.url.host);
		return;
	}
	url_text(&t->config.url, text, sizeof(text));
	print("  Requesting file \"%s\" via HTTP\n", text);
}

int transfer_open(struct transfer *t)
{
	int rc;

	t->size = TRANSFER_SIZE_UNKNOWN;
	t->protocol = t->config.url.scheme == URL_HTTP ? &transfer_http
						       : &transfer_tftp;
	transfer_say(t);
	t->buffer = heap_alloc(TRANSFER_BUFFER);
	if (!t->buffer)
		return transfer_fail(t, NET_E3004, ERR_NOMEM, "out of memory");
	t->started = deadline_ms();
	rc = transfer_find(t);
	if (!rc)
		rc = t->protocol->open(t);
	if (!rc) {
		t->open = true;
		rc = transfer_run(t, transfer_begun);
	}
	if (rc)
		transfer_close(t);
	return rc;
}

/* What came with the last read. */
static void transfer_unspill(struct transfer *t)
{
	size_t n = MIN(t->room, t->spill_len - t->spill_pos);

	memcpy(t->dst, t->spill + t->spill_pos, n);
	t->dst += n;
	t->room -= n;
	t->spill_pos += n;
	if (t->spill_pos == t->spill_len)
		t->spill_pos = t->spill_len = 0;
}

/* Once all bytes are there, the server's end is still waited for. */
static bool transfer_full(const struct transfer *t)
{
	return !t->room && t->came < t->size;
}

long transfer_read(struct transfer *t, void *buf, size_t len)
{
	int rc;

	t->dst = buf;
	t->room = len;
	if (t->spill_len)
		transfer_unspill(t);
	rc = t->complete ? t->err : transfer_run(t, transfer_full);
	if (rc)
		return rc;
	len -= t->room;
	t->room = 0;
	t->read += len;
	return (long)len;
}

void transfer_close(struct transfer *t)
{
	struct reason_kept kept;

	reason_keep(&kept);
	transfer_end_line(t);
	if (t->open)
		t->protocol->close(t);
	heap_free(t->spill);
	heap_free(t->buffer);
	t->open = false;
	t->shown = 0;
	t->spill = NULL;
	t->buffer = NULL;
	reason_put_back(&kept);
}
