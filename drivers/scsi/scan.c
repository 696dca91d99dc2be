// SPDX-License-Identifier: BSD-2-Clause
// SCSI: which logical units hang on a host.

#include <string.h>

#include "drivers/scsi/cdb.h"
#include "drivers/scsi/scsi.h"
#include "lib/fmt.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "tree/node.h"

/* Commands at a time, and the memory that their answers share. */
#define WINDOW 32u
#define ANSWERS (16 * KiB)
/* How long a target may take; empty buses answer at once. */
#define TIMEOUT_MS 5000u

/* REPORT LUNS parameter data: length, reserved, entries. [SPC-4 6.33] */
#define LIST_HEADER 8u
#define LIST_ENTRY 8u
/* Longest list we ask for: the 16384 LUNs of a target. [SAM-5 4.7.7.3] */
#define LIST_MAX (LIST_HEADER + 16384u * LIST_ENTRY)

/* Standard INQUIRY data. [SPC-4 6.6.2] */
#define INQUIRY_LEN 36u
#define INQUIRY_REMOVABLE 0x80
/* Peripheral qualifier 3: no unit here. */
#define INQUIRY_ABSENT 0x7f

/* A scan on its way; its commands' done() take the responses. */
struct scsi_scan {
	unsigned round;	 /* of targets */
	size_t next;	 /* of the round's targets, or of the LUNs found */
	size_t pending;	 /* commands of the window */
	size_t answered; /* targets that know REPORT LUNS */
	bool inquiring;
	uint64_t *luns; /* sorted, each once */
	size_t n_luns, room;
	struct scsi_command cmds[WINDOW];
	uint8_t answers[ANSWERS]; /* zero where unused */
};

static void complain(const struct scsi_host *host)
{
	log_err("%s %s: %s", host->dev->driver->name, device_path(host->dev),
		reason());
}

static struct scsi_host *host_of(const struct request *rq)
{
	return container_of(rq->queue, struct scsi_host, queue);
}

static int grow(struct scsi_scan *scan)
{
	size_t room = scan->room ? 2 * scan->room : 16;
	uint64_t *luns = heap_realloc(scan->luns, room * sizeof(*luns));

	if (!luns)
		return reason_fail(ERR_NOMEM, "no memory for %zu LUNs", room);
	scan->luns = luns;
	scan->room = room;
	return 0;
}

/* Found by an earlier scan of the host? */
static bool known(const struct scsi_host *host, uint64_t lun)
{
	const struct scsi_unit *unit;

	list_for_each(unit, &host->units, link) {
		if (unit->lun == lun)
			return true;
	}
	return false;
}

/* Keeps the list sorted: aliases are given in the order of LUNs. */
static bool add_lun(const struct scsi_host *host, uint64_t lun)
{
	struct scsi_scan *scan = host->scan;
	size_t i = scan->n_luns;

	while (i && scan->luns[i - 1] > lun)
		i--;
	if (!lun || (i && scan->luns[i - 1] == lun) || known(host, lun))
		return true;
	if (scan->n_luns == scan->room && grow(scan) < 0) {
		complain(host);
		return false;
	}
	memmove(&scan->luns[i + 1], &scan->luns[i],
		(scan->n_luns - i) * sizeof(lun));
	scan->luns[i] = lun;
	scan->n_luns++;
	return true;
}

/* Adds what a list that came has; `left`: bytes of its entries. */
static void add_list(const struct scsi_host *host,
		     const struct scsi_command *cmd, uint32_t left)
{
	const uint8_t *entry = (const uint8_t *)cmd->buf + LIST_HEADER;
	bool ok = true;

	for (; ok && left >= LIST_ENTRY; left -= LIST_ENTRY) {
		ok = add_lun(host, host->addressing->lun_of(cmd->lun,
							    be64_load(entry)));
		entry += LIST_ENTRY;
	}
}

