// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/virtio/ring.c: chains, notifications, lying devices.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "lib/reason.h"
#include <cmocka.h>

#include "tests/fake/heap.h"
#include "tests/fake/virtio.h"
#include "tests/fake/virtio_dma.h"

static struct virtio_device vd;
static char question[4], answer_text[8];
static unsigned served;

/* Copies the readable buffer to the writable one. */
static uint32_t echo(unsigned queue, struct fake_buf *bufs, unsigned n)
{
	assert_int_equal(queue, 0);
	assert_int_equal(n, 2);
	memcpy(bufs[1].ptr, bufs[0].ptr, bufs[0].len);
	served++;
	return bufs[0].len;
}

static void start(bool modern)
{
	fake_virtio_reset(modern);
	fake_virtio.handle = echo;
	fake_virtio.queue_size[0] = 16;
	served = 0;
	assert_int_equal(virtio_pci_init(&vd, &fake_virtio_fn), 0);
	assert_int_equal(virtio_start(&vd, 0, 1), 0);
	strcpy(question, "abc");
	memset(answer_text, 0, sizeof(answer_text));
}

static int start_modern(void **state)
{
	(void)state;
	start(true);
	return 0;
}

static int start_legacy(void **state)
{
	(void)state;
	start(false);
	return 0;
}

/* Whatever happened, a stop leaves nothing mapped or allocated. */
static int stop(void **state)
{
	(void)state;
	virtio_stop(&vd);
	assert_int_equal(fake_dma_live(), 0);
	assert_int_equal(fake_heap_live(), 0);
	return 0;
}

static int ask(void *token)
{
	const struct virtio_buf bufs[] = {
		{ question, sizeof(question), false },
		{ answer_text, sizeof(answer_text), true },
	};

	return virtio_submit(&vd, 0, bufs, 2, token);
}

static void a_request_comes_back_with_its_token_and_length(void **state)
{
	uint32_t len = 0;
	int token;

	(void)state;
	assert_int_equal(ask(&token), 0);
	virtio_kick(&vd, 0);
	assert_ptr_equal(virtio_poll(&vd, 0, &len), &token);
	assert_int_equal(len, 4);
	assert_string_equal(answer_text, "abc");
	assert_null(virtio_poll(&vd, 0, &len));
	assert_false(virtio_broken(&vd, 0));
	/* The ring alone is still mapped. */
	assert_int_equal(fake_dma_live(), 1);
}

static void nothing_is_seen_by_the_device_before_the_kick(void **state)
{
	int token;

	(void)state;
	assert_int_equal(ask(&token), 0);
	fake_virtio_answer(0);
	assert_int_equal(served, 0);
	virtio_kick(&vd, 0);
	assert_int_equal(served, 1);
}

static void a_batch_takes_one_notification(void **state)
{
	int tokens[5];
	uint32_t len;
	unsigned i;

	(void)state;
	for (i = 0; i < 5; i++)
		assert_int_equal(ask(&tokens[i]), 0);
	virtio_kick(&vd, 0);
	virtio_kick(&vd, 0);
	assert_int_equal(fake_virtio.notified[0], 1);
	for (i = 0; i < 5; i++)
		assert_ptr_equal(virtio_poll(&vd, 0, &len), &tokens[i]);
}

/* It looks by itself. [virtio 1.2, 2.7.10] */
static void a_device_that_asks_for_none_gets_no_notification(void **state)
{
	uint32_t len;
	int token;

	(void)state;
	fake_virtio_mute(0, true);
	assert_int_equal(ask(&token), 0);
	virtio_kick(&vd, 0);
	assert_int_equal(fake_virtio.notified[0], 0);
	fake_virtio_answer(0);
	assert_ptr_equal(virtio_poll(&vd, 0, &len), &token);
	fake_virtio_mute(0, false);
	assert_int_equal(ask(&token), 0);
	virtio_kick(&vd, 0);
	assert_int_equal(fake_virtio.notified[0], 1);
}

static uint32_t count(unsigned queue, struct fake_buf *bufs, unsigned n)
{
	assert_int_equal(queue, 0);
	assert_int_equal(n, 1);
	if (bufs->device_writes)
		bufs->ptr[0] = 'x';
	return bufs->device_writes ? 1 : 0;
}

static int submit_shared(ptrdiff_t at, bool device_writes)
{
	uint8_t *buf = (uint8_t *)vd.shared + at;
	struct virtio_buf part = { buf, 4, device_writes };

	return virtio_submit(&vd, 0, &part, 1, buf);
}

