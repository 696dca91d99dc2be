// SPDX-License-Identifier: BSD-2-Clause
// SCSI: which logical units hang on a host.

#include <string.h>

#include "drivers/device.h"
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

/* A scan on its way. */
struct scan {
	struct scsi_host *host;
	uint64_t (*lun_of)(uint64_t target, uint64_t entry);
	struct scsi_command *cmds; /* WINDOW */
	uint8_t *answers;	   /* ANSWERS bytes */
	uint64_t *luns;		   /* sorted, each once */
	size_t n_luns, room;
	size_t answered; /* targets that know REPORT LUNS */
};

static int grow(struct scan *scan)
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
static int add_lun(struct scan *scan, uint64_t lun)
{
	size_t i = scan->n_luns;
	int err = 0;

	while (i && scan->luns[i - 1] > lun)
		i--;
	if ((i && scan->luns[i - 1] == lun) || known(scan->host, lun))
		return 0;
	if (scan->n_luns == scan->room)
		err = grow(scan);
	if (err < 0)
		return err;
	memmove(&scan->luns[i + 1], &scan->luns[i],
		(scan->n_luns - i) * sizeof(lun));
	scan->luns[i] = lun;
	scan->n_luns++;
	return 0;
}

/* Takes the entries of an answer; `len`: bytes that there are. */
static void add_list(struct scan *scan, uint64_t target, const uint8_t *list,
		     uint32_t len)
{
	uint32_t left = MIN(be32_load(list), len - LIST_HEADER);

	for (list += LIST_HEADER; left >= LIST_ENTRY; left -= LIST_ENTRY) {
		uint64_t lun = scan->lun_of(target, be64_load(list));

		if (lun && add_lun(scan, lun) < 0)
			return;
		list += LIST_ENTRY;
	}
}

/* Asks for a list again that did not fit. */
static void add_long_list(struct scan *scan, uint64_t target, uint32_t len)
{
	struct scsi_command cmd;
	uint8_t *list;

	len = MIN(len, scan->host->max_transfer);
	list = heap_zalloc(len);
	if (!list)
		return;
	scsi_cdb_report_luns(&cmd, target, list, len);
	if (scsi_execute(scan->host, &cmd, TIMEOUT_MS) == 0 &&
	    cmd.residual <= len - LIST_HEADER)
		add_list(scan, target, list, len - cmd.residual);
	heap_free(list);
}

static void take_report(struct scan *scan, uint64_t target,
			const struct scsi_command *cmd)
{
	const uint8_t *list = cmd->buf;
	uint32_t len;

	if (cmd->error == ERR_NODEV || cmd->error == ERR_TIMEOUT)
		return;
	if (cmd->error < 0 || cmd->residual > cmd->len - LIST_HEADER) {
		uint64_t lun = scan->lun_of(target, 0);

		if (lun && add_lun(scan, lun) < 0)
			log_err("%s", reason());
		return;
	}
	scan->answered++;
	len = be32_load(list);
	if (len > cmd->len - LIST_HEADER)
		add_long_list(scan, target,
			      MIN(len, LIST_MAX - LIST_HEADER) + LIST_HEADER);
	else
		add_list(scan, target, list, cmd->len - cmd->residual);
}

static void report_luns(struct scan *scan, const uint64_t *targets, size_t n)
{
	uint32_t len = (uint32_t)(ANSWERS / MIN(n, WINDOW));
	size_t i;

	len = MIN(len, scan->host->max_transfer);
	len = ALIGN_DOWN(len, LIST_ENTRY);
	for (i = 0; i < n; i++)
		scsi_cdb_report_luns(&scan->cmds[i], targets[i],
				     scan->answers + i * len, len);
	scsi_run(scan->host, scan->cmds, n, TIMEOUT_MS);
	for (i = 0; i < n; i++) {
		take_report(scan, targets[i], &scan->cmds[i]);
		/* The answers were zero, and are again where they are used. */
		if (scan->cmds[i].error != ERR_NODEV)
			memset(scan->cmds[i].buf, 0, len);
	}
}