/* A buffer of its own, for a list that does not fit into its share. */
static bool is_own(const struct scsi_scan *scan, const uint8_t *buf)
{
	return buf < scan->answers || buf >= scan->answers + ANSWERS;
}

/* The responses were zero, and are again where they are used. */
static void release_buf(const struct scsi_scan *scan,
			const struct scsi_command *cmd)
{
	if (is_own(scan, cmd->buf))
		heap_free(cmd->buf);
	else if (cmd->rq.status != ERR_NODEV)
		memset(cmd->buf, 0, cmd->len);
}

static void ask_report(struct scsi_host *host, struct scsi_command *cmd,
		       uint64_t target, void *buf, uint32_t len);

/* Asks for all of a list of `len` bytes. Returns false: it cannot be had. */
static bool ask_again(struct scsi_host *host, struct scsi_command *cmd,
		      uint32_t len)
{
	uint8_t *list;

	len = MIN(len, LIST_MAX - LIST_HEADER) + LIST_HEADER;
	len = MIN(len, host->max_transfer);
	list = is_own(host->scan, cmd->buf) ? NULL : heap_zalloc(len);
	if (!list)
		return false;
	release_buf(host->scan, cmd);
	ask_report(host, cmd, cmd->lun, list, len);
	return true;
}

/* REPORT LUNS has ended. A target that does not know it has LUN 0 perhaps. */
static void report_done(struct request *rq)
{
	struct scsi_host *host = host_of(rq);
	struct scsi_command *cmd = scsi_command_of(rq);
	uint32_t room = cmd->len - LIST_HEADER;

	host->scan->pending--;
	if (rq->status == 0 && cmd->residual <= room) {
		uint32_t len = be32_load(cmd->buf);

		if (len > room && ask_again(host, cmd, len))
			return;
		host->scan->answered++;
		add_list(host, cmd, MIN(len, room - cmd->residual));
	} else if (rq->status != ERR_NODEV && rq->status != ERR_TIMEOUT) {
		add_lun(host, host->addressing->lun_of(cmd->lun, 0));
	}
	release_buf(host->scan, cmd);
}

static void ask(struct scsi_host *host, struct scsi_command *cmd,
		void (*done)(struct request *rq))
{
	cmd->rq.timeout_ms = TIMEOUT_MS;
	cmd->rq.done = done;
	host->scan->pending++;
	request_add(&host->queue, &cmd->rq);
}

static void ask_report(struct scsi_host *host, struct scsi_command *cmd,
		       uint64_t target, void *buf, uint32_t len)
{
	scsi_cdb_report_luns(cmd, target, buf, len);
	ask(host, cmd, report_done);
}

/* The next window of targets, of this round or the next. */
static void ask_reports(struct scsi_host *host)
{
	const struct scsi_addressing *addressing = host->addressing;
	struct scsi_scan *scan = host->scan;
	size_t i, n = addressing->targets(host, scan->round);
	uint32_t len;

	if (scan->next >= n && n && !scan->answered) {
		scan->next = 0;
		n = addressing->targets(host, ++scan->round);
	}
	/* One that was reset may have fewer now. */
	n = MIN(n - MIN(n, scan->next), WINDOW);
	len = (uint32_t)(ANSWERS / MAX(n, 1u));
	len = ALIGN_DOWN(MIN(len, host->max_transfer), LIST_ENTRY);
	for (i = 0; i < n; i++)
		ask_report(host, &scan->cmds[i],
			   addressing->target(host, scan->round, scan->next++),
			   scan->answers + i * len, len);
}

/* Units are kept in the order of their LUNs, however they answer. */
static void add_unit(struct scsi_host *host, uint64_t lun,
		     const uint8_t *inquiry)
{
	struct scsi_unit *unit = heap_zalloc(sizeof(*unit));
	struct list *at = &host->units;

	if (!unit) {
		reason_fail(ERR_NOMEM, "no memory");
		complain(host);
		return;
	}
	unit->host = host;
	unit->lun = lun;
	unit->type = inquiry[0] & 0x1f;
	unit->removable = inquiry[1] & INQUIRY_REMOVABLE;
	while (at->prev != &host->units &&
	       container_of(at->prev, struct scsi_unit, link)->lun > lun)
		at = at->prev;
	list_insert_before(at, &unit->link);
}

