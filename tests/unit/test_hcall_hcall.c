// SPDX-License-Identifier: BSD-2-Clause
/* Tests of hcall/hcall.c: registers of each call, codes of each status. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "lib/endian.h"
#include "tests/fake/hcall.h"

static struct hcall seen;
static int64_t status;
static uint64_t answer[3];

static int64_t record(struct hcall *h)
{
	seen = *h;
	memcpy(h->reg, answer, sizeof(answer));
	return status;
}

static int start(void **state)
{
	static const enum hcall_op ops[] = {
		H_REGISTER_LOGICAL_LAN,
		H_FREE_LOGICAL_LAN,
		H_ADD_LOGICAL_LAN_BUFFER,
		H_SEND_LOGICAL_LAN,
		H_PUT_TCE,
		H_CEDE,
		H_SET_DABR,
		H_LOGICAL_CI_LOAD,
		H_LOGICAL_CI_STORE,
		H_GET_TERM_CHAR,
		H_PUT_TERM_CHAR,
		H_REG_CRQ,
		H_FREE_CRQ,
		H_SEND_CRQ,
		H_STUFF_TCE,
		H_PUT_TCE_INDIRECT,
		H_SET_MODE,
		KVMPPC_H_LOGICAL_MEMOP,
		KVMPPC_H_CAS,
		KVMPPC_H_UPDATE_DT,
	};

	(void)state;
	fake_hcall_reset();
	for (size_t i = 0; i < ARRAY_SIZE(ops); i++)
		fake_hcall_set(ops[i], record);
	status = H_SUCCESS;
	memset(answer, 0, sizeof(answer));
	/* By `sc 1`, whatever the last test found. */
	return hcall_init();
}

static void assert_regs(uint64_t op, uint64_t a, uint64_t b, uint64_t c,
			uint64_t d, uint64_t e)
{
	assert_int_equal(seen.op, op);
	assert_int_equal(seen.reg[0], a);
	assert_int_equal(seen.reg[1], b);
	assert_int_equal(seen.reg[2], c);
	assert_int_equal(seen.reg[3], d);
	assert_int_equal(seen.reg[4], e);
}

static void each_status_has_its_code(void **state)
{
	static const struct {
		int64_t status;
		int err;
	} codes[] = {
		{ H_SUCCESS, 0 },
		{ H_BUSY, ERR_BUSY },
		{ H_DROPPED, ERR_BUSY },
		{ H_CLOSED, ERR_NODEV },
		{ H_NOT_FOUND, ERR_NODEV },
		{ H_FUNCTION, ERR_NOTSUP },
		{ H_PRIVILEGE, ERR_PERM },
		{ H_PARAMETER, ERR_INVAL },
		{ H_RESOURCE, ERR_NOSPACE },
		{ H_HARDWARE, ERR_IO },
		{ -9999, ERR_IO },
		{ 9999, ERR_IO },
		{ INT64_MIN, ERR_IO },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		status = codes[i].status;
		assert_int_equal(h_put_tce(1, 2, 3), codes[i].err);
	}
}

static void a_host_that_traps_sc1_is_noticed(void **state)
{
	(void)state;
	assert_int_equal(hcall_init(), 0);
	assert_regs(H_SET_DABR, 0, 0, 0, 0, 0);
	status = H_PRIVILEGE;
	assert_int_equal(hcall_init(), ERR_NOTSUP);
	/* Any other refusal came from a hypervisor. */
	status = H_FUNCTION;
	assert_int_equal(hcall_init(), 0);
	status = H_HARDWARE;
	assert_int_equal(hcall_init(), 0);
}

/* It may be unknown, too: then nobody sleeps. */
static void to_cede_has_no_arguments(void **state)
{
	(void)state;
	h_cede();
	assert_regs(H_CEDE, 0, 0, 0, 0, 0);
	status = H_FUNCTION;
	h_cede();
	assert_int_equal(fake_hcall_count(H_CEDE), 2);
}

