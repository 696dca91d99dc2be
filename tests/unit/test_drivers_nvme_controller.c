// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/nvme/controller.c: start, shutdown, hostile registers.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "drivers/device.h"
#include "lib/reason.h"
#include <cmocka.h>

#include "tests/fake/nvme.h"
#include "tests/fake/block_read.h"

static uint8_t buf[4096];
static struct fake_nvme *const fn = &fake_nvmes[0];

static struct block_device *open_disk(void)
{
	struct block_device *bd;

	fake_nvme_device(1);
	bd = fake_nvme_block("/mass-storage@0");
	if (block_open(bd) < 0)
		fail_msg("no open: %s", reason());
	return bd;
}

static void again(void)
{
	fake_nvme_unplug(NULL);
	fake_nvme_plug(NULL);
}

static void without_registers_the_reason_is_given(void **state)
{
	(void)state;
	fake_nvme_machine.bar_size = 0;
	fake_nvme_device(1);
	assert_int_equal(block_open(fake_nvme_block("/mass-storage@0")),
			 ERR_IO);
	assert_string_equal(reason(), "nvme /mass-storage@0: its registers "
				      "have no address");
}

static void nothing_is_active_but_while_it_is_open(void **state)
{
	struct block_device *bd = open_disk();

	(void)state;
	assert_true(fake_nvme_machine.master[0]);
	assert_int_equal(fn->cc & 1, 1);
	block_close(bd);
	assert_false(fake_nvme_machine.master[0]);
	assert_int_equal(fn->cc & 1, 0);
	assert_int_equal(fake_nvme_machine.mapped, 0);
	assert_int_equal(fn->seen.shutdowns, 0);
}

static void a_start_is_five_commands(void **state)
{
	struct block_device *bd;
	unsigned sum = 0, i;

	(void)state;
	fake_nvme_device(1);
	bd = fake_nvme_block("disk");
	fn->seen = (struct fake_nvme_seen){ 0 };
	(void)fake_nvme_calls();
	assert_int_equal(block_open(bd), 0);
	for (i = 0; i < 256; i++)
		sum += fn->seen.commands[0][i];
	/* Controller, number of queues, two rings, namespace. */
	assert_int_equal(sum, 5);
	assert_int_equal(fn->seen.enables, 1);
	assert_in_range(fake_nvme_calls(), 10, 24);
}

static void what_runs_already_is_reset_first(void **state)
{
	(void)state;
	/* Left by somebody else. */
	fn->cc = 1;
	fn->csts = 1;
	(void)open_disk();
	/* That, and the end of the scan. */
	assert_int_equal(fn->seen.resets, 2);
	assert_int_equal(block_read(fake_nvme_block("disk"), 0, 8, buf), 0);
}

static void a_shutdown_is_announced_for_good_only(void **state)
{
	(void)state;
	(void)open_disk();
	device_quiesce_all(NULL);
	assert_int_equal(fn->seen.shutdowns, 1);
	assert_int_equal(fn->cc & 1, 0);
	assert_false(fake_nvme_machine.master[0]);
	assert_int_equal(fake_nvme_machine.mapped, 0);
	assert_string_equal(fake_printed, "");
}

static void one_that_is_off_needs_no_shutdown(void **state)
{
	(void)state;
	block_close(open_disk());
	fn->seen.enables = 0;
	device_quiesce_all(NULL);
	assert_int_equal(fn->seen.shutdowns, 0);
	assert_int_equal(fn->seen.enables, 0);
}

static void a_shutdown_is_announced_under_other_namespaces(void **state)
{
	(void)state;
	fake_nvme_add(fn, 2);
	fake_nvme_device(1);
	assert_int_equal(block_open(fake_nvme_block("disk1")), 0);
	device_quiesce_all(NULL);
	assert_int_equal(fn->seen.shutdowns, 1);
	assert_int_equal(fn->cc & 1, 0);
	assert_int_equal(fake_nvme_machine.mapped, 0);
}

