// SPDX-License-Identifier: BSD-2-Clause
// TFTP, packet by packet.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"
#include "packages/net/tftp.h"

static struct tftp tftp;
static uint64_t taken;
static char got[4096];

static int keep(void *arg, const void *data, size_t len)
{
	(void)arg;
	assert_in_range(taken + len, 0, sizeof(got));
	memcpy(got + taken, data, len);
	taken += len;
	return 0;
}

static int refuse(void *arg, const void *data, size_t len)
{
	(void)arg;
	(void)data;
	(void)len;
	return reason_fail(ERR_NOSPACE, "file is larger than memory");
}

/* Expects a packet to `port`; len 0: none. */
static void expect_sent(uint64_t now, uint16_t port, const char *data,
			size_t len)
{
	uint8_t packet[TFTP_SEND_MAX];
	uint16_t to = 0;

	assert_int_equal(tftp_send(&tftp, now, packet, &to), len);
	if (!len)
		return;
	assert_int_equal(to, port);
	assert_memory_equal(packet, data, len);
}

#define SENT(now, port, text) expect_sent(now, port, text, sizeof(text) - 1)
#define NOTHING(now) expect_sent(now, 0, NULL, 0)
#define COMES(now, port, text)                                                 \
	tftp_receive(&tftp, now, port, text, sizeof(text) - 1)
#define REQUEST "\0\1f\0octet\0"
#define BLOCK_8 "blksize\0008\0"

static void begin(void)
{
	const struct tftp_config config = { "f", 8, 4, 5, keep, NULL };

	taken = 0;
	reason_clear();
	tftp_start(&tftp, &config, 0);
	SENT(0, 69, REQUEST "tsize\0000\0" BLOCK_8 "windowsize\0004\0");
	NOTHING(0);
}

/* The server agrees to all; then windows of 4 blocks of 8 bytes. */
static void begin_windows(void)
{
	begin();
	COMES(1, 5000, "\0\6WINDOWSIZE\0004\0BlkSize\0008\0");
	SENT(1, 5000, "\0\4\0\0");
	assert_true(tftp_begun(&tftp));
}

static void expect_failed(enum tftp_failure failure, const char *why)
{
	assert_true(tftp_result(&tftp) < 0);
	assert_int_equal(tftp.failure, failure);
	if (!strstr(reason(), why))
		assert_string_equal(reason(), why);
}

static void a_gap_gets_one_ack_of_the_last_good_block(void **state)
{
	(void)state;
	begin_windows();
	COMES(2, 5000, "\0\3\0\1abcdefgh");
	COMES(2, 5000, "\0\3\0\3abcdefgh");
	SENT(2, 5000, "\0\4\0\1");
	COMES(2, 5000, "\0\3\0\4abcdefgh");
	NOTHING(2);
	COMES(3, 5000, "\0\3\0\2ijklmnop");
	COMES(3, 5000, "\0\3\0\3qrst");
	SENT(3, 5000, "\0\4\0\3");
	assert_int_equal(tftp_result(&tftp), 0);
	assert_int_equal(taken, 20);
	assert_memory_equal(got, "abcdefghijklmnopqrst", 20);
}

static void three_rewinds_without_progress_end_windows(void **state)
{
	(void)state;
	begin_windows();
	COMES(2, 5000, "\0\3\0\1abcdefgh");
	COMES(2, 5000, "\0\3\0\3........");
	SENT(2, 5000, "\0\4\0\1");
	SENT(1002, 5000, "\0\4\0\1");
	SENT(3002, 5000, "\0\5\0\0\0");
	SENT(3002, 69, REQUEST "tsize\0000\0" BLOCK_8);
	/* The old session does not disturb. */
	COMES(3003, 5000, "\0\3\0\1........");
	NOTHING(3003);
	COMES(3003, 5001, "\0\6blksize\0008\0");
	SENT(3003, 5001, "\0\4\0\0");
	COMES(3003, 5001, "\0\3\0\1........");
	SENT(3003, 5001, "\0\4\0\1");
	COMES(3003, 5001, "\0\3\0\2ij");
	assert_int_equal(tftp_result(&tftp), 0);
	assert_int_equal(taken, 10);
	assert_memory_equal(got, "abcdefghij", 10);
}

