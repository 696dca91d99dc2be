// SPDX-License-Identifier: BSD-2-Clause
// Fake SCSI logical units and host: see tests/fake/scsi.h.
#include "tests/fake/scsi.h"

#include <string.h>

#include "drivers/scsi/cdb.h"
#include "lib/deadline.h"
#include "lib/reason.h"

struct fake_unit fake_units[FAKE_UNITS_MAX];
unsigned fake_unit_count;
unsigned fake_scsi_served[256];
uint32_t (*fake_report)(uint64_t lun, uint8_t *list, uint32_t room);
uint64_t fake_lun_mask;
uint64_t (*fake_lun_entry)(uint64_t lun);
struct fake_scsi_host fake_scsi_host;

struct fake_unit *fake_unit_add(uint64_t lun, uint8_t type)
{
	struct fake_unit *unit = &fake_units[fake_unit_count++];

	assert(fake_unit_count <= FAKE_UNITS_MAX);
	*unit = (struct fake_unit){ .lun = lun, .type = type, .fail_op = -1 };
	unit->block_size = 512;
	return unit;
}

void fake_unit_status(struct fake_unit *unit, unsigned times, uint8_t status)
{
	unit->fail_times = times;
	unit->fail_status = status;
	unit->fail_sense_len = 0;
}

void fake_unit_sense(struct fake_unit *unit, unsigned times, uint8_t key,
		     uint8_t asc, uint8_t ascq)
{
	unit->fail_times = times;
	unit->fail_status = SCSI_CHECK_CONDITION;
	unit->fail_sense_len = 18;
	memset(unit->fail_sense, 0, sizeof(unit->fail_sense));
	unit->fail_sense[0] = 0x70;
	unit->fail_sense[2] = key;
	unit->fail_sense[7] = 10;
	unit->fail_sense[12] = asc;
	unit->fail_sense[13] = ascq;
}

static struct fake_unit *find(uint64_t lun)
{
	unsigned i;

	for (i = 0; i < fake_unit_count; i++) {
		if (fake_units[i].lun == lun)
			return &fake_units[i];
	}
	return NULL;
}

static bool target_exists(uint64_t lun)
{
	unsigned i;

	for (i = 0; i < fake_unit_count; i++) {
		if (!((fake_units[i].lun ^ lun) & fake_lun_mask))
			return true;
	}
	return false;
}

uint32_t fake_report_target(uint64_t lun, uint8_t *list, uint32_t room)
{
	uint32_t len = 8;
	unsigned i;

	for (i = 0; i < fake_unit_count; i++) {
		uint64_t entry = fake_units[i].lun;

		if ((entry ^ lun) & fake_lun_mask)
			continue;
		if (fake_lun_entry)
			entry = fake_lun_entry(entry);
		if (len + 8 <= room)
			be64_store(list + len, entry);
		len += 8;
	}
	be32_store(list, len - 8);
	return MIN(len, room);
}

static void set_sense(struct fake_result *res, uint8_t key, uint8_t asc)
{
	res->status = SCSI_CHECK_CONDITION;
	res->sense[0] = 0x70;
	res->sense[2] = key;
	res->sense[12] = asc;
	res->sense_len = 18;
}

static uint32_t serve_inquiry(const struct fake_unit *unit, uint8_t *data,
			      uint32_t len)
{
	uint8_t inquiry[36] = { unit->type, unit->removable ? 0x80 : 0 };

	memcpy(&inquiry[8], "QEMU    QEMU HARDDISK   2.5+", 28);
	memcpy(data, inquiry, MIN(len, sizeof(inquiry)));
	return MIN(len, sizeof(inquiry));
}

