// SPDX-License-Identifier: BSD-2-Clause
/* Tests of ci/call.c and ci/services.c: the argument array, dispatch, trace. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "ci/call.h"
#include "lib/endian.h"
#include "lib/log.h"
#include "tests/fake/machine.h"

/* An array whose cells the test writes itself. */
static int64_t raw(uint32_t addr, uint32_t name, uint32_t nargs, uint32_t nrets)
{
	uint8_t *array = fake_memory + addr;

	be32_store(array, name);
	be32_store(array + 4, nargs);
	be32_store(array + 8, nrets);
	return ci_call(addr);
}

static void a_known_service_gives_zero(void **state)
{
	(void)state;
	assert_int_equal(CI_N("milliseconds", 1), 0);
	assert_int_not_equal(fake_ret[0], 0x5a5a5a5a);
}

static void an_unknown_service_gives_minus_one_silently(void **state)
{
	(void)state;
	assert_int_equal(CI_N("no-such-service", 1), -1);
	assert_int_equal(fake_ret[0], 0x5a5a5a5a);
	assert_int_equal(CI_N("", 0), -1);
	assert_int_equal(CI_N("PEER", 1, 0), -1);
	assert_string_equal(fake_printed, "");
	assert_string_equal(fake_console_out, "");
}

/* libofw asks for them as services; then it assumes 512 and -1. */
static void freebsd_block_size_is_not_a_service(void **state)
{
	(void)state;
	assert_int_equal(CI_N("block-size", 1, 1, 2), -1);
	assert_int_equal(CI_N("#blocks", 1, 1, 2), -1);
}

static void too_few_arguments_are_refused(void **state)
{
	(void)state;
	for (const struct ci_service *s = ci_services; s->name; s++) {
		static const cell_t none[CI_CELLS_MAX];

		if (!s->nargs)
			continue;
		assert_int_equal(fake_ci(s->name, none, s->nargs - 1u, 1), -1);
		assert_int_equal(fake_ret[0], 0x5a5a5a5a);
		assert_int_equal(fake_left, -1);
	}
}

static void too_many_arguments_and_returns_are_harmless(void **state)
{
	(void)state;
	assert_int_equal(CI_N("peer", 6, 0, 1, 2, 3), 0);
	assert_int_equal(fake_ret[0], fake_phandle("/"));
	for (int i = 1; i < 6; i++)
		assert_int_equal(fake_ret[i], 0);
}

/* Whatever a handler does: the rest of what the client asked for is 0. */
static void a_service_gives_no_more_than_its_row_says(void **state)
{
	static const cell_t args[CI_CELLS_MAX];

	(void)state;
	for (const struct ci_service *s = ci_services; s->name; s++) {
		assert_int_equal(fake_ci(s->name, args, s->nargs, CI_CELLS_MAX),
				 0);
		for (unsigned i = s->nrets; i < CI_CELLS_MAX; i++)
			assert_int_equal(fake_ret[i], 0);
	}
}

static void a_call_without_return_cells_writes_none(void **state)
{
	(void)state;
	assert_int_equal(CI_N("peer", 0, 0), 0);
}

static void twenty_four_cells_each_way_are_the_most(void **state)
{
	cell_t args[CI_CELLS_MAX + 1] = { 0 };

	(void)state;
	assert_int_equal(fake_ci("peer", args, CI_CELLS_MAX, CI_CELLS_MAX), 0);
	assert_int_equal(fake_ci("peer", args, CI_CELLS_MAX + 1, 1), -1);
	assert_int_equal(fake_ci("peer", args, 1, CI_CELLS_MAX + 1), -1);
}