static void a_doubled_block_gets_at_most_one_ack_a_second(void **state)
{
	(void)state;
	begin();
	COMES(0, 5000, "\0\6" BLOCK_8);
	SENT(0, 5000, "\0\4\0\0");
	COMES(1, 5000, "\0\6" BLOCK_8);
	NOTHING(1);
	COMES(1, 5000, "\0\3\0\1abcdefgh");
	SENT(1, 5000, "\0\4\0\1");
	COMES(2, 5000, "\0\3\0\1abcdefgh");
	COMES(900, 5000, "\0\3\0\1abcdefgh");
	NOTHING(900);
	SENT(1001, 5000, "\0\4\0\1");
	NOTHING(3000);
	COMES(3000, 5000, "\0\3\0\1abcdefgh");
	SENT(3000, 5000, "\0\4\0\1");
	COMES(3001, 5000, "\0\3\0\2");
	SENT(3001, 5000, "\0\4\0\2");
	/* Also after the end: the last ACK may be lost. */
	COMES(3002, 5000, "\0\3\0\2");
	NOTHING(3002);
	COMES(4002, 5000, "\0\3\0\2");
	SENT(4002, 5000, "\0\4\0\2");
	assert_int_equal(tftp_result(&tftp), 0);
	assert_int_equal(taken, 8);
}

static void a_foreign_tid_gets_error_5_and_does_not_disturb(void **state)
{
	(void)state;
	begin_windows();
	COMES(2, 666, "\0\3\0\1evilevil");
	SENT(2, 666, "\0\5\0\5\0");
	COMES(2, 666, "\0\6blksize\0009\0");
	SENT(2, 666, "\0\5\0\5\0");
	COMES(2, 666, "\0\5\0\1gone\0");
	NOTHING(2);
	COMES(3, 5000, "\0\3\0\1abc");
	SENT(3, 5000, "\0\4\0\1");
	assert_int_equal(tftp_result(&tftp), 0);
	assert_memory_equal(got, "abc", 3);
}

static void sizes_that_do_not_fit_the_data_are_errors(void **state)
{
	(void)state;
	begin();
	COMES(1, 5000, "\0\6tsize\0009223372036854775808\0");
	assert_true(tftp.size == 1ull << 63);
	COMES(1, 5000, "\0\3\0\1abc");
	expect_failed(TFTP_SHORT, "server sends 3 of 9223372036854775808");
	begin();
	COMES(1, 5000, "\0\6tsize\0002\0");
	COMES(1, 5000, "\0\3\0\1abc");
	expect_failed(TFTP_SHORT, "server sends at least 3 of 2 bytes");
	assert_int_equal(taken, 0);
	begin();
	COMES(1, 5000, "\0\6tsize\0000\0");
	assert_true(tftp.size == TFTP_SIZE_UNKNOWN);
}

static void the_first_block_must_be_number_1(void **state)
{
	(void)state;
	begin();
	COMES(1, 5000, "\0\3\0\2abcdefgh");
	COMES(1, 5000, "\0\3\0\0abcdefgh");
	COMES(1, 0, "\0\3\0\1abc");
	NOTHING(1);
	begin_windows();
	COMES(2, 5000, "\0\3\0\0abcdefgh");
	COMES(2, 5000, "\0\3\0\2abcdefgh");
	assert_int_equal(taken, 0);
	assert_int_equal(tftp_result(&tftp), ERR_AGAIN);
}

static void malformed_packets_end_the_transfer(void **state)
{
	(void)state;
	begin_windows();
	COMES(2, 5000,
	      "\0\3\0\1"
	      "123456789");
	expect_failed(TFTP_MALFORMED, "block of 9 bytes, agreed were 8");
	SENT(2, 5000, "\0\5\0\4\0");
	begin_windows();
	COMES(2, 5000, "\0\3\0");
	expect_failed(TFTP_MALFORMED, "malformed packet");
	begin_windows();
	COMES(2, 5000, "\0\11\0\0");
	expect_failed(TFTP_MALFORMED, "malformed packet");
	begin_windows();
	COMES(2, 5000, "\0");
	COMES(2, 5000, "");
	assert_int_equal(tftp_result(&tftp), ERR_AGAIN);
	/* No TID is fixed by what is no answer. */
	begin();
	COMES(1, 5000, "\0\11");
	COMES(1, 5000, "\0\5\0");
	COMES(1, 5000, "\0\3\0");
	assert_int_equal(tftp.port, 0);
}