static uint32_t serve_capacity(const struct fake_unit *unit, const uint8_t *cdb,
			       uint8_t *data)
{
	if (cdb[0] == SCSI_READ_CAPACITY_10) {
		be32_store(data, unit->blocks > UINT32_MAX
					 ? UINT32_MAX
					 : (uint32_t)(unit->blocks - 1));
		be32_store(data + 4, unit->block_size);
		return 8;
	}
	assert(cdb[1] == SCSI_SA_READ_CAPACITY_16 && be32_load(&cdb[10]) == 32);
	memset(data, 0, 32);
	be64_store(data, unit->blocks - 1);
	be32_store(data + 8, unit->block_size);
	return 32;
}

/* Moves data; the transfer length and the CDB must agree. */
static uint32_t serve_transfer(struct fake_unit *unit, const uint8_t *cdb,
			       uint8_t *data, uint32_t len, bool write)
{
	bool wide = cdb[0] == SCSI_READ_16 || cdb[0] == SCSI_WRITE_16;
	uint64_t lba = wide ? be64_load(&cdb[2]) : be32_load(&cdb[2]);
	uint32_t count = wide ? be32_load(&cdb[10]) : be16_load(&cdb[7]);
	uint64_t at = lba * unit->block_size;

	assert(len == count * unit->block_size);
	assert(write == (cdb[0] == SCSI_WRITE_10 || cdb[0] == SCSI_WRITE_16));
	assert(lba + count <= unit->blocks);
	len -= unit->shorter;
	if (at >= unit->len || len > unit->len - at)
		memset(data, 0, write ? 0 : len);
	else if (write)
		memcpy(unit->data + at, data, len);
	else
		memcpy(data, unit->data + at, len);
	return len;
}

static uint32_t serve_unit(struct fake_unit *unit, const uint8_t *cdb,
			   uint8_t *data, uint32_t len, bool write,
			   struct fake_result *res)
{
	switch (cdb[0]) {
	case SCSI_TEST_UNIT_READY:
	case SCSI_SYNCHRONIZE_CACHE_10:
		return 0;
	case SCSI_INQUIRY:
		assert(cdb[4] == len);
		return serve_inquiry(unit, data, len);
	case SCSI_READ_CAPACITY_10:
	case SCSI_SERVICE_ACTION_IN_16:
		return serve_capacity(unit, cdb, data);
	case SCSI_READ_10:
	case SCSI_READ_16:
	case SCSI_WRITE_10:
	case SCSI_WRITE_16:
		return serve_transfer(unit, cdb, data, len, write);
	}
	set_sense(res, 5, 0x20);
	return 0;
}

static bool serve_failure(struct fake_unit *unit, uint8_t op,
			  struct fake_result *res)
{
	if (!unit->fail_times || (unit->fail_op >= 0 && unit->fail_op != op))
		return false;
	unit->fail_times--;
	res->status = unit->fail_status;
	res->sense_len = unit->fail_sense_len;
	memcpy(res->sense, unit->fail_sense, sizeof(res->sense));
	return true;
}

static uint32_t serve_report(uint64_t lun, const uint8_t *cdb, uint8_t *data,
			     uint32_t len, struct fake_result *res)
{
	struct fake_unit *unit = find(lun);

	assert(be32_load(&cdb[6]) == len);
	if (unit && serve_failure(unit, cdb[0], res))
		return 0;
	return fake_report ? fake_report(lun, data, len)
			   : fake_report_target(lun, data, len);
}

struct fake_result fake_scsi_serve(uint64_t lun, const uint8_t *cdb, void *data,
				   uint32_t len, bool write)
{
	struct fake_result res = { .residual = len };
	struct fake_unit *unit = find(lun);

	fake_scsi_served[cdb[0]]++;
	res.absent = !unit && !fake_report && !target_exists(lun);
	if (res.absent)
		return res;
	if (cdb[0] == SCSI_REPORT_LUNS)
		res.residual -= serve_report(lun, cdb, data, len, &res);
	else if (!unit)
		set_sense(&res, 5, 0x25);
	else if (!serve_failure(unit, cdb[0], &res))
		res.residual -= serve_unit(unit, cdb, data, len, write, &res);
	return res;
}

