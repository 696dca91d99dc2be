// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/scsi/core.c: commands run to their end.
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "drivers/scsi/cdb.h"
#include "lib/reason.h"
#include <cmocka.h>

#include "tests/fake/heap.h"
#include "tests/fake/scsi.h"
#include "tests/fake/timebase.h"
#include "tests/fake/tree.h"

#define TIMEOUT 1000u

static struct device *dev;
static struct scsi_host *host;
static struct fake_unit *unit;
static struct scsi_command cmds[40];

/* A host without users. */
static int plug(void **state)
{
	(void)state;
	fake_scsi_start();
	dev = fake_scsi_plug("scsi@1");
	host = &fake_scsi_host.host;
	unit = fake_unit_add(0x100, 0);
	unit->blocks = 100;
	return 0;
}

static int plug_and_open(void **state)
{
	plug(state);
	assert_int_equal(device_open(dev), 0);
	return 0;
}

static int unplug(void **state)
{
	(void)state;
	tree_remove_node(dev->node);
	tree_free();
	assert_int_equal(fake_heap_live(), 0);
	return 0;
}

/* Many commands at a time, until each has ended. */
static void run(unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++) {
		cmds[i].rq.timeout_ms = TIMEOUT;
		request_add(&host->queue, &cmds[i].rq);
	}
	for (i = 0; i < n; i++) {
		while (cmds[i].rq.status == REQUEST_PENDING)
			request_wait();
	}
}

static int test_ready(void)
{
	scsi_command_init(&cmds[0], unit->lun, SCSI_TEST_UNIT_READY, 6);
	return scsi_execute(host, &cmds[0], TIMEOUT);
}

static void a_host_is_started_once_before_its_first_command(void **state)
{
	(void)state;
	assert_int_equal(fake_scsi_host.starts, 0);
	assert_int_equal(device_open(dev), 0);
	assert_int_equal(test_ready(), 0);
	assert_int_equal(test_ready(), 0);
	assert_int_equal(fake_scsi_host.starts, 1);
	assert_int_equal(fake_scsi_host.kicks, 2);
}

static void a_command_to_a_host_that_is_not_started_fails(void **state)
{
	(void)state;
	assert_int_equal(test_ready(), ERR_IO);
	assert_string_equal(reason(), "the device was reset in the meantime");
	assert_int_equal(fake_scsi_host.starts, 0);
	assert_int_equal(fake_scsi_served[SCSI_TEST_UNIT_READY], 0);
}

static void the_last_user_that_closes_resets_the_host(void **state)
{
	(void)state;
	assert_int_equal(device_open(dev), 0);
	assert_int_equal(device_open(dev), 0);
	device_close(dev);
	assert_int_equal(fake_scsi_host.stops, 0);
	assert_int_equal(test_ready(), 0);
	device_close(dev);
	assert_int_equal(fake_scsi_host.stops, 1);
	assert_false(device_is_up(dev));
	assert_int_equal(device_open(dev), 0);
	assert_int_equal(fake_scsi_host.starts, 2);
	device_close(dev);
}

static void a_host_that_does_not_start_has_no_user(void **state)
{
	(void)state;
	fake_scsi_host.start_error = ERR_NOMEM;
	assert_int_equal(device_open(dev), ERR_NOMEM);
	assert_int_equal(dev->users, 0);
	fake_scsi_host.start_error = 0;
	assert_int_equal(device_open(dev), 0);
	assert_int_equal(test_ready(), 0);
}

/* Two that were busy find the host full of two that never get a response. */
static void busy_units_and_a_full_host_do_not_hold_us_for_ever(void **state)
{
	uint64_t before = deadline_ms();
	unsigned i;

	(void)state;
	for (i = 0; i < 4; i++)
		scsi_command_init(&cmds[i], unit->lun, SCSI_TEST_UNIT_READY, 6);
	unit->fail_times = 2;
	unit->fail_status = SCSI_BUSY;
	unit->fail_op = -1;
	fake_scsi_host.room = 2;
	fake_scsi_host.answers = 2;
	/* Less than their first pause. */
	fake_clock_step(TIMEBASE_DEFAULT_HZ / 100000);
	run(4);
	for (i = 0; i < 4; i++)
		assert_int_equal(cmds[i].rq.status, ERR_TIMEOUT);
	assert_in_range(deadline_ms() - before, TIMEOUT, 3 * TIMEOUT);
}

