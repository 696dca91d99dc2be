// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/request.c: requests for later, and the end of all.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "drivers/request.h"
#include "lib/deadline.h"
#include "lib/reason.h"
#include <cmocka.h>

#include "tests/fake/worker.h"

static struct worker w, other;

static void a_request_for_later_is_submitted_then(void **state)
{
	struct job a = job_make('a', 10, 1000), b = job_make('b', 10, 1000);
	uint64_t before = deadline_ms();

	(void)state;
	worker_plug(&w, 8, NULL);
	job_add_later(&w, &a, 300);
	job_add_later(&w, &b, 0);
	assert_took(jobs_finish(), 310);
	assert_in_range(b.tries[0] - before, 0, WORKER_SLACK_MS);
	assert_in_range(a.tries[0] - before, 300, 300 + WORKER_SLACK_MS);
	assert_int_equal(a.submits, 1);
	assert_string_equal(worker_events, "+b kick -b +a kick -a ");
}

static void one_for_later_takes_no_slot(void **state)
{
	struct job a = job_make('a', 10, 1000), b = job_make('b', 10, 1000),
		   c = job_make('c', 10, 1000);

	(void)state;
	worker_plug(&w, 1, NULL);
	job_add_later(&w, &a, 100);
	job_add_later(&w, &b, 50);
	job_add(&w, &c);
	assert_took(jobs_finish(), 110);
	assert_string_equal(worker_events, "+c kick -c +b kick -b +a kick -a ");
}

/* Its time begins when it is submitted. */
static void a_delay_may_be_longer_than_the_time(void **state)
{
	struct job a = job_make('a', 50, 100);

	(void)state;
	worker_plug(&w, 8, NULL);
	job_add_later(&w, &a, 300);
	assert_took(jobs_finish(), 350);
	assert_int_equal(a.rq.status, 0);
	assert_int_equal(w.stops, 0);
}

static void silence_after_a_delay_is_noticed(void **state)
{
	struct job a = job_make('a', 0, 1000);

	(void)state;
	worker_plug(&w, 8, NULL);
	w.silent = true;
	job_add_later(&w, &a, 300);
	assert_took(jobs_finish(), 1300);
	assert_int_equal(a.rq.status, ERR_TIMEOUT);
	assert_int_equal(w.stops, 1);
}

/* To be submitted is no progress of those in flight. */
static void one_for_later_hides_no_silent_one(void **state)
{
	struct job lost = job_make('a', 100000, 1000);
	struct job late = job_make('b', 100000, 1000);

	(void)state;
	worker_plug(&w, 8, NULL);
	job_add(&w, &lost);
	job_add_later(&w, &late, 900);
	assert_took(jobs_finish(), 1000);
	assert_int_equal(lost.rq.status, ERR_TIMEOUT);
	assert_int_equal(late.rq.status, ERR_TIMEOUT);
}

/* A delay in front of a busy device: it has its own time for that. */
static void after_its_delay_a_device_may_be_busy(void **state)
{
	struct job job = job_make('a', 0, 1000);

	(void)state;
	worker_plug(&w, 8, NULL);
	job.again = UINT32_MAX;
	job.disposition = REQUEST_WAIT;
	job_add_later(&w, &job, 3000);
	assert_took(jobs_finish(), 4000);
	assert_int_equal(job.rq.status, ERR_TIMEOUT);
	assert_string_equal(job.rq.why, "job a is not ready");
	assert_int_equal(w.stops, 0);
}

static void a_request_that_is_used_again_has_no_delay(void **state)
{
	struct job a = job_make('a', 10, 1000);

	(void)state;
	worker_plug(&w, 8, NULL);
	job_add_later(&w, &a, 500);
	assert_took(jobs_finish(), 510);
	job_add(&w, &a);
	assert_took(jobs_finish(), 10);
}

static void the_end_of_the_device_does_not_wait(void **state)
{
	struct job a = job_make('a', 10, 1000);

	(void)state;
	worker_plug(&w, 8, NULL);
	job_add_later(&w, &a, 500);
	device_stop(w.dev);
	assert_took(jobs_finish(), 0);
	assert_int_equal(a.rq.status, ERR_IO);
	assert_string_equal(a.rq.why, "the device was reset in the meantime");
	assert_int_equal(a.submits, 0);
}

static void others_are_not_delayed(void **state)
{
	struct job a = job_make('a', 10, 1000), b = job_make('b', 10, 1000);

	(void)state;
	worker_plug(&w, 8, NULL);
	worker_plug(&other, 8, NULL);
	job_add_later(&w, &a, 500);
	job_add(&other, &b);
	request_wait();
	assert_int_equal(b.ends, 1);
	assert_int_equal(a.submits, 0);
	assert_took(jobs_finish(), 490);
}

/* In flight, waiting, and for later: in this order. */
static void all_of_a_queue_may_be_ended(void **state)
{
	struct job jobs[4], far = job_make('x', 10, 1000);

	(void)state;
	worker_plug(&w, 2, NULL);
	worker_plug(&other, 2, NULL);
	for (unsigned i = 0; i < 4; i++)
		jobs[i] = job_make((char)('a' + i), 100, 1000);
	job_add(&w, &jobs[0]);
	job_add(&w, &jobs[1]);
	job_add(&w, &jobs[2]);
	job_add_later(&w, &jobs[3], 500);
	job_add(&other, &far);
	request_wait();
	worker_quiet();
	reason_fail(ERR_NODEV, "it is on fire");
	request_end_all(&w.queue, ERR_NODEV);
	/* Who resets the device is the caller. */
	assert_string_equal(worker_events, "-a -b -c -d ");
	assert_int_equal(w.queue.in_flight, 0);
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(jobs[i].ends, 1);
		assert_int_equal(jobs[i].rq.status, ERR_NODEV);
		assert_string_equal(jobs[i].rq.why, "it is on fire");
	}
	/* The reason is still there, and no other queue was touched. */
	assert_string_equal(reason(), "it is on fire");
	assert_int_equal(far.rq.status, 0);
	device_stop(w.dev);
}

