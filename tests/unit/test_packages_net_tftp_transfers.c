// SPDX-License-Identifier: BSD-2-Clause
// Whole transfers from a server of many habits on a bad network.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"
#include "packages/net/tftp.h"
#include "tests/fake/tftp_server.h"

static struct tftp tftp;
static uint64_t ms;

static int run(struct tftp_server *server, unsigned block_size, unsigned window)
{
	struct tftp_config config = {
		"boot/core.elf", block_size, window, 5, NULL, NULL
	};

	return fake_tftp_run(&tftp, server, &config, &ms);
}

static void expect_whole(struct tftp_server server, unsigned block_size,
			 unsigned window)
{
	int err = run(&server, block_size, window);

	if (err)
		assert_string_equal(reason(), "");
	assert_int_equal(tftp.received, server.size);
	assert_int_equal(tftp.failure, TFTP_NO_FAILURE);
}

static void a_file_of_any_length_arrives_whole(void **state)
{
	static const uint64_t sizes[] = { 0,	     1,	    511,   512,
					  513,	     1427,  1428,  1429,
					  1428 * 16, 22849, 500000 };

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct tftp_server server = { .size = sizes[i] };

		expect_whole(server, 1428, 16);
		expect_whole(server, 512, 1);
		server.no_options = true;
		expect_whole(server, 1428, 16);
	}
}

static void each_window_gets_one_ack(void **state)
{
	struct tftp_server server = { .size = 1428 * 160 };

	(void)state;
	assert_int_equal(run(&server, 1428, 16), 0);
	assert_int_equal(server.requests, 1);
	assert_int_equal(server.blocks, 161);
	/* Of the OACK, 10 windows, the last block. */
	assert_int_equal(server.acks, 12);
	assert_int_equal(tftp.size, server.size);
	assert_int_equal(tftp.window, 16);
	assert_int_equal(tftp.block_size, 1428);
}

static void options_that_a_server_lacks_get_their_defaults(void **state)
{
	struct tftp_server server = { .size = 10000,
				      .no_window = true,
				      .no_tsize = true };

	(void)state;
	assert_int_equal(run(&server, 1428, 16), 0);
	assert_int_equal(tftp.window, 1);
	assert_true(tftp.size == TFTP_SIZE_UNKNOWN);
	server.no_options = true;
	assert_int_equal(run(&server, 1428, 16), 0);
	assert_int_equal(tftp.block_size, 512);
}

static void refused_options_are_left_out(void **state)
{
	static const unsigned codes[] = { 8, 4, 0x100 /* 0 */ };

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(codes); i++) {
		struct tftp_server server = { .size = 10000,
					      .levels = 2,
					      .refusal = codes[i] };

		assert_int_equal(run(&server, 1428, 16), 0);
		assert_int_equal(server.requests, 2);
		assert_int_equal(tftp.block_size, 1428);
		server.levels = 0;
		server.requests = 0;
		assert_int_equal(run(&server, 1428, 16), 0);
		assert_int_equal(server.requests, 3);
		assert_int_equal(tftp.block_size, 512);
	}
}

static void qemu_slirp_gets_no_needless_ack(void **state)
{
	struct tftp_server server = { .size = 100000,
				      .slirp = true,
				      .no_window = true };

	(void)state;
	assert_int_equal(run(&server, 1428, 16), 0);
	assert_int_equal(server.acks, 2 + 100000 / 1428);
	assert_int_equal(server.requests, 1);
}

static void qemu_slirp_is_asked_again_for_a_block_that_it_skips(void **state)
{
	struct tftp_server server = { .size = 100000,
				      .slirp = true,
				      .no_window = true,
				      .lose_block = 40 };

	(void)state;
	assert_int_equal(run(&server, 1428, 16), 0);
	assert_int_equal(tftp.received, 100000);
	assert_int_equal(server.requests, 2);
	assert_int_equal(server.aborts, 1);
}

static void block_numbers_go_on_after_65535(void **state)
{
	struct tftp_server server = { .size = 8 * 140000, .no_tsize = true };

	(void)state;
	expect_whole(server, 8, 16);
	server.no_window = true;
	expect_whole(server, 8, 1);
	server.wrap_to_one = true;
	expect_whole(server, 8, 1);
}

static void a_server_that_wraps_to_one_loses_its_window(void **state)
{
	struct tftp_server server = { .size = 8 * 70000, .wrap_to_one = true };

	(void)state;
	assert_int_equal(run(&server, 8, 16), 0);
	assert_int_equal(tftp.received, server.size);
	assert_int_equal(server.requests, 2);
}

static void bad_networks(unsigned lose, unsigned twice, unsigned late,
			 unsigned seeds)
{
	unsigned whole = 0;

	for (unsigned seed = 0; seed < seeds; seed++) {
		struct tftp_server server = { .size = 60000,
					      .lose = lose,
					      .twice = twice,
					      .late = late,
					      .no_window = seed & 1,
					      .no_options = seed % 5 == 4,
					      .seed = seed };
		int err = run(&server, 1428, 16);

		/* Never with wrong bytes; the sink checks. */
		whole += !err;
		assert_true(!err || tftp.failure == TFTP_SILENT ||
			    tftp.failure == TFTP_ERROR);
		assert_true(err || tftp.received == server.size);
	}
	assert_in_range(whole, lose < 100 ? seeds : seeds * 2 / 3, seeds);
}

static void lost_packets_are_sent_again(void **state)
{
	(void)state;
	bad_networks(10, 0, 0, 100);
	bad_networks(50, 0, 0, 100);
	bad_networks(300, 0, 0, 50);
}

static void doubled_and_late_packets_do_no_harm(void **state)
{
	(void)state;
	bad_networks(0, 200, 0, 50);
	bad_networks(0, 0, 200, 50);
	bad_networks(20, 100, 100, 200);
}

static void no_answer_ends_after_all_tries(void **state)
{
	struct tftp_server server = { .lose = 1000 };

	(void)state;
	assert_int_equal(run(&server, 1428, 16), ERR_TIMEOUT);
	assert_int_equal(tftp.failure, TFTP_SILENT);
	assert_string_equal(reason(), "no answer to 5 requests");
	/* 1, 2, 4, 8, 8 s. */
	assert_in_range(ms, 23000, 23050);
	assert_false(tftp_begun(&tftp));
}

static void silence_ends_after_30_s(void **state)
{
	struct tftp_server server = { .size = 1000000,
				      .no_window = true,
				      .silent_after = 512 };

	(void)state;
	assert_int_equal(run(&server, 1428, 16), ERR_TIMEOUT);
	assert_int_equal(tftp.failure, TFTP_SILENT);
	assert_string_equal(reason(),
			    "no data for 30 s after block 512 (731 KB)");
	assert_int_equal(server.aborts, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_of_any_length_arrives_whole),
		cmocka_unit_test(each_window_gets_one_ack),
		cmocka_unit_test(
			options_that_a_server_lacks_get_their_defaults),
		cmocka_unit_test(refused_options_are_left_out),
		cmocka_unit_test(qemu_slirp_gets_no_needless_ack),
		cmocka_unit_test(
			qemu_slirp_is_asked_again_for_a_block_that_it_skips),
		cmocka_unit_test(block_numbers_go_on_after_65535),
		cmocka_unit_test(a_server_that_wraps_to_one_loses_its_window),
		cmocka_unit_test(lost_packets_are_sent_again),
		cmocka_unit_test(doubled_and_late_packets_do_no_harm),
		cmocka_unit_test(no_answer_ends_after_all_tries),
		cmocka_unit_test(silence_ends_after_30_s),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
