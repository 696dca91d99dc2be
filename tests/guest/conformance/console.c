// SPDX-License-Identifier: BSD-2-Clause
// The console: read and write of /chosen's stdin and stdout (IEEE 1275-1994
// 6.3.2.3), and reads, writes and seeks of non-instances.

#include "tests/guest/conformance/io.h"

#define IO "IEEE 1275 6.3.2.3"
#define NOTHING ((uint32_t)-2)
#define LINE 64u

static uint32_t standard(const char *name)
{
	return guest_number("/chosen", name, 0);
}

// Lines that a TAP reader treats as comments.
static void make_lines(unsigned char *to, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		to[i] = "# written by the suite ......................................\r\n"
			[i % (LINE - 1)];
}

static void expect_written(uint32_t n)
{
	make_lines(cases_buffer, n);
	expect_is(write_bytes(standard("stdout"), cases_buffer, n), n,
		  "bytes written");
}

static void write_end(void)
{
	write_bytes(standard("stdout"), "\r\n", 2);
}

static void writes_one(void)
{
	expect_is(write_bytes(standard("stdout"), "#", 1), 1, "bytes written");
	write_end();
}

static void writes_17(void)
{
	expect_written(17);
	write_end();
}

static void writes_4096(void)
{
	expect_written(4096);
	write_end();
}

static void writes_unaligned(void)
{
	uint32_t i;

	make_lines(cases_buffer, 256);
	for (i = 1; i < 18; i++)
		expect_is(write_bytes(standard("stdout"), cases_buffer + i,
				      18 - i),
			  18 - i, "bytes written");
	write_end();
	expect_bytes(cases_buffer, "# written by", 12, "the text written");
}

static void writes_nothing(void)
{
	expect_is(write_bytes(standard("stdout"), cases_buffer, 0), 0,
		  "bytes written");
	expect_is(ci1("write", 3, standard("stdout"), 0, 0, 0), 0,
		  "bytes written from NULL");
}

// Pending input would spoil what follows.
static uint32_t empty_input(void)
{
	uint32_t in = standard("stdin"), left = 1000;

	while (left-- && read_bytes(in, cases_buffer, 1) == 1)
		;
	memset(cases_buffer, CASES_FILL, CASES_BUFFER);
	return in;
}

// There is no input; only the first byte may have changed.
static void expect_no_input(uint32_t n)
{
	uint32_t i;

	expect_is(read_bytes(empty_input(), cases_buffer, n), NOTHING,
		  "read of nothing");
	for (i = 1; i < CASES_BUFFER && cases_buffer[i] == CASES_FILL; i++)
		;
	expect_is(i, CASES_BUFFER, "bytes after the first are kept up to");
}

static void reads_nothing(void)
{
	expect_no_input(1);
	expect_no_input(17);
	expect_no_input(4096);
}

static void nothing_is_zero(void)
{
	expect_is(read_bytes(empty_input(), cases_buffer, 1), NOTHING,
		  "read of nothing");
	expect_is(cases_buffer[0], 0, "the first byte");
}

static void reads_no_bytes(void)
{
	uint32_t n = read_bytes(empty_input(), cases_buffer, 0);

	if (n != NOTHING)
		expect_is(n, 0, "bytes read");
	expect_is(cases_buffer[0], CASES_FILL, "the byte at the buffer");
}

static void polls_return_at_once(void)
{
	uint64_t start = timebase();
	uint32_t in = empty_input(), i;

	for (i = 0; i < 1000; i++)
		if (!expect_is(read_bytes(in, cases_buffer, 1), NOTHING,
			       "read of nothing"))
			break;
	expect(timebase() - start < 2 * (uint64_t)timebase_hz(),
	       "1000 reads of nothing took more than 2 seconds");
}

static void read_into(const struct bad_place *place)
{
	uint32_t n =
		ci1("read", 3, standard("stdin"), place->at, place->length, 0);

	expect(n == MISSING || n == NOTHING, place->name);
}

