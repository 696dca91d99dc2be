// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/request.c: deadlines, pauses, several devices at a time.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "drivers/request.h"
#include "lib/deadline.h"
#include "lib/reason.h"
#include <cmocka.h>

#include "tests/fake/timebase.h"
#include "tests/fake/worker.h"

static struct worker w, other;

static void a_silent_device_is_stopped_before_its_requests_end(void **state)
{
	struct job jobs[4];
	unsigned i;

	(void)state;
	worker_plug(&w, 2, NULL);
	w.silent = true;
	for (i = 0; i < 4; i++) {
		jobs[i] = job_make((char)('a' + i), 0, 5000);
		job_add(&w, &jobs[i]);
	}
	assert_took(jobs_finish(), 5000);
	assert_string_equal(worker_events, "+a +b kick stop -a -b -c -d ");
	for (i = 0; i < 4; i++) {
		assert_int_equal(jobs[i].rq.status, ERR_TIMEOUT);
		assert_string_equal(jobs[i].rq.why,
				    "no response in 5 s; device reset");
	}
	assert_int_equal(w.dev->state, DEVICE_OFF);
}

static void the_most_patient_request_counts(void **state)
{
	struct job a, b, c, d;

	(void)state;
	worker_plug(&w, 8, NULL);
	w.silent = true;
	a = job_make('a', 0, 1000);
	b = job_make('b', 0, 60000);
	c = job_make('c', 0, 2000);
	job_add(&w, &a);
	job_add(&w, &b);
	job_add(&w, &c);
	assert_took(jobs_finish(), 60000);
	assert_string_equal(a.rq.why, "no response in 60 s; device reset");
	/* It does not once it has ended. */
	assert_int_equal(device_start(w.dev), 0);
	d = job_make('d', 0, 2000);
	job_add(&w, &d);
	assert_took(jobs_finish(), 2000);
	assert_string_equal(d.rq.why, "no response in 2 s; device reset");
}

static void a_slow_device_that_goes_on_is_never_given_up(void **state)
{
	struct job jobs[20];
	unsigned i;

	(void)state;
	worker_plug(&w, 8, NULL);
	w.serial = true;
	for (i = 0; i < 20; i++) {
		jobs[i] = job_make((char)('a' + i), 900, 1000);
		job_add(&w, &jobs[i]);
	}
	assert_in_range(jobs_finish(), 20 * 900,
			20 * 900 + 20 * WORKER_SLACK_MS);
	for (i = 0; i < 20; i++)
		assert_int_equal(jobs[i].rq.status, 0);
	assert_int_equal(w.stops, 0);
}

static void and_when_it_stops_that_is_noticed_in_time(void **state)
{
	struct job a, b;

	(void)state;
	worker_plug(&w, 8, NULL);
	a = job_make('a', 900, 1000);
	b = job_make('b', 100000, 1000);
	job_add(&w, &a);
	job_add(&w, &b);
	assert_in_range(jobs_finish(), 1900, 1900 + 2 * WORKER_SLACK_MS);
	assert_int_equal(a.rq.status, 0);
	assert_int_equal(b.rq.status, ERR_TIMEOUT);
}

static void what_begins_late_has_its_whole_time(void **state)
{
	struct job a, b;

	(void)state;
	worker_plug(&w, 8, NULL);
	a = job_make('a', 10, 1000);
	job_add(&w, &a);
	jobs_finish();
	fake_clock_advance(100ULL * TIMEBASE_DEFAULT_HZ);
	b = job_make('b', 900, 1000);
	job_add(&w, &b);
	/* The caller may have been busy after adding it. */
	fake_clock_advance(100ULL * TIMEBASE_DEFAULT_HZ);
	assert_took(jobs_finish(), 900);
	assert_int_equal(b.rq.status, 0);
}

/* The pauses between its tries: 1, 2, 4... ms, 100 at most. */
static void expect_pauses(const struct job *job)
{
	unsigned i;

	for (i = 1; i < MIN(job->submits, ARRAY_SIZE(job->tries)); i++) {
		uint64_t pause = i <= 7 ? 1u << (i - 1) : REQUEST_PAUSE_MAX_MS;

		assert_in_range(job->tries[i] - job->tries[i - 1], pause,
				pause + 2);
	}
}

static void pauses_grow_to_100_ms(void **state)
{
	struct job job = job_make('a', 0, 3000);

	(void)state;
	worker_plug(&w, 8, NULL);
	job.again = 25;
	job.disposition = REQUEST_WAIT;
	job_add(&w, &job);
	jobs_finish();
	assert_int_equal(job.submits, 26);
	assert_int_equal(job.rq.status, 0);
	expect_pauses(&job);
}