static void a_quiesced_host_takes_no_commands(void **state)
{
	(void)state;
	device_quiesce_all(NULL);
	assert_int_equal(test_ready(), ERR_IO);
	assert_int_equal(fake_scsi_served[SCSI_TEST_UNIT_READY], 0);
	assert_int_equal(device_open(dev), ERR_NODEV);
	assert_string_equal(reason(), "the device is shut down");
	assert_int_equal(fake_scsi_host.starts, 1);
}

static void unit_attentions_are_retried(void **state)
{
	(void)state;
	fake_unit_sense(unit, 3, 6, 0x29, 0);
	assert_int_equal(test_ready(), 0);
	assert_int_equal(fake_scsi_served[SCSI_TEST_UNIT_READY], 4);
}

static void endless_unit_attentions_end_in_an_error(void **state)
{
	(void)state;
	fake_unit_sense(unit, 1000, 6, 0x29, 0);
	assert_int_equal(test_ready(), ERR_IO);
	assert_int_equal(fake_scsi_served[SCSI_TEST_UNIT_READY],
			 1 + REQUEST_RETRIES);
	assert_string_equal(reason(),
			    "sense key 6 (unit attention), code 29/00 (reset)");
}

static void a_drive_that_becomes_ready_is_waited_for(void **state)
{
	(void)state;
	fake_unit_sense(unit, 10, 2, 4, 1);
	assert_int_equal(test_ready(), 0);
	assert_int_equal(fake_scsi_served[SCSI_TEST_UNIT_READY], 11);
}

static void a_busy_unit_is_tried_in_growing_intervals(void **state)
{
	uint64_t before = deadline_ms();

	(void)state;
	/* 1, 2, 4 ... 64 ms, then 100. */
	fake_unit_status(unit, 9, SCSI_TASK_SET_FULL);
	assert_int_equal(test_ready(), 0);
	assert_in_range(deadline_ms() - before, 300, 500);
	before = deadline_ms();
	fake_unit_status(unit, 1000000, SCSI_BUSY);
	assert_int_equal(test_ready(), ERR_TIMEOUT);
	assert_string_equal(reason(), "SCSI status 0x08 (busy)");
	assert_in_range(deadline_ms() - before, TIMEOUT, TIMEOUT + 200);
	assert_in_range(fake_scsi_served[SCSI_TEST_UNIT_READY], 20, 10 + 20);
	assert_int_equal(fake_scsi_host.stops, 0);
}

static void others_go_on_while_one_is_busy(void **state)
{
	struct fake_unit *other = fake_unit_add(0x200, 0);
	unsigned i;

	(void)state;
	fake_unit_status(unit, 1000000, SCSI_BUSY);
	for (i = 0; i < 40; i++)
		scsi_command_init(&cmds[i], i ? other->lun : unit->lun,
				  SCSI_TEST_UNIT_READY, 6);
	run(40);
	assert_int_equal(cmds[0].rq.status, ERR_TIMEOUT);
	for (i = 1; i < 40; i++)
		assert_int_equal(cmds[i].rq.status, 0);
	assert_int_equal(fake_scsi_host.stops, 0);
}

