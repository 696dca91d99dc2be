// SPDX-License-Identifier: BSD-2-Clause
/* Tests of ci/mem.c: which client addresses become pointers. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "ci/claim.h"
#include "ci/mem.h"
#include "tests/fake/blocks.h"
#include "tests/watch/watch.h"

#define SIZE 0x20000u

static char memory[SIZE];

static int start(void **state)
{
	(void)state;
	memset(memory, 'a', sizeof(memory));
	ci_mem_init((uintptr_t)memory, SIZE);
	ci_mem_protect(0x8000, 0xc000, 0x9000, 0xa000);
	fake_blocks_reset();
	return claim_init(SIZE);
}

static void memory_is_reached_to_its_last_byte(void **state)
{
	(void)state;
	assert_ptr_equal(ci_mem(0, 1), memory);
	assert_ptr_equal(ci_mem(SIZE - 1, 1), memory + SIZE - 1);
	assert_null(ci_mem(SIZE - 1, 2));
	assert_null(ci_mem(SIZE, 1));
	assert_null(ci_mem(0, SIZE + 1));
	ci_mem_protect(0, 0, 0, 0);
	assert_ptr_equal(ci_mem(0, SIZE), memory);
}

static void sums_that_wrap_are_refused(void **state)
{
	(void)state;
	assert_null(ci_mem(UINT64_MAX, 1));
	assert_null(ci_mem(UINT64_MAX, 2));
	assert_null(ci_mem(1, UINT64_MAX));
	assert_null(ci_mem(UINT64_MAX - 8, 0x8010));
	assert_null(ci_mem(0x100000000, 1));
	assert_null(ci_ram(UINT64_MAX, 2));
}

static void an_empty_range_may_be_anywhere(void **state)
{
	(void)state;
	assert_non_null(ci_mem(0, 0));
	assert_non_null(ci_mem(UINT64_MAX, 0));
	assert_non_null(ci_mem(0x8000, 0));
}

static void the_firmware_is_protected_to_the_byte(void **state)
{
	(void)state;
	assert_non_null(ci_mem(0x7fff, 1));
	assert_null(ci_mem(0x7fff, 2));
	assert_null(ci_mem(0x8000, 1));
	assert_null(ci_mem(0x8fff, 1));
	assert_null(ci_mem(0x7000, 0x6000));
	assert_null(ci_mem(0xbfff, 1));
	assert_null(ci_mem(0xbfff, 2));
	assert_non_null(ci_mem(0xc000, 1));
}

static void memory_taken_later_is_protected_too(void **state)
{
	uint64_t addr;

	(void)state;
	assert_int_equal(claim_init(0x6001), 0);
	assert_int_equal(claim_keep(1, 0x2000, &addr), 0);
	assert_int_equal(addr, 0x6000);
	assert_int_equal(claim_keep(0x1000, 0x4000, &addr), 0);
	assert_int_equal(addr, 0x4000);
	assert_non_null(ci_mem(0x3fff, 1));
	assert_null(ci_mem(0x3fff, 2));
	assert_null(ci_buf(0x4fff, 1));
	assert_non_null(ci_buf(0x5000, 0x1000));
	assert_null(ci_mem(0x5000, 0x1001));
	assert_non_null(ci_ram(0x4000, 1));
	/* Also when the next client has come. */
	claim_save();
	assert_null(ci_mem(0x6000, 1));
}

static void the_clients_stack_inside_is_open(void **state)
{
	(void)state;
	assert_non_null(ci_mem(0x9000, 0x1000));
	assert_null(ci_mem(0x8fff, 2));
	assert_null(ci_mem(0x9fff, 2));
	assert_null(ci_mem(0x9000, 0x1001));
}

static void room_ends_at_the_firmwares_next_memory(void **state)
{
	uint64_t addr;

	(void)state;
	assert_int_equal(ci_room(0), 0x8000);
	assert_int_equal(ci_room(0x7fff), 1);
	assert_int_equal(ci_room(0x8000), 0);
	assert_int_equal(ci_room(0x9000), 0); /* the client's stack */
	assert_int_equal(ci_room(0xbfff), 0);
	assert_int_equal(ci_room(0xc000), SIZE - 0xc000);
	assert_int_equal(ci_room(SIZE - 1), 1);
	assert_int_equal(ci_room(SIZE), 0);
	assert_int_equal(ci_room(UINT64_MAX), 0);
	/* What it had before the client came, and what it took later. */
	assert_int_equal(claim_exact(0x2000, 0x1000), 0);
	claim_save();
	assert_int_equal(claim_exact(0x1000, 0x800), 0);
	assert_int_equal(claim_keep(0x1000, 0x1000, &addr), 0);
	assert_int_equal(addr, SIZE - 0x1000);
	assert_int_equal(ci_room(0), 0x2000);
	assert_int_equal(ci_room(0x2800), 0);
	assert_int_equal(ci_room(0x3000), 0x5000);
	assert_int_equal(ci_room(0xc000), SIZE - 0x1000 - 0xc000);
}

