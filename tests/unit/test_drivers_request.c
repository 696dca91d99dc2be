// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/request.c: what is submitted, tried again, ended, forgotten.
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/request.h"
#include "lib/deadline.h"
#include "lib/reason.h"
#include <cmocka.h>

#include "tests/fake/worker.h"

static struct worker w;

static void add_jobs(struct job *jobs, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++)
		job_add(&w, &jobs[i]);
}

static void requests_end_in_the_order_of_the_responses(void **state)
{
	struct job jobs[3];
	unsigned ends;

	(void)state;
	worker_plug(&w, 8, NULL);
	jobs_make(jobs, 3, 0);
	jobs[0].takes = 30;
	jobs[1].takes = 10;
	jobs[2].takes = 20;
	add_jobs(jobs, 3);
	/* Who waits comes back for each. */
	for (ends = 0; ends < 3; ends++) {
		assert_int_equal(jobs[0].ends + jobs[1].ends + jobs[2].ends,
				 ends);
		request_wait();
	}
	assert_string_equal(worker_events, "+a +b +c kick -b -c -a ");
	jobs_expect_ended(jobs, 3, 0, "");
}

static void what_has_no_slot_waits_for_one(void **state)
{
	struct job jobs[7];

	(void)state;
	worker_plug(&w, 3, NULL);
	jobs_make(jobs, 7, 10);
	jobs[0].takes = 15;
	add_jobs(jobs, 7);
	jobs_finish();
	assert_int_equal(w.most, 3);
	assert_int_equal(w.refusals, 0);
	/* As soon as one has ended the next one is submitted. */
	assert_string_equal(worker_events,
			    "+a +b +c kick -b -c +d +e kick -a +f kick "
			    "-d -e +g kick -f -g ");
	jobs_expect_ended(jobs, 7, 0, "");
}

static void one_kick_tells_of_all_that_was_submitted(void **state)
{
	struct job jobs[8];

	(void)state;
	worker_plug(&w, 8, NULL);
	jobs_make(jobs, 8, 0);
	add_jobs(jobs, 8);
	assert_string_equal(worker_events, "");
	request_wait();
	assert_memory_equal(worker_events, "+a +b +c +d +e +f +g +h kick ", 29);
	jobs_finish();
	assert_null(strstr(worker_events + 29, "kick"));
}

/* Refused when it has two jobs, with either error. */
static void refuse_the_third(int refusal)
{
	struct job jobs[4];

	worker_plug(&w, 8, NULL);
	w.refusal = refusal;
	w.room = 2;
	jobs_make(jobs, 4, 10);
	jobs[1].takes = jobs[2].takes = jobs[3].takes = 20;
	add_jobs(jobs, 4);
	worker_quiet();
	jobs_finish();
	assert_string_equal(worker_events,
			    "+a +b kick -a +c kick -b +d kick -c -d ");
	/* It is not asked again before one has ended. */
	assert_int_equal(w.refusals, 2);
	jobs_expect_ended(jobs, 4, 0, "");
}

static void a_full_device_gets_more_when_one_has_ended(void **state)
{
	(void)state;
	refuse_the_third(ERR_BUSY);
	refuse_the_third(ERR_NOSPACE);
}

/* Refused though it has none. */
static void expect_refused(int refusal, int status)
{
	struct job jobs[2];

	worker_plug(&w, 8, NULL);
	w.refusal = refusal;
	jobs_make(jobs, 2, 10);
	add_jobs(jobs, 2);
	worker_quiet();
	request_wait();
	assert_null(strchr(worker_events, '+'));
	jobs_expect_ended(jobs, 2, status, "it has 0 jobs");
	assert_int_equal(w.refusals, 2);
	assert_int_equal(w.stops, 0);
}

static void room_does_not_come_where_nothing_is_in_flight(void **state)
{
	(void)state;
	/* To a client, busy would mean that nobody has typed. */
	expect_refused(ERR_BUSY, ERR_IO);
	expect_refused(ERR_NOSPACE, ERR_NOSPACE);
}

static void any_other_refusal_ends_the_one_that_was_refused(void **state)
{
	struct job jobs[3];

	(void)state;
	worker_plug(&w, 8, NULL);
	w.refusal = ERR_INVAL;
	w.room = 1;
	jobs_make(jobs, 3, 10);
	add_jobs(jobs, 3);
	jobs_finish();
	assert_string_equal(worker_events, "+a -b -c kick -a ");
	jobs_expect_ended(&jobs[1], 2, ERR_INVAL, "it has 1 jobs");
	jobs_expect_ended(&jobs[0], 1, 0, "");
}

static void a_request_may_end_while_it_is_submitted(void **state)
{
	struct job jobs[3];

	(void)state;
	worker_plug(&w, 1, NULL);
	jobs_make(jobs, 3, 10);
	jobs[0].ends_at_once = jobs[1].ends_at_once = true;
	add_jobs(jobs, 3);
	jobs_finish();
	assert_string_equal(worker_events, "+a -a +b -b +c kick -c ");
}