/* It responds: it is not reset, and keeps its own reason. */
static void a_busy_device_is_asked_until_the_time_is_over(void **state)
{
	struct job job = job_make('a', 0, 8000);

	(void)state;
	worker_plug(&w, 8, NULL);
	job.again = UINT32_MAX;
	job.disposition = REQUEST_WAIT;
	job_add(&w, &job);
	assert_took(jobs_finish(), 8000);
	assert_in_range(job.submits, 80, 90);
	expect_pauses(&job);
	assert_int_equal(job.rq.status, ERR_TIMEOUT);
	assert_string_equal(job.rq.why, "job a is not ready");
	assert_int_equal(w.stops, 0);
}

/* Its answer to the last retry may come after the time. */
static void a_busy_device_is_not_reset_while_a_retry_is_in_flight(void **state)
{
	uint32_t ms;

	(void)state;
	worker_plug(&w, 8, NULL);
	for (ms = 1000; ms < 1200; ms += 10) {
		struct job job = job_make('a', 60, ms);

		job.again = UINT32_MAX;
		job.disposition = REQUEST_WAIT;
		job_add(&w, &job);
		assert_in_range(jobs_finish(), ms, ms + 60);
		assert_string_equal(job.rq.why, "job a is not ready");
	}
	assert_int_equal(w.stops, 0);
}

static void a_busy_device_that_falls_silent_is_reset(void **state)
{
	struct job job = job_make('a', 2500, 3000);

	(void)state;
	worker_plug(&w, 8, NULL);
	job.again = UINT32_MAX;
	job.disposition = REQUEST_WAIT;
	job_add(&w, &job);
	assert_took(jobs_finish(), 2501 + REQUEST_ANSWER_MS);
	assert_string_equal(job.rq.why, "no response in 3 s; device reset");
	assert_int_equal(w.stops, 1);
}

/* Busy five times, then to be tried again eight times. */
static void change_its_mind(struct job *job)
{
	struct job *busy = job->arg;

	busy->disposition = REQUEST_RETRY;
}

static void retries_and_pauses_count_apart(void **state)
{
	struct job busy = job_make('a', 0, 1000);
	struct job clock = job_make('b', 30, 1000);

	(void)state;
	worker_plug(&w, 8, NULL);
	/* At 0, 1, 3, 7, 15 ms; from the one at 31 ms on it is RETRY. */
	busy.again = 5 + REQUEST_RETRIES;
	busy.disposition = REQUEST_WAIT;
	clock.then = change_its_mind;
	clock.arg = &busy;
	job_add(&w, &busy);
	job_add(&w, &clock);
	assert_took(jobs_finish(), 31);
	assert_int_equal(busy.submits, 1 + 5 + REQUEST_RETRIES);
	assert_int_equal(busy.rq.status, 0);
}

static void a_busy_request_holds_up_no_other(void **state)
{
	struct job busy = job_make('a', 0, 1000);
	struct job jobs[10];
	unsigned i;

	(void)state;
	worker_plug(&w, 1, NULL);
	busy.again = 10;
	busy.disposition = REQUEST_WAIT;
	job_add(&w, &busy);
	for (i = 0; i < 10; i++) {
		jobs[i] = job_make((char)('b' + i), 1, 1000);
		job_add(&w, &jobs[i]);
	}
	/* 1 + 2 + ... + 64 + 3 * 100 ms of pauses; the others run. */
	assert_in_range(jobs_finish(), 427, 427 + 20);
	for (i = 0; i < 10; i++)
		assert_true(jobs[i].tries[0] < busy.tries[6]);
}

/* To be tried again is no progress. */
static void a_busy_request_hides_no_silent_one(void **state)
{
	struct job busy = job_make('a', 0, 1000);
	struct job lost = job_make('b', 100000, 1000);

	(void)state;
	worker_plug(&w, 8, NULL);
	busy.again = UINT32_MAX;
	busy.disposition = REQUEST_WAIT;
	job_add(&w, &busy);
	job_add(&w, &lost);
	assert_took(jobs_finish(), 1000);
	assert_string_equal(busy.rq.why, "job a is not ready");
	assert_string_equal(lost.rq.why, "no response in 1 s; device reset");
	assert_int_equal(w.stops, 1);
}

static void add_other(struct job *job)
{
	job_add(&w, job->arg);
}

static void what_comes_when_the_time_is_over_has_its_own(void **state)
{
	struct job busy[2], next = job_make('c', 500, 1000);
	unsigned i;

	(void)state;
	worker_plug(&w, 8, NULL);
	for (i = 0; i < 2; i++) {
		busy[i] = job_make((char)('a' + i), 0, 1000);
		busy[i].again = UINT32_MAX;
		busy[i].disposition = REQUEST_WAIT;
		job_add(&w, &busy[i]);
	}
	busy[0].then = add_other;
	busy[0].arg = &next;
	assert_took(jobs_finish(), 1500);
	assert_int_equal(busy[0].rq.status, ERR_TIMEOUT);
	assert_int_equal(busy[1].rq.status, ERR_TIMEOUT);
	assert_int_equal(next.rq.status, 0);
	assert_int_equal(w.stops, 0);
}

