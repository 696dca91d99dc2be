// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/nvme/queue.c: what a read costs, PRPs, hostile completions.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "drivers/device.h"
#include "lib/reason.h"
#include <cmocka.h>

#include "tests/fake/nvme.h"
#include "tests/fake/watched.h"

static _Alignas(4096) uint8_t buf[FAKE_NVME_DATA + 8192];
static struct fake_nvme *const fn = &fake_nvmes[0];

static int plug(void **state)
{
	fake_nvme_plug(state);
	watch_memory((uintptr_t)buf, sizeof(buf));
	memset(buf, 0, sizeof(buf));
	return 0;
}

static struct block_device *open_disk(void)
{
	struct block_device *bd;

	fake_nvme_device(1);
	bd = fake_nvme_block("disk");
	if (block_open(bd) < 0)
		fail_msg("no open: %s", reason());
	(void)fake_nvme_calls();
	return bd;
}

static void a_read_of_4_kib_is_three_hypercalls(void **state)
{
	struct block_device *bd = open_disk();

	(void)state;
	assert_int_equal(watched_use(bd, 8, 8, buf), 0);
	/* Map, doorbell, unmap. */
	assert_int_equal(fake_nvme_calls(), 3);
	assert_memory_equal(buf, fake_nvme_data + 4096, 4096);
}

static void a_read_of_1_mib_is_five_hypercalls_and_one_doorbell(void **state)
{
	struct block_device *bd = open_disk();

	(void)state;
	assert_int_equal(watched_use(bd, 0, 2048, buf), 0);
	/* Two commands of 512 KiB, as QEMU limits them. */
	assert_int_equal(fake_nvme_calls(), 5);
	assert_int_equal(fn->seen.commands[1][2], 2);
	assert_int_equal(fn->seen.tail_bells[1], 1);
	assert_memory_equal(buf, fake_nvme_data, MiB);
}

static void without_a_limit_1_mib_is_one_command(void **state)
{
	struct block_device *bd;

	(void)state;
	fn->mdts = 0;
	bd = open_disk();
	assert_int_equal(watched_use(bd, 0, 2048, buf + 4), 0);
	assert_int_equal(fn->seen.commands[1][2], 1);
	assert_memory_equal(buf + 4, fake_nvme_data, MiB);
}

static void entries_are_given_back_before_the_ring_is_full(void **state)
{
	struct block_device *bd = open_disk();
	unsigned i;

	(void)state;
	for (i = 0; i < 100; i++) {
		assert_int_equal(watched_use(bd, i, 1, buf), 0);
		assert_memory_equal(buf, fake_nvme_data + i * 512, 512);
	}
	assert_in_range(fn->seen.head_bells[1], 3, 5);
}

static void pages_of_every_offset_and_length_are_listed(void **state)
{
	static const uint32_t offsets[] = { 0, 4, 508, 512, 4092 };
	static const uint32_t lengths[] = { 512,  3584,	 4096,	4608,
					    8192, 12288, 65536, 524288 };
	struct block_device *bd = open_disk();
	unsigned i, j;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(offsets); i++) {
		for (j = 0; j < ARRAY_SIZE(lengths); j++) {
			memset(buf, 0, sizeof(buf));
			assert_int_equal(watched_use(bd, 5, lengths[j] / 512,
						     buf + offsets[i]),
					 0);
			assert_memory_equal(buf + offsets[i],
					    fake_nvme_data + 5 * 512,
					    lengths[j]);
			assert_int_equal(buf[offsets[i] + lengths[j]], 0);
		}
	}
	assert_int_equal(fake_nvme_machine.strays, 0);
}

static void a_page_or_two_need_no_list(void **state)
{
	struct block_device *bd = open_disk();

	(void)state;
	assert_int_equal(watched_use(bd, 0, 8, buf), 0);
	assert_int_equal(fn->seen.prp[1], 0);
	assert_int_equal(watched_use(bd, 0, 8, buf + 512), 0);
	assert_int_equal(fn->seen.prp[1], fn->seen.prp[0] - 512 + 4096);
	assert_int_equal(fn->seen.lists, 0);
	assert_int_equal(watched_use(bd, 0, 17, buf), 0);
	assert_int_equal(fn->seen.lists, 1);
}

static void writes_arrive(void **state)
{
	struct block_device *bd = open_disk();

	(void)state;
	memset(buf, 0x5a, 64 * 1024);
	assert_int_equal(block_write(bd, 100, 128, buf), 0);
	assert_memory_equal(fake_nvme_data + 100 * 512, buf, 64 * 1024);
}

