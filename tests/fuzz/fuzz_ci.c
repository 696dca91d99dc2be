// SPDX-License-Identifier: BSD-2-Clause
// The client interface: a client's memory and calls, on a whole machine.
#include "ci/call.h"
#include "ci/claim.h"
#include "lib/log.h"
#include "tests/fake/timebase.h"
#include "tests/fuzz/client.h"
#include "tests/fuzz/fdt.h"

/* So that one input takes no longer than some milliseconds. */
#define CALLS_MAX 64u

static struct fuzz_input in;

static int64_t fuzz_cas(struct hcall *h)
{
	uint8_t *buf = (uint8_t *)(uintptr_t)h->reg[1];
	size_t size;
	const void *blob = fuzz_fdt(&in, &size);

	assert(size <= h->reg[2] - 4);
	memcpy(buf, "\1\0\0\1", 4);
	memcpy(buf + 4, blob, size);
	return H_SUCCESS;
}

static unsigned service_count(void)
{
	unsigned n = 0;

	while (ci_services[n].name)
		n++;
	return n;
}

/* The machine's own troubles. */
static void trouble(void)
{
	switch (fuzz_u8(&in) % 6) {
	case 0:
		fake_blocks_fail_after((int8_t)fuzz_u8(&in));
		break;
	case 1:
		fake_blocks_fail_after(-1);
		break;
	case 2:
		fake_rtas_status = (int8_t)fuzz_u8(&in);
		break;
	case 3:
		fake_disk_error = fuzz_u8(&in) & 1 ? ERR_IO : 0;
		break;
	case 4:
		fake_disk_read_error = fuzz_u8(&in) & 1 ? ERR_IO : 0;
		break;
	default:
		fake_console_typed("some keys\r");
	}
}

static void run_client(void)
{
	for (unsigned n = 0; in.left && n < CALLS_MAX && fake_left < 0; n++) {
		uint8_t what = fuzz_u8(&in);

		if (what >= 0xf8)
			client_poke();
		else if (what >= 0xf0)
			trouble();
		else if (what >= 0xe0)
			client_raw();
		else
			client_service(what % service_count());
		client_check();
	}
}

static void unplug(void)
{
	fake_machine_stop(NULL);
	device_init();
	/* Takes the text of the last boot off. */
	assert(!ci_leave_boot(""));
	fake_blocks_purge(ci_boot_text());
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t kind;

	in = (struct fuzz_input){ data, size };
	kind = fuzz_u8(&in);
	fake_quiet = false;
	fake_machine_start(NULL);
	fake_quiet = true;
	fake_log_stop();
	fake_clock_step(TIMEBASE_DEFAULT_HZ / 100);
	fake_hcall_set(KVMPPC_H_CAS, fuzz_cas);
	client_start(&in);
	/* From here on the memory is the client's, but for what is claimed. */
	claim_save();
	log_set_topics(kind & 1 ? "ci" : "");
	sound_start();
	if (kind & 2)
		client_image();
	else
		run_client();
	if (kind & 4)
		sound_walk();
	sound_end();
	unplug();
	return 0;
}
