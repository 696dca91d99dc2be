// SPDX-License-Identifier: BSD-2-Clause
/* Tests of ci/svc_device.c: instances and their methods. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "ci/call.h"
#include "ci/quiesce.h"
#include "lib/endian.h"
#include "tree/path.h"
#include "tests/fake/instances.h"
#include "tests/fake/machine.h"

#define FAIL CELL_FAIL

static const cell_t bad_handles[] = { 0,	  0xffffffff, 1,
				      0x40004000, 0x40003fff, 0x4fffffff,
				      0x80000000, 0x7fffffff };

static const cell_t bad_strings[] = {
	0, FAKE_MEMORY - 1, FAKE_MEMORY, FAKE_WINDOW, 0x7fffffff, 0xffffffff
};

static const cell_t bad_buffers[] = { FAKE_MEMORY - 15,	   FAKE_MEMORY,
				      FAKE_WINDOW - 15,	   FAKE_WINDOW,
				      FAKE_STACK_END - 15, FAKE_WINDOW_END - 1,
				      0xfffffff0,	   0xffffffff };

static cell_t chosen_handle(const char *name)
{
	uint32_t handle;

	assert_int_equal(tree_get_u32(tree_find("/chosen"), name, 0, &handle),
			 0);
	return handle;
}

static cell_t open_disk(void)
{
	cell_t handle = CI("open", fake_str("disk:0"));

	assert_int_not_equal(handle, 0);
	assert_int_not_equal(handle, FAIL);
	return handle;
}

static void fill_disk(void)
{
	for (size_t i = 0; i < sizeof(fake_disk); i++)
		fake_disk[i] = (uint8_t)(i * 7 + i / 256);
}

static void open_gives_a_handle_that_is_no_phandle(void **state)
{
	cell_t handle = open_disk();

	(void)state;
	assert_int_equal(CI("peer", handle), 0);
	assert_int_equal(CI("instance-to-package", handle),
			 fake_phandle("/vdevice/disk@71000002"));
}

/* -1 would be taken for a handle. */
static void grub_open_failure_is_zero(void **state)
{
	static const char *const names[] = { "none",	"",
					     "/none@0", "disk:9",
					     "/chosen", "/vdevice/disk@3" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_int_equal(CI("open", fake_str(names[i])), 0);
	for (size_t i = 0; i < ARRAY_SIZE(bad_strings); i++)
		assert_int_equal(CI("open", bad_strings[i]), 0);
}

static void open_of_a_broken_disk_is_zero_and_leaks_nothing(void **state)
{
	size_t live = fake_blocks_live(), open = fake_instance_count();

	(void)state;
	fake_disk_error = ERR_NOMEDIUM;
	assert_int_equal(CI("open", fake_str("disk:0")), 0);
	assert_int_equal(fake_blocks_live(), live);
	assert_int_equal(fake_instance_count(), open);
}

static void open_without_memory_is_zero_and_leaks_nothing(void **state)
{
	cell_t path = fake_str("disk:0"), handle = 0;
	size_t open = fake_instance_count(), live;
	long n = 0;

	(void)state;
	/* The slot table grows once and stays. */
	CI("close", open_disk());
	live = fake_blocks_live();
	for (; !handle; n++) {
		assert_int_equal(fake_blocks_live(), live);
		assert_int_equal(fake_instance_count(), open);
		fake_blocks_fail_after(n);
		handle = CI("open", path);
		fake_blocks_fail_after(-1);
	}
	assert_true(n > 4);
	CI("close", handle);
	assert_int_equal(fake_blocks_live(), live);
}

/* boot1 closes 0; others close twice. */
static void freebsd_close_of_nothing_is_harmless(void **state)
{
	cell_t handle = open_disk();
	size_t open = fake_instance_count();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad_handles); i++)
		assert_int_equal(CI_N("close", 0, bad_handles[i]), 0);
	CI_N("close", 0, fake_phandle("/vdevice/disk@71000002"));
	assert_int_equal(fake_instance_count(), open);
	CI_N("close", 0, handle);
	CI_N("close", 0, handle);
	assert_int_equal(CI("instance-to-package", handle), FAIL);
}

/* disk-label's instance stands upon the disk's, which no client opened. */
static void closing_below_an_open_instance_is_harmless(void **state)
{
	cell_t handle = open_disk(), buf = fake_buf(16);

	(void)state;
	for (cell_t near = handle - 4; near != handle + 4; near++) {
		if (near != handle && near != chosen_handle("stdin") &&
		    near != chosen_handle("memory") &&
		    near != chosen_handle("mmu") &&
		    near != chosen_handle("cpu"))
			CI_N("close", 0, near);
	}
	assert_int_equal(CI("read", handle, buf, 16), 16);
	CI_N("close", 0, handle);
	assert_int_equal(CI("read", handle, buf, 16), FAIL);
}