/* No flag and two values of 0: QEMU refuses others. */
static void exceptions_become_big_endian(void **state)
{
	(void)state;
	h_set_big_endian();
	assert_regs(H_SET_MODE, 0, 4, 0, 0, 0);
	status = H_FUNCTION;
	h_set_big_endian();
	assert_int_equal(fake_hcall_count(H_SET_MODE), 2);
}

/* Else nobody could ever read why the firmware stops. */
static void a_host_that_traps_sc_1_shows_the_reason(void **state)
{
	char text[H_TERM_CHARS];

	(void)state;
	fake_hcall_trap();
	assert_int_equal(h_put_term_char(0, "lost", 4), ERR_PERM);
	assert_int_equal(hcall_init(), ERR_NOTSUP);
	assert_int_equal(fake_hcall_count(H_PUT_TERM_CHAR), 0);
	assert_int_equal(h_put_term_char(0, "why", 3), 0);
	assert_regs(H_PUT_TERM_CHAR, 0, 3, 0x7768790000000000, 0, 0);
	answer[0] = 1;
	assert_int_equal(h_get_term_char(0, text), 1);
}

static void a_host_without_fault_is_called_by_sc_1(void **state)
{
	fake_hcall_trap();
	assert_int_equal(hcall_init(), ERR_NOTSUP);
	assert_int_equal(start(state), 0);
	/* The fake fails the test where the other instruction is used. */
	assert_int_equal(h_put_term_char(0, "x", 1), 0);
}

static void terminal_text_goes_first_byte_first(void **state)
{
	(void)state;
	assert_int_equal(h_put_term_char(0x71000000, "0123456789abcdef", 16),
			 0);
	assert_regs(H_PUT_TERM_CHAR, 0x71000000, 16, 0x3031323334353637,
		    0x3839616263646566, 0);
	assert_int_equal(h_put_term_char(1, "A", 1), 0);
	assert_regs(H_PUT_TERM_CHAR, 1, 1, 0x4100000000000000, 0, 0);
	status = H_BUSY;
	assert_int_equal(h_put_term_char(1, "A", 1), ERR_BUSY);
}

static void terminal_input_comes_first_byte_first(void **state)
{
	char text[H_TERM_CHARS];

	(void)state;
	answer[0] = 10;
	answer[1] = 0x3031323334353637;
	answer[2] = 0x3839000000000000;
	assert_int_equal(h_get_term_char(5, text), 10);
	assert_memory_equal(text, "0123456789", 10);
	assert_int_equal(seen.reg[0], 5);
	answer[0] = 0;
	assert_int_equal(h_get_term_char(5, text), 0);
	status = H_PARAMETER;
	assert_int_equal(h_get_term_char(5, text), ERR_INVAL);
}

/* Sixteen bytes is all that three registers can hold. */
static void a_lying_terminal_gives_no_more_than_16_bytes(void **state)
{
	char text[H_TERM_CHARS];

	(void)state;
	answer[0] = 17;
	assert_int_equal(h_get_term_char(5, text), 16);
	answer[0] = UINT64_MAX;
	assert_int_equal(h_get_term_char(5, text), 16);
}

static void registers_of_devices_have_size_and_address(void **state)
{
	uint64_t value = 7;

	(void)state;
	answer[0] = 0x1122334455667788;
	assert_int_equal(h_ci_load(0x200080000000, 4, &value), 0);
	assert_regs(H_LOGICAL_CI_LOAD, 4, 0x200080000000, 0, 0, 0);
	assert_int_equal(value, 0x1122334455667788);
	status = H_PARAMETER;
	answer[0] = 1;
	assert_int_equal(h_ci_load(0, 4, &value), ERR_INVAL);
	assert_int_equal(value, 0x1122334455667788);
	status = H_SUCCESS;
	assert_int_equal(h_ci_store(0x200080000000, 2, 0xabcd), 0);
	assert_regs(H_LOGICAL_CI_STORE, 2, 0x200080000000, 0xabcd, 0, 0);
}