static void load_targets_ignore_the_protection(void **state)
{
	(void)state;
	assert_ptr_equal(ci_ram(0x8000, 0x4000), memory + 0x8000);
	assert_null(ci_ram(SIZE - 1, 2));
}

/* Addresses are cells of 32 bits. */
static void memory_ends_at_4_gib(void **state)
{
	(void)state;
	ci_mem_init((uintptr_t)memory, 1ULL << 40);
	/* There is not that much behind it. */
	watch_memory(0, 0);
	assert_null(ci_mem(1ULL << 32, 1));
	assert_null(ci_mem((1ULL << 32) - 1, 2));
}

static unsigned faults;

static void count_fault(const struct watch_fault *fault)
{
	(void)fault;
	faults++;
}

static void only_a_buffer_may_be_written(void **state)
{
	(void)state;
	faults = 0;
	watch_set_handler(count_fault);
	watch_begin("test");
	assert_ptr_equal(ci_mem(0x100, 16), memory + 0x100);
	watch_store(memory + 0x100, 1, NULL);
	assert_int_equal(faults, 1);
	assert_ptr_equal(ci_buf(0x100, 16), memory + 0x100);
	watch_store(memory + 0x100, 16, NULL);
	assert_int_equal(faults, 1);
	assert_null(ci_buf(0x7fff, 2));
	assert_non_null(ci_buf(0x300, 0));
	watch_store(memory + 0x300, 1, NULL);
	assert_int_equal(faults, 2);
	watch_end();
	watch_set_handler(NULL);
}

static void a_new_memory_has_no_protection(void **state)
{
	(void)state;
	ci_mem_init((uintptr_t)memory, SIZE);
	assert_non_null(ci_mem(0x8000, 0x4000));
}

static void strings_end_inside_memory(void **state)
{
	(void)state;
	memory[0x104] = '\0';
	assert_string_equal(ci_str(0x100), "aaaa");
	memory[SIZE - 1] = '\0';
	assert_string_equal(ci_str(SIZE - 2), "a");
	assert_string_equal(ci_str(SIZE - 1), "");
	memory[SIZE - 1] = 'a';
	assert_null(ci_str(SIZE - 2));
	assert_null(ci_str(SIZE));
	assert_null(ci_str(UINT64_MAX));
}

static void null_is_no_string(void **state)
{
	(void)state;
	memory[4] = '\0';
	assert_null(ci_str(0));
	assert_non_null(ci_str(1));
}

static void strings_may_be_64_kib_with_their_nul(void **state)
{
	(void)state;
	ci_mem_init((uintptr_t)memory, SIZE);
	memory[0x100 + CI_STR_MAX - 1] = '\0';
	assert_non_null(ci_str(0x100));
	assert_null(ci_str(0xff));
}

static void strings_never_reach_into_the_firmware(void **state)
{
	(void)state;
	memory[0x7fff] = '\0';
	assert_non_null(ci_str(0x7ff0));
	memory[0x7fff] = 'a';
	memory[0x8000] = '\0';
	assert_null(ci_str(0x7ff0));
	assert_null(ci_str(0x8000));
	memory[0x9008] = '\0';
	assert_non_null(ci_str(0x9000));
	assert_null(ci_str(0x8fff));
}

static void a_pointer_has_its_address_back(void **state)
{
	(void)state;
}

#define T(name) cmocka_unit_test_setup(name, start)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(memory_is_reached_to_its_last_byte),
		T(sums_that_wrap_are_refused),
		T(an_empty_range_may_be_anywhere),
		T(the_firmware_is_protected_to_the_byte),
		T(memory_taken_later_is_protected_too),
		T(the_clients_stack_inside_is_open),
		T(room_ends_at_the_firmwares_next_memory),
		T(load_targets_ignore_the_protection),
		T(memory_ends_at_4_gib),
		T(only_a_buffer_may_be_written),
		T(a_new_memory_has_no_protection),
		T(strings_end_inside_memory),
		T(null_is_no_string),
		T(strings_may_be_64_kib_with_their_nul),
		T(strings_never_reach_into_the_firmware),
		T(a_pointer_has_its_address_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
