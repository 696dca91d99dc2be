// SPDX-License-Identifier: BSD-2-Clause
// SCSI: scanning a host for its logical units.

#include <string.h>

#include "drivers/scsi/cdb.h"
#include "drivers/scsi/scsi.h"
#include "lib/fmt.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "tree/node.h"

/* Commands of a batch, and the memory that their responses share. */
#define BATCH 32u
#define RESPONSES (16 * KiB)
/* Timeout of a target; an absent one responds at once. */
#define TIMEOUT_MS 5000u

/* REPORT LUNS parameter data: length, reserved, entries. [SPC-4 6.33] */
#define LIST_HEADER 8u
#define LIST_ENTRY 8u
/* Longest list we request: the 16384 LUNs of a target. [SAM-5 4.7.7.3] */
#define LIST_MAX (LIST_HEADER + 16384u * LIST_ENTRY)

/* Standard INQUIRY data. [SPC-4 6.6.2] */
#define INQUIRY_LEN 36u
#define INQUIRY_REMOVABLE 0x80
#define INQUIRY_ABSENT 0x7f /* peripheral qualifier 3 */
#define INQUIRY_VENDOR 8u
#define INQUIRY_VENDOR_LEN 8u
#define INQUIRY_PRODUCT 16u
#define INQUIRY_PRODUCT_LEN 16u

/*
 * A scan. Batches of up to BATCH commands go to the host; when all of a batch
 * have ended, scsi_scan() sends the next one, so hosts scan in parallel:
 *
 *	round 0, 1, ...	REPORT LUNS to each target, until a round has responses
 *	then		INQUIRY to each LUN found -> host->units
 *
 * Where the targets are the LUNs, see struct scsi_addressing, there is only
 * INQUIRY to each of them.
 *
 * Responses come in any order. Both lists are sorted by LUN on insertion, so
 * that nodes and aliases have the same order at each boot.
 */
struct scsi_scan {
	unsigned round;	  /* see scsi_addressing */
	size_t next;	  /* index of a target, then of a LUN */
	size_t pending;	  /* commands in flight */
	size_t responded; /* targets that support REPORT LUNS */
	size_t taken;	  /* targets that are LUNs: in `luns` */
	bool inquiring;
	uint64_t *luns; /* sorted, no duplicates */
	size_t n_luns, room;
	struct scsi_command cmds[BATCH];
	uint8_t responses[RESPONSES]; /* zero where unused */
};

static void scan_complain(const struct scsi_host *host)
{
	log_err("%s %s: %s", host->dev->driver->name, device_path(host->dev),
		reason());
}

static struct scsi_host *scan_host(const struct request *rq)
{
	return container_of(rq->queue, struct scsi_host, queue);
}

static int scan_grow(struct scsi_scan *scan)
{
	size_t room = scan->room ? 2 * scan->room : 16;
	uint64_t *luns = heap_realloc(scan->luns, room * sizeof(*luns));

	if (!luns)
		return reason_fail(ERR_NOMEM, "no memory for %zu LUNs", room);
	scan->luns = luns;
	scan->room = room;
	return 0;
}

static bool scan_knows(const struct scsi_host *host, uint64_t lun)
{
	const struct scsi_unit *unit;

	list_for_each(unit, &host->units, link) {
		if (unit->lun == lun)
			return true;
	}
	return false;
}

static bool scan_add_lun(const struct scsi_host *host, uint64_t lun)
{
	struct scsi_scan *scan = host->scan;
	size_t i = scan->n_luns;

	while (i && scan->luns[i - 1] > lun)
		i--;
	if (!lun || (i && scan->luns[i - 1] == lun) || scan_knows(host, lun))
		return true;
	if (scan->n_luns == scan->room && scan_grow(scan) < 0) {
		scan_complain(host);
		return false;
	}
	memmove(&scan->luns[i + 1], &scan->luns[i],
		(scan->n_luns - i) * sizeof(lun));
	scan->luns[i] = lun;
	scan->n_luns++;
	return true;
}

/* Adds the entries of a list; `left`: their bytes. */
static void scan_add_list(const struct scsi_host *host,
			  const struct scsi_command *cmd, uint32_t left)
{
	const uint8_t *entry = (const uint8_t *)cmd->buf + LIST_HEADER;
	bool ok = true;

	for (; ok && left >= LIST_ENTRY; left -= LIST_ENTRY) {
		ok = scan_add_lun(host, host->addressing->lun_of(
						cmd->lun, be64_load(entry)));
		entry += LIST_ENTRY;
	}
}

/* Has it a buffer of its own, for a long list? */
static bool scan_is_own(const struct scsi_scan *scan, const uint8_t *buf)
{
	return buf < scan->responses || buf >= scan->responses + RESPONSES;
}