static void what_is_to_be_tried_again_is_at_once(void **state)
{
	struct job jobs[2];
	uint64_t before;

	(void)state;
	worker_plug(&w, 8, NULL);
	jobs_make(jobs, 2, 0);
	jobs[0].again = REQUEST_RETRIES;
	jobs[0].disposition = REQUEST_RETRY;
	before = deadline_ms();
	add_jobs(jobs, 2);
	jobs_finish();
	assert_in_range(deadline_ms() - before, 0, 20);
	assert_int_equal(jobs[0].submits, 1 + REQUEST_RETRIES);
	assert_int_equal(jobs[1].submits, 1);
	jobs_expect_ended(jobs, 2, 0, "");
}

static void after_eight_retries_the_last_response_counts(void **state)
{
	struct job job;

	(void)state;
	worker_plug(&w, 8, NULL);
	jobs_make(&job, 1, 0);
	job.again = 1000;
	job.disposition = REQUEST_RETRY;
	add_jobs(&job, 1);
	jobs_finish();
	assert_int_equal(job.submits, 1 + REQUEST_RETRIES);
	jobs_expect_ended(&job, 1, ERR_IO, "job a is not ready");
	assert_int_equal(w.stops, 0);
	/* A reused request starts from zero. */
	job.again = REQUEST_RETRIES;
	add_jobs(&job, 1);
	jobs_finish();
	assert_int_equal(job.rq.status, 0);
	assert_string_equal(job.rq.why, "");
}

static void each_request_has_a_reason_of_its_own(void **state)
{
	struct job jobs[4];

	(void)state;
	worker_plug(&w, 8, NULL);
	jobs_make(jobs, 4, 10);
	jobs[0].status = ERR_IO;
	jobs[2].status = ERR_RANGE;
	/* Scans meet it at every empty target. */
	jobs[3].status = ERR_NODEV;
	add_jobs(jobs, 4);
	jobs_finish();
	jobs_expect_ended(&jobs[0], 1, ERR_IO, "job a failed");
	jobs_expect_ended(&jobs[1], 1, 0, "");
	jobs_expect_ended(&jobs[2], 1, ERR_RANGE, "job c failed");
	jobs_expect_ended(&jobs[3], 1, ERR_NODEV, "");
}

static void to_run_one_is_to_wait_for_it(void **state)
{
	struct job jobs[3];

	(void)state;
	worker_plug(&w, 8, NULL);
	jobs_make(jobs, 3, 10);
	jobs[0].takes = 30;
	jobs[2].status = ERR_PERM;
	add_jobs(jobs, 2);
	jobs[2].rq.timeout_ms = 1000;
	assert_int_equal(request_run(&w.queue, &jobs[2].rq), ERR_PERM);
	assert_string_equal(jobs[2].rq.why, "job c failed");
	/* Others that are in flight are polled in the meantime. */
	assert_int_equal(jobs[1].ends, 1);
	assert_int_equal(jobs[0].ends, 0);
	jobs_finish();
}

static void to_wait_for_nothing_takes_no_time(void **state)
{
	uint64_t before;

	(void)state;
	worker_plug(&w, 8, NULL);
	before = timebase_read();
	request_wait();
	assert_int_equal(timebase_read() - before, TIMEBASE_DEFAULT_HZ / 10000);
}

static void fail_otherwise(struct job *job)
{
	(void)job;
	reason_fail(ERR_NOMEM, "what comes of it");
}

static void a_device_that_breaks_the_rules_is_stopped_first(void **state)
{
	struct job jobs[4];

	(void)state;
	worker_plug(&w, 2, NULL);
	w.breaks = true;
	jobs_make(jobs, 4, 10);
	jobs[0].then = jobs[2].then = fail_otherwise;
	add_jobs(jobs, 4);
	request_wait();
	/* Whatever the stop or those who wait have to say: this is why. */
	assert_string_equal(worker_events, "+a +b kick stop -a -b -c -d ");
	jobs_expect_ended(jobs, 4, ERR_IO, "it broke the rules");
	assert_false(device_is_up(w.dev));
	/* And it can be used again. */
	w.breaks = false;
	assert_int_equal(device_start(w.dev), 0);
	jobs_make(jobs, 1, 10);
	add_jobs(jobs, 1);
	jobs_finish();
	jobs_expect_ended(jobs, 1, 0, "");
}

static void a_device_that_was_stopped_ends_all_that_it_had(void **state)
{
	struct job jobs[5];

	(void)state;
	worker_plug(&w, 2, NULL);
	jobs_make(jobs, 5, 10);
	jobs[1].takes = 50;
	add_jobs(jobs, 4);
	request_wait();
	device_stop(w.dev);
	/* Also what is given to it now. */
	add_jobs(&jobs[4], 1);
	request_wait();
	assert_string_equal(worker_events, "+a +b kick -a stop -b -c -d -e ");
	jobs_expect_ended(&jobs[1], 4, ERR_IO,
			  "the device was reset in the meantime");
	/* Nothing brings it up again here. */
	assert_false(device_is_up(w.dev));
}

static struct job more[3];

static void add_more(struct job *job)
{
	(void)job;
	job_add(&w, &more[0]);
	job_add(&w, &more[1]);
}

