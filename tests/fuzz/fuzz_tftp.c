// SPDX-License-Identifier: BSD-2-Clause
// A TFTP server: whatever it sends, and when. Its port is patched in.
#include "packages/net/tftp.h"
#include "tests/fuzz/input.h"

static uint64_t taken;

static int take(void *arg, const void *data, size_t len)
{
	const uint8_t *bytes = data;
	uint8_t sum = 0;

	(void)arg;
	assert(len);
	for (size_t i = 0; i < len; i++)
		sum ^= bytes[i];
	taken += len;
	return sum == 0xa5 ? ERR_NOSPACE : 0;
}

/* What is to be sent; endless sending is a finding. */
static void send_all(struct tftp *tftp, uint64_t now)
{
	uint8_t packet[TFTP_SEND_MAX];
	uint16_t port = 0;
	unsigned sent = 0;
	size_t len;

	while ((len = tftp_send(tftp, now, packet, &port))) {
		assert(len <= sizeof(packet) && port);
		assert(++sent <= 2);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	struct tftp_config config = { "core.elf", 0, 0, 5, take, NULL };
	static struct tftp tftp;
	uint64_t now = 0;

	taken = 0;
	config.block_size = fuzz_u8(&in);
	config.window = fuzz_u8(&in) % 20;
	tftp_start(&tftp, &config, now);
	while (in.left && tftp_result(&tftp) == ERR_AGAIN) {
		uint8_t packet[600], kind = fuzz_u8(&in), len = fuzz_u8(&in);
		uint16_t port = kind & 1 ? 69 : (uint16_t)(5000 + (kind >> 6));
		size_t got = fuzz_take(&in, packet, len);

		now += kind & 8 ? fuzz_u16(&in) : 1;
		if (!(kind & 2))
			send_all(&tftp, now);
		if (kind & 4 && got >= 4) {
			/* The next block, as far as the numbers tell. */
			packet[0] = 0;
			packet[1] = 3;
			packet[2] = (uint8_t)((tftp.wire + 1) >> 8);
			packet[3] = (uint8_t)(tftp.wire + 1);
		}
		tftp_receive(&tftp, now,
			     tftp.port && !(kind & 16) ? tftp.port : port,
			     packet, got);
		assert(taken == tftp.received);
		assert(tftp.size == TFTP_SIZE_UNKNOWN || taken <= tftp.size);
	}
	/* A silent server ends any transfer. */
	for (unsigned i = 0; tftp_result(&tftp) == ERR_AGAIN; i++) {
		assert(i < 300);
		send_all(&tftp, now);
		now += 1000;
	}
	send_all(&tftp, now);
	assert(tftp_result(&tftp) || tftp.size == TFTP_SIZE_UNKNOWN ||
	       taken == tftp.size);
	return 0;
}