static void commands_that_end_one_by_one_are_waited_for(void **state)
{
	uint64_t before = deadline_ms();
	unsigned i;

	(void)state;
	fake_scsi_host.pace = TIMEBASE_DEFAULT_HZ / 1000 * (TIMEOUT - 200);
	for (i = 0; i < 10; i++)
		scsi_command_init(&cmds[i], unit->lun, SCSI_TEST_UNIT_READY, 6);
	run(10);
	for (i = 0; i < 10; i++)
		assert_int_equal(cmds[i].rq.status, 0);
	assert_true(deadline_ms() - before > 7 * TIMEOUT);
	assert_int_equal(fake_scsi_host.stops, 0);
}

static void a_command_that_was_busy_once_may_still_be_lost(void **state)
{
	(void)state;
	fake_scsi_host.pace = TIMEBASE_DEFAULT_HZ / 1000 * (TIMEOUT - 20);
	fake_unit_status(unit, 1000000, SCSI_BUSY);
	scsi_command_init(&cmds[0], unit->lun, SCSI_TEST_UNIT_READY, 6);
	scsi_command_init(&cmds[1], 0x200, SCSI_TEST_UNIT_READY, 6);
	/* The first gets a response and is retried, then time is up. */
	run(2);
	assert_int_equal(cmds[0].rq.status, ERR_TIMEOUT);
	assert_int_equal(cmds[1].rq.status, ERR_TIMEOUT);
	assert_int_equal(fake_scsi_host.stops, 1);
	assert_string_equal(cmds[1].rq.why, "no response in 1 s; device reset");
}

static void a_drive_that_never_becomes_ready_is_given_up_in_time(void **state)
{
	uint64_t before = deadline_ms();

	(void)state;
	fake_unit_sense(unit, 1000000, 2, 4, 1);
	assert_int_equal(test_ready(), ERR_TIMEOUT);
	assert_string_equal(reason(), "sense key 2 (not ready), code 04/01 "
				      "(becoming ready)");
	assert_in_range(deadline_ms() - before, TIMEOUT, 2 * TIMEOUT);
	assert_int_equal(fake_scsi_host.stops, 0);
}

static void a_stopped_drive_is_started_once_and_waited_for(void **state)
{
	(void)state;
	unit->stopped = true;
	unit->spins_up = 10;
	assert_int_equal(test_ready(), 0);
	assert_int_equal(fake_scsi_served[SCSI_START_STOP_UNIT], 1);
	/* Once stopped, ten times becoming ready. */
	assert_int_equal(fake_scsi_served[SCSI_TEST_UNIT_READY], 1 + 10 + 1);
	unit->stopped = true;
	assert_int_equal(test_ready(), 0);
	assert_int_equal(fake_scsi_served[SCSI_START_STOP_UNIT], 2);
}

static void many_commands_start_a_drive_once(void **state)
{
	unsigned i;

	(void)state;
	unit->stopped = true;
	unit->spins_up = 100;
	for (i = 0; i < 16; i++)
		scsi_command_init(&cmds[i], unit->lun, SCSI_TEST_UNIT_READY, 6);
	run(16);
	for (i = 0; i < 16; i++)
		assert_int_equal(cmds[i].rq.status, 0);
	assert_int_equal(fake_scsi_served[SCSI_START_STOP_UNIT], 1);
	assert_int_equal(fake_scsi_host.stops, 0);
}

static void a_drive_that_does_not_start_is_given_up_in_time(void **state)
{
	uint64_t before = deadline_ms();

	(void)state;
	fake_unit_sense(unit, 1000000, 2, 4, 2);
	assert_int_equal(test_ready(), ERR_TIMEOUT);
	assert_string_equal(reason(), "sense key 2 (not ready), code 04/02 "
				      "(stopped)");
	assert_in_range(deadline_ms() - before, TIMEOUT, 2 * TIMEOUT + 200);
	assert_in_range(fake_scsi_served[SCSI_START_STOP_UNIT], 1, 30);
	/* It does not know the command. */
	unit->fail_op = SCSI_TEST_UNIT_READY;
	before = deadline_ms();
	assert_int_equal(test_ready(), ERR_TIMEOUT);
	assert_in_range(deadline_ms() - before, TIMEOUT, 2 * TIMEOUT + 200);
	assert_int_equal(fake_scsi_host.stops, 0);
	fake_unit_status(unit, 0, 0);
	assert_int_equal(test_ready(), 0);
}

