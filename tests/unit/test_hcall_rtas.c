// SPDX-License-Identifier: BSD-2-Clause
/* Tests of hcall/rtas.c: the argument block, and what each call makes of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "hcall/rtas.h"
#include "lib/endian.h"
#include "tests/fake/hcall.h"

static uint32_t seen_token, seen_args[8], seen_nargs, seen_nrets;
static uint32_t rets[9];
static int64_t status;
static bool silent;

/* The block: token, counts, arguments, results. (LoPAR 7.2.8) */
static int64_t answer(struct hcall *h)
{
	uint8_t *block = (uint8_t *)(uintptr_t)h->reg[0];

	seen_token = be32_load(block);
	seen_nargs = be32_load(block + 4);
	seen_nrets = be32_load(block + 8);
	for (uint32_t i = 0; i < seen_nargs; i++)
		seen_args[i] = be32_load(block + 12 + 4 * i);
	for (uint32_t i = 0; !silent && i < seen_nrets; i++)
		be32_store(block + 12 + 4 * (seen_nargs + i), rets[i]);
	return status;
}

static int start(void **state)
{
	(void)state;
	fake_hcall_reset();
	fake_hcall_set(KVMPPC_H_RTAS, answer);
	rtas_reset();
	for (int fn = 0; fn < RTAS_FN_COUNT; fn++)
		rtas_set_token(fn, 0x2000 + (uint32_t)fn);
	memset(rets, 0, sizeof(rets));
	memset(seen_args, 0, sizeof(seen_args));
	status = H_SUCCESS;
	silent = false;
	return 0;
}

static void assert_call(enum rtas_fn fn, uint32_t nargs, uint32_t nrets)
{
	assert_int_equal(seen_token, 0x2000 + fn);
	assert_int_equal(seen_nargs, nargs);
	assert_int_equal(seen_nrets, nrets);
}

static void calls_without_a_token_are_not_made(void **state)
{
	struct rtas_time time;
	uint32_t value;

	(void)state;
	rtas_reset();
	assert_int_equal(rtas_quiesce(), ERR_NOTSUP);
	assert_int_equal(rtas_get_time(&time), ERR_NOTSUP);
	assert_int_equal(rtas_pci_read(1, 2, 4, &value), ERR_NOTSUP);
	assert_int_equal(rtas_pci_write(1, 2, 4, 5), ERR_NOTSUP);
	rtas_power_off();
	rtas_reboot();
	assert_int_equal(fake_hcall_count(KVMPPC_H_RTAS), 0);
}

static void names_are_those_of_the_properties(void **state)
{
	(void)state;
	assert_string_equal(rtas_fn_name(RTAS_POWER_OFF), "power-off");
	assert_string_equal(rtas_fn_name(RTAS_SET_TCE_BYPASS),
			    "ibm,set-tce-bypass");
	for (int fn = 0; fn < RTAS_FN_COUNT; fn++)
		assert_non_null(rtas_fn_name(fn));
}

static void failures_are_io_errors(void **state)
{
	(void)state;
	rets[0] = (uint32_t)-1;
	assert_int_equal(rtas_quiesce(), ERR_IO);
	rets[0] = (uint32_t)-9002;
	assert_int_equal(rtas_quiesce(), ERR_IO);
	rets[0] = 0;
	status = H_PARAMETER;
	assert_int_equal(rtas_quiesce(), ERR_IO);
	status = H_SUCCESS;
	assert_int_equal(rtas_quiesce(), 0);
}

static void a_hypervisor_that_writes_nothing_has_failed(void **state)
{
	(void)state;
	silent = true;
	assert_int_equal(rtas_quiesce(), ERR_IO);
}

static void power_off_gives_no_power_on_events(void **state)
{
	(void)state;
	rtas_power_off();
	assert_call(RTAS_POWER_OFF, 2, 1);
	assert_int_equal(seen_args[0], 0xffffffff);
	assert_int_equal(seen_args[1], 0xffffffff);
	rtas_reboot();
	assert_call(RTAS_SYSTEM_REBOOT, 0, 1);
	rets[0] = (uint32_t)-1;
	rtas_power_off();
	rtas_reboot();
}

static void the_clock_is_read_and_set(void **state)
{
	struct rtas_time time = { 0 };

	(void)state;
	for (uint32_t i = 1; i < 8; i++)
		rets[i] = 10 * i;
	assert_int_equal(rtas_get_time(&time), 0);
	assert_call(RTAS_GET_TIME, 0, 8);
	assert_int_equal(time.year, 10);
	assert_int_equal(time.month, 20);
	assert_int_equal(time.day, 30);
	assert_int_equal(time.hour, 40);
	assert_int_equal(time.minute, 50);
	assert_int_equal(time.second, 60);
	assert_int_equal(time.nanosecond, 70);
	assert_int_equal(rtas_set_time(&time), 0);
	assert_call(RTAS_SET_TIME, 7, 1);
	assert_memory_equal(seen_args, rets + 1, 28);
	rets[0] = (uint32_t)-1;
	time.year = 1;
	assert_int_equal(rtas_get_time(&time), ERR_IO);
	assert_int_equal(time.year, 1);
}

