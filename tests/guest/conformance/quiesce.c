// SPDX-License-Identifier: BSD-2-Clause
// After quiesce: all devices are idle; the console and all calls that need no
// device still work (Linux prom_init.c, FreeBSD ofw_fdt.c).

#include "tests/guest/conformance/walk.h"

static unsigned char data[SECTOR];
static uint32_t disk;	 // an instance opened before, 0 without a disk
static uint32_t claimed; // before
static uint32_t stdout;
static bool serving; // the disk, after quiesce

static bool is_served(const char *path)
{
	uint32_t got = open_path(path);

	if (!got || got == MISSING)
		return false;
	close_instance(got);
	return seek_to(disk, DISK_WORDS) < 2 &&
	       read_bytes(disk, data, SECTOR) == SECTOR;
}

// Once per start of the client: what Linux does, then quiesce.
static void be_quiet(void)
{
	static bool quiet;
	char path[PATH_SIZE];

	if (quiet)
		return;
	quiet = true;
	stdout = guest_number("/chosen", "stdout", 0);
	claimed = claim(0, 0x4000, 0x1000);
	text_property("/aliases", "disk", path, sizeof(path));
	disk = path[0] ? open_path(path) : 0;
	if (disk) {
		seek_to(disk, DISK_WORDS);
		read_bytes(disk, data, SECTOR);
	}
	expect_is((uint32_t)ci("quiesce", 0, 0, NULL), 0, "r3 of quiesce");
	serving = disk && is_served(path);
}

// Whether there is a disk; if not, skips the case.
static bool had_disk(void)
{
	be_quiet();
	if (!disk)
		skip("there is no disk");
	return disk;
}

// A firmware may keep all its devices running; one that stops any must say so
// in every call.
static bool had_quiet_disk(void)
{
	if (!had_disk())
		return false;
	if (serving)
		skip("the firmware goes on serving disks");
	return !serving;
}

static void console_writes_without_stdin(void)
{
	uint32_t stdin = guest_number("/chosen", "stdin", 0);
	static const char text[] = "# stdin is closed\r\n";

	stdout = guest_number("/chosen", "stdout", 0);
	expect_is((uint32_t)ci("close", 1, 0, &stdin), 0, "r3 of close");
	expect_is(write_bytes(stdout, text, sizeof(text) - 1), sizeof(text) - 1,
		  "write");
	expect_alive();
}

static void is_accepted(void)
{
	be_quiet();
	expect_alive();
}

static void console_writes(void)
{
	static const char text[] = "# the console after quiesce\r\n";

	be_quiet();
	expect_is(write_bytes(stdout, text, sizeof(text) - 1), sizeof(text) - 1,
		  "write");
	expect_is(write_bytes(stdout, "\r", 1), 1, "write of one byte");
	expect_is(write_bytes(stdout, "", 0), 0, "write of nothing");
}

static void console_keeps_its_package(void)
{
	char path[PATH_SIZE] = "";
	uint32_t n;

	be_quiet();
	n = ci1("instance-to-path", 3, stdout, cell(path), sizeof(path) - 1, 0);
	expect(n > 1 && n < sizeof(path), "no path of stdout");
	expect_is(find(path), ci1("instance-to-package", 1, stdout, 0, 0, 0),
		  "the node of stdout");
}

static void is_idempotent(void)
{
	be_quiet();
	expect_is((uint32_t)ci("quiesce", 0, 0, NULL), 0,
		  "r3, the second time");
	expect_is((uint32_t)ci("quiesce", 0, 0, NULL), 0, "r3, the third time");
	expect_alive();
	expect_is(write_bytes(stdout, "# quiet\r\n", 9), 9, "write");
}

static void disk_does_not_open(void)
{
	char path[PATH_SIZE];

	if (!had_quiet_disk())
		return;
	text_property("/aliases", "disk", path, sizeof(path));
	expect_is(open_path(path), 0, "open by path");
	expect_is(open_path("disk"), 0, "open by alias");
	expect_is(open_path("disk:0"), 0, "open of the whole disk");
}

static void disk_does_not_read(void)
{
	unsigned int i;
	uint32_t got;

	if (!had_quiet_disk())
		return;
	memset(data, 0x3d, sizeof(data));
	got = read_bytes(disk, data, SECTOR);
	expect(got == MISSING || got == 0, "read is neither -1 nor 0");
	for (i = 0; i < SECTOR && data[i] == 0x3d; i++)
		;
	expect_is(i, SECTOR, "bytes of the buffer as before");
}

static void disk_does_not_write(void)
{
	uint32_t got;

	if (!had_quiet_disk())
		return;
	got = write_bytes(disk, data, SECTOR);
	expect(got == MISSING || got == 0, "write is neither -1 nor 0");
}

static void disk_does_not_seek(void)
{
	if (had_quiet_disk())
		expect_is(seek_to(disk, DISK_WORDS), MISSING, "seek");
}

static void disk_methods_fail(void)
{
	uint32_t cells[6] = { cell("read"), 0,	       SECTOR,
			      cell(data),   UNTOUCHED, UNTOUCHED };

	if (!had_quiet_disk())
		return;
	cells[1] = disk;
	memset(data, 0x3d, sizeof(data));
	if (!ci("call-method", 4, 2, cells) && !cells[4])
		expect(cells[5] == MISSING || cells[5] == 0,
		       "the method gives neither -1 nor 0");
	expect_is(data[0], 0x3d, "the buffer");
	expect_is(data[SECTOR - 1], 0x3d, "the buffer's end");
}