/* Zeroes what a response may have overwritten. */
static void scan_release_buf(const struct scsi_scan *scan,
			     const struct scsi_command *cmd)
{
	if (scan_is_own(scan, cmd->buf))
		heap_free(cmd->buf);
	else if (cmd->rq.status != ERR_NODEV)
		memset(cmd->buf, 0, cmd->len);
}

static void scan_send_report(struct scsi_host *host, struct scsi_command *cmd,
			     uint64_t target, void *buf, uint32_t len);

/* Requests a whole list of `len` bytes of entries. Returns false: cannot. */
static bool scan_send_again(struct scsi_host *host, struct scsi_command *cmd,
			    uint32_t len)
{
	uint8_t *list;

	len = MIN(len, LIST_MAX - LIST_HEADER) + LIST_HEADER;
	len = MIN(len, host->max_transfer);
	list = scan_is_own(host->scan, cmd->buf) ? NULL : heap_zalloc(len);
	if (!list)
		return false;
	scan_release_buf(host->scan, cmd);
	scan_send_report(host, cmd, cmd->lun, list, len);
	return true;
}

/* A target that does not support REPORT LUNS may still have LUN 0. */
static void scan_report_done(struct request *rq)
{
	struct scsi_host *host = scan_host(rq);
	struct scsi_command *cmd = scsi_command_of(rq);
	uint32_t room = cmd->len - LIST_HEADER;

	host->scan->pending--;
	if (rq->status == 0 && cmd->residual <= room) {
		uint32_t len = be32_load(cmd->buf);

		if (len > room && scan_send_again(host, cmd, len))
			return;
		host->scan->responded++;
		scan_add_list(host, cmd, MIN(len, room - cmd->residual));
	} else if (rq->status != ERR_NODEV && rq->status != ERR_TIMEOUT) {
		scan_add_lun(host, host->addressing->lun_of(cmd->lun, 0));
	}
	scan_release_buf(host->scan, cmd);
}

static void scan_send(struct scsi_host *host, struct scsi_command *cmd,
		      void (*done)(struct request *rq))
{
	cmd->rq.timeout_ms = TIMEOUT_MS;
	cmd->rq.done = done;
	host->scan->pending++;
	request_add(&host->queue, &cmd->rq);
}

static void scan_send_report(struct scsi_host *host, struct scsi_command *cmd,
			     uint64_t target, void *buf, uint32_t len)
{
	scsi_cdb_report_luns(cmd, target, buf, len);
	scan_send(host, cmd, scan_report_done);
}

/* The next batch of targets, of this round or the next. */
static void scan_send_reports(struct scsi_host *host)
{
	const struct scsi_addressing *addressing = host->addressing;
	struct scsi_scan *scan = host->scan;
	size_t i, n = addressing->targets(host, scan->round);
	uint32_t len;

	if (scan->next >= n && n && !scan->responded) {
		scan->next = 0;
		n = addressing->targets(host, ++scan->round);
	}
	/* A host may have fewer after a reset. */
	n = MIN(n - MIN(n, scan->next), BATCH);
	len = (uint32_t)(RESPONSES / MAX(n, 1u));
	len = ALIGN_DOWN(MIN(len, host->max_transfer), LIST_ENTRY);
	for (i = 0; i < n; i++)
		scan_send_report(host, &scan->cmds[i],
				 addressing->target(host, scan->round,
						    scan->next++),
				 scan->responses + i * len, len);
}

/* A field is padded with blanks; some devices pad with NULs. */
static int scan_field_len(const char *field, size_t size)
{
	size_t len = strnlen(field, size);

	while (len && field[len - 1] == ' ')
		len--;
	return (int)len;
}

static void scan_name_unit(struct scsi_unit *unit, const uint8_t *inquiry)
{
	const char *vendor = (const char *)inquiry + INQUIRY_VENDOR;
	const char *product = (const char *)inquiry + INQUIRY_PRODUCT;
	int len = scan_field_len(vendor, INQUIRY_VENDOR_LEN);

	fmt_str(unit->product, sizeof(unit->product), "%.*s%s%.*s", len, vendor,
		len ? " " : "", scan_field_len(product, INQUIRY_PRODUCT_LEN),
		product);
}

static void scan_add_unit(struct scsi_host *host, uint64_t lun,
			  const uint8_t *inquiry)
{
	struct scsi_unit *unit = heap_zalloc(sizeof(*unit));
	struct list *at = &host->units;

	if (!unit) {
		reason_fail(ERR_NOMEM, "no memory");
		scan_complain(host);
		return;
	}
	unit->host = host;
	unit->lun = lun;
	unit->type = inquiry[0] & 0x1f;
	unit->version = inquiry[2];
	unit->removable = inquiry[1] & INQUIRY_REMOVABLE;
	scan_name_unit(unit, inquiry);
	while (at->prev != &host->units &&
	       container_of(at->prev, struct scsi_unit, link)->lun > lun)
		at = at->prev;
	list_insert_before(at, &unit->link);
}

