// SPDX-License-Identifier: BSD-2-Clause
/* Tests of packages/net/transfer.c: bytes from servers to readers. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"
#include "packages/net/transfer.h"
#include "tests/fake/net_world.h"
static struct transfer t;
static char big[200 * 1024], got[sizeof(big) + 1];

static const struct world_file files[] = {
	{ "small", "small file", 0 },
	{ "big", big, sizeof(big) },
	{ "round", big, 4096 },
	{ "/big", big, 50000 },
	{ .name = NULL },
};

static int begin(const char *url)
{
	world.files = files;
	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = (char)(i * 7 + i / 1000) | 1;
	memset(&t, 0, sizeof(t));
	assert_int_equal(netstack_open(&fake_network.nd), 0);
	t.config.nd = &fake_network.nd;
	assert_int_equal(url_parse(url, &t.config.url), 0);
	return transfer_open(&t);
}

static void end(void)
{
	transfer_close(&t);
	netstack_close();
}

/* Reads in pieces of `piece` bytes. Returns bytes, or the error. */
static long read_all(size_t piece)
{
	size_t done = 0;
	long n;

	do {
		n = transfer_read(&t, got + done,
				  MIN(piece, sizeof(got) - done));
		if (n > 0)
			done += (size_t)n;
	} while (n == (long)piece);
	return n < 0 ? n : (long)done;
}

static void a_file_comes_whole_in_reads_of_any_size(void **state)
{
	static const size_t pieces[] = { 1000, 1024, 1, 70000, sizeof(got) };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pieces); i++) {
		assert_int_equal(begin("tftp://10.0.2.2/big"), 0);
		assert_int_equal(t.size, sizeof(big));
		memset(got, 0, sizeof(got));
		assert_int_equal(read_all(pieces[i]), sizeof(big));
		assert_memory_equal(got, big, sizeof(big));
		end();
	}
}

static void one_line_tells_the_result(void **state)
{
	(void)state;
	assert_int_equal(begin("tftp://10.0.2.2/big"), 0);
	assert_int_equal(read_all(sizeof(big)), sizeof(big));
	end();
	assert_true(fake_log_has("  Requesting file \"big\" via TFTP from "
				 "10.0.2.2\r\n"));
	assert_true(fake_log_has("\r\n  TFTP: Received big (200 KBytes), "));
	assert_true(fake_log_has(" KB/s, blksize 1024 x 1\r\n"));
}

/* The last acknowledgement leaves although all bytes are there. */
static void a_read_of_exactly_the_size_ends_the_transfer(void **state)
{
	(void)state;
	assert_int_equal(begin("tftp://10.0.2.2/round"), 0);
	assert_int_equal(transfer_read(&t, got, 4096), 4096);
	assert_true(t.complete);
	assert_int_equal(transfer_read(&t, got, 4096), 0);
	end();
}

static void progress_is_told_four_times_a_second(void **state)
{
	const char *at;
	unsigned n = 0;

	(void)state;
	assert_int_equal(begin("tftp://10.0.2.2/big"), 0);
	assert_int_equal(read_all(sizeof(big)), sizeof(big));
	for (at = fake_printed; (at = strstr(at, "Receiving data:")); at++)
		n++;
	/* 200 blocks in turns of 10 ms. */
	assert_in_range(n, 8, 11);
	end();
}

static void the_last_progress_of_a_server_that_stops_is_told(void **state)
{
	(void)state;
	world.silent_after = 60;
	assert_int_equal(begin("tftp://10.0.2.2/big"), 0);
	assert_int_equal(read_all(sizeof(big)), ERR_TIMEOUT);
	/* It is a line of its own; the message follows. */
	assert_true(fake_log_has("  Receiving data:     60 KBytes\r\n\r\n"
				 "E3015: "));
	end();
	assert_false(fake_log_has("\r\n\r\n\r\n"));
}

static void an_error_ends_the_line_of_the_progress(void **state)
{
	const char *last;

	(void)state;
	/* The last bytes come with the end. */
	world.http = "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"
		     "some bytes, and more, and more, and no more";
	world.piece = 50;
	assert_int_equal(begin("http://10.0.2.2/x"), 0);
	assert_true(read_all(sizeof(big)) < 0);
	end();
	last = strstr(fake_printed, "\r\n\r\nE3003: ");
	assert_non_null(last);
	assert_null(strstr(last, "Receiving"));
	assert_false(fake_log_has("\r\n\r\n\r\n"));
}

static void after_an_error_there_is_no_progress(void **state)
{
	(void)state;
	world.http = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		     "3\r\nabc\r\nno size\r\n";
	assert_true(begin("http://10.0.2.2/x") < 0);
	assert_true(fake_log_has("E3003: "));
	assert_false(fake_log_has("Receiving"));
	netstack_close();
}

static void a_server_without_the_file_is_e3009(void **state)
{
	(void)state;
	assert_int_equal(begin("tftp://10.0.2.2/none"), ERR_NOENT);
	assert_true(fake_log_has("E3009: (net) file not found: none: "));
	assert_true(fake_log_has("File not found"));
	netstack_close();
}

static void a_neighbour_that_is_silent_is_e3002(void **state)
{
	uint64_t begun = deadline_ms();

	(void)state;
	world.no_arp = true;
	assert_int_equal(begin("tftp://10.0.2.2/big"), ERR_TIMEOUT);
	assert_true(fake_log_has("E3002: (net) ARP request to TFTP server "
				 "failed: no ARP answer from 10.0.2.2\r\n"));
	assert_in_range(deadline_ms() - begun, 5000, 5100);
	netstack_close();
}