static void two_devices_take_the_time_of_the_slower(void **state)
{
	struct job jobs[2][5];
	unsigned i, k;

	(void)state;
	worker_plug(&w, 8, NULL);
	worker_plug(&other, 1, NULL);
	w.serial = true;
	for (i = 0; i < 5; i++) {
		for (k = 0; k < 2; k++) {
			jobs[k][i] =
				job_make((char)('a' + i), k ? 700 : 900, 1000);
			job_add(k ? &other : &w, &jobs[k][i]);
		}
	}
	assert_in_range(jobs_finish(), 5 * 900, 5 * 900 + 5 * WORKER_SLACK_MS);
	for (i = 0; i < 5; i++) {
		assert_int_equal(jobs[0][i].rq.status, 0);
		assert_int_equal(jobs[1][i].rq.status, 0);
	}
}

static void two_silent_devices_are_given_up_together(void **state)
{
	struct job a = job_make('a', 0, 3000), b = job_make('b', 0, 2000);

	(void)state;
	worker_plug(&w, 8, NULL);
	worker_plug(&other, 8, NULL);
	w.silent = other.silent = true;
	job_add(&w, &a);
	job_add(&other, &b);
	assert_took(jobs_finish(), 3000);
	assert_string_equal(a.rq.why, "no response in 3 s; device reset");
	assert_string_equal(b.rq.why, "no response in 2 s; device reset");
	assert_string_equal(worker_events, "+a kick +b kick stop -b stop -a ");
}

static void a_silent_device_is_no_harm_to_another(void **state)
{
	struct job lost = job_make('a', 0, 1000), jobs[5];
	unsigned i;

	(void)state;
	worker_plug(&w, 8, NULL);
	worker_plug(&other, 1, NULL);
	w.silent = true;
	job_add(&w, &lost);
	for (i = 0; i < 5; i++) {
		jobs[i] = job_make((char)('b' + i), 900, 1000);
		job_add(&other, &jobs[i]);
	}
	assert_in_range(jobs_finish(), 5 * 900, 5 * 900 + 5 * WORKER_SLACK_MS);
	assert_int_equal(lost.rq.status, ERR_TIMEOUT);
	for (i = 0; i < 5; i++)
		assert_int_equal(jobs[i].rq.status, 0);
	assert_int_equal(w.stops, 1);
	assert_int_equal(other.stops, 0);
}

static void add_again(struct job *job)
{
	if (job->ends < 1000)
		job_add(job->arg, job);
}

/* A queue that is always busy does not hide the others. */
static void devices_take_turns(void **state)
{
	struct worker third;
	struct job a = job_make('a', 0, 1000), b = job_make('b', 0, 1000),
		   c = job_make('c', 100, 1000);

	(void)state;
	worker_plug(&w, 8, NULL);
	worker_plug(&other, 8, NULL);
	worker_plug(&third, 8, NULL);
	a.then = b.then = add_again;
	a.arg = &w;
	b.arg = &other;
	job_add(&w, &a);
	job_add(&other, &b);
	job_add(&third, &c);
	while (!c.ends) {
		request_wait();
		worker_quiet();
	}
	assert_in_range(deadline_ms() - c.tries[0], 100, 100 + WORKER_SLACK_MS);
	assert_in_range(a.ends, 10, 999);
	assert_in_range(b.ends, 10, 999);
	request_forget(NULL);
}

/* The benchmark subtracts it: none of it was work. */
static void waiting_counts_as_waited(void **state)
{
	struct job job = job_make('a', 500, 1000);
	uint64_t before = deadline_waited();

	(void)state;
	worker_plug(&w, 8, NULL);
	job_add(&w, &job);
	jobs_finish();
	before = (deadline_waited() - before) * 1000 / TIMEBASE_DEFAULT_HZ;
	assert_in_range(before, 499, 501);
}

#define TEST(test)                                                             \
	cmocka_unit_test_setup_teardown(test, worker_setup, worker_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_silent_device_is_stopped_before_its_requests_end),
		TEST(the_most_patient_request_counts),
		TEST(a_slow_device_that_goes_on_is_never_given_up),
		TEST(and_when_it_stops_that_is_noticed_in_time),
		TEST(what_begins_late_has_its_whole_time),
		TEST(pauses_grow_to_100_ms),
		TEST(a_busy_device_is_asked_until_the_time_is_over),
		TEST(a_busy_device_is_not_reset_while_a_retry_is_in_flight),
		TEST(a_busy_device_that_falls_silent_is_reset),
		TEST(retries_and_pauses_count_apart),
		TEST(a_busy_request_holds_up_no_other),
		TEST(a_busy_request_hides_no_silent_one),
		TEST(what_comes_when_the_time_is_over_has_its_own),
		TEST(two_devices_take_the_time_of_the_slower),
		TEST(two_silent_devices_are_given_up_together),
		TEST(a_silent_device_is_no_harm_to_another),
		TEST(devices_take_turns),
		TEST(waiting_counts_as_waited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
