// SPDX-License-Identifier: BSD-2-Clause
// SCSI: hosts, and commands run to their end.

#include "drivers/scsi/scsi.h"
#include "lib/deadline.h"
#include "lib/fmt.h"
#include "lib/heap.h"
#include "lib/reason.h"

void scsi_host_init(struct scsi_host *host, struct device *dev,
		    const struct scsi_host_ops *ops, uint32_t max_transfer)
{
	*host = (struct scsi_host){ .dev = dev,
				    .ops = ops,
				    .max_transfer = max_transfer };
	list_init(&host->units);
}

int scsi_host_start(struct scsi_host *host)
{
	int err;

	if (host->quiesced)
		return fail(ERR_NODEV, "the controller was shut down");
	if (host->started)
		return 0;
	err = host->ops->start(host);
	host->started = err == 0;
	host->starts += host->started;
	return err;
}

int scsi_host_open(struct scsi_host *host)
{
	int err = scsi_host_start(host);

	host->users += err == 0;
	return err;
}

void scsi_host_close(struct scsi_host *host)
{
	assert(host->users);
	if (--host->users == 0)
		scsi_host_reset(host);
}

void scsi_host_reset(struct scsi_host *host)
{
	host->ops->reset(host);
	host->started = false;
}

void scsi_host_quiesce(struct scsi_host *host)
{
	host->quiesced = true;
	scsi_host_reset(host);
}

void scsi_done(struct scsi_command *cmd, int result)
{
	cmd->result = result;
	cmd->why[0] = '\0';
	if (result < 0 && result != ERR_NODEV)
		fmt_str(cmd->why, sizeof(cmd->why), "%s", reason());
}

void scsi_host_release(struct scsi_host *host)
{
	struct scsi_unit *unit, *next;

	list_for_each_safe(unit, next, &host->units, link) {
		list_del(&unit->link);
		heap_free(unit);
	}
}

/* Commands that are run together. */
struct run {
	struct scsi_host *host;
	struct scsi_command *cmds;
	size_t n;
	size_t queued; /* of them in flight */
};

/* A command that is not tried again; reason() says why. */
static void refuse(struct scsi_command *cmd, int err)
{
	scsi_done(cmd, err);
	cmd->error = err;
	/* Of a host that was shut down. */
	if (err == ERR_NODEV)
		fmt_str(cmd->why, sizeof(cmd->why), "%s", reason());
}

static void submit(struct run *run)
{
	struct scsi_host *host = run->host;
	size_t i;
	int err = 0;

	for (i = 0; i < run->n && err != ERR_BUSY; i++) {
		struct scsi_command *cmd = &run->cmds[i];

		if (cmd->error != SCSI_PENDING)
			continue;
		cmd->result = SCSI_PENDING;
		err = host->ops->submit(host, cmd);
		cmd->queued = err == 0;
		run->queued += cmd->queued;
		/* With nothing in flight, room will not come. */
		if (err < 0 && (err != ERR_BUSY || run->queued == 0))
			refuse(cmd, err);
	}
	if (run->queued && host->ops->kick)
		host->ops->kick(host);
}

/* The commands in flight are waited for together: the slowest decides. */
static bool all_finished(void *arg)
{
	struct run *run = arg;
	size_t i;

	run->host->ops->poll(run->host);
	for (i = 0; i < run->n; i++) {
		if (run->cmds[i].queued && run->cmds[i].result == SCSI_PENDING)
			return false;
	}
	return true;
}

/* Sets the error of a command that is not to be tried again. */
static void judge(struct scsi_command *cmd, bool late)
{
	enum scsi_verdict verdict;
	int err;

	verdict = scsi_judge(cmd, &err);
	if (verdict == SCSI_RETRY && cmd->retries++ < SCSI_RETRIES)
		return;
	if (verdict == SCSI_WAIT && !late)
		return;
	cmd->error = err;
}

/* Judges what was in flight. Returns whether something is left to do. */
static bool collect(struct run *run, bool late)
{
	bool left = false;
	size_t i;

	for (i = 0; i < run->n; i++) {
		struct scsi_command *cmd = &run->cmds[i];

		if (cmd->queued)
			judge(cmd, late);
		cmd->queued = false;
		left |= cmd->error == SCSI_PENDING;
	}
	run->queued = 0;
	return left;
}

static void refuse_pending(struct scsi_command *cmds, size_t n, int err)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (cmds[i].error == SCSI_PENDING)
			refuse(&cmds[i], err);
	}
}

void scsi_run(struct scsi_host *host, struct scsi_command *cmds, size_t n,
	      uint32_t timeout_ms)
{
	struct run run = { .host = host, .cmds = cmds, .n = n };
	uint64_t end = deadline_ms() + timeout_ms;
	int err = scsi_host_start(host);
	size_t i;

	for (i = 0; i < n; i++) {
		cmds[i].error = SCSI_PENDING;
		cmds[i].result = SCSI_PENDING;
		cmds[i].why[0] = '\0';
		cmds[i].retries = 0;
		cmds[i].queued = false;
	}
	while (err == 0) {
		submit(&run);
		err = deadline_wait(all_finished, &run, timeout_ms);
		if (err < 0) {
			fail(err, "no answer in %u s; controller reset",
			     timeout_ms / 1000);
			scsi_host_reset(host);
		}
		if (!collect(&run, deadline_ms() >= end))
			return;
		/* What is left finds it stopped if its partner has gone. */
		if (err == 0)
			err = scsi_host_start(host);
	}
	refuse_pending(cmds, n, err);
}

int scsi_execute(struct scsi_host *host, struct scsi_command *cmd,
		 uint32_t timeout_ms)
{
	scsi_run(host, cmd, 1, timeout_ms);
	if (cmd->error < 0)
		scsi_explain(cmd, cmd->error);
	return cmd->error;
}