static void shared_memory_stays_mapped_until_the_stop(void **state)
{
	uint8_t *buf;
	uint32_t len;

	(void)state;
	virtio_stop(&vd);
	vd.shared_len = 100;
	assert_int_equal(virtio_start(&vd, 0, 1), 0);
	fake_virtio.handle = count;
	buf = vd.shared;
	assert_memory_equal(buf, (uint8_t[100]){ 0 }, 100);
	for (unsigned i = 0; i <= 96; i++) {
		buf[i] = 0;
		assert_int_equal(submit_shared(i, i % 2), 0);
		virtio_kick(&vd, 0);
		assert_ptr_equal(virtio_poll(&vd, 0, &len), &buf[i]);
		assert_int_equal(len, i % 2);
		assert_int_equal(buf[i], i % 2 ? 'x' : 0);
		assert_int_equal(fake_dma_live(), 1);
	}
	fake_virtio.lie = FAKE_SILENT;
	for (unsigned i = 0; i < 16; i++)
		assert_int_equal(submit_shared(0, true), 0);
	assert_int_equal(submit_shared(0, true), ERR_BUSY);
	virtio_stop(&vd);
	assert_int_equal(fake_dma_live(), 0);
	assert_null(vd.shared);
	assert_int_equal(ask(buf), ERR_BUSY);
	vd.shared_len = 0;
}

/* Not all of it is shared: it is mapped like any other. */
static void a_buffer_across_the_end_of_shared_memory_is_mapped(void **state)
{
	(void)state;
	virtio_stop(&vd);
	vd.shared_len = 100;
	assert_int_equal(virtio_start(&vd, 0, 1), 0);
	fake_virtio.lie = FAKE_SILENT;
	assert_int_equal(submit_shared(97, false), 0);
	assert_int_equal(fake_dma_live(), 2);
	assert_int_equal(submit_shared(-4, false), 0);
	assert_int_equal(fake_dma_live(), 3);
	assert_int_equal(submit_shared(96, false), 0);
	assert_int_equal(fake_dma_live(), 3);
	virtio_stop(&vd);
	vd.shared_len = 0;
}

static void no_memory_to_share_is_an_error(void **state)
{
	(void)state;
	virtio_stop(&vd);
	vd.shared_len = 100;
	fake_dma_fail(1);
	assert_int_equal(virtio_start(&vd, 0, 1), ERR_NOMEM);
	assert_int_equal(fake_dma_live(), 0);
	assert_int_equal(fake_virtio.status, VIRTIO_FAILED);
	vd.shared_len = 0;
}

static void a_full_queue_is_busy_and_loses_nothing(void **state)
{
	int tokens[8], more;
	uint32_t len;
	unsigned i;

	(void)state;
	for (i = 0; i < 8; i++)
		assert_int_equal(ask(&tokens[i]), 0);
	assert_int_equal(ask(&more), ERR_BUSY);
	virtio_kick(&vd, 0);
	for (i = 0; i < 8; i++)
		assert_ptr_equal(virtio_poll(&vd, 0, &len), &tokens[i]);
	assert_int_equal(ask(&more), 0);
}

static void indices_wrap_around(void **state)
{
	uint32_t len;
	int token;
	long i;

	(void)state;
	for (i = 0; i < 70000; i++) {
		assert_int_equal(ask(&token), 0);
		virtio_kick(&vd, 0);
		assert_ptr_equal(virtio_poll(&vd, 0, &len), &token);
	}
	assert_int_equal(served, 70000);
}

static void a_full_window_unmaps_what_was_mapped(void **state)
{
	uint32_t len;
	int token;

	(void)state;
	fake_dma_fail(2);
	assert_int_equal(ask(&token), ERR_NOSPACE);
	assert_int_equal(fake_dma_live(), 1);
	fake_dma_fail(1);
	assert_int_equal(ask(&token), ERR_NOSPACE);
	assert_int_equal(ask(&token), 0);
	virtio_kick(&vd, 0);
	assert_ptr_equal(virtio_poll(&vd, 0, &len), &token);
}

static void stopping_with_requests_in_flight_unmaps_them(void **state)
{
	int tokens[3];
	unsigned i;

	(void)state;
	fake_virtio.lie = FAKE_SILENT;
	for (i = 0; i < 3; i++)
		assert_int_equal(ask(&tokens[i]), 0);
	virtio_kick(&vd, 0);
	assert_int_equal(fake_dma_live(), 7);
	virtio_stop(&vd);
	assert_int_equal(fake_dma_live(), 0);
}

/* Sends two requests to a lying device; its second response counts, too. */
static void expect_broken(enum fake_lie lie, unsigned honest, const char *why)
{
	int tokens[2];
	uint32_t len;
	unsigned i;

	fake_virtio.lie = lie;
	assert_int_equal(ask(&tokens[0]), 0);
	assert_int_equal(ask(&tokens[1]), 0);
	virtio_kick(&vd, 0);
	for (i = 0; i < honest; i++)
		assert_non_null(virtio_poll(&vd, 0, &len));
	assert_null(virtio_poll(&vd, 0, &len));
	assert_true(virtio_broken(&vd, 0));
	assert_non_null(strstr(reason(), why));
	assert_null(virtio_poll(&vd, 0, &len));
}

static void an_id_out_of_range_breaks_the_queue(void **state)
{
	(void)state;
	expect_broken(FAKE_WRONG_ID, 0, "response to an unknown request");
}