static void linux_closes_stdin_and_goes_on_writing(void **state)
{
	(void)state;
	CI_N("close", 0, chosen_handle("stdin"));
	fake_events_clear();
	assert_int_equal(
		CI("write", chosen_handle("stdout"), fake_str("hi"), 2), 2);
	assert_string_equal(fake_console_out, "0:hi1:hi");
}

static void closing_stdout_is_refused(void **state)
{
	(void)state;
	CI_N("close", 0, chosen_handle("stdout"));
	fake_events_clear();
	assert_int_equal(
		CI("write", chosen_handle("stdout"), fake_str("hi"), 2), 2);
	assert_string_equal(fake_console_out, "0:hi1:hi");
}

static void instances_have_positions_of_their_own(void **state)
{
	cell_t a = open_disk(), b = open_disk(), buf = fake_buf(64);

	(void)state;
	fill_disk();
	assert_int_equal(CI("seek", a, 0, 100), 0);
	assert_int_equal(CI("read", b, buf, 16), 16);
	assert_memory_equal(fake_memory + buf, fake_disk, 16);
	assert_int_equal(CI("read", a, buf, 16), 16);
	assert_memory_equal(fake_memory + buf, fake_disk + 100, 16);
	assert_int_equal(CI("read", a, buf, 16), 16);
	assert_memory_equal(fake_memory + buf, fake_disk + 116, 16);
	assert_int_equal(fake_memory[buf + 16], 0xee);
}

/* It leaks them; SLOF's clients have been seen with 64. */
static void grub_may_hold_300_instances(void **state)
{
	cell_t handles[300], buf = fake_buf(16), path = fake_str("disk:0");

	(void)state;
	fill_disk();
	for (cell_t i = 0; i < 300; i++) {
		handles[i] = CI("open", path);
		assert_int_not_equal(handles[i], 0);
		assert_int_equal(CI("seek", handles[i], 0, i), 0);
	}
	for (cell_t i = 0; i < 300; i++) {
		assert_int_equal(CI("read", handles[i], buf, 4), 4);
		assert_memory_equal(fake_memory + buf, fake_disk + i, 4);
	}
	for (cell_t i = 0; i < 300; i++)
		CI_N("close", 0, handles[i]);
	for (cell_t i = 0; i < 300; i++)
		assert_int_equal(CI("read", handles[i], buf, 4), FAIL);
}

static void a_console_with_nothing_gives_minus_two(void **state)
{
	cell_t buf = fake_buf(16);

	(void)state;
	assert_int_equal(CI("read", chosen_handle("stdin"), buf, 16),
			 (cell_t)-2);
}

static void a_busy_disk_is_no_console_with_nothing(void **state)
{
	cell_t buf = fake_buf(16), disk = CI("open", fake_str("disk"));

	(void)state;
	fake_disk_read_error = ERR_BUSY;
	assert_int_equal(CI("read", disk, buf, 16), FAIL);
	assert_int_equal(fake_memory[buf], 0xee);
	CI_N("call-method", 2, fake_str("read"), disk, 16, buf);
	assert_int_not_equal(fake_ret[0], 0);
	assert_int_equal(fake_memory[buf], 0xee);
}

/* Its prom_getchar looks at the byte, not at the result. */
static void yaboot_sees_a_zero_byte_when_nothing_was_typed(void **state)
{
	cell_t buf = fake_buf(2);

	(void)state;
	CI("read", chosen_handle("stdin"), buf, 1);
	assert_int_equal(fake_memory[buf], 0);
	assert_int_equal(fake_memory[buf + 1], 0xee);
	/* A read of nothing writes nothing. */
	CI("read", chosen_handle("stdin"), buf + 1, 0);
	assert_int_equal(fake_memory[buf + 1], 0xee);
}

static void typed_keys_are_read_in_any_pieces(void **state)
{
	cell_t buf = fake_buf(64), in = chosen_handle("stdin");
	char got[64] = "";

	(void)state;
	fake_console_typed("The quick brown fox jumps");
	for (size_t n = 0; n < 25;) {
		cell_t more = CI("read", in, buf, 3);

		assert_in_range(more, 1, 3);
		memcpy(got + n, fake_memory + buf, more);
		n += more;
	}
	assert_string_equal(got, "The quick brown fox jumps");
	assert_int_equal(CI("read", in, buf, 3), (cell_t)-2);
}

static void write_to_the_console_is_not_translated(void **state)
{
	cell_t text = fake_str("a\nb"), out = chosen_handle("stdout");

	(void)state;
	assert_int_equal(CI("write", out, text, 3), 3);
	assert_string_equal(fake_console_out, "0:a\nb1:a\nb");
	fake_events_clear();
	assert_int_equal(CI("write", out, text, 0), 0);
	assert_string_equal(fake_console_out, "");
	assert_int_equal(CI("write", out, fake_str("0123456789abcdefXYZ"), 19),
			 19);
	assert_string_equal(fake_console_out, "0:0123456789abcdef0:XYZ"
					      "1:0123456789abcdef1:XYZ");
}