static void disk_closes(void)
{
	if (!had_disk())
		return;
	expect_is((uint32_t)ci("close", 1, 0, &disk), 0, "r3 of close");
	expect_not(read_bytes(disk, data, SECTOR), SECTOR, "read");
	disk = 0;
	expect_alive();
}

static void tree_is_there(void)
{
	uint32_t nodes = 0, chosen, cpu;
	char text[32];

	be_quiet();
	for (struct walk w = WALK; walk_step(&w);) {
		nodes++;
		for (struct properties p = PROPERTIES(w.node);
		     property_step(&p);)
			if (property_length(w.node, p.name) == MISSING)
				expect_of(w.node, false, p.name);
	}
	expect(nodes > 5, "the tree has fewer than six nodes");
	chosen = find("/chosen");
	set_property(chosen, "conformance,quiet", "yes", 4);
	text_property("/chosen", "conformance,quiet", text, sizeof(text));
	expect_text(text, "yes", "a property set after quiesce");
	cpu = child_of(find("/cpus"));
	expect(property_length(cpu, "reg") != MISSING, "a cpu without reg");
}

static void memory_is_claimed_and_released(void)
{
	uint32_t base;

	be_quiet();
	expect_is(claim(claimed, 0x1000, 0), MISSING, "claim of what is taken");
	base = claim(0, 0x8000, 0x1000);
	if (!expect_not(base, MISSING, "claim"))
		return;
	memset((void *)(uintptr_t)base, 0x11, 0x8000);
	release(base, 0x8000);
	expect_is(claim(base, 0x8000, 0), base, "claim of what was released");
	release(base, 0x8000);
}

static void clock_runs(void)
{
	uint64_t start;
	uint32_t first;

	be_quiet();
	first = ci1("milliseconds", 0, 0, 0, 0, 0);
	start = timebase();
	while (timebase() - start < timebase_hz() / 1000 * 20)
		;
	expect(ci1("milliseconds", 0, 0, 0, 0, 0) - first >= 19,
	       "less than 19 ms were counted in 20");
}

static void text_is_refused(void)
{
	be_quiet();
	expect_not(interpret("no such words"), 0, "the catch-result");
	expect_alive();
}

// A device with a pending read could still write to reused memory.
static void memory_stays(void)
{
	uint32_t base, i, n = 0x100000;
	unsigned char *p;
	uint64_t start;

	be_quiet();
	base = claim(0, n, 0x1000);
	if (!expect_not(base, MISSING, "claim"))
		return;
	p = (unsigned char *)(uintptr_t)base;
	memset(p, 0x77, n);
	start = timebase();
	while (timebase() - start < timebase_hz() / 10)
		;
	for (i = 0; i < n && p[i] == 0x77; i++)
		;
	expect_is(i, n, "bytes that kept their value");
	release(base, n);
}

static const struct test_case cases[] = {
	RUNS("Linux: write works after close of stdin", "Linux prom_init.c",
	     EXPECTED, console_writes_without_stdin),
	RUNS("Linux: quiesce is accepted", "Linux prom_init.c", EXPECTED,
	     is_accepted),
	RUNS("Linux: the console writes after quiesce", "Linux prom_init.c",
	     EXPECTED, console_writes),
	RUNS("quiesce: stdout still has its node", "Linux prom_init.c",
	     EXPECTED, console_keeps_its_package),
	RUNS("quiesce: it may be called again", "Linux prom_init.c", EXPECTED,
	     is_idempotent),
	RUNS("quiesce: no disk opens afterwards", "Linux prom_init.c",
	     EXTENSION, disk_does_not_open),
	RUNS("quiesce: an open disk does not read", "Linux prom_init.c",
	     EXTENSION, disk_does_not_read),
	RUNS("quiesce: an open disk does not write", "Linux prom_init.c",
	     EXTENSION, disk_does_not_write),
	RUNS("quiesce: an open disk does not seek", "Linux prom_init.c",
	     EXTENSION, disk_does_not_seek),
	RUNS("quiesce: an open disk's methods do not read", "Linux prom_init.c",
	     EXTENSION, disk_methods_fail),
	RUNS("quiesce: an open disk may be closed", "Linux prom_init.c",
	     EXPECTED, disk_closes),
	RUNS("quiesce: the tree may be read and written", "FreeBSD ofw_fdt.c",
	     EXPECTED, tree_is_there),
	RUNS("quiesce: memory may be claimed and released", "IEEE 1275 6.3.2.4",
	     EXPECTED, memory_is_claimed_and_released),
	RUNS("quiesce: milliseconds goes on", "IEEE 1275 6.3.2.7", EXPECTED,
	     clock_runs),
	RUNS("quiesce: interpret refuses unknown words", "IEEE 1275 6.3.2.6",
	     EXPECTED, text_is_refused),
	RUNS("quiesce: no device writes to memory", "Linux prom_init.c",
	     EXPECTED, memory_stays),
};

GROUP("91", "quiesce", "quiesce");