static void a_name_is_looked_up(void **state)
{
	(void)state;
	world.name = "server";
	assert_int_equal(begin("tftp://server/small"), 0);
	assert_int_equal(read_all(100), 10);
	end();
}

static void a_name_that_nobody_knows_is_e3008(void **state)
{
	(void)state;
	world.name = "server";
	assert_int_equal(begin("tftp://other/small"), ERR_NODEV);
	assert_true(fake_log_has("E3008: "));
	assert_true(fake_log_has("no such name: other"));
	netstack_close();
	world.name = NULL;
	assert_int_equal(begin("tftp://other/small"), ERR_TIMEOUT);
	assert_true(fake_log_has("no name server knows \"other\""));
	netstack_close();
}

static void an_address_cut_short_is_no_name(void **state)
{
	(void)state;
	world.name = "10.0.2";
	assert_int_equal(begin("tftp://10.0.2/small"), ERR_INVAL);
	assert_true(fake_log_has("E3008: "));
	assert_true(fake_log_has("\"10.0.2\" is no address"));
	netstack_close();
}

static void a_server_that_falls_silent_is_e3015(void **state)
{
	uint64_t begun = deadline_ms();

	(void)state;
	world.silent_after = 100;
	assert_int_equal(begin("tftp://10.0.2.2/big"), 0);
	assert_int_equal(read_all(sizeof(big)), ERR_TIMEOUT);
	assert_true(fake_log_has("\r\nE3015: (net) TFTP error: missing "
				 "responses: "));
	assert_true(deadline_ms() - begun < 35000);
	end();
}

/* One byte every few seconds is as good as none. */
static void a_trickle_ends_after_30_seconds(void **state)
{
	uint64_t begun = deadline_ms();

	(void)state;
	world.piece = 1;
	assert_int_equal(begin("http://10.0.2.2/big"), 0);
	for (unsigned i = 0; i < 20; i++)
		assert_int_equal(transfer_read(&t, got, 1), 1);
	fake_clock_advance(31ull * TIMEBASE_DEFAULT_HZ);
	assert_int_equal(transfer_read(&t, got, 1), ERR_TIMEOUT);
	assert_true(fake_log_has("E3015: "));
	assert_true(deadline_ms() - begun < 35000);
	end();
}

/* A server that begins again sends for minutes what is there already. */
static void bytes_that_are_skipped_are_no_silence(void **state)
{
	uint64_t received;

	(void)state;
	assert_int_equal(begin("tftp://10.0.2.2/big"), 0);
	transfer_close(&t);
	memset(&t, 0, sizeof(t));
	t.config.nd = &fake_network.nd;
	t.config.block_size = 8;
	assert_int_equal(url_parse("tftp://10.0.2.2/big", &t.config.url), 0);
	assert_int_equal(transfer_open(&t), 0);
	assert_int_equal(transfer_read(&t, got, 80000), 80000);
	received = t.tftp.received;
	tftp_start(&t.tftp, &t.tftp.config, deadline_ms());
	t.tftp.received = received;
	assert_int_equal(transfer_read(&t, got + 80000, 8000), 8000);
	assert_memory_equal(got, big, 88000);
	end();
}

/* The message is the last line. */
static void a_failure_leaves_no_empty_line(void **state)
{
	const char *message;

	(void)state;
	world.silent_after = 100;
	assert_int_equal(begin("tftp://10.0.2.2/big"), 0);
	assert_int_equal(read_all(sizeof(big)), ERR_TIMEOUT);
	end();
	message = strstr(fake_printed, "E3015: ");
	assert_non_null(message);
	assert_null(strstr(message, "\r\n\r\n"));
}

static void esc_ends_a_transfer(void **state)
{
	(void)state;
	assert_int_equal(begin("tftp://10.0.2.2/big"), 0);
	world.turns_to_key = 50;
	assert_int_equal(read_all(sizeof(big)), ERR_ABORT);
	assert_false(fake_log_has("\r\nE30"));
	end();
	/* Only the first close ends the line of the progress. */
	fake_log_clear();
	transfer_close(&t);
	assert_string_equal(fake_printed, "");
}

static void a_link_that_goes_down_ends_a_transfer(void **state)
{
	(void)state;
	assert_int_equal(begin("tftp://10.0.2.2/big"), 0);
	fake_network.down = true;
	assert_int_equal(read_all(sizeof(big)), ERR_IO);
	assert_true(fake_log_has("the link went down"));
	fake_network.down = false;
	end();
}

#define T(name) cmocka_unit_test_setup_teardown(name, world_start, world_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_file_comes_whole_in_reads_of_any_size),
		T(one_line_tells_the_result),
		T(a_read_of_exactly_the_size_ends_the_transfer),
		T(progress_is_told_four_times_a_second),
		T(the_last_progress_of_a_server_that_stops_is_told),
		T(an_error_ends_the_line_of_the_progress),
		T(after_an_error_there_is_no_progress),
		T(a_server_without_the_file_is_e3009),
		T(a_neighbour_that_is_silent_is_e3002),
		T(a_name_is_looked_up),
		T(a_name_that_nobody_knows_is_e3008),
		T(an_address_cut_short_is_no_name),
		T(a_server_that_falls_silent_is_e3015),
		T(a_trickle_ends_after_30_seconds),
		T(bytes_that_are_skipped_are_no_silence),
		T(a_failure_leaves_no_empty_line),
		T(esc_ends_a_transfer),
		T(a_link_that_goes_down_ends_a_transfer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