static int host_start(struct scsi_host *host)
{
	(void)host;
	fake_scsi_host.starts++;
	return fake_scsi_host.start_error;
}

static int host_submit(struct scsi_host *host, struct scsi_command *cmd)
{
	struct fake_scsi_host *fh = &fake_scsi_host;

	assert(host->started);
	if (fh->submit_error)
		return reason_fail(fh->submit_error, "refusal %u",
				   ++fh->refusals);
	if (fh->n == fh->room || (fh->busy_at && --fh->busy_at == 0))
		return ERR_BUSY;
	fh->queue[fh->n++] = cmd;
	if (fh->pace && fh->n == 1)
		fh->next = timebase_read() + fh->pace;
	fh->most = MAX(fh->most, fh->n);
	return 0;
}

static void host_kick(struct scsi_host *host)
{
	(void)host;
	fake_scsi_host.kicks++;
}

static void finish(struct scsi_command *cmd)
{
	struct fake_result res = fake_scsi_serve(cmd->lun, cmd->cdb, cmd->buf,
						 cmd->len,
						 cmd->dir == DMA_TO_DEVICE);

	cmd->status = res.status;
	cmd->residual = res.residual;
	cmd->sense_len = res.sense_len;
	memcpy(cmd->sense, res.sense, sizeof(cmd->sense));
	scsi_done(cmd, res.absent ? ERR_NODEV : 0);
}

/* One command after the other, however many there are. */
static void finish_slowly(struct fake_scsi_host *fh)
{
	if (!fh->n || timebase_read() < fh->next)
		return;
	finish(fh->queue[0]);
	memmove(fh->queue, fh->queue + 1, --fh->n * sizeof(fh->queue[0]));
	fh->next += fh->pace;
}

/* The first ones, then none any more. */
static void finish_some(struct fake_scsi_host *fh)
{
	unsigned n = MIN(fh->n, fh->answers), i;

	for (i = 0; i < n; i++)
		finish(fh->queue[i]);
	for (; i < fh->n; i++)
		fh->queue[i - n] = fh->queue[i];
	fh->n -= n;
	fh->answers -= n;
	fh->silent = fh->answers == 0;
}

static void host_poll(struct scsi_host *host)
{
	struct fake_scsi_host *fh = &fake_scsi_host;
	unsigned i;

	if (fh->silent)
		return;
	if (fh->pace) {
		finish_slowly(fh);
		return;
	}
	if (fh->answers) {
		finish_some(fh);
		return;
	}
	for (i = 0; i < fh->n; i++)
		finish(fh->queue[i]);
	if (fh->goes && fh->n)
		host->started = false;
	fh->n = 0;
}

static void host_reset(struct scsi_host *host)
{
	struct fake_scsi_host *fh = &fake_scsi_host;
	unsigned i;

	(void)host;
	fh->resets++;
	for (i = 0; i < fh->n; i++)
		scsi_done(fh->queue[i], ERR_TIMEOUT);
	fh->n = 0;
}

static void host_forget(struct scsi_host *host)
{
	(void)host;
	fake_scsi_host.forgets++;
	fake_scsi_host.n = 0;
}

static const struct scsi_host_ops host_ops = {
	.start = host_start,
	.submit = host_submit,
	.kick = host_kick,
	.poll = host_poll,
	.reset = host_reset,
	.forget = host_forget,
};

void fake_scsi_reset(struct device *dev)
{
	memset(&fake_scsi_host, 0, sizeof(fake_scsi_host));
	memset(fake_scsi_served, 0, sizeof(fake_scsi_served));
	fake_unit_count = 0;
	fake_report = NULL;
	fake_lun_mask = UINT64_MAX;
	fake_lun_entry = NULL;
	fake_scsi_host.room = 16;
	scsi_host_init(&fake_scsi_host.host, dev, &host_ops, 65536);
}
