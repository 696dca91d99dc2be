// SPDX-License-Identifier: BSD-2-Clause
/* Tests of drivers/vio/vtpm.c: commands, responses, start and stop. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/vio/vio.h"
#include "lib/endian.h"
#include "lib/reason.h"
#include "tests/fake/table.h"
#include "tests/fake/vtpm.h"
#include "tree/path.h"
#include "tree/prop.h"

#include "tests/fake/heap.h"
#include "tests/fake/timebase.h"

TABLE_LINK(drivers, driver_vtpm12);

static struct device *dev;
static struct tpm_device *tpm;
static uint8_t cmd[TPM_BUFFER_MAX], rsp[TPM_BUFFER_MAX];

static void plug_as(const char *compatible)
{
	struct device_role *as;

	dev = device_of(fake_vtpm_plug(compatible));
	as = dev ? device_role(dev, &tpm_role) : NULL;
	tpm = as ? tpm_device_of(as) : NULL;
}

static int plug(void **state)
{
	(void)state;
	plug_as("IBM,vtpm20");
	for (unsigned i = 0; i < sizeof(cmd); i++)
		cmd[i] = (uint8_t)(i / 256 + i * 3 + 1);
	memset(rsp, 0, sizeof(rsp));
	return 0;
}

static int unplug(void **state)
{
	(void)state;
	fake_vtpm_unplug();
	return 0;
}

/* The response to come: `len` bytes, with a number in its last ones. */
static void prepare(size_t len, uint32_t number)
{
	memset(fake_vtpm.response, 0x42, sizeof(fake_vtpm.response));
	fake_vtpm.response_len = len;
	be32_store(fake_vtpm.response + 2, (uint32_t)len);
	if (len >= 14)
		be32_store(fake_vtpm.response + len - 4, number);
}

static void expect(size_t len, uint32_t number)
{
	prepare(len, number);
	assert_int_equal(tpm_transmit(tpm, cmd, 20, rsp, sizeof(rsp)), len);
	assert_memory_equal(rsp, fake_vtpm.response, len);
}

static void expect_failure(int err, const char *why)
{
	prepare(20, 1);
	assert_int_equal(tpm_transmit(tpm, cmd, 20, rsp, sizeof(rsp)), err);
	assert_string_equal(reason(), why);
}

static void open_it(void)
{
	assert_int_equal(device_open(dev), 0);
}

static void it_is_known_without_a_hypercall(void **state)
{
	(void)state;
	assert_non_null(tpm);
	assert_string_equal(tree_get_str(dev->node, "device_type"), "IBM,vtpm");
	assert_int_equal(fake_vtpm.registers, 0);
	assert_int_equal(fake_dma_live(), 0);
	assert_string_equal(fake_printed, "");
	device_quiesce_all(NULL);
	assert_int_equal(fake_vtpm.frees, 0);
}

static void tpm_1_2_is_named_and_left_alone(void **state)
{
	(void)state;
	fake_vtpm_unplug();
	plug_as("IBM,vtpm");
	assert_null(dev);
	assert_null(device_next_role(NULL, &tpm_role));
	assert_string_equal(fake_printed,
			    "TPM /vtpm@71000002: TPM 1.2 is not supported; "
			    "use a TPM 2.0\r\n");
	assert_int_equal(fake_vtpm.registers, 0);
}

static void a_node_without_reg_is_no_tpm(void **state)
{
	struct node *node = tree_add_node(tree_root(), "vtpm", TREE_QEMU);

	(void)state;
	assert_int_equal(tree_set_str(node, "compatible", "IBM,vtpm20"), 0);
	assert_null(device_add(NULL, &vio_bus, node, NULL));
	assert_string_equal(fake_printed, "tpm-spapr /vtpm: no reg\r\n");
}

static void it_opens_with_the_size_of_its_buffer(void **state)
{
	(void)state;
	fake_vtpm.buffer_size = 1024;
	open_it();
	assert_int_equal(tpm->max, 1024);
	assert_true(fake_dma_used_window());
	assert_int_equal(fake_vtpm.registers, 1);
	device_close(dev);
	assert_int_equal(fake_vtpm.frees, 1);
	assert_int_equal(fake_dma_live(), 0);
}

/* As a client that has driven it, and left. */
static void a_queue_that_was_left_registered_is_freed(void **state)
{
	(void)state;
	fake_vtpm.taken = true;
	open_it();
	expect(20, 1);
	device_close(dev);
}

