// SPDX-License-Identifier: BSD-2-Clause
// Fake SCSI logical units and host: see tests/fake/scsi.h.
#include "tests/fake/scsi.h"

#include <string.h>

#include "drivers/scsi/cdb.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "tests/fake/timebase.h"
#include "tree/prop.h"

struct fake_unit fake_units[FAKE_UNITS_MAX];
unsigned fake_unit_count;
unsigned fake_scsi_served[256];
uint32_t (*fake_report)(uint64_t lun, uint8_t *list, uint32_t room);
uint64_t fake_lun_mask;
uint64_t (*fake_lun_entry)(uint64_t lun);
uint64_t (*fake_lun_of)(uint64_t target, uint64_t entry);
struct fake_scsi_host fake_scsi_host, fake_scsi_other;

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

const char *fake_scsi_product = FAKE_SCSI_PRODUCT;

static uint32_t serve_inquiry(const struct fake_unit *unit, uint8_t *data,
			      uint32_t len)
{
	uint8_t inquiry[36] = { unit->type, unit->removable ? 0x80 : 0,
				unit->version };

	memcpy(&inquiry[8], fake_scsi_product, 28);
	memcpy(data, inquiry, MIN(len, sizeof(inquiry)));
	return MIN(len, sizeof(inquiry));
}

/* Block Limits. [SBC-3 6.5.3] */
static uint32_t serve_limits(const struct fake_unit *unit, uint8_t *data,
			     uint32_t len)
{
	uint8_t page[64] = { unit->type, 0xb0, 0, 60 };

	be32_store(&page[8], unit->limit);
	memcpy(data, page, MIN(len, sizeof(page)));
	return MIN(len, sizeof(page));
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
	be32_store(data + 8, unit->block_size_16 ? unit->block_size_16
						 : unit->block_size);
	return 32;
}

/* Moves data; the transfer length and the CDB must agree. */
static uint32_t serve_transfer(struct fake_unit *unit, const uint8_t *cdb,
			       uint8_t *data, uint32_t len, bool write,
			       struct fake_result *res)
{
	bool wide = cdb[0] == SCSI_READ_16 || cdb[0] == SCSI_WRITE_16;
	uint64_t lba = wide ? be64_load(&cdb[2]) : be32_load(&cdb[2]);
	uint32_t count = wide ? be32_load(&cdb[10]) : be16_load(&cdb[7]);
	uint64_t at = lba * unit->block_size;

	assert(len == count * unit->block_size);
	assert(write == (cdb[0] == SCSI_WRITE_10 || cdb[0] == SCSI_WRITE_16));
	assert(lba + count <= unit->blocks);
	if (unit->limit && count > unit->limit) {
		set_sense(res, 5, 0x24);
		return 0;
	}
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
	case SCSI_START_STOP_UNIT:
		assert(cdb[1] == 1 && cdb[4] == 1);
		unit->stopped = false;
		return 0;
	case SCSI_INQUIRY:
		assert(cdb[4] == len);
		if (cdb[1] && (cdb[2] != 0xb0 || unit->hides_limit))
			break;
		if (cdb[1])
			return serve_limits(unit, data, len);
		return serve_inquiry(unit, data, len);
	case SCSI_READ_CAPACITY_10:
	case SCSI_SERVICE_ACTION_IN_16:
		return serve_capacity(unit, cdb, data);
	case SCSI_READ_10:
	case SCSI_READ_16:
	case SCSI_WRITE_10:
	case SCSI_WRITE_16:
		return serve_transfer(unit, cdb, data, len, write, res);
	}
	set_sense(res, 5, cdb[0] == SCSI_INQUIRY ? 0x24 : 0x20);
	return 0;
}

static bool serve_not_ready(struct fake_unit *unit, uint8_t op,
			    struct fake_result *res)
{
	if (op == SCSI_INQUIRY || op == SCSI_START_STOP_UNIT ||
	    (!unit->stopped && !unit->spins_up))
		return false;
	set_sense(res, 2, 0x04);
	res->sense[13] = unit->stopped ? 2 : 1;
	unit->spins_up -= !unit->stopped;
	return true;
}