static void a_shutdown_that_does_not_end_is_given_up(void **state)
{
	(void)state;
	(void)open_disk();
	fn->lie = NVME_LIE_NO_SHUTDOWN;
	device_quiesce_all(NULL);
	assert_true(fake_log_has("nvme /mass-storage@0: no shutdown in 5000 "
				 "ms"));
	assert_false(fake_nvme_machine.master[0]);
	assert_int_equal(fake_nvme_machine.mapped, 0);
}

static void a_dead_controller_is_not_waited_for_at_shutdown(void **state)
{
	uint64_t begin;

	(void)state;
	(void)open_disk();
	fn->gone = true;
	begin = deadline_ms();
	device_quiesce_all(NULL);
	assert_true(deadline_ms() - begin < 100);
	assert_false(fake_nvme_machine.master[0]);
}

static void check_refused(const char *why)
{
	char text[256] = "nvme /mass-storage@0: ";
	struct block_device *bd;

	fake_nvme_device(1);
	/* No default, but whoever opens it gets the reason. */
	assert_null(tree_find("disk"));
	assert_true(fake_log_has(strcat(text, why)));
	bd = fake_nvme_block("/mass-storage@0");
	assert_true(block_open(bd) < 0);
	assert_non_null(strstr(reason(), why));
	assert_int_equal(fake_nvme_machine.mapped, 0);
	assert_false(fake_nvme_machine.master[0]);
	again();
}

static void what_cannot_be_driven_is_named(void **state)
{
	static const struct {
		uint64_t cap;
		const char *why;
	} caps[] = {
		{ 0x004018200f010000ULL, "queues of one entry" },
		{ 0x004118200f0107ffULL, "it needs pages of 8192 bytes" },
		{ 0x004f18200f0107ffULL, "it needs pages of 134217728 bytes" },
		{ 0x004018000f0107ffULL, "it lacks the NVM command set" },
		{ 0x0040182f0f0107ffULL,
		  "doorbells end at 0x81000, outside its BAR" },
		{ UINT64_MAX, "its registers cannot be read" },
	};

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(caps); i++) {
		fn->cap = caps[i].cap;
		check_refused(caps[i].why);
	}
}

static void a_controller_that_does_not_become_ready_is_named(void **state)
{
	(void)state;
	fn->lie = NVME_LIE_NEVER_READY;
	check_refused("not ready after 7500 ms, status 0x0");
	/* No time is one unit of it; nobody waits for two minutes. */
	fn->cap = 0x00401820000107ffULL;
	fn->lie = NVME_LIE_NEVER_READY;
	check_refused("not ready after 500 ms, status 0x0");
	fn->cap = 0x00401820ff0107ffULL;
	fn->lie = NVME_LIE_NEVER_READY;
	check_refused("not ready after 30000 ms, status 0x0");
	fn->lie = NVME_LIE_FATAL;
	check_refused("fatal controller error, status 0x2");
	fn->gone = true;
	check_refused("its registers cannot be read");
}

static void a_fatal_error_is_seen_before_the_deadline(void **state)
{
	uint64_t begin;

	(void)state;
	fn->lie = NVME_LIE_FATAL;
	begin = deadline_ms();
	fake_nvme_device(1);
	assert_true(deadline_ms() - begin < 100);
}

static void one_that_cannot_be_disabled_is_named(void **state)
{
	(void)state;
	fn->csts = 1;
	fn->lie = NVME_LIE_STAYS_READY;
	check_refused("still active after 7500 ms");
}

static void a_slow_controller_is_waited_for(void **state)
{
	(void)state;
	fn->ready_ms = 5000;
	assert_int_equal(block_read(open_disk(), 3, 8, buf), 0);
	assert_memory_equal(buf, fake_nvme_data + 3 * 512, sizeof(buf));
}

static void several_controllers_become_ready_together(void **state)
{
	(void)state;
	for (unsigned i = 0; i < FAKE_NVMES; i++)
		fake_nvmes[i].ready_ms = 3000;
	fake_nvme_device(FAKE_NVMES);
	assert_in_range(deadline_ms(), 3000, 3500);
	assert_non_null(tree_find("disk3"));
}

