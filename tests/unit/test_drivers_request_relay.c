// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/request.c: queues that pass on what they get, as disks do.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "drivers/request.h"
#include "lib/deadline.h"
#include "lib/reason.h"
#include <cmocka.h>

#include "tests/fake/worker.h"

static struct worker host, disk, disk2;

static int plug(void **state)
{
	int rc = worker_setup(state);

	worker_plug(&host, 8, NULL);
	worker_plug(&disk, 2, &host);
	worker_plug(&disk2, 8, &host);
	return rc;
}

/* Jobs named from `name` on that take 10 ms each. */
static void give(struct worker *w, struct job *jobs, unsigned n, char name)
{
	unsigned i;

	for (i = 0; i < n; i++) {
		jobs[i] = (struct job){ .name = (char)(name + i), .takes = 10 };
		job_add(w, &jobs[i]);
	}
}

static void a_request_ends_when_that_which_it_became_does(void **state)
{
	struct job jobs[2];

	(void)state;
	give(&disk, jobs, 2, 'a');
	jobs[1].status = ERR_RANGE;
	jobs_finish();
	assert_string_equal(worker_events, "+a +b kick -a -b ");
	jobs_expect_ended(&jobs[0], 1, 0, "");
	jobs_expect_ended(&jobs[1], 1, ERR_RANGE, "job b failed");
}

static void no_more_are_passed_on_than_there_are_slots(void **state)
{
	struct job jobs[5];

	(void)state;
	give(&disk, jobs, 5, 'a');
	jobs_finish();
	assert_int_equal(host.most, 2);
	jobs_expect_ended(jobs, 5, 0, "");
}

static void two_on_one_host_are_in_flight_together(void **state)
{
	struct job jobs[2], jobs2[4];

	(void)state;
	give(&disk, jobs, 2, 'a');
	give(&disk2, jobs2, 4, 'A');
	jobs_finish();
	assert_int_equal(host.most, 6);
	jobs_expect_ended(jobs, 2, 0, "");
	jobs_expect_ended(jobs2, 4, 0, "");
}

/* A disk does not know how busy its host is. */
static void only_the_hosts_time_counts(void **state)
{
	struct job jobs[3];

	(void)state;
	host.serial = true;
	give(&disk, jobs, 3, 'a');
	jobs[0].takes = jobs[1].takes = 900;
	jobs[0].rq.timeout_ms = 1;
	jobs_finish();
	jobs_expect_ended(jobs, 3, 0, "");
	assert_int_equal(host.stops, 0);
}

static void a_silent_host_is_stopped_and_all_end_once(void **state)
{
	struct job jobs[4], jobs2[3];
	uint64_t before = deadline_ms();

	(void)state;
	host.silent = true;
	give(&disk, jobs, 4, 'a');
	give(&disk2, jobs2, 3, 'A');
	jobs_finish();
	assert_in_range(deadline_ms() - before, 1000, 1010);
	assert_string_equal(worker_events,
			    "+a +b +A +B +C kick stop -a -b -A -B -C -c -d ");
	assert_int_equal(host.stops, 1);
	assert_int_equal(disk.stops + disk2.stops, 0);
	jobs_expect_ended(jobs, 2, ERR_TIMEOUT,
			  "no response in 1 s; device reset");
	jobs_expect_ended(jobs2, 3, ERR_TIMEOUT,
			  "no response in 1 s; device reset");
	/* These were not passed on, and the other queue is gone. */
	jobs_expect_ended(&jobs[2], 2, ERR_IO,
			  "the device was reset in the meantime");
	assert_false(device_is_up(disk.dev));
	/* With the disk its host comes back. */
	host.silent = false;
	assert_int_equal(device_start(disk.dev), 0);
	give(&disk, jobs, 1, 'x');
	jobs_finish();
	jobs_expect_ended(jobs, 1, 0, "");
}

/* b is in flight when a has ended; c and d wait. */
static void give_and_stop_host(struct job *jobs)
{
	give(&disk, jobs, 4, 'a');
	jobs[0].takes = 0;
	request_wait();
	assert_int_equal(jobs[0].ends, 1);
	assert_int_equal(jobs[1].submits, 1);
	assert_int_equal(jobs[2].submits, 0);
	device_stop(host.dev);
}

static void a_host_that_was_stopped_ends_each_once(void **state)
{
	struct job jobs[4];

	(void)state;
	give_and_stop_host(jobs);
	jobs_finish();
	jobs_expect_ended(&jobs[1], 3, ERR_IO,
			  "the device was reset in the meantime");
	assert_int_equal(disk.queue.in_flight, 0);
	assert_int_equal(host.queue.in_flight, 0);
	/* And nothing of it is left. */
	assert_int_equal(device_start(disk.dev), 0);
	give(&disk, jobs, 4, 'a');
	jobs_finish();
	jobs_expect_ended(jobs, 4, 0, "");
}

/* A relay that evaluates the answers has nobody else to end its waiting. */
static void a_busy_device_is_asked_until_the_time_is_over(void **state)
{
	struct job busy = { .name = 'a', .disposition = REQUEST_WAIT };
	uint64_t before = deadline_ms();

	(void)state;
	disk.decides = true;
	busy.again = UINT32_MAX;
	busy.rq.timeout_ms = 8000;
	job_add(&disk, &busy);
	jobs_finish();
	assert_in_range(deadline_ms() - before, 8000, 8200);
	assert_in_range(busy.submits, 80, 90);
	jobs_expect_ended(&busy, 1, ERR_TIMEOUT, "job a is not ready");
	assert_int_equal(host.stops + disk.stops, 0);
}

static void a_busy_device_may_get_ready(void **state)
{
	struct job jobs[2];

	(void)state;
	disk.decides = true;
	give(&disk, jobs, 2, 'a');
	jobs[0].again = 5;
	jobs[0].disposition = REQUEST_WAIT;
	jobs[1].again = 3;
	jobs[1].disposition = REQUEST_RETRY;
	jobs_finish();
	jobs_expect_ended(&jobs[0], 1, 0, "job a is not ready");
	jobs_expect_ended(&jobs[1], 1, 0, "");
	assert_int_equal(jobs[0].submits, 6);
	assert_int_equal(jobs[1].submits, 4);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, plug, worker_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_request_ends_when_that_which_it_became_does),
		TEST(no_more_are_passed_on_than_there_are_slots),
		TEST(two_on_one_host_are_in_flight_together),
		TEST(only_the_hosts_time_counts),
		TEST(a_silent_host_is_stopped_and_all_end_once),
		TEST(a_host_that_was_stopped_ends_each_once),
		TEST(a_busy_device_is_asked_until_the_time_is_over),
		TEST(a_busy_device_may_get_ready),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