static void reads_into_bad_places(void)
{
	empty_input();
	for_bad_places(read_into);
	expect_written(17);
	write_end();
}

static void write_from(const struct bad_place *place)
{
	uint32_t n;

	// The contents there could garble the console.
	if (place->keep)
		return;
	n = ci1("write", 3, standard("stdout"), place->at, place->length, 0);
	expect_is(n, MISSING, place->name);
	n = ci1("write", 3, standard("stdout"), place->at, 0xffffffff, 0);
	expect_is(n, MISSING, place->name);
}

static void writes_from_bad_places(void)
{
	for_bad_places(write_from);
	expect_written(17);
	write_end();
}

// Every length here crosses 2^32.
static void huge_lengths(void)
{
	static const uint32_t sizes[] = { 0xfffff000, 0xffffffff };
	uint32_t in = empty_input(), n, i;

	for (i = 0; i < 2; i++) {
		n = read_bytes(in, cases_buffer, sizes[i]);
		expect(n == MISSING || n == NOTHING, "read");
		expect_is(cases_buffer[1], CASES_FILL, "the second byte");
		expect_is(write_bytes(standard("stdout"), cases_buffer,
				      sizes[i]),
			  MISSING, "write");
	}
	expect_written(17);
	write_end();
}

static void no_such_method(void)
{
	uint32_t root = open_path("/");

	if (!root || root == MISSING) {
		skip("the root cannot be opened");
		return;
	}
	expect_is(read_bytes(root, cases_buffer, 4), MISSING, "read of /");
	expect_is(write_bytes(root, "abcd", 4), MISSING, "write of /");
	expect_is(seek_to(root, 0), MISSING, "seek of /");
	expect_is(cases_buffer[0], CASES_FILL, "the buffer's first byte");
	close_instance(root);
}

static void does_not_seek(void)
{
	expect_is(seek_to(standard("stdout"), 0), MISSING, "seek of stdout");
	expect_is(seek_to(standard("stdin"), 7), MISSING, "seek of stdin");
	expect_written(17);
	write_end();
}

static void path_of_stdout(char path[PATH_SIZE])
{
	memset(path, 0, PATH_SIZE);
	path_by("instance-to-path", standard("stdout"), path, PATH_SIZE - 1);
}

static void second_instance(void)
{
	char path[PATH_SIZE];
	uint32_t out = standard("stdout"), other;

	path_of_stdout(path);
	other = open_path(path);
	if (!expect_not(other, 0, path) || !expect_not(other, MISSING, path))
		return;
	expect_not(other, out, "the second instance");
	expect_is(node_of(other), node_of(out), "its package");
	expect_is(write_bytes(other, "# second\r\n", 10), 10, "bytes written");
	close_instance(other);
	expect_is(node_of(other), MISSING, "the second instance once closed");
	expect_is(standard("stdout"), out, "stdout afterwards");
	expect_written(17);
	write_end();
}

static void output_device(void)
{
	uint32_t in = standard("stdin"), out = standard("stdout");

	interpret("output-device output");
	expect_is(standard("stdin"), in, "stdin");
	expect_is(standard("stdout"), out, "stdout");
	expect_written(17);
	write_end();
}

static void is_a_terminal(void)
{
	char type[16], path[PATH_SIZE];

	memset(type, 0, sizeof(type));
	get_property(node_of(standard("stdout")), "device_type", type,
		     sizeof(type));
	if (!same_text(type, "display"))
		expect_text(type, "serial", "the device type of stdout");
	path_of_stdout(path);
	expect(path[0] == '/', "the path of stdout does not start with /");
	expect_not(find(path), MISSING, "the node of its path");
	memset(type, 0, sizeof(type));
	get_property(node_of(standard("stdin")), "device_type", type,
		     sizeof(type));
	if (!same_text(type, "keyboard"))
		expect_text(type, "serial", "the device type of stdin");
}