static bool serve_failure(struct fake_unit *unit, uint8_t op,
			  struct fake_result *res)
{
	if (serve_not_ready(unit, op, res))
		return true;
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

static struct fake_scsi_host *host_of(struct request_queue *queue)
{
	return container_of(queue, struct fake_scsi_host, host.queue);
}

static struct fake_scsi_host *fake_of(const struct scsi_host *host)
{
	return container_of(host, struct fake_scsi_host, host);
}

static int host_start(struct device *dev)
{
	struct fake_scsi_host *fh = fake_of(dev->priv);

	fh->starts++;
	fh->running = fh->start_error == 0;
	return fh->start_error;
}

/* The request engine ends the commands in flight. */
static void host_stop(struct device *dev)
{
	struct fake_scsi_host *fh = fake_of(dev->priv);

	fh->stops++;
	fh->running = false;
	fh->n = 0;
}

static uint64_t due(struct fake_scsi_host *fh)
{
	uint64_t now;

	if (!fh->pace && !fh->delay)
		return 0;
	now = timebase_read();
	if (fh->delay)
		return now + fh->delay;
	fh->last = MAX(now, fh->last) + fh->pace;
	return fh->last;
}

static int host_submit(struct request_queue *queue, struct request *rq)
{
	struct fake_scsi_host *fh = host_of(queue);

	assert(fh->running);
	if (fh->submit_error)
		return reason_fail(fh->submit_error, "refusal %u",
				   ++fh->refusals);
	if (fh->n == fh->room || (fh->busy_at && --fh->busy_at == 0))
		return ERR_BUSY;
	fh->queue[fh->n].cmd = scsi_command_of(rq);
	fh->queue[fh->n++].due = due(fh);
	fh->most = MAX(fh->most, fh->n);
	return 0;
}

static void host_kick(struct request_queue *queue)
{
	host_of(queue)->kicks++;
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
	if (res.absent)
		reason_clear();
	request_done(&cmd->rq, res.absent ? ERR_NODEV : 0);
}

/* Returns false if there is nothing to answer, or not yet. */
static bool answer(struct fake_scsi_host *fh)
{
	unsigned i = fh->backwards && fh->n ? fh->n - 1 : 0;
	struct fake_flight flight = fh->queue[i];
	uint64_t now;

	if (fh->silent || !fh->n)
		return false;
	now = flight.due ? timebase_read() : 0;
	if (now < flight.due)
		return false;
	fh->last = MAX(fh->last, now);
	fh->n--;
	memmove(&fh->queue[i], &fh->queue[i + 1],
		(fh->n - i) * sizeof(fh->queue[0]));
	fh->silent = fh->answers && --fh->answers == 0;
	finish(flight.cmd);
	return true;
}

static void host_poll(struct request_queue *queue)
{
	struct fake_scsi_host *fh = host_of(queue);
	bool any = false;

	assert(fh->running);
	while (answer(fh))
		any = true;
	if (any && fh->goes)
		device_stop(fh->host.dev);
}

static const struct request_ops host_ops = {
	.submit = host_submit,
	.kick = host_kick,
	.poll = host_poll,
	.decide = scsi_decide,
};

static size_t targets(const struct scsi_host *host, unsigned round)
{
	struct fake_scsi_host *fh = fake_of(host);

	fh->rounds = MAX(fh->rounds, round + 1);
	return round == 0 ? fh->n_targets : 0;
}

static uint64_t target(const struct scsi_host *host, unsigned round, size_t i)
{
	const struct fake_scsi_host *fh = fake_of(host);

	assert(round == 0 && i < fh->n_targets);
	return fh->targets[i];
}

static uint64_t lun_of(uint64_t target_lun, uint64_t entry)
{
	return fake_lun_of ? fake_lun_of(target_lun, entry) : target_lun;
}

static const struct scsi_addressing addressing = {
	.targets = targets,
	.target = target,
	.lun_of = lun_of,
};

static int host_attach(struct device *dev)
{
	struct fake_scsi_host *fh = fake_scsi_host.host.dev ? &fake_scsi_other
							    : &fake_scsi_host;

	assert(!fh->host.dev);
	scsi_host_init(&fh->host, dev, &host_ops, fh->slots,
		       ARRAY_SIZE(fh->slots), &addressing);
	fh->host.max_transfer = 65536;
	fh->room = 16;
	return 0;
}

static void host_detach(struct device *dev)
{
	scsi_host_release(dev->priv);
}

DRIVER(fake_scsi) = {
	.name = "fake-scsi",
	.bus = &platform_bus,
	.match = "fake,scsi",
	.attach = host_attach,
	.start = host_start,
	.stop = host_stop,
	.scan = scsi_scan,
	.found = scsi_found,
	.detach = host_detach,
};

struct device *fake_scsi_plug(const char *name)
{
	struct node *node = tree_add_node(tree_root(), name, TREE_QEMU);
	int err = tree_set_str(node, "compatible", "fake,scsi");

	assert(err == 0);
	bus_offer(node);
	assert(device_of(node));
	return device_of(node);
}

struct fake_unit *fake_scsi_plug_unit(const char *name, uint64_t lun,
				      uint8_t type)
{
	struct fake_unit *unit = fake_unit_add(lun, type);

	fake_scsi_plug(name);
	fake_scsi_host.targets = &unit->lun;
	fake_scsi_host.n_targets = 1;
	return unit;
}

void fake_scsi_reset(void)
{
	fake_scsi_host = (struct fake_scsi_host){ 0 };
	fake_scsi_other = (struct fake_scsi_host){ 0 };
	memset(fake_scsi_served, 0, sizeof(fake_scsi_served));
	fake_unit_count = 0;
	fake_report = NULL;
	fake_lun_mask = UINT64_MAX;
	fake_lun_entry = NULL;
	fake_lun_of = NULL;
}

void fake_scsi_start(void)
{
	int err = tree_init();
	const struct node *aliases;

	assert(err == 0);
	aliases = tree_add_node(tree_root(), "aliases", TREE_QUOIN);
	assert(aliases);
	device_init();
	log_reset();
	fake_clock_step(TIMEBASE_DEFAULT_HZ / 1000);
	fake_scsi_reset();
}