static bool has_driver(uint8_t type)
{
	return type == SCSI_TYPE_DISK || type == SCSI_TYPE_CDROM ||
	       type == SCSI_TYPE_OPTICAL || type == SCSI_TYPE_RBC;
}

static struct scsi_unit *make_unit(struct scsi_host *host, uint64_t lun,
				   const uint8_t *inquiry)
{
	struct scsi_unit *unit = heap_zalloc(sizeof(*unit));

	if (!unit)
		return NULL;
	unit->host = host;
	unit->lun = lun;
	unit->type = inquiry[0] & 0x1f;
	unit->removable = inquiry[1] & INQUIRY_REMOVABLE;
	list_add_tail(&host->units, &unit->link);
	return unit;
}

/* The node is called disk for CDs, too, as QEMU's boot list has it. */
static void add_unit(struct scsi_host *host, uint64_t lun,
		     const uint8_t *inquiry)
{
	struct scsi_unit *unit = make_unit(host, lun, inquiry);
	char name[32];

	if (!unit) {
		log_err("scsi %s: no memory", device_path(host->dev));
		return;
	}
	fmt_str(name, sizeof(name), "disk@%llx", (unsigned long long)lun);
	unit->node = tree_add_node(host->dev->node, name, TREE_QUOIN);
	if (!unit->node) {
		log_err("scsi %s: %s", device_path(host->dev), reason());
		list_del(&unit->link);
		heap_free(unit);
		return;
	}
	/* It says itself what is wrong; the node stays. */
	(void)device_add(unit->node, BUS_SCSI, NULL, unit);
}

static void inquire(struct scan *scan, const uint64_t *luns, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		uint8_t *buf = scan->answers + i * INQUIRY_LEN;

		memset(buf, 0, INQUIRY_LEN);
		buf[0] = INQUIRY_ABSENT;
		scsi_cdb_inquiry(&scan->cmds[i], luns[i], buf, INQUIRY_LEN);
	}
	scsi_run(scan->host, scan->cmds, n, TIMEOUT_MS);
	for (i = 0; i < n; i++) {
		const uint8_t *buf = scan->answers + i * INQUIRY_LEN;

		log_debug(LOG_DRIVERS, "scsi %s: LUN %llx: %s, type %02x",
			  device_path(scan->host->dev),
			  (unsigned long long)luns[i],
			  scan->cmds[i].error ? err_str(scan->cmds[i].error)
					      : "there",
			  buf[0]);
		/* A peripheral qualifier: no unit, or not now. */
		if (scan->cmds[i].error == 0 && buf[0] >> 5 == 0 &&
		    has_driver(buf[0] & 0x1f))
			add_unit(scan->host, luns[i], buf);
	}
}

static void run_scan(struct scan *scan, const uint64_t *targets, size_t n)
{
	size_t i;

	for (i = 0; i < n; i += WINDOW)
		report_luns(scan, targets + i, MIN(n - i, WINDOW));
	for (i = 0; i < scan->n_luns; i += WINDOW)
		inquire(scan, scan->luns + i, MIN(scan->n_luns - i, WINDOW));
}

size_t scsi_scan(struct scsi_host *host, const uint64_t *targets, size_t n,
		 uint64_t (*lun_of)(uint64_t target, uint64_t entry))
{
	struct scan scan = { .host = host, .lun_of = lun_of };

	scan.cmds = heap_alloc(WINDOW * sizeof(*scan.cmds));
	scan.answers = heap_zalloc(ANSWERS);
	if (scan.cmds && scan.answers)
		run_scan(&scan, targets, n);
	else
		log_err("scsi %s: no memory to scan", device_path(host->dev));
	log_debug(LOG_DRIVERS, "scsi %s: %zu targets asked, %zu answer",
		  device_path(host->dev), n, scan.answered);
	heap_free(scan.cmds);
	heap_free(scan.answers);
	heap_free(scan.luns);
	return scan.answered;
}