static void stale(void)
{
	uint32_t ihandle = stale_instance();

	if (!ihandle)
		return;
	expect_is(write_bytes(ihandle, "x", 1), MISSING, "write");
	expect_is(read_bytes(ihandle, cases_buffer, 1), MISSING, "read");
	expect_is(seek_to(ihandle, 0), MISSING, "seek");
	expect_is(cases_buffer[0], CASES_FILL, "the buffer's first byte");
}

#define NO_READ(name_, handle_)                                                \
	CALLS("read of " name_ " is -1", IO, EXPECTED, "read",                 \
	      IN(handle_, BUFFER, NUM(16)), OUT(IS(-1)), EITHER, BYTES(""))
#define NO_WRITE(name_, handle_)                                               \
	CALLS("write of " name_ " is -1", IO, EXPECTED, "write",               \
	      IN(handle_, TEXT("x"), NUM(1)), OUT(IS(-1)), EITHER)
#define NO_SEEK(name_, handle_)                                                \
	CALLS("seek of " name_ " is -1", IO, EXPECTED, "seek",                 \
	      IN(handle_, NUM(0), NUM(0)), OUT(IS(-1)), EITHER)

static const struct test_case cases[] = {
	RUNS("stdin and stdout are terminals", "IEEE 1275 3.5", REQUIRED,
	     is_a_terminal),
	RUNS("write of a byte to the console returns 1", IO, REQUIRED,
	     writes_one),
	RUNS("write of 17 bytes to the console returns 17", IO, REQUIRED,
	     writes_17),
	RUNS("write of 4096 bytes to the console returns 4096", IO, REQUIRED,
	     writes_4096),
	RUNS("write to the console takes any alignment", IO, REQUIRED,
	     writes_unaligned),
	RUNS("write of no bytes to the console returns 0", IO, REQUIRED,
	     writes_nothing),
	RUNS("read of the console without input is -2", IO, REQUIRED,
	     reads_nothing),
	RUNS("yaboot: read of the console without input clears the byte",
	     "yaboot prom.c", EXPECTED, nothing_is_zero),
	RUNS("read of no bytes from the console is 0, or -2", IO, REQUIRED,
	     reads_no_bytes),
	RUNS("GRUB: read of the console without input returns at once",
	     "GRUB term/ieee1275/console.c", EXPECTED, polls_return_at_once),
	RUNS("read of the console into foreign memory fails", IO, EXPECTED,
	     reads_into_bad_places),
	RUNS("write to the console from foreign memory is -1", IO, EXPECTED,
	     writes_from_bad_places),
	RUNS("read and write of 4 GiB of the console fail", IO, EXPECTED,
	     huge_lengths),
	RUNS("read, write and seek without such a method are -1", IO, REQUIRED,
	     no_such_method),
	RUNS("seek of the console is -1", IO, REQUIRED, does_not_seek),
	RUNS("the console's node can be opened again, and closed", IO, EXPECTED,
	     second_instance),
	RUNS("GRUB: output-device output leaves the console as it is",
	     "GRUB term/ieee1275/console.c", EXPECTED, output_device),
	RUNS("read, write and seek of a closed instance are -1", IO, EXPECTED,
	     stale),
	NO_READ("ihandle 0", NUM(0)),
	NO_READ("ihandle -1", NUM(-1)),
	NO_READ("an odd ihandle", NUM(BAD_HANDLE)),
	NO_READ("a phandle", NODE("/")),
	NO_WRITE("ihandle 0", NUM(0)),
	NO_WRITE("ihandle -1", NUM(-1)),
	NO_WRITE("an odd ihandle", NUM(BAD_HANDLE)),
	NO_WRITE("a phandle", NODE("/")),
	NO_SEEK("ihandle 0", NUM(0)),
	NO_SEEK("ihandle -1", NUM(-1)),
	NO_SEEK("an odd ihandle", NUM(BAD_HANDLE)),
	NO_SEEK("a phandle", NODE("/")),
};

GROUP("50", "console", NULL);