/* A peripheral qualifier: no unit, or not now. */
static void inquiry_done(struct request *rq)
{
	const struct scsi_command *cmd = scsi_command_of(rq);
	const uint8_t *buf = cmd->buf;
	struct scsi_host *host = host_of(rq);

	host->scan->pending--;
	log_debug(LOG_DRIVERS, "scsi %s: LUN %llx: %s, type %02x",
		  device_path(host->dev), (unsigned long long)cmd->lun,
		  rq->status ? err_str(rq->status) : "there", buf[0]);
	if (rq->status == 0 && buf[0] >> 5 == 0 &&
	    SCSI_DISK_TYPES >> (buf[0] & 0x1f) & 1)
		add_unit(host, cmd->lun, buf);
}

static void ask_inquiries(struct scsi_host *host)
{
	struct scsi_scan *scan = host->scan;
	size_t i, n = MIN(scan->n_luns - scan->next, WINDOW);

	for (i = 0; i < n; i++) {
		uint8_t *buf = scan->answers + i * INQUIRY_LEN;

		memset(buf, 0, INQUIRY_LEN);
		buf[0] = INQUIRY_ABSENT;
		scsi_cdb_inquiry(&scan->cmds[i], scan->luns[scan->next++], buf,
				 INQUIRY_LEN);
		ask(host, &scan->cmds[i], inquiry_done);
	}
}

static void end(struct scsi_host *host)
{
	struct scsi_scan *scan = host->scan;

	log_debug(LOG_DRIVERS, "scsi %s: %zu targets answer, %zu LUNs",
		  device_path(host->dev), scan->answered, scan->n_luns);
	heap_free(scan->luns);
	heap_free(scan);
	host->scan = NULL;
	device_close(host->dev);
}

static int begin(struct scsi_host *host)
{
	host->scan = heap_zalloc(sizeof(*host->scan));
	if (!host->scan)
		return reason_fail(ERR_NOMEM, "no memory to scan");
	return device_open(host->dev);
}

/* The window has been answered: the next one. */
static int advance(struct scsi_host *host)
{
	struct scsi_scan *scan = host->scan;
	/* It may have been reset, for the sake of one that did not answer. */
	int err = device_start(host->dev);

	if (err < 0)
		return err;
	if (!scan->inquiring)
		ask_reports(host);
	if (!scan->inquiring && !scan->pending) {
		scan->inquiring = true;
		scan->next = 0;
	}
	if (scan->inquiring)
		ask_inquiries(host);
	return 0;
}

bool scsi_scan(struct device *dev)
{
	struct scsi_host *host = dev->priv;
	int err = host->scan ? 0 : begin(host);

	if (err == 0 && !host->scan->pending)
		err = advance(host);
	if (err < 0)
		complain(host);
	if (host->scan && !host->scan->pending)
		end(host);
	return host->scan != NULL;
}

/* The node is called disk for CDs, too, as QEMU's boot list has it. */
void scsi_found(struct device *dev)
{
	struct scsi_host *host = dev->priv;
	struct scsi_unit *unit;

	list_for_each(unit, &host->units, link) {
		char name[32];

		if (unit->node)
			continue;
		fmt_str(name, sizeof(name), "disk@%llx",
			(unsigned long long)unit->lun);
		unit->node = tree_add_node(dev->node, name, TREE_QUOIN);
		/* A driver says itself what is wrong; the node stays. */
		if (unit->node)
			device_add(dev, &scsi_bus, unit->node, unit);
		else
			complain(host);
	}
}