static void no_medium_is_told_at_once(void **state)
{
	(void)state;
	fake_unit_sense(unit, 1000, 2, 0x3a, 1);
	assert_int_equal(test_ready(), ERR_NOMEDIUM);
	assert_int_equal(fake_scsi_served[SCSI_TEST_UNIT_READY], 1);
}

static void an_absent_unit_is_no_device(void **state)
{
	(void)state;
	unit->lun = 0x200;
	scsi_command_init(&cmds[0], 0x100, SCSI_TEST_UNIT_READY, 6);
	assert_int_equal(scsi_execute(host, &cmds[0], TIMEOUT), ERR_NODEV);
	assert_string_equal(reason(), "the device is gone");
}

static void a_lost_command_resets_the_host(void **state)
{
	uint64_t before = deadline_ms();

	(void)state;
	fake_scsi_host.silent = true;
	assert_int_equal(test_ready(), ERR_TIMEOUT);
	assert_in_range(deadline_ms() - before, TIMEOUT, TIMEOUT + 100);
	assert_int_equal(fake_scsi_host.stops, 1);
	assert_string_equal(reason(), "no response in 1 s; device reset");
	fake_scsi_host.silent = false;
	assert_int_equal(device_start(dev), 0);
	assert_int_equal(test_ready(), 0);
	assert_int_equal(fake_scsi_host.starts, 2);
}

static void a_refused_command_is_an_error(void **state)
{
	(void)state;
	fake_scsi_host.submit_error = ERR_IO;
	assert_int_equal(test_ready(), ERR_IO);
	fake_scsi_host.submit_error = ERR_BUSY;
	/* There is nothing in flight that could make room. */
	assert_int_equal(test_ready(), ERR_IO);
}

static void commands_run_together_with_one_kick(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < 10; i++)
		scsi_command_init(&cmds[i], i % 2 ? unit->lun : 0x999,
				  SCSI_TEST_UNIT_READY, 6);
	run(10);
	assert_int_equal(fake_scsi_host.most, 10);
	assert_int_equal(fake_scsi_host.kicks, 1);
	for (i = 0; i < 10; i++)
		assert_int_equal(cmds[i].rq.status, i % 2 ? 0 : ERR_NODEV);
}

static void more_commands_than_the_host_takes_run_in_turns(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < 40; i++)
		scsi_command_init(&cmds[i], unit->lun, SCSI_TEST_UNIT_READY, 6);
	run(40);
	assert_int_equal(fake_scsi_host.most, 16);
	assert_int_equal(fake_scsi_host.kicks, 3);
	assert_int_equal(fake_scsi_served[SCSI_TEST_UNIT_READY], 40);
	for (i = 0; i < 40; i++)
		assert_int_equal(cmds[i].rq.status, 0);
}

static void only_what_wants_it_is_retried(void **state)
{
	unsigned i;

	(void)state;
	fake_unit_sense(unit, 2, 6, 0x29, 0);
	for (i = 0; i < 5; i++)
		scsi_command_init(&cmds[i], unit->lun, SCSI_TEST_UNIT_READY, 6);
	run(5);
	assert_int_equal(fake_scsi_served[SCSI_TEST_UNIT_READY], 7);
	for (i = 0; i < 5; i++)
		assert_int_equal(cmds[i].rq.status, 0);
}

static void all_commands_end_when_one_is_lost(void **state)
{
	unsigned i;

	(void)state;
	fake_scsi_host.silent = true;
	for (i = 0; i < 40; i++)
		scsi_command_init(&cmds[i], unit->lun, SCSI_TEST_UNIT_READY, 6);
	run(40);
	for (i = 0; i < 40; i++)
		assert_int_equal(cmds[i].rq.status, ERR_TIMEOUT);
	assert_int_equal(fake_scsi_host.stops, 1);
}