static void there_may_be_none_to_end(void **state)
{
	(void)state;
	worker_plug(&w, 2, NULL);
	request_end_all(&w.queue, ERR_IO);
	assert_string_equal(worker_events, "");
}

static struct job next;

static void add_next(struct job *job)
{
	(void)job;
	reason_fail(ERR_NOMEM, "something else");
	job_add_later(&w, &next, 100);
}

static void what_is_added_by_an_end_is_not_ended(void **state)
{
	struct job jobs[2] = { job_make('a', 100, 1000),
			       job_make('b', 100, 1000) };

	(void)state;
	worker_plug(&w, 1, NULL);
	next = job_make('c', 10, 1000);
	jobs[0].then = add_next;
	job_add(&w, &jobs[0]);
	job_add(&w, &jobs[1]);
	reason_fail(ERR_IO, "it is on fire");
	request_end_all(&w.queue, ERR_IO);
	assert_string_equal(jobs[1].rq.why, "it is on fire");
	assert_int_equal(next.rq.status, REQUEST_PENDING);
	/* The device knows nothing of the others. */
	device_stop(w.dev);
	assert_int_equal(device_start(w.dev), 0);
	assert_took(jobs_finish(), 110);
	assert_int_equal(next.rq.status, 0);
	assert_int_equal(jobs[0].ends + jobs[1].ends, 2);
}

/* What a relay has passed on, its host's queue ends. */
static void a_relay_keeps_what_it_has_passed_on(void **state)
{
	struct job a = job_make('a', 10, 1000), b = job_make('b', 10, 1000);

	(void)state;
	worker_plug(&w, 8, NULL);
	worker_plug(&other, 1, &w);
	job_add(&other, &a);
	job_add(&other, &b);
	request_wait();
	request_end_all(&other.queue, ERR_IO);
	assert_int_equal(a.ends + b.ends, 2);
	jobs_finish();
	assert_int_equal(a.ends, 1);
	assert_int_equal(b.ends, 1);
}

static void stop_device(struct job *job)
{
	device_stop(job->arg);
}

static void a_submit_that_stops_the_device_is_the_last(void **state)
{
	struct job a = job_make('a', 0, 1000), b = job_make('b', 0, 1000);

	(void)state;
	worker_plug(&w, 8, NULL);
	a.ends_at_once = true;
	a.then = stop_device;
	a.arg = w.dev;
	job_add(&w, &a);
	job_add(&w, &b);
	request_wait();
	/* Neither the next one nor a kick. */
	assert_string_equal(worker_events, "+a -a stop ");
	assert_int_equal(b.rq.status, REQUEST_PENDING);
	request_wait();
	assert_string_equal(worker_events, "+a -a stop -b ");
	assert_int_equal(b.rq.status, ERR_IO);
	assert_string_equal(b.rq.why, "the device was reset in the meantime");
}

/* The one in flight is not looked for where it no longer is. */
static void a_device_that_its_submit_stops_is_not_polled(void **state)
{
	struct job a = job_make('a', 10, 1000), b = job_make('b', 0, 1000);

	(void)state;
	worker_plug(&w, 8, NULL);
	b.ends_at_once = true;
	b.then = stop_device;
	b.arg = w.dev;
	job_add(&w, &a);
	job_add_later(&w, &b, 5);
	request_wait();
	assert_string_equal(worker_events, "+a kick +b -b stop ");
	assert_int_equal(a.rq.status, REQUEST_PENDING);
	jobs_finish();
	assert_int_equal(a.rq.status, ERR_IO);
	assert_string_equal(a.rq.why, "the device was reset in the meantime");
}

/* `other` has been submitted to in this pass, and is polled after `w`. */
static void a_device_that_another_queue_stops_is_not_polled(void **state)
{
	struct job a = job_make('a', 0, 1000), b = job_make('b', 0, 1000);

	(void)state;
	worker_plug(&w, 8, NULL);
	worker_plug(&other, 8, NULL);
	a.then = stop_device;
	a.arg = other.dev;
	job_add(&w, &a);
	job_add(&other, &b);
	request_wait();
	assert_string_equal(worker_events, "+a kick +b kick -a stop ");
	assert_int_equal(b.rq.status, REQUEST_PENDING);
	jobs_finish();
	assert_int_equal(b.rq.status, ERR_IO);
	assert_string_equal(b.rq.why, "the device was reset in the meantime");
	assert_int_equal(w.stops, 0);
}

#define TEST(test)                                                             \
	cmocka_unit_test_setup_teardown(test, worker_setup, worker_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_request_for_later_is_submitted_then),
		TEST(one_for_later_takes_no_slot),
		TEST(a_delay_may_be_longer_than_the_time),
		TEST(silence_after_a_delay_is_noticed),
		TEST(one_for_later_hides_no_silent_one),
		TEST(after_its_delay_a_device_may_be_busy),
		TEST(a_request_that_is_used_again_has_no_delay),
		TEST(the_end_of_the_device_does_not_wait),
		TEST(others_are_not_delayed),
		TEST(all_of_a_queue_may_be_ended),
		TEST(there_may_be_none_to_end),
		TEST(what_is_added_by_an_end_is_not_ended),
		TEST(a_relay_keeps_what_it_has_passed_on),
		TEST(a_submit_that_stops_the_device_is_the_last),
		TEST(a_device_that_its_submit_stops_is_not_polled),
		TEST(a_device_that_another_queue_stops_is_not_polled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
