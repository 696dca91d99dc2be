// SPDX-License-Identifier: BSD-2-Clause
// SCSI: hosts, the bus of their units, synchronous commands.

#include "drivers/scsi/scsi.h"
#include "lib/heap.h"
#include "lib/reason.h"

void scsi_host_init(struct scsi_host *host, struct device *dev,
		    const struct request_ops *ops, struct request **slots,
		    unsigned n, const struct scsi_addressing *addressing)
{
	*host = (struct scsi_host){ .dev = dev, .addressing = addressing };
	dev->priv = host;
	request_queue_init(&host->queue, dev, ops, slots, n);
	list_init(&host->units);
}

void scsi_host_release(struct scsi_host *host)
{
	struct scsi_unit *unit, *next;

	list_for_each_safe(unit, next, &host->units, link) {
		list_del(&unit->link);
		heap_free(unit);
	}
}

int scsi_execute(struct scsi_host *host, struct scsi_command *cmd,
		 uint32_t timeout_ms)
{
	int err;

	cmd->rq.timeout_ms = timeout_ms;
	err = request_run(&host->queue, &cmd->rq);
	if (err < 0 && !cmd->rq.why[0])
		return reason_fail(err, "the device is gone");
	return err < 0 ? reason_fail(err, "%s", cmd->rq.why) : 0;
}

static bool scsi_match(const struct device *dev, const void *match)
{
	const struct scsi_unit *unit = dev->bus_data;
	const uint32_t *types = match;

	return unit->type < 32 && *types >> unit->type & 1;
}

BUS(scsi_bus) = {
	.name = "scsi",
	.match = scsi_match,
};