static void a_request_that_ends_may_bring_others(void **state)
{
	struct job job;

	(void)state;
	worker_plug(&w, 1, NULL);
	jobs_make(&job, 1, 10);
	jobs_make(more, 2, 10);
	more[0].name = 'x';
	more[1].name = 'y';
	job.then = add_more;
	add_jobs(&job, 1);
	jobs_finish();
	assert_string_equal(worker_events, "+a kick -a +x kick -x +y kick -y ");
	jobs_expect_ended(more, 2, 0, "");
}

/* `n` jobs are lost, and the first brings two more. */
static void lose_one_that_brings_others(unsigned n)
{
	struct job jobs[4];

	worker_plug(&w, 2, NULL);
	w.breaks = true;
	jobs_make(jobs, n, 10);
	jobs_make(more, 2, 10);
	jobs[0].then = add_more;
	add_jobs(jobs, n);
	request_wait();
	jobs_expect_ended(jobs, n, ERR_IO, "it broke the rules");
	/* They are not lost: they were not there. */
	assert_int_equal(more[0].rq.status, REQUEST_PENDING);
	assert_int_equal(more[1].rq.status, REQUEST_PENDING);
	w.breaks = false;
	assert_int_equal(device_start(w.dev), 0);
	jobs_finish();
	jobs_expect_ended(more, 2, 0, "");
}

static void what_comes_while_all_are_ended_is_not(void **state)
{
	(void)state;
	/* In flight alone; and others that wait. */
	lose_one_that_brings_others(1);
	lose_one_that_brings_others(4);
}

static void bring_oneself(struct job *job)
{
	if (job->ends < 4)
		job_add(&w, job);
}

static void one_that_adds_itself_when_it_is_lost_is_lost_once(void **state)
{
	struct job job;

	(void)state;
	worker_plug(&w, 8, NULL);
	w.breaks = true;
	jobs_make(&job, 1, 10);
	job.then = bring_oneself;
	add_jobs(&job, 1);
	request_wait();
	assert_int_equal(job.ends, 1);
	request_wait();
	assert_int_equal(job.ends, 2);
	assert_string_equal(job.rq.why, "");
	w.breaks = false;
	assert_int_equal(device_start(w.dev), 0);
	jobs_finish();
	assert_int_equal(job.ends, 4);
	assert_int_equal(job.rq.status, 0);
}

/* Two in flight, two that wait; then their memory is somebody else's. */
static void forget_jobs(bool of_all)
{
	struct job *jobs = calloc(5, sizeof(*jobs));
	struct job job;

	worker_plug(&w, 3, NULL);
	jobs_make(jobs, 5, 100);
	jobs[0].takes = 0;
	add_jobs(jobs, 5);
	request_wait();
	assert_int_equal(w.queue.in_flight, 2);
	assert_int_equal(jobs[3].submits, 0);
	free(jobs);
	request_forget(of_all ? NULL : w.dev);
	device_stop(w.dev);
	worker_quiet();
	assert_int_equal(device_start(w.dev), 0);
	jobs_make(&job, 1, 200);
	job.rq.timeout_ms = 1000;
	assert_int_equal(request_run(&w.queue, &job.rq), 0);
	assert_string_equal(worker_events, "+a kick ");
}

static void forgotten_requests_are_not_touched(void **state)
{
	(void)state;
	forget_jobs(true);
	forget_jobs(false);
}

static void other_devices_requests_are_not_forgotten(void **state)
{
	struct worker other;
	struct job a, b;

	(void)state;
	worker_plug(&w, 8, NULL);
	worker_plug(&other, 8, NULL);
	jobs_make(&a, 1, 10);
	jobs_make(&b, 1, 10);
	job_add(&w, &a);
	job_add(&other, &b);
	request_forget(w.dev);
	request_wait();
	assert_int_equal(a.ends, 0);
	jobs_expect_ended(&b, 1, 0, "");
}

#define TEST(test)                                                             \
	cmocka_unit_test_setup_teardown(test, worker_setup, worker_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(requests_end_in_the_order_of_the_responses),
		TEST(what_has_no_slot_waits_for_one),
		TEST(one_kick_tells_of_all_that_was_submitted),
		TEST(a_full_device_gets_more_when_one_has_ended),
		TEST(room_does_not_come_where_nothing_is_in_flight),
		TEST(any_other_refusal_ends_the_one_that_was_refused),
		TEST(a_request_may_end_while_it_is_submitted),
		TEST(what_is_to_be_tried_again_is_at_once),
		TEST(after_eight_retries_the_last_response_counts),
		TEST(each_request_has_a_reason_of_its_own),
		TEST(to_run_one_is_to_wait_for_it),
		TEST(to_wait_for_nothing_takes_no_time),
		TEST(a_device_that_breaks_the_rules_is_stopped_first),
		TEST(a_device_that_was_stopped_ends_all_that_it_had),
		TEST(a_request_that_ends_may_bring_others),
		TEST(what_comes_while_all_are_ended_is_not),
		TEST(one_that_adds_itself_when_it_is_lost_is_lost_once),
		TEST(forgotten_requests_are_not_touched),
		TEST(other_devices_requests_are_not_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