static void a_full_dma_window_makes_smaller_commands(void **state)
{
	struct block_device *bd;

	(void)state;
	/* The rings, and 40 pages. */
	fake_nvme_machine.pages = 56;
	bd = open_disk();
	assert_int_equal(watched_use(bd, 0, 4096, buf), 0);
	assert_memory_equal(buf, fake_nvme_data, FAKE_NVME_DATA);
	assert_true(fn->seen.commands[1][2] >= 16);
}

static void small_queues_are_never_overrun(void **state)
{
	unsigned mqes;

	(void)state;
	for (mqes = 1; mqes < 12; mqes++) {
		struct block_device *bd;

		fn->cap = 0x004018200f010000ULL | mqes;
		fn->mdts = 1;
		bd = open_disk();
		fn->seen.most = 0;
		assert_int_equal(watched_use(bd, 0, 1024, buf), 0);
		assert_memory_equal(buf, fake_nvme_data, 1024 * 512);
		assert_int_equal(fn->seen.most, MIN(mqes, 8));
		fake_nvme_unplug(state);
		plug(state);
	}
}

static void doorbells_may_be_far_apart(void **state)
{
	struct block_device *bd;

	(void)state;
	fn->cap |= 8ULL << 32;
	bd = open_disk();
	assert_int_equal(watched_use(bd, 0, 8, buf), 0);
	assert_memory_equal(buf, fake_nvme_data, 4096);
}

static void check_broken(struct block_device *bd, const char *why)
{
	char text[256] = "nvme /mass-storage@0: read of block 0 failed: ";
	uint64_t begin = deadline_ms();

	assert_int_equal(watched_use(bd, 0, 8, buf), ERR_IO);
	assert_string_equal(reason(), strcat(text, why));
	/* No deadline was waited for. */
	assert_true(deadline_ms() - begin < 1000);
	assert_int_equal(fake_nvme_machine.mapped, 0);
	assert_false(fake_nvme_machine.master[0]);
	/* An honest one works again. */
	fn->lie = NVME_HONEST;
	fn->gone = false;
	assert_int_equal(watched_use(bd, 0, 8, buf), 0);
	assert_memory_equal(buf, fake_nvme_data, 4096);
	block_close(bd);
	fake_nvme_unplug(NULL);
	plug(NULL);
}

static void nonsense_breaks_the_queue(void **state)
{
	static const struct {
		enum fake_nvme_lie lie;
		const char *why;
	} lies[] = {
		{ NVME_LIE_UNKNOWN_ID,
		  "completion of an unknown command, ffff" },
		{ NVME_LIE_FREE_SLOT,
		  "completion of an unknown command, 000c" },
		{ NVME_LIE_OLD_GENERATION,
		  "completion of an unknown command, 0000" },
		{ NVME_LIE_SQ_HEAD, "the controller's queue 1 is at entry 2, "
				    "ours at 1" },
		{ NVME_LIE_SQ_HEAD_RANGE,
		  "the controller's queue 1 is at entry 33, ours at 1" },
		{ NVME_LIE_SQ_ID, "the controller's queue 0 is at entry 1, "
				  "ours at 1" },
		{ NVME_LIE_DIES, "fatal controller error, status 0x3" },
		{ NVME_LIE_VANISHES, "the controller is gone" },
		{ NVME_LIE_STOPS, "the controller has stopped, status 0x0" },
	};
	unsigned i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(lies); i++) {
		struct block_device *bd = open_disk();

		fn->lie = lies[i].lie;
		check_broken(bd, lies[i].why);
	}
}

static void a_completion_that_comes_twice_breaks_the_queue(void **state)
{
	struct block_device *bd = open_disk();

	(void)state;
	fn->lie = NVME_LIE_TWICE;
	/* The first one counts. */
	assert_int_equal(watched_use(bd, 0, 8, buf), 0);
	assert_false(fake_nvme_machine.master[0]);
	assert_int_equal(fake_nvme_machine.mapped, 0);
	fn->lie = NVME_HONEST;
	assert_int_equal(watched_use(bd, 0, 8, buf), 0);
}

static void an_entry_that_is_new_too_early_breaks_the_queue(void **state)
{
	struct block_device *bd = open_disk();

	(void)state;
	fn->lie = NVME_LIE_EARLY_PHASE;
	assert_int_equal(watched_use(bd, 0, 8, buf), 0);
	assert_false(fake_nvme_machine.master[0]);
	fn->lie = NVME_HONEST;
	assert_int_equal(watched_use(bd, 0, 8, buf), 0);
}