static void errors_of_the_server_are_the_reason(void **state)
{
	char big[65000] = "\0\5\0\3";

	(void)state;
	begin();
	COMES(1, 5000, "\0\5\0\1File not found\0");
	assert_int_equal(tftp_result(&tftp), ERR_NOENT);
	expect_failed(TFTP_ERROR, "server says error 1: File not found");
	assert_int_equal(tftp.code, 1);
	NOTHING(1);
	begin();
	COMES(1, 5000, "\0\5\0\2");
	assert_int_equal(tftp_result(&tftp), ERR_PERM);
	assert_string_equal(reason(), "server says error 2");
	begin_windows();
	memset(big + 4, 'x', sizeof(big) - 4);
	tftp_receive(&tftp, 2, 5000, big, sizeof(big));
	expect_failed(TFTP_ERROR, "server says error 3: xxx");
	assert_in_range(strlen(reason()), 100, 199);
}

static void a_doubled_refusal_is_one_refusal(void **state)
{
	(void)state;
	begin();
	COMES(1, 5000, "\0\5\0\10no\0");
	COMES(1, 5000, "\0\5\0\10no\0");
	SENT(1, 69, REQUEST "tsize\0000\0" BLOCK_8);
	COMES(2, 5001, "\0\5\0\4no\0");
	SENT(2, 69, REQUEST);
	COMES(3, 5002, "\0\5\0\0no\0");
	expect_failed(TFTP_ERROR, "server says error 0: no");
}

static void a_sink_that_is_full_stops_the_server(void **state)
{
	const struct tftp_config config = { "f", 8, 1, 5, refuse, NULL };

	(void)state;
	tftp_start(&tftp, &config, 0);
	SENT(0, 69, REQUEST "tsize\0000\0" BLOCK_8);
	COMES(1, 5000, "\0\3\0\1abc");
	assert_int_equal(tftp_result(&tftp), ERR_NOSPACE);
	expect_failed(TFTP_SINK, "larger than memory");
	SENT(1, 5000, "\0\5\0\0\0");
}

static void abort_tells_the_server(void **state)
{
	(void)state;
	begin_windows();
	tftp_abort(&tftp);
	SENT(2, 5000, "\0\5\0\0\0");
	NOTHING(2);
	assert_int_equal(tftp_result(&tftp), ERR_IO);
	begin();
	tftp_abort(&tftp);
	NOTHING(1);
}

static void names_are_bounded(void **state)
{
	char name[600];
	uint8_t packet[TFTP_SEND_MAX];
	uint16_t port;
	struct tftp_config config = { name, 99999, 99999, 5, keep, NULL };

	(void)state;
	memset(name, 'n', sizeof(name));
	name[512] = '\0';
	tftp_start(&tftp, &config, 0);
	assert_int_equal(tftp_send(&tftp, 0, packet, &port),
			 2 + 513 + 6 + 8 + 14 + 17);
	name[512] = 'n';
	name[513] = '\0';
	tftp_start(&tftp, &config, 0);
	assert_int_equal(tftp_result(&tftp), ERR_INVAL);
	assert_int_equal(tftp_send(&tftp, 0, packet, &port), 0);
}

static void malformed_options_get_error_8(void **state)
{
	(void)state;
	begin();
	COMES(1, 5000, "\0\6blksize\0009\0");
	expect_failed(TFTP_OPTIONS, "server sets blksize to 9, not 8");
	SENT(1, 5000, "\0\5\0\10\0");
	NOTHING(1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_gap_gets_one_ack_of_the_last_good_block),
		cmocka_unit_test(three_rewinds_without_progress_end_windows),
		cmocka_unit_test(a_doubled_block_gets_at_most_one_ack_a_second),
		cmocka_unit_test(
			a_foreign_tid_gets_error_5_and_does_not_disturb),
		cmocka_unit_test(sizes_that_do_not_fit_the_data_are_errors),
		cmocka_unit_test(the_first_block_must_be_number_1),
		cmocka_unit_test(malformed_packets_end_the_transfer),
		cmocka_unit_test(errors_of_the_server_are_the_reason),
		cmocka_unit_test(a_doubled_refusal_is_one_refusal),
		cmocka_unit_test(a_sink_that_is_full_stops_the_server),
		cmocka_unit_test(abort_tells_the_server),
		cmocka_unit_test(names_are_bounded),
		cmocka_unit_test(malformed_options_get_error_8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