/* Any peripheral qualifier but 0: the unit is absent. */
static void scan_inquiry_done(struct request *rq)
{
	const struct scsi_command *cmd = scsi_command_of(rq);
	const uint8_t *buf = cmd->buf;
	struct scsi_host *host = scan_host(rq);

	host->scan->pending--;
	log_debug(LOG_DRIVERS, "scsi %s: LUN %llx: %s, type %02x",
		  device_path(host->dev), (unsigned long long)cmd->lun,
		  rq->status ? err_str(rq->status) : "there", buf[0]);
	if (rq->status == 0 && buf[0] >> 5 == 0 &&
	    SCSI_DISK_TYPES >> (buf[0] & 0x1f) & 1)
		scan_add_unit(host, cmd->lun, buf);
}

/* Adds the targets that are LUNs; an earlier batch may have found more. */
static void scan_take_targets(const struct scsi_host *host)
{
	const struct scsi_addressing *addressing = host->addressing;
	struct scsi_scan *scan = host->scan;
	size_t n = addressing->targets(host, 0);

	while (scan->taken < n) {
		uint64_t lun = addressing->target(host, 0, scan->taken++);

		if (!scan_add_lun(host, lun))
			break;
	}
}

static void scan_send_inquiries(struct scsi_host *host)
{
	struct scsi_scan *scan = host->scan;
	size_t i, n;

	if (!host->addressing->lun_of)
		scan_take_targets(host);
	n = MIN(scan->n_luns - scan->next, BATCH);
	for (i = 0; i < n; i++) {
		uint8_t *buf = scan->responses + i * INQUIRY_LEN;

		memset(buf, 0, INQUIRY_LEN);
		buf[0] = INQUIRY_ABSENT;
		scsi_cdb_inquiry(&scan->cmds[i], scan->luns[scan->next++], buf,
				 INQUIRY_LEN);
		scan_send(host, &scan->cmds[i], scan_inquiry_done);
	}
}

static void scan_end(struct scsi_host *host)
{
	struct scsi_scan *scan = host->scan;

	log_debug(LOG_DRIVERS, "scsi %s: %zu targets respond, %zu LUNs",
		  device_path(host->dev), scan->responded, scan->n_luns);
	heap_free(scan->luns);
	heap_free(scan);
	host->scan = NULL;
	device_close(host->dev);
}

static int scan_begin(struct scsi_host *host)
{
	host->scan = heap_zalloc(sizeof(*host->scan));
	if (!host->scan)
		return reason_fail(ERR_NOMEM, "no memory to scan");
	return device_open(host->dev);
}

/* Sends the next batch. */
static int scan_advance(struct scsi_host *host)
{
	struct scsi_scan *scan = host->scan;
	/* A target that did not respond may have caused a reset. */
	int err = device_start(host->dev);

	if (err < 0)
		return err;
	if (!scan->inquiring && host->addressing->lun_of)
		scan_send_reports(host);
	if (!scan->inquiring && !scan->pending) {
		scan->inquiring = true;
		scan->next = 0;
	}
	if (scan->inquiring)
		scan_send_inquiries(host);
	return 0;
}

bool scsi_scan(struct device *dev)
{
	struct scsi_host *host = dev->priv;
	int err = host->scan ? 0 : scan_begin(host);

	if (err == 0 && !host->scan->pending)
		err = scan_advance(host);
	if (err < 0)
		scan_complain(host);
	if (host->scan && !host->scan->pending)
		scan_end(host);
	return host->scan != NULL;
}

/* The node is used even if it has only one name. */
static void scan_set_other_unit(struct scsi_host *host, struct scsi_unit *unit)
{
	uint64_t other = 0;
	char text[24];

	if (host->addressing->other_unit)
		other = host->addressing->other_unit(host, unit->lun);
	fmt_str(text, sizeof(text), "%llx", (unsigned long long)other);
	if (other && tree_set_other_unit(unit->node, text) < 0)
		scan_complain(host);
}

/* CDs are called disk, too, as in QEMU's boot list. */
static void scan_add_node(struct scsi_host *host, struct scsi_unit *unit)
{
	struct device *dev = host->dev;
	char name[32];

	fmt_str(name, sizeof(name), "disk@%llx", (unsigned long long)unit->lun);
	unit->node = tree_add_node(dev->node, name, TREE_QUOIN);
	if (!unit->node) {
		scan_complain(host);
		return;
	}
	scan_set_other_unit(host, unit);
	/* device_add() prints errors; the node stays. */
	device_add(dev, &scsi_bus, unit->node, unit);
}

void scsi_found(struct device *dev)
{
	struct scsi_host *host = dev->priv;
	struct scsi_unit *unit;

	list_for_each(unit, &host->units, link) {
		if (!unit->node)
			scan_add_node(host, unit);
	}
}