static void processors_start_with_address_and_argument(void **state)
{
	(void)state;
	assert_int_equal(rtas_start_cpu(8, 0x60, 5), 0);
	assert_call(RTAS_START_CPU, 3, 1);
	assert_int_equal(seen_args[0], 8);
	assert_int_equal(seen_args[1], 0x60);
	assert_int_equal(seen_args[2], 5);
}

static void nvram_moves_what_it_says(void **state)
{
	static uint8_t buf[16];

	(void)state;
	rets[1] = 16;
	assert_int_equal(rtas_nvram_fetch(0x100, buf, 16), 16);
	assert_call(RTAS_NVRAM_FETCH, 3, 2);
	assert_int_equal(seen_args[0], 0x100);
	assert_int_equal(seen_args[1], (uintptr_t)buf);
	assert_int_equal(seen_args[2], 16);
	rets[1] = 3;
	assert_int_equal(rtas_nvram_store(0x100, buf, 16), 3);
	assert_call(RTAS_NVRAM_STORE, 3, 2);
	/* More than was asked for cannot be. */
	rets[1] = 17;
	assert_int_equal(rtas_nvram_fetch(0x100, buf, 16), ERR_IO);
	rets[1] = 0xffffffff;
	assert_int_equal(rtas_nvram_fetch(0x100, buf, 16), ERR_IO);
	rets[0] = (uint32_t)-3;
	assert_int_equal(rtas_nvram_store(0x100, buf, 16), ERR_IO);
}

static void pci_functions_have_a_64_bit_buid(void **state)
{
	uint32_t value = 1;

	(void)state;
	rets[1] = 0x12345678;
	assert_int_equal(rtas_pci_read(0x800000020000000, 0x1800, 4, &value),
			 0);
	assert_call(RTAS_READ_PCI_CONFIG, 4, 2);
	assert_int_equal(seen_args[0], 0x1800);
	assert_int_equal(seen_args[1], 0x8000000);
	assert_int_equal(seen_args[2], 0x20000000);
	assert_int_equal(seen_args[3], 4);
	assert_int_equal(value, 0x12345678);
	assert_int_equal(rtas_pci_write(0x800000020000000, 0x1804, 2, 7), 0);
	assert_call(RTAS_WRITE_PCI_CONFIG, 5, 1);
	assert_int_equal(seen_args[0], 0x1804);
	assert_int_equal(seen_args[3], 2);
	assert_int_equal(seen_args[4], 7);
}

static void absent_pci_functions_are_no_device(void **state)
{
	uint32_t value = 1;

	(void)state;
	rets[0] = (uint32_t)-3;
	rets[1] = 2;
	assert_int_equal(rtas_pci_read(1, 2, 4, &value), ERR_NODEV);
	assert_int_equal(value, 1);
	assert_int_equal(rtas_pci_write(1, 2, 4, 5), ERR_NODEV);
}

static void tce_bypass_is_switched(void **state)
{
	(void)state;
	assert_int_equal(rtas_set_tce_bypass(0x71000003, true), 0);
	assert_call(RTAS_SET_TCE_BYPASS, 2, 1);
	assert_int_equal(seen_args[0], 0x71000003);
	assert_int_equal(seen_args[1], 1);
	assert_int_equal(rtas_set_tce_bypass(0x71000003, false), 0);
	assert_int_equal(seen_args[1], 0);
}

/* mr r4,r3; lis r3,0; ori r3,r3,0xf000; sc 1; blr. */
static void the_clients_code_calls_h_rtas(void **state)
{
	static const uint32_t code[] = { 0x7c641b78, 0x3c600000, 0x6063f000,
					 0x44000022, 0x4e800020 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(code); i++)
		assert_int_equal(be32_load(rtas_blob + 4 * i), code[i]);
}

#define T(name) cmocka_unit_test_setup(name, start)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(calls_without_a_token_are_not_made),
		T(names_are_those_of_the_properties),
		T(failures_are_io_errors),
		T(a_hypervisor_that_writes_nothing_has_failed),
		T(power_off_gives_no_power_on_events),
		T(the_clock_is_read_and_set),
		T(processors_start_with_address_and_argument),
		T(nvram_moves_what_it_says),
		T(pci_functions_have_a_64_bit_buid),
		T(absent_pci_functions_are_no_device),
		T(tce_bypass_is_switched),
		T(the_clients_code_calls_h_rtas),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