static void huge_counts_are_refused(void **state)
{
	static const uint32_t bad[] = { CI_CELLS_MAX + 1, 0x3fffffff,
					0x40000000,	  0x7fffffff,
					0x80000000,	  0xffffffff };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		uint32_t name = fake_str("peer");

		assert_int_equal(raw(FAKE_ARRAY, name, bad[i], 1), -1);
		assert_int_equal(raw(FAKE_ARRAY, name, 1, bad[i]), -1);
		assert_int_equal(raw(FAKE_ARRAY, name, bad[i], bad[i]), -1);
	}
}

static void an_array_at_the_end_of_memory_may_be_exact(void **state)
{
	(void)state;
	memset(fake_memory + FAKE_MEMORY - 20, 0, 20);
	assert_int_equal(raw(FAKE_MEMORY - 20, fake_str("peer"), 1, 1), 0);
	assert_int_equal(be32_load(fake_memory + FAKE_MEMORY - 4),
			 fake_phandle("/"));
}

static void an_array_one_byte_beyond_memory_is_refused(void **state)
{
	(void)state;
	memset(fake_memory + FAKE_MEMORY - 19, 0, 19);
	assert_int_equal(raw(FAKE_MEMORY - 19, fake_str("peer"), 1, 1), -1);
	assert_int_equal(raw(FAKE_MEMORY - 12, fake_str("peer"), 1, 0), -1);
	assert_int_equal(ci_call(FAKE_MEMORY - 11), -1);
	assert_int_equal(ci_call(FAKE_MEMORY), -1);
}

static void wild_array_addresses_are_refused(void **state)
{
	static const uint64_t wild[] = {
		0xffffffff,	    0xfffffff4,		0x100000000,
		0xffffffffffffffff, 0xfffffffffffffff4, 0xc000000000001000,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wild); i++)
		assert_int_equal(ci_call(wild[i]), -1);
}

static void an_array_in_the_firmware_is_refused(void **state)
{
	(void)state;
	assert_int_equal(raw(FAKE_WINDOW, fake_str("peer"), 1, 1), -1);
	/* Across the border from below: the cells, then the header. */
	assert_int_equal(raw(FAKE_WINDOW - 19, fake_str("peer"), 1, 1), -1);
	assert_int_equal(raw(FAKE_WINDOW - 11, fake_str("peer"), 1, 1), -1);
	assert_int_equal(raw(FAKE_WINDOW_END - 1, fake_str("peer"), 1, 1), -1);
}

static void an_array_on_the_clients_stack_is_served(void **state)
{
	uint32_t addr = FAKE_STACK_END - 20;

	(void)state;
	memset(fake_memory + addr, 0, 20);
	assert_int_equal(raw(addr, fake_str("peer"), 1, 1), 0);
	assert_int_equal(raw(FAKE_STACK_END - 19, fake_str("peer"), 1, 1), -1);
}

/* Whether clients align it is uncertain: it costs nothing to allow it. */
static void an_unaligned_array_is_served(void **state)
{
	(void)state;
	for (uint32_t off = 1; off < 8; off++) {
		be32_store(fake_memory + FAKE_ARRAY + off + 12, 0);
		assert_int_equal(raw(FAKE_ARRAY + off, fake_str("peer"), 1, 1),
				 0);
		assert_int_equal(be32_load(fake_memory + FAKE_ARRAY + off + 16),
				 fake_phandle("/"));
	}
}

static void a_wild_or_unterminated_name_is_refused(void **state)
{
	(void)state;
	assert_int_equal(raw(FAKE_ARRAY, 0, 0, 1), -1);
	assert_int_equal(raw(FAKE_ARRAY, 0xffffffff, 0, 1), -1);
	assert_int_equal(raw(FAKE_ARRAY, FAKE_MEMORY, 0, 1), -1);
	assert_int_equal(raw(FAKE_ARRAY, FAKE_MEMORY - 1, 0, 1), -1);
	memcpy(fake_memory + FAKE_WINDOW, "milliseconds", 13);
	assert_int_equal(raw(FAKE_ARRAY, FAKE_WINDOW, 0, 1), -1);
}

