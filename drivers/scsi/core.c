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
		return reason_fail(ERR_NODEV, "the controller was shut down");
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

void scsi_host_abandon(struct scsi_host *host)
{
	host->users = 0;
	host->ops->forget(host);
	scsi_host_reset(host);
}

void scsi_host_quiesce(struct scsi_host *host)
{
	host->quiesced = true;
	scsi_host_reset(host);
}

void scsi_command_reset(struct scsi_command *cmd)
{
	cmd->error = SCSI_PENDING;
	cmd->result = SCSI_PENDING;
	cmd->why[0] = '\0';
	cmd->sense_len = 0;
	cmd->not_before = 0;
	cmd->attention = SCSI_ATTENTION_NONE;
	cmd->retries = cmd->pause = 0;
	cmd->queued = cmd->waiting = false;
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

void scsi_back_off(struct scsi_command *cmd)
{
	unsigned pause = MAX(1u, 2u * cmd->pause);

	cmd->pause = (uint8_t)MIN(pause, SCSI_PAUSE_MAX_MS);
	cmd->not_before = deadline_ms() + cmd->pause;
}

bool scsi_try_again(struct scsi_command *cmd, int *err)
{
	/* Most of a scan's commands: nobody there. */
	if (cmd->result < 0) {
		*err = cmd->result;
		return false;
	}
	cmd->attention = MAX(cmd->attention, scsi_attention(cmd));
	switch (scsi_judge(cmd, err)) {
	case SCSI_RETRY:
		cmd->not_before = 0;
		return cmd->retries++ < SCSI_RETRIES;
	case SCSI_WAIT:
		scsi_back_off(cmd);
		return true;
	case SCSI_DONE:
		break;
	}
	return false;
}

bool scsi_due(const struct scsi_command *cmd)
{
	return deadline_ms() >= cmd->not_before;
}

/* Commands that are run together. */
struct run {
	struct scsi_host *host;
	struct scsi_command *cmds;
	size_t n;
	size_t queued; /* of them in flight */
	bool full;     /* the host takes no more until one has finished */
	uint32_t timeout_ms;
	uint64_t end; /* deadline_ms() when it is enough */
};

static void begin(struct run *run)
{
	size_t i;

	run->end = deadline_ms() + run->timeout_ms;
	for (i = 0; i < run->n; i++)
		scsi_command_reset(&run->cmds[i]);
}

/* A command that is not tried again; reason() says why. */
static void refuse(struct scsi_command *cmd, int err)
{
	scsi_done(cmd, err);
	cmd->error = err;
	/* Of a host that was shut down. */
	if (err == ERR_NODEV)
		fmt_str(cmd->why, sizeof(cmd->why), "%s", reason());
}

static int submit_one(struct run *run, struct scsi_command *cmd)
{
	int err;

	cmd->waiting = false;
	cmd->result = SCSI_PENDING;
	err = run->host->ops->submit(run->host, cmd);
	cmd->queued = err == 0;
	run->queued += cmd->queued;
	/* With nothing in flight, room will not come. */
	if (err == ERR_BUSY && run->queued == 0)
		refuse(cmd, ERR_IO);
	else if (err < 0 && err != ERR_BUSY)
		refuse(cmd, err);
	return err;
}

static void submit(struct run *run)
{
	bool kick = false;
	size_t i;
	int err = 0;

	for (i = 0; i < run->n && err != ERR_BUSY; i++) {
		struct scsi_command *cmd = &run->cmds[i];

		if (cmd->error != SCSI_PENDING || cmd->queued ||
		    (cmd->waiting && !scsi_due(cmd)))
			continue;
		err = submit_one(run, cmd);
		kick |= cmd->queued;
	}
	run->full = err == ERR_BUSY;
	if (kick && run->host->ops->kick)
		run->host->ops->kick(run->host);
}

static bool is_left(const struct run *run)
{
	size_t i;

	for (i = 0; i < run->n; i++) {
		if (run->cmds[i].error == SCSI_PENDING)
			return true;
	}
	return false;
}

/* Has one in flight finished, or can one be tried that waits? */
static bool advanced(void *arg)
{
	struct run *run = arg;
	size_t i;

	run->host->ops->poll(run->host);
	for (i = 0; i < run->n; i++) {
		const struct scsi_command *cmd = &run->cmds[i];

		if (cmd->queued && cmd->result != SCSI_PENDING)
			return true;
		if (cmd->waiting && !run->full && scsi_due(cmd))
			return true;
	}
	return false;
}

/* Judges what has finished. To give one up is no progress. */
static void collect(struct run *run)
{
	uint64_t now = deadline_ms();
	size_t i;
	int err;

	for (i = 0; i < run->n; i++) {
		struct scsi_command *cmd = &run->cmds[i];

		if (!cmd->queued || cmd->result == SCSI_PENDING)
			continue;
		cmd->queued = false;
		run->queued--;
		cmd->waiting = scsi_try_again(cmd, &err);
		if (cmd->waiting && now < run->end)
			continue;
		if (cmd->waiting)
			err = ERR_TIMEOUT;
		else
			run->end = now + run->timeout_ms;
		cmd->waiting = false;
		cmd->error = err;
	}
}

static void refuse_pending(struct run *run, int err)
{
	size_t i;

	for (i = 0; i < run->n; i++) {
		if (run->cmds[i].error == SCSI_PENDING)
			refuse(&run->cmds[i], err);
	}
}

static int fail_late(const struct run *run)
{
	return reason_fail(ERR_TIMEOUT, "no answer in %u s; controller reset",
			   run->timeout_ms / 1000);
}

/* Time is up. Who was busy has answered: only what is in flight is lost. */
static void give_up(struct run *run)
{
	size_t i;

	for (i = 0; i < run->n; i++) {
		if (run->cmds[i].waiting)
			run->cmds[i].error = ERR_TIMEOUT;
		run->cmds[i].waiting = false;
	}
	if (!run->queued)
		return;
	(void)fail_late(run);
	scsi_host_reset(run->host);
	collect(run);
	refuse_pending(run, fail_late(run));
}

static int wait(struct run *run)
{
	uint64_t now = deadline_ms();
	uint64_t left = run->end > now ? run->end - now : 0;

	return deadline_wait(advanced, run, (uint32_t)left);
}

void scsi_run(struct scsi_host *host, struct scsi_command *cmds, size_t n,
	      uint32_t timeout_ms)
{
	struct run run = {
		.host = host, .cmds = cmds, .n = n, .timeout_ms = timeout_ms
	};
	int err;

	begin(&run);
	while (is_left(&run)) {
		/* What is left finds it stopped if its partner has gone. */
		err = scsi_host_start(host);
		if (err < 0) {
			refuse_pending(&run, err);
			return;
		}
		submit(&run);
		if (is_left(&run) && wait(&run) < 0)
			give_up(&run);
		collect(&run);
	}
}

int scsi_execute(struct scsi_host *host, struct scsi_command *cmd,
		 uint32_t timeout_ms)
{
	scsi_run(host, cmd, 1, timeout_ms);
	if (cmd->error < 0)
		scsi_explain(cmd, cmd->error);
	return cmd->error;
}