static void reads_end_with_the_disk(void **state)
{
	cell_t disk = open_disk(), buf = fake_buf(64);

	(void)state;
	assert_int_equal(CI("seek", disk, 0, sizeof(fake_disk) - 10), 0);
	assert_int_equal(CI("read", disk, buf, 64), 10);
	assert_int_equal(CI("read", disk, buf, 64), 0);
	assert_int_equal(CI("read", disk, buf, 0), 0);
}

static void seek_takes_the_high_cell_first(void **state)
{
	cell_t disk = open_disk();

	(void)state;
	assert_int_equal(CI("seek", disk, 0, 512), 0);
	assert_int_equal(CI("seek", disk, 512, 0), FAIL);
	assert_int_equal(CI("seek", disk, 1, 0), FAIL);
	assert_int_equal(CI("seek", disk, 0x12345678, 0x9abcdef0), FAIL);
	assert_int_equal(fake_disk_sought, 0x123456789abcdef0);
	CI_N("call-method", 2, fake_str("seek"), disk, 0x12345678, 0x9abcdef0);
	assert_int_equal(fake_disk_sought, 0x123456789abcdef0);
	assert_int_equal(CI("seek", disk, 0xffffffff, 0xffffffff), FAIL);
	assert_int_equal(CI("seek", disk, 0, sizeof(fake_disk)), 0);
	assert_int_equal(CI("seek", disk, 0, sizeof(fake_disk) + 1), FAIL);
}

static void transfers_never_leave_the_clients_memory(void **state)
{
	cell_t disk = open_disk(), out = chosen_handle("stdout");

	(void)state;
	fake_console_typed("keys");
	for (size_t i = 0; i < ARRAY_SIZE(bad_buffers); i++) {
		cell_t buf = bad_buffers[i];

		assert_int_equal(CI("read", disk, buf, 16), FAIL);
		assert_int_equal(CI("read", chosen_handle("stdin"), buf, 16),
				 FAIL);
		assert_int_equal(CI("write", out, buf, 16), FAIL);
	}
	assert_int_equal(CI("read", disk, 0x8000, 0xffffffff), FAIL);
	assert_int_equal(CI("write", out, 0, 0xffffffff), FAIL);
	assert_string_equal(fake_console_out, "");
	assert_int_equal(fake_memory[FAKE_WINDOW], 0xee);
	assert_int_equal(CI("read", disk, FAKE_MEMORY - 16, 16), 16);
	assert_int_equal(CI("read", disk, FAKE_WINDOW - 16, 16), 16);
	assert_int_equal(CI("read", disk, FAKE_STACK, 16), 16);
}

static void services_on_bad_handles_give_their_failure(void **state)
{
	cell_t buf = fake_buf(64);
	cell_t stale = open_disk();

	(void)state;
	CI_N("close", 0, stale);
	for (size_t i = 0; i <= ARRAY_SIZE(bad_handles); i++) {
		cell_t h = i < ARRAY_SIZE(bad_handles) ? bad_handles[i] : stale;

		assert_int_equal(CI("read", h, buf, 16), FAIL);
		assert_int_equal(CI("write", h, buf, 16), FAIL);
		assert_int_equal(CI("seek", h, 0, 0), FAIL);
		assert_int_equal(CI("instance-to-package", h), FAIL);
		assert_int_equal(CI("instance-to-path", h, buf, 64), FAIL);
		assert_int_equal(CI("instance-to-interposed-path", h, buf, 64),
				 FAIL);
		assert_int_not_equal(
			CI("call-method", fake_str("turn"), h, 1, 2, 3), 0);
	}
	assert_int_equal(fake_memory[buf], 0xee);
}

static void a_phandle_is_no_ihandle(void **state)
{
	cell_t ph = fake_phandle("/vdevice/vty@71000000"), buf = fake_buf(64);

	(void)state;
	assert_int_equal(CI("write", ph, buf, 16), FAIL);
	assert_int_equal(CI("instance-to-path", ph, buf, 64), FAIL);
	assert_int_equal(CI("instance-to-package", ph), FAIL);
	assert_string_equal(fake_console_out, "");
}

/* /memory, /mmu and cpu can be opened, but do nothing of this. */
static void instances_without_reads_and_writes_say_so(void **state)
{
	cell_t buf = fake_buf(16);

	(void)state;
	assert_int_equal(CI("read", chosen_handle("memory"), buf, 16), FAIL);
	assert_int_equal(CI("write", chosen_handle("mmu"), buf, 16), FAIL);
	assert_int_equal(CI("seek", chosen_handle("cpu"), 0, 0), FAIL);
	assert_int_equal(CI("seek", chosen_handle("stdin"), 0, 0), FAIL);
	assert_int_equal(CI("write", open_disk(), buf, 16), FAIL);
}