/* The firmware remembers the services called last by these addresses. */
static void a_name_that_changes_in_its_place_is_another_service(void **state)
{
	uint32_t array = fake_buf(64), name = fake_buf(32);
	static const struct {
		const char *name;
		int64_t result;
	} calls[] = {
		{ "peer", 0 },	     { "peer", 0 }, { "peers", -1 },
		{ "peer", 0 },	     { "pee", -1 }, { "milliseconds", 0 },
		{ "getproplen", 0 }, { "", -1 },    { "peer", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		memset(fake_memory + array, 0, 64);
		strcpy((char *)fake_memory + name, calls[i].name);
		assert_int_equal(raw(array, name, 2, 1), calls[i].result);
	}
}

static void service_names_are_listed_once(void **state)
{
	size_t n = 0;

	(void)state;
	for (const struct ci_service *s = ci_services; s->name; s++, n++) {
		assert_true(ci_service_known(s->name));
		assert_non_null(s->handler.call_0_0);
		assert_non_null(s->spec);
		for (const struct ci_service *t = s + 1; t->name; t++)
			assert_string_not_equal(s->name, t->name);
	}
	assert_int_equal(n, 37);
}

static void trace_shows_calls_arguments_and_results(void **state)
{
	(void)state;
	log_set_topics("ci");
	CI("finddevice", fake_str("/vdevice/none"));
	assert_true(fake_log_has("ci: finddevice "));
	assert_true(fake_log_has("=\"/vdevice/none\" -> ffffffff"));
	fake_events_clear();
	CI("peer", 0x12);
	assert_string_equal(fake_printed, "ci: peer 12 -> 0\r\n");
}

static void trace_shows_what_was_refused_and_why(void **state)
{
	(void)state;
	log_set_topics("ci");
	CI_N("no-such", 0);
	assert_string_equal(fake_printed, "ci: no-such: no such service\r\n");
	fake_events_clear();
	assert_int_equal(ci_call(FAKE_MEMORY), -1);
	assert_string_equal(fake_printed,
			    "ci: ?: the argument array is not in memory\r\n");
}

/* Binary data and long strings do not spoil the terminal. */
static void trace_shows_no_control_characters(void **state)
{
	char longer[200];

	(void)state;
	log_set_topics("ci");
	CI("finddevice", fake_str("\033[2Jx"));
	CI_N("x\033[2J", 0);
	assert_true(fake_log_has("x\\x1b[2J: no such service"));
	assert_null(strchr(fake_printed, '\033'));
	fake_events_clear();
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	CI("finddevice", fake_str(longer));
	/* Of the argument 64 bytes; and once more in the reason. */
	assert_true(strlen(fake_printed) < 64 + sizeof(longer) + 64);
}

#define T(name)                                                                \
	cmocka_unit_test_setup_teardown(name, fake_machine_start,              \
					fake_machine_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_known_service_gives_zero),
		T(an_unknown_service_gives_minus_one_silently),
		T(freebsd_block_size_is_not_a_service),
		T(too_few_arguments_are_refused),
		T(too_many_arguments_and_returns_are_harmless),
		T(a_service_gives_no_more_than_its_row_says),
		T(a_call_without_return_cells_writes_none),
		T(twenty_four_cells_each_way_are_the_most),
		T(huge_counts_are_refused),
		T(an_array_at_the_end_of_memory_may_be_exact),
		T(an_array_one_byte_beyond_memory_is_refused),
		T(wild_array_addresses_are_refused),
		T(an_array_in_the_firmware_is_refused),
		T(an_array_on_the_clients_stack_is_served),
		T(an_unaligned_array_is_served),
		T(a_wild_or_unterminated_name_is_refused),
		T(a_name_that_changes_in_its_place_is_another_service),
		T(service_names_are_listed_once),
		T(trace_shows_calls_arguments_and_results),
		T(trace_shows_what_was_refused_and_why),
		T(trace_shows_no_control_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