static void commands_and_responses_are_passed_as_they_are(void **state)
{
	static const size_t lens[] = { 10, 11, 203, 1024, 4095, 4096 };

	(void)state;
	open_it();
	for (unsigned i = 0; i < ARRAY_SIZE(lens); i++) {
		size_t len = lens[ARRAY_SIZE(lens) - 1 - i];

		prepare(len, i);
		assert_int_equal(
			tpm_transmit(tpm, cmd, lens[i], rsp, sizeof(rsp)), len);
		assert_int_equal(fake_vtpm.command_len, lens[i]);
		assert_memory_equal(fake_vtpm.command, cmd, lens[i]);
		assert_memory_equal(rsp, fake_vtpm.response, len);
	}
	device_close(dev);
}

/* More than a lap of the queue. */
static void many_commands_follow_each_other(void **state)
{
	(void)state;
	open_it();
	for (unsigned i = 0; i < 1000; i++)
		expect(20, i);
	assert_int_equal(fake_vtpm.registers, 1);
	device_close(dev);
}

/* The page is the size of the buffer: what follows the command is zero. */
static void a_command_is_not_followed_by_older_bytes(void **state)
{
	static const uint8_t zero[TPM_BUFFER_MAX];

	(void)state;
	open_it();
	prepare(4096, 1);
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(tpm_transmit(tpm, cmd, i % 2 ? 10 : 4096, rsp,
					      sizeof(rsp)),
				 4096);
	}
	assert_memory_equal(fake_vtpm.command + 10, zero, 4086);
	device_close(dev);
}

/* Some hold secrets. */
static void nothing_of_a_command_stays_in_memory(void **state)
{
	const uint8_t *page;

	(void)state;
	open_it();
	expect(20, 1);
	page = fake_dma_ptr(fake_vtpm.last_page, 4096, DMA_BOTH);
	for (unsigned i = 0; i < 4096; i++)
		assert_int_equal(page[i], 0);
	device_close(dev);
}

static void a_busy_tpm_is_asked_again(void **state)
{
	(void)state;
	open_it();
	fake_vtpm.busy = 20;
	expect(20, 1);
	assert_int_equal(fake_vtpm.commands, 1);
	device_close(dev);
}

static void a_tpm_that_stays_busy_fails_in_30_s(void **state)
{
	uint64_t start;

	(void)state;
	open_it();
	fake_vtpm.busy = UINT32_MAX;
	start = deadline_ms();
	expect_failure(ERR_TIMEOUT, "busy with another command");
	assert_in_range(deadline_ms() - start, 30000, 32000);
	fake_vtpm.busy = 0;
	expect(20, 2);
	device_close(dev);
}

static void quiesce_frees_the_queue(void **state)
{
	(void)state;
	open_it();
	expect(20, 1);
	device_quiesce_all(NULL);
	assert_int_equal(fake_vtpm.queue, 0);
	assert_int_equal(fake_dma_live(), 0);
	expect_failure(ERR_NODEV, "the device is shut down");
	assert_int_equal(fake_vtpm.commands, 1);
}

static void it_starts_again_after_it_was_closed(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		open_it();
		expect(20, i);
		device_close(dev);
		assert_int_equal(fake_dma_live(), 0);
	}
	assert_int_equal(fake_vtpm.registers, 3);
}

static void without_memory_it_does_not_open(void **state)
{
	(void)state;
	for (unsigned n = 1; n <= 2; n++) {
		fake_dma_fail(n);
		assert_true(device_open(dev) < 0);
		assert_int_equal(fake_vtpm.queue, 0);
		assert_int_equal(fake_dma_live(), 0);
	}
	fake_dma_fail(0);
	open_it();
	expect(20, 1);
	device_close(dev);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, plug, unplug)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(it_is_known_without_a_hypercall),
		TEST(tpm_1_2_is_named_and_left_alone),
		TEST(a_node_without_reg_is_no_tpm),
		TEST(it_opens_with_the_size_of_its_buffer),
		TEST(a_queue_that_was_left_registered_is_freed),
		TEST(commands_and_responses_are_passed_as_they_are),
		TEST(many_commands_follow_each_other),
		TEST(a_command_is_not_followed_by_older_bytes),
		TEST(nothing_of_a_command_stays_in_memory),
		TEST(a_busy_tpm_is_asked_again),
		TEST(a_tpm_that_stays_busy_fails_in_30_s),
		TEST(quiesce_frees_the_queue),
		TEST(it_starts_again_after_it_was_closed),
		TEST(without_memory_it_does_not_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