static void instance_to_path_keeps_the_arguments(void **state)
{
	cell_t disk = CI("open", fake_str("disk:1,\\boot"));
	static const char path[] = "/vdevice/disk@71000002:1,\\boot";

	(void)state;
	for (cell_t size = 0; size < 40; size++) {
		cell_t buf = fake_buf(40);
		size_t n = MIN(size, strlen(path));

		assert_int_equal(CI("instance-to-path", disk, buf, size),
				 strlen(path));
		assert_memory_equal(fake_memory + buf, path, n);
		for (size_t i = n; i < size; i++)
			assert_int_equal(fake_memory[buf + i], 0);
		assert_int_equal(fake_memory[buf + size], 0xee);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad_buffers); i++)
		assert_int_equal(
			CI("instance-to-path", disk, bad_buffers[i], 16), FAIL);
}

static void the_interposed_path_names_disk_label(void **state)
{
	cell_t buf = fake_buf(64), disk = CI("open", fake_str("disk:1"));

	(void)state;
	assert_int_equal(CI("instance-to-interposed-path", disk, buf, 64), 36);
	assert_string_equal(fake_text(buf),
			    "/vdevice/disk@71000002/%disk-label:1");
	CI("instance-to-interposed-path", chosen_handle("stdout"), buf, 64);
	assert_string_equal(fake_text(buf), "/vdevice/vty@71000000");
}

/* Longer than a frame of ours may be. */
static void a_long_instance_path_is_given_in_full(void **state)
{
	static const char path[] = "/vdevice/disk@71000002:";
	const size_t start = strlen(path), len = start + 894;
	cell_t handle, buf = fake_buf(1000);
	char args[900];

	(void)state;
	memset(args, 'x', sizeof(args));
	memcpy(args, "disk:", 5);
	args[sizeof(args) - 1] = '\0';
	handle = CI("open", fake_str(args));
	assert_int_not_equal(handle, 0);
	assert_int_equal(CI("instance-to-path", handle, buf, 1000), len);
	assert_memory_equal(fake_memory + buf, path, start);
	assert_string_equal(fake_text(buf) + start, args + 5);
	assert_int_equal(CI("instance-to-path", handle, buf, 10), len);
}

/* Its screen is not ours, but its last lines must be seen. */
static void linux_writes_after_quiesce(void **state)
{
	cell_t out = chosen_handle("stdout"), disk = open_disk();
	cell_t buf = fake_buf(16);

	(void)state;
	CI_N("quiesce", 0);
	fake_events_clear();
	assert_int_equal(CI("write", out, fake_str("on"), 2), 2);
	assert_string_equal(fake_console_out, "0:on1:on");
	assert_int_equal(CI("open", fake_str("disk")), 0);
	assert_int_equal(CI("open", fake_str("/vdevice/vty@71000000")), 0);
	assert_int_equal(CI("read", disk, buf, 16), FAIL);
	assert_int_equal(CI("seek", disk, 0, 0), FAIL);
	assert_int_equal(CI("write", disk, buf, 16), FAIL);
	assert_int_equal(fake_memory[buf], 0xee);
	CI_N("close", 0, disk);
}

#define T(name)                                                                \
	cmocka_unit_test_setup_teardown(name, fake_machine_start,              \
					fake_machine_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(open_gives_a_handle_that_is_no_phandle),
		T(grub_open_failure_is_zero),
		T(open_of_a_broken_disk_is_zero_and_leaks_nothing),
		T(open_without_memory_is_zero_and_leaks_nothing),
		T(freebsd_close_of_nothing_is_harmless),
		T(closing_below_an_open_instance_is_harmless),
		T(linux_closes_stdin_and_goes_on_writing),
		T(closing_stdout_is_refused),
		T(instances_have_positions_of_their_own),
		T(grub_may_hold_300_instances),
		T(a_console_with_nothing_gives_minus_two),
		T(a_busy_disk_is_no_console_with_nothing),
		T(yaboot_sees_a_zero_byte_when_nothing_was_typed),
		T(typed_keys_are_read_in_any_pieces),
		T(write_to_the_console_is_not_translated),
		T(reads_end_with_the_disk),
		T(seek_takes_the_high_cell_first),
		T(transfers_never_leave_the_clients_memory),
		T(services_on_bad_handles_give_their_failure),
		T(a_phandle_is_no_ihandle),
		T(instances_without_reads_and_writes_say_so),
		T(instance_to_path_keeps_the_arguments),
		T(the_interposed_path_names_disk_label),
		T(a_long_instance_path_is_given_in_full),
		T(linux_writes_after_quiesce),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