static void a_block_is_copied_by_one_call(void **state)
{
	(void)state;
	assert_int_equal(h_memop_copy(0x200081000000, 0x5000, 3, 400), 0);
	/* 0: copy; 1 would invert. */
	assert_regs(KVMPPC_H_LOGICAL_MEMOP, 0x200081000000, 0x5000, 3, 400, 0);
	status = H_PARAMETER;
	assert_int_equal(h_memop_copy(0x200081000001, 0x5000, 0, 1), ERR_INVAL);
	assert_regs(KVMPPC_H_LOGICAL_MEMOP, 0x200081000001, 0x5000, 0, 1, 0);
	assert_int_equal(fake_hcall_count(KVMPPC_H_LOGICAL_MEMOP), 2);
}

static void translations_have_liobn_and_bus_address(void **state)
{
	static uint8_t page[4096] __attribute__((aligned(4096)));

	(void)state;
	assert_int_equal(h_put_tce(0x80000000, 0x1000, 0x5003), 0);
	assert_regs(H_PUT_TCE, 0x80000000, 0x1000, 0x5003, 0, 0);
	assert_int_equal(h_put_tce_indirect(9, 0x2000, page, 512), 0);
	assert_regs(H_PUT_TCE_INDIRECT, 9, 0x2000, (uintptr_t)page, 512, 0);
	assert_int_equal(h_stuff_tce(9, 0x3000, 0, 77), 0);
	assert_regs(H_STUFF_TCE, 9, 0x3000, 0, 77, 0);
	status = H_RESOURCE;
	assert_int_equal(h_put_tce(1, 2, 3), ERR_NOSPACE);
}

static void a_queue_may_wait_for_its_partner(void **state)
{
	(void)state;
	assert_int_equal(h_reg_crq(0x71000003, 0x10000, 4096), 0);
	assert_regs(H_REG_CRQ, 0x71000003, 0x10000, 4096, 0, 0);
	status = H_CLOSED;
	assert_int_equal(h_reg_crq(1, 2, 3), 0);
	status = H_RESOURCE;
	assert_int_equal(h_reg_crq(1, 2, 3), ERR_BUSY);
	status = H_PARAMETER;
	assert_int_equal(h_reg_crq(1, 2, 3), ERR_INVAL);
}

static void freeing_what_was_not_there_is_fine(void **state)
{
	(void)state;
	status = H_PARAMETER;
	assert_int_equal(h_free_crq(7), 0);
	assert_regs(H_FREE_CRQ, 7, 0, 0, 0, 0);
	status = H_HARDWARE;
	assert_int_equal(h_free_crq(7), ERR_IO);
}

static void queue_elements_are_two_numbers(void **state)
{
	(void)state;
	assert_int_equal(h_send_crq(3, 0x8001000000000000, 5), 0);
	assert_regs(H_SEND_CRQ, 3, 0x8001000000000000, 5, 0, 0);
	status = H_CLOSED;
	assert_int_equal(h_send_crq(3, 1, 2), ERR_NODEV);
	status = H_DROPPED;
	assert_int_equal(h_send_crq(3, 1, 2), ERR_BUSY);
}

static void a_lan_is_registered_with_its_pages_and_its_queue(void **state)
{
	uint64_t queue = h_lan_buffer(0xfffff000, 0x2000);

	(void)state;
	assert_int_equal(queue, 0x80002000fffff000);
	assert_int_equal(h_register_logical_lan(0x71000002, 0x1000, queue,
						0x2000, 0x525400123456),
			 0);
	assert_regs(H_REGISTER_LOGICAL_LAN, 0x71000002, 0x1000, queue, 0x2000,
		    0x525400123456);
	status = H_RESOURCE;
	assert_int_equal(h_register_logical_lan(1, 2, 3, 4, 5), ERR_BUSY);
	status = H_PARAMETER;
	assert_int_equal(h_register_logical_lan(1, 2, 3, 4, 5), ERR_INVAL);
}

static void freeing_a_lan_that_is_not_registered_is_fine(void **state)
{
	(void)state;
	status = H_RESOURCE;
	assert_int_equal(h_free_logical_lan(0x71000002), 0);
	assert_regs(H_FREE_LOGICAL_LAN, 0x71000002, 0, 0, 0, 0);
	status = H_HARDWARE;
	assert_int_equal(h_free_logical_lan(1), ERR_IO);
}