static void a_silent_admin_queue_is_named(void **state)
{
	(void)state;
	fn->lie = NVME_LIE_SILENT;
	fake_nvme_device(1);
	assert_true(fake_log_has("nvme /mass-storage@0: no response in 22 s; "
				 "device reset"));
	assert_int_equal(block_open(fake_nvme_block("/mass-storage@0")),
			 ERR_TIMEOUT);
}

static void a_command_that_fails_is_named(void **state)
{
	static const struct {
		unsigned opcode;
		uint16_t status;
		const char *why;
	} commands[] = {
		{ 0x05, 0x4102,
		  "completion queue: status 1/02 (invalid queue size), do not "
		  "retry" },
		{ 0x01, 0x0101,
		  "submission queue: status 1/01 (invalid queue id)" },
		{ 0x09, 0x0002,
		  "number of queues: status 0/02 (invalid field)" },
		{ 0x06, 0x0006, "Identify: status 0/06 (internal error)" },
	};
	struct block_device *bd;

	(void)state;
	fake_nvme_device(1);
	bd = fake_nvme_block("disk");
	for (unsigned i = 0; i < ARRAY_SIZE(commands); i++) {
		char text[128] = "nvme /mass-storage@0: ";

		fn->fail_opcode = commands[i].opcode;
		fn->status = commands[i].status;
		fn->fails = 1;
		assert_int_equal(block_open(bd), ERR_IO);
		assert_string_equal(reason(), strcat(text, commands[i].why));
		assert_int_equal(fake_nvme_machine.mapped, 0);
	}
	assert_int_equal(block_open(bd), 0);
}

static void nonsense_after_an_answer_ends_the_start(void **state)
{
	struct block_device *bd;

	(void)state;
	fake_nvme_device(1);
	bd = fake_nvme_block("disk");
	fn->lie = NVME_LIE_TWICE;
	assert_int_equal(block_open(bd), ERR_IO);
	assert_string_equal(reason(), "nvme /mass-storage@0: the controller "
				      "was reset in the meantime");
	assert_false(fake_nvme_machine.master[0]);
	fn->lie = NVME_HONEST;
	assert_int_equal(block_open(bd), 0);
}

static void the_largest_request_is_the_controllers(void **state)
{
	static const uint8_t mdts[] = { 0, 1, 2, 7, 8, 30, 255 };
	static const uint32_t blocks[] = {
		2048, 16, 32, 1024, 2048, 2048, 2048
	};

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(mdts); i++) {
		fn->mdts = mdts[i];
		assert_int_equal(open_disk()->max_blocks, blocks[i]);
		again();
	}
}

static void running_out_of_memory_leaks_nothing(void **state)
{
	bool failed = true;

	(void)state;
	for (long n = 0; failed; n++) {
		struct block_device *bd = NULL;
		struct node *node;

		fake_nvme_add(fn, 9);
		fake_nvme_machine.allocations = n;
		fake_nvme_device(1);
		node = tree_find("/mass-storage@0");
		if (node->device)
			bd = block_of(node->device);
		if (bd)
			(void)!block_open(bd);
		failed = fake_heap_failed();
		again();
	}
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, fake_nvme_plug, fake_nvme_unplug)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_registers_the_reason_is_given),
		TEST(nothing_is_active_but_while_it_is_open),
		TEST(a_start_is_five_commands),
		TEST(what_runs_already_is_reset_first),
		TEST(a_shutdown_is_announced_for_good_only),
		TEST(one_that_is_off_needs_no_shutdown),
		TEST(a_shutdown_is_announced_under_other_namespaces),
		TEST(a_shutdown_that_does_not_end_is_given_up),
		TEST(a_dead_controller_is_not_waited_for_at_shutdown),
		TEST(what_cannot_be_driven_is_named),
		TEST(a_controller_that_does_not_become_ready_is_named),
		TEST(a_fatal_error_is_seen_before_the_deadline),
		TEST(one_that_cannot_be_disabled_is_named),
		TEST(a_slow_controller_is_waited_for),
		TEST(several_controllers_become_ready_together),
		TEST(a_silent_admin_queue_is_named),
		TEST(a_command_that_fails_is_named),
		TEST(nonsense_after_an_answer_ends_the_start),
		TEST(the_largest_request_is_the_controllers),
		TEST(running_out_of_memory_leaks_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
