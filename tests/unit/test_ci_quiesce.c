// SPDX-License-Identifier: BSD-2-Clause
/* Tests of ci/quiesce.c: the order in which the machine becomes quiet. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "ci/fdt.h"
#include "ci/nodes.h"
#include "ci/quiesce.h"
#include "tree/path.h"
#include "tests/fake/machine.h"

static void devices_stop_before_their_mappings_go(void **state)
{
	(void)state;
	ci_quiesce();
	assert_string_equal(fake_events, "stop=disk bus:71000000 dma update-dt "
					 "rtas=quiesce ");
	assert_string_equal(fake_printed, "");
}

static void the_second_call_does_nothing(void **state)
{
	(void)state;
	assert_false(ci_is_quiesced());
	ci_quiesce();
	fake_events_clear();
	ci_quiesce();
	assert_string_equal(fake_events, "");
	assert_true(ci_is_quiesced());
	ci_quiesce_reset();
	assert_false(ci_is_quiesced());
}

static void without_a_console_all_devices_stop(void **state)
{
	(void)state;
	tree_delprop(tree_find("/chosen"), "stdout");
	ci_quiesce();
	assert_string_equal(fake_events,
			    "stop=disk bus: dma update-dt rtas=quiesce ");
}

static void a_missing_rtas_call_is_no_error(void **state)
{
	(void)state;
	tree_delprop(tree_find("/rtas"), "quiesce");
	ci_rtas_tokens();
	ci_quiesce();
	assert_string_equal(fake_events, "stop=disk bus:71000000 dma "
					 "update-dt ");
	assert_string_equal(fake_printed, "");
}

static void a_failing_rtas_call_is_printed(void **state)
{
	(void)state;
	fake_rtas_status = -1;
	ci_quiesce();
	assert_true(fake_log_has("quiesce: RTAS: I/O error"));
}

#define T(name)                                                                \
	cmocka_unit_test_setup_teardown(name, fake_machine_start,              \
					fake_machine_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(devices_stop_before_their_mappings_go),
		T(the_second_call_does_nothing),
		T(without_a_console_all_devices_stop),
		T(a_missing_rtas_call_is_no_error),
		T(a_failing_rtas_call_is_printed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