static void an_id_in_the_middle_of_a_chain_breaks_the_queue(void **state)
{
	(void)state;
	expect_broken(FAKE_OTHER_ID, 0, "response to an unknown request");
}

static void more_responses_than_requests_break_the_queue(void **state)
{
	(void)state;
	expect_broken(FAKE_TWICE, 0, "used index");
}

static void a_second_response_to_one_request_breaks_the_queue(void **state)
{
	int tokens[2];
	uint32_t len;

	(void)state;
	assert_int_equal(ask(&tokens[0]), 0);
	fake_virtio.lie = FAKE_TWICE;
	virtio_kick(&vd, 0);
	fake_virtio.lie = FAKE_SILENT;
	assert_int_equal(ask(&tokens[1]), 0);
	virtio_kick(&vd, 0);
	assert_ptr_equal(virtio_poll(&vd, 0, &len), &tokens[0]);
	assert_null(virtio_poll(&vd, 0, &len));
	assert_true(virtio_broken(&vd, 0));
}

static void a_runaway_index_breaks_the_queue(void **state)
{
	(void)state;
	expect_broken(FAKE_INDEX, 0, "used index");
}

static void a_length_past_the_buffers_breaks_the_queue(void **state)
{
	(void)state;
	expect_broken(FAKE_LONG, 0, "response too long");
}

/* hw/scsi/virtio-scsi.c: the length of a write's response includes its data. */
static void qemu_virtio_scsi_counts_what_it_has_read(void **state)
{
	uint32_t len;
	int token;

	(void)state;
	fake_virtio.lie = FAKE_COUNTS_ALL;
	assert_int_equal(ask(&token), 0);
	virtio_kick(&vd, 0);
	assert_ptr_equal(virtio_poll(&vd, 0, &len), &token);
	assert_int_equal(len, sizeof(answer_text));
	assert_false(virtio_broken(&vd, 0));
}

static void a_length_that_counts_what_was_read_is_cut(void **state)
{
	uint32_t len;
	int token;

	(void)state;
	fake_virtio.lie = FAKE_COUNTS_ALL;
	assert_int_equal(ask(&token), 0);
	virtio_kick(&vd, 0);
	assert_ptr_equal(virtio_poll(&vd, 0, &len), &token);
	assert_int_equal(len, sizeof(answer_text));
	assert_false(virtio_broken(&vd, 0));
}

static void a_stopped_device_takes_nothing(void **state)
{
	uint32_t len;
	int token;

	(void)state;
	virtio_stop(&vd);
	assert_int_equal(ask(&token), ERR_BUSY);
	virtio_kick(&vd, 0);
	assert_null(virtio_poll(&vd, 0, &len));
	assert_false(virtio_broken(&vd, 0));
	assert_int_equal(fake_virtio.notified[0], 0);
}

#define MODERN(test) cmocka_unit_test_setup_teardown(test, start_modern, stop)
#define LEGACY(test) cmocka_unit_test_setup_teardown(test, start_legacy, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		MODERN(a_request_comes_back_with_its_token_and_length),
		LEGACY(a_request_comes_back_with_its_token_and_length),
		MODERN(nothing_is_seen_by_the_device_before_the_kick),
		LEGACY(nothing_is_seen_by_the_device_before_the_kick),
		MODERN(a_batch_takes_one_notification),
		LEGACY(a_batch_takes_one_notification),
		MODERN(a_device_that_asks_for_none_gets_no_notification),
		LEGACY(a_device_that_asks_for_none_gets_no_notification),
		MODERN(shared_memory_stays_mapped_until_the_stop),
		MODERN(a_buffer_across_the_end_of_shared_memory_is_mapped),
		MODERN(no_memory_to_share_is_an_error),
		LEGACY(shared_memory_stays_mapped_until_the_stop),
		LEGACY(a_buffer_across_the_end_of_shared_memory_is_mapped),
		LEGACY(no_memory_to_share_is_an_error),
		MODERN(a_full_queue_is_busy_and_loses_nothing),
		MODERN(indices_wrap_around),
		LEGACY(indices_wrap_around),
		MODERN(a_full_window_unmaps_what_was_mapped),
		MODERN(stopping_with_requests_in_flight_unmaps_them),
		MODERN(an_id_out_of_range_breaks_the_queue),
		LEGACY(an_id_out_of_range_breaks_the_queue),
		MODERN(an_id_in_the_middle_of_a_chain_breaks_the_queue),
		MODERN(more_responses_than_requests_break_the_queue),
		MODERN(a_second_response_to_one_request_breaks_the_queue),
		MODERN(a_runaway_index_breaks_the_queue),
		MODERN(a_length_past_the_buffers_breaks_the_queue),
		MODERN(a_length_that_counts_what_was_read_is_cut),
		MODERN(qemu_virtio_scsi_counts_what_it_has_read),
		MODERN(a_stopped_device_takes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