static void buffers_of_a_lan_are_descriptors(void **state)
{
	(void)state;
	assert_int_equal(h_add_logical_lan_buffer(7, h_lan_buffer(8, 16)), 0);
	assert_regs(H_ADD_LOGICAL_LAN_BUFFER, 7, 0x8000001000000008, 0, 0, 0);
	status = H_RESOURCE;
	assert_int_equal(h_add_logical_lan_buffer(1, 2), ERR_NOSPACE);
}

static void a_busy_lan_goes_on_by_its_token(void **state)
{
	uint64_t token = 0;

	(void)state;
	status = H_BUSY;
	answer[0] = 0x1234567890;
	assert_int_equal(h_send_logical_lan(7, 8, &token), ERR_BUSY);
	assert_regs(H_SEND_LOGICAL_LAN, 7, 8, 0, 0, 0);
	assert_int_equal(seen.reg[7], 0);
	status = H_SUCCESS;
	assert_int_equal(h_send_logical_lan(7, 8, &token), 0);
	assert_int_equal(seen.reg[7], 0x1234567890);
}

/* As on any wire; other failures are told. */
static void a_frame_that_a_lan_drops_is_sent(void **state)
{
	uint64_t token = 0;

	(void)state;
	status = H_DROPPED;
	assert_int_equal(h_send_logical_lan(7, 8, &token), 0);
	status = H_HARDWARE;
	assert_int_equal(h_send_logical_lan(7, 8, &token), ERR_IO);
	status = H_PARAMETER;
	assert_int_equal(h_send_logical_lan(7, 8, &token), ERR_INVAL);
}

static int64_t give_random(struct hcall *h)
{
	h->reg[0] = 0x0123456789abcdef;
	return H_SUCCESS;
}

static void random_numbers_come_where_there_are_some(void **state)
{
	uint64_t value;

	(void)state;
	assert_int_equal(h_random(&value), ERR_NOTSUP);
	fake_hcall_set(H_RANDOM, give_random);
	assert_int_equal(h_random(&value), 0);
	assert_true(value == 0x0123456789abcdef);
}

static void trees_are_handed_over_by_address(void **state)
{
	static char tree[16];

	(void)state;
	assert_int_equal(h_cas(0x8000, tree, 16), 0);
	assert_regs(KVMPPC_H_CAS, 0x8000, (uintptr_t)tree, 16, 0, 0);
	assert_int_equal(h_update_dt(tree), 0);
	assert_regs(KVMPPC_H_UPDATE_DT, (uintptr_t)tree, 0, 0, 0, 0);
	status = H_FUNCTION;
	assert_int_equal(h_update_dt(tree), ERR_NOTSUP);
	status = H_PARAMETER;
	assert_int_equal(h_update_dt(tree), ERR_INVAL);
}

#define T(name) cmocka_unit_test_setup(name, start)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(each_status_has_its_code),
		T(a_host_that_traps_sc1_is_noticed),
		T(to_cede_has_no_arguments),
		T(exceptions_become_big_endian),
		T(a_host_that_traps_sc_1_shows_the_reason),
		T(a_host_without_fault_is_called_by_sc_1),
		T(terminal_text_goes_first_byte_first),
		T(terminal_input_comes_first_byte_first),
		T(a_lying_terminal_gives_no_more_than_16_bytes),
		T(registers_of_devices_have_size_and_address),
		T(a_block_is_copied_by_one_call),
		T(translations_have_liobn_and_bus_address),
		T(a_queue_may_wait_for_its_partner),
		T(freeing_what_was_not_there_is_fine),
		T(queue_elements_are_two_numbers),
		T(a_lan_is_registered_with_its_pages_and_its_queue),
		T(freeing_a_lan_that_is_not_registered_is_fine),
		T(buffers_of_a_lan_are_descriptors),
		T(a_busy_lan_goes_on_by_its_token),
		T(a_frame_that_a_lan_drops_is_sent),
		T(random_numbers_come_where_there_are_some),
		T(trees_are_handed_over_by_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