static void a_silent_controller_is_reset_after_the_deadline(void **state)
{
	static const enum fake_nvme_lie lies[] = { NVME_LIE_SILENT,
						   NVME_LIE_OLD_PHASE };
	unsigned i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(lies); i++) {
		struct block_device *bd = open_disk();

		fn->lie = lies[i];
		assert_int_equal(watched_use(bd, 0, 8, buf), ERR_TIMEOUT);
		assert_string_equal(reason(),
				    "nvme /mass-storage@0: read of block 0 "
				    "failed: no response in 15 s; device "
				    "reset");
		assert_false(fake_nvme_machine.master[0]);
		assert_int_equal(fake_nvme_machine.mapped, 0);
		assert_int_equal(fn->cc & 1, 0);
		block_close(bd);
		fake_nvme_unplug(NULL);
		plug(NULL);
	}
}

static void nothing_of_a_late_completion_arrives(void **state)
{
	struct block_device *bd = open_disk();
	uint64_t data;

	(void)state;
	fn->lie = NVME_LIE_SILENT;
	assert_int_equal(watched_use(bd, 0, 8, buf), ERR_TIMEOUT);
	data = fn->seen.prp[0];
	assert_null(fake_nvme_dma(data, 512, FAKE_NVME_WRITES));
	fake_nvme_post(fn, 1, 1, 8, 0);
	assert_true(fn->csts & 2);
	fn->lie = NVME_HONEST;
	assert_int_equal(watched_use(bd, 0, 8, buf), 0);
}

static void an_aborted_command_is_tried_three_more_times(void **state)
{
	struct block_device *bd = open_disk();

	(void)state;
	fn->fail_queue = 1;
	fn->fail_opcode = 2;
	fn->status = 0x008;
	fn->fails = 3;
	assert_int_equal(watched_use(bd, 0, 8, buf), 0);
	assert_int_equal(fn->seen.commands[1][2], 4);
	fn->fails = 4;
	assert_int_equal(watched_use(bd, 0, 8, buf), ERR_IO);
	assert_string_equal(reason(), "nvme /mass-storage@0: read of block 0 "
				      "failed: status 0/08 (queue deleted)");
	assert_int_equal(fn->seen.commands[1][2], 8);
}

static void a_namespace_that_is_not_ready_is_waited_for(void **state)
{
	struct block_device *bd = open_disk();

	(void)state;
	fn->fail_queue = 1;
	fn->fail_opcode = 2;
	fn->status = 0x082;
	fn->fails = 20;
	assert_int_equal(watched_use(bd, 0, 8, buf), 0);
	assert_int_equal(fn->seen.commands[1][2], 21);
	fn->fails = 100000;
	assert_int_equal(watched_use(bd, 0, 8, buf), ERR_TIMEOUT);
	assert_string_equal(reason(),
			    "nvme /mass-storage@0: read of block 0 failed: "
			    "status 0/82 (namespace not ready)");
	fn->fails = 1;
	fn->status = 0x4082;
	assert_int_equal(watched_use(bd, 0, 8, buf), ERR_IO);
	assert_string_equal(reason(),
			    "nvme /mass-storage@0: read of block 0 failed: "
			    "status 0/82 (namespace not ready), do not retry");
}

static void many_reads_of_any_size_see_the_right_data(void **state)
{
	struct block_device *bd = open_disk();
	uint32_t seed = 1;
	unsigned i;

	(void)state;
	for (i = 0; i < 500; i++) {
		uint32_t lba, count, at;

		seed = seed * 1103515245 + 12345;
		lba = seed >> 8 & 2047;
		count = 1 + (seed >> 4 & 2047);
		at = seed >> 20 & 0x7fc;
		assert_int_equal(watched_use(bd, lba, count, buf + at), 0);
		assert_memory_equal(buf + at, fake_nvme_data + lba * 512,
				    count * 512);
	}
	assert_int_equal(fake_nvme_machine.strays, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, plug, fake_nvme_unplug)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_read_of_4_kib_is_three_hypercalls),
		TEST(a_read_of_1_mib_is_five_hypercalls_and_one_doorbell),
		TEST(without_a_limit_1_mib_is_one_command),
		TEST(entries_are_given_back_before_the_ring_is_full),
		TEST(pages_of_every_offset_and_length_are_listed),
		TEST(a_page_or_two_need_no_list),
		TEST(writes_arrive),
		TEST(a_full_dma_window_makes_smaller_commands),
		TEST(small_queues_are_never_overrun),
		TEST(doorbells_may_be_far_apart),
		TEST(nonsense_breaks_the_queue),
		TEST(a_completion_that_comes_twice_breaks_the_queue),
		TEST(an_entry_that_is_new_too_early_breaks_the_queue),
		TEST(a_silent_controller_is_reset_after_the_deadline),
		TEST(nothing_of_a_late_completion_arrives),
		TEST(an_aborted_command_is_tried_three_more_times),
		TEST(a_namespace_that_is_not_ready_is_waited_for),
		TEST(many_reads_of_any_size_see_the_right_data),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