static void every_refused_command_keeps_its_reason(void **state)
{
	unsigned i;

	(void)state;
	fake_scsi_host.submit_error = ERR_NOSPACE;
	for (i = 0; i < 3; i++)
		scsi_command_init(&cmds[i], unit->lun, SCSI_TEST_UNIT_READY, 6);
	run(3);
	for (i = 0; i < 3; i++) {
		char text[32];

		assert_int_equal(cmds[i].rq.status, ERR_NOSPACE);
		snprintf(text, sizeof(text), "refusal %u", i + 1);
		assert_string_equal(cmds[i].rq.why, text);
	}
}

static void long_addresses_take_the_long_commands(void **state)
{
	static const struct {
		uint64_t lba;
		uint32_t count;
		uint8_t op, len;
	} cases[] = {
		{ 0, 1, SCSI_READ_10, 10 },
		{ 0, 65535, SCSI_READ_10, 10 },
		{ 0, 65536, SCSI_READ_16, 16 },
		{ 0xfffffffe, 1, SCSI_READ_10, 10 },
		{ 0xffffffff, 1, SCSI_READ_16, 16 },
		{ 0x123456789a, 1, SCSI_READ_16, 16 },
	};
	unsigned i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct scsi_command *c = &cmds[0];

		scsi_cdb_transfer(c, 1, false, cases[i].lba, cases[i].count);
		assert_int_equal(c->cdb[0], cases[i].op);
		assert_int_equal(c->cdb_len, cases[i].len);
		assert_int_equal(c->cdb_len == 16 ? be64_load(&c->cdb[2])
						  : be32_load(&c->cdb[2]),
				 cases[i].lba);
		assert_int_equal(c->cdb_len == 16 ? be32_load(&c->cdb[10])
						  : be16_load(&c->cdb[7]),
				 cases[i].count);
		scsi_cdb_transfer(c, 1, true, cases[i].lba, cases[i].count);
		assert_int_equal(c->cdb[0], cases[i].op + 2);
	}
}

#define CLOSED(test) cmocka_unit_test_setup_teardown(test, plug, unplug)
#define OPEN(test) cmocka_unit_test_setup_teardown(test, plug_and_open, unplug)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLOSED(a_host_is_started_once_before_its_first_command),
		CLOSED(a_command_to_a_host_that_is_not_started_fails),
		CLOSED(the_last_user_that_closes_resets_the_host),
		CLOSED(a_host_that_does_not_start_has_no_user),
		OPEN(busy_units_and_a_full_host_do_not_hold_us_for_ever),
		OPEN(a_quiesced_host_takes_no_commands),
		OPEN(unit_attentions_are_retried),
		OPEN(endless_unit_attentions_end_in_an_error),
		OPEN(a_drive_that_becomes_ready_is_waited_for),
		OPEN(a_drive_that_never_becomes_ready_is_given_up_in_time),
		OPEN(a_busy_unit_is_tried_in_growing_intervals),
		OPEN(others_go_on_while_one_is_busy),
		OPEN(commands_that_end_one_by_one_are_waited_for),
		OPEN(a_command_that_was_busy_once_may_still_be_lost),
		OPEN(a_stopped_drive_is_started_once_and_waited_for),
		OPEN(many_commands_start_a_drive_once),
		OPEN(a_drive_that_does_not_start_is_given_up_in_time),
		OPEN(no_medium_is_told_at_once),
		OPEN(an_absent_unit_is_no_device),
		OPEN(a_lost_command_resets_the_host),
		OPEN(a_refused_command_is_an_error),
		OPEN(commands_run_together_with_one_kick),
		OPEN(more_commands_than_the_host_takes_run_in_turns),
		OPEN(only_what_wants_it_is_retried),
		OPEN(all_commands_end_when_one_is_lost),
		OPEN(every_refused_command_keeps_its_reason),
		OPEN(long_addresses_take_the_long_commands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
