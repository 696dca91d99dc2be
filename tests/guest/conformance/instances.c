// SPDX-License-Identifier: BSD-2-Clause
// Instances: open and close (IEEE 1275-1994 6.3.2.3).

#include "tests/guest/conformance/io.h"

#define IO "IEEE 1275 6.3.2.3"
#define MANY 300

// An instance's package is the opened node, or an interposed one of /packages.
static bool expect_package(uint32_t ihandle, uint32_t node, const char *what)
{
	uint32_t package = node_of(ihandle);

	if (package != node && package != MISSING &&
	    find("/packages") == ci1("parent", 1, package, 0, 0, 0))
		return true;
	return expect_is(package, node, what);
}

// Opens a path that must open, checks the instance's node, and closes it.
static void opens(const char *path)
{
	uint32_t ihandle = open_path(path);

	expect_not(ihandle, 0, path);
	expect_not(ihandle, MISSING, path);
	expect_package(ihandle, find(path), "its package");
	close_instance(ihandle);
}

static void root_opens(void)
{
	opens("/");
}

static void rtas_opens(void)
{
	if (find("/rtas") == MISSING)
		skip("there is no /rtas");
	else
		opens("/rtas");
}

static void memory_opens(void)
{
	opens("/memory");
}

static void disk_opens_with(const char *args)
{
	const char *path = disk_path(args);

	if (path)
		opens(path);
}

static void disk_opens(void)
{
	disk_opens_with(NULL);
}

static void whole_disk_opens(void)
{
	disk_opens_with("0");
}

static void disk_opens_with_empty_arguments(void)
{
	disk_opens_with("");
}

// Whether the data disk has one partition, in the first entry of its MBR.
static bool has_one_partition(void)
{
	uint32_t disk = open_disk("0");
	unsigned char mbr[SECTOR];
	bool one = disk && read_sector(disk, 0, mbr) && mbr[510] == 0x55 &&
		   mbr[511] == 0xaa && mbr[450] && !mbr[466] && !mbr[482] &&
		   !mbr[498];

	close_instance(disk);
	if (disk && !one)
		skip("the disk has no MBR with one partition");
	return one;
}

static void partition_opens(void)
{
	if (has_one_partition())
		disk_opens_with("1");
}

static void expect_closed_disk(const char *args)
{
	const char *path = disk_path(args);

	if (path)
		expect_is(open_path(path), 0, path);
	expect_alive();
}

static void missing_partition(void)
{
	if (has_one_partition())
		expect_closed_disk("9");
}

static void huge_partition(void)
{
	expect_closed_disk("4294967297");
}

static void missing_file(void)
{
	expect_closed_disk("0,\\no\\such\\file");
}

static void bad_partition(void)
{
	expect_closed_disk("zz,\\ppc");
}

static void missing_unit(void)
{
	if (find("/vdevice/vty") == MISSING)
		skip("there is no virtual terminal");
	else
		opens("/vdevice/vty");
}

static void alias_opens(void)
{
	char path[PATH_SIZE];

	text_property("/aliases", "disk", path, sizeof(path));
	if (!path[0]) {
		skip("there is no alias disk");
		return;
	}
	opens("disk");
	opens("disk:0");
	expect_is(find("disk:0"), find(path), "the node of the alias");
}

static void other_unit(void)
{
	const char *path = disk_path(NULL);
	char other[PATH_SIZE + 8];
	size_t n = path ? strlen(path) : 0;

	while (n && path[n - 1] != '@')
		n--;
	if (!n) {
		skip("the disk has no unit address");
		return;
	}
	memcpy(other, path, n);
	memcpy(other + n, "1f,7", 5);
	expect_is(find(other), MISSING, "finddevice of another unit");
	expect_is(open_path(other), 0, "open of another unit");
}

// The last byte of the text is just before `until`.
static void open_long_path(const char *start, size_t until)
{
	size_t n = strlen(start);

	memset(cases_buffer, 'x', CASES_BUFFER);
	memcpy(cases_buffer, start, n);
	if (until < CASES_BUFFER)
		cases_buffer[until] = 0;
	expect_is(open_path((char *)cases_buffer), 0, "open of a long path");
	expect_alive();
}

static void long_names(void)
{
	open_long_path("/", 1024);
	open_long_path("/", CASES_BUFFER - 1);
}

static void long_arguments(void)
{
	const char *path = disk_path("0,\\");

	if (path) {
		open_long_path(path, 4096);
		open_long_path(path, CASES_BUFFER - 1);
	}
}

static void open_bad_place(const struct bad_place *place)
{
	expect_is(ci1("open", 1, place->at, 0, 0, 0), 0, place->name);
}

static void wild_paths(void)
{
	for_bad_places(open_bad_place);
}

static bool open_node(uint32_t node)
{
	char path[PATH_SIZE];
	uint32_t ihandle;

	memset(path, 0, sizeof(path));
	path_by("package-to-path", node, path, sizeof(path) - 1);
	ihandle = open_path(path);
	if (!expect_not(ihandle, MISSING, path))
		return false;
	if (!ihandle)
		return true;
	if (!expect_package(ihandle, node, path))
		return false;
	close_instance(ihandle);
	return expect_is(node_of(ihandle), MISSING, "the instance once closed");
}

// Walks the tree until a node fails; `left` limits the nodes.
static void walk_nodes(bool (*each)(uint32_t node))
{
	uint32_t node = ci1("peer", 1, 0, 0, 0, 0), next, left = 2000;

	while (node && left-- && each(node)) {
		next = ci1("child", 1, node, 0, 0, 0);
		while (!next && node) {
			next = ci1("peer", 1, node, 0, 0, 0);
			if (!next)
				node = ci1("parent", 1, node, 0, 0, 0);
		}
		node = next;
	}
	expect_alive();
}

static void every_node(void)
{
	walk_nodes(open_node);
}

static bool has_open_method(uint32_t node)
{
	char path[PATH_SIZE];
	uint32_t ihandle;

	if (has_method(node, "open"))
		return true;
	memset(path, 0, sizeof(path));
	path_by("package-to-path", node, path, sizeof(path) - 1);
	ihandle = open_path(path);
	if (ihandle && ihandle != MISSING)
		close_instance(ihandle);
	return expect_is(ihandle, 0, path);
}

static void no_open_method(void)
{
	if (has_service("test-method"))
		walk_nodes(has_open_method);
	else
		skip("the firmware has no test-method");
}

static void expect_no_instance(uint32_t ihandle)
{
	char path[16];

	expect_is(node_of(ihandle), MISSING, "instance-to-package");
	expect_is(path_by("instance-to-path", ihandle, path, 16), MISSING,
		  "instance-to-path");
	expect_is(read_bytes(ihandle, path, 1), MISSING, "read");
	expect_is(write_bytes(ihandle, "x", 1), MISSING, "write");
	expect_is(seek_to(ihandle, 0), MISSING, "seek");
}

static void closed_is_gone(void)
{
	uint32_t ihandle = stale_instance();

	if (!ihandle)
		return;
	expect_no_instance(ihandle);
	close_instance(ihandle);
	expect_no_instance(ihandle);
	expect_alive();
}

static void reopened_is_another(void)
{
	uint32_t old = stale_instance(), disk;
	unsigned int i;

	if (!old)
		return;
	for (i = 0; i < 100; i++) {
		disk = open_path("/");
		expect_not(disk, old, "the new ihandle");
		expect_is(node_of(old), MISSING, "the old one's package");
		close_instance(old);
		expect_is(node_of(disk), find("/"), "the new one's package");
		close_instance(disk);
	}
}

static void close_leaves_others(void)
{
	uint32_t one = open_disk("0"), two;
	const uint32_t *bad;

	if (!one)
		return;
	two = open_disk("0");
	expect_not(one, two, "two instances' ihandles");
	seeks(one, DISK_WORDS);
	close_instance(two);
	for (bad = not_instances(); *bad != UNTOUCHED; bad++)
		close_instance(*bad);
	close_instance(find(disk_path(NULL))); // a phandle
	close_instance(two);
	expect_next_words(one, DISK_WORDS, big_buffer, SECTOR);
	close_instance(one);
	expect_alive();
}

static void changed_bit(void)
{
	uint32_t disk = open_path("/"), node, i;
	char path[PATH_SIZE];

	if (!disk || disk == MISSING) {
		skip("the root cannot be opened");
		return;
	}
	for (i = 0; i < 32; i++) {
		node = node_of(disk ^ 1u << i);
		if (node == MISSING)
			continue;
		expect(path_by("package-to-path", node, path, PATH_SIZE) <
			       PATH_SIZE,
		       "another ihandle's package is no node");
	}
	close_instance(disk);
}

// As often as ten seconds allow: a leak exhausts the memory.
static void reopened_often(void)
{
	uint64_t end = timebase() + 10 * (uint64_t)timebase_hz();
	uint32_t disk, i;

	for (i = 0; i < 20000 && timebase() < end; i++) {
		disk = open_disk("0");
		if (!disk)
			return;
		close_instance(disk);
	}
	disk_opens();
	expect_alive();
}

static void all_differ(const uint32_t *handles, unsigned int n)
{
	unsigned int i, j;

	for (i = 0; i < n; i++)
		for (j = 0; j < i; j++)
			if (handles[i] == handles[j])
				expect(false, "two open instances have the "
					      "same ihandle");
}

static void many_instances(void)
{
	static uint32_t handles[MANY];
	unsigned int opened, i;

	for (opened = 0; opened < MANY; opened++) {
		handles[opened] = open_disk("0");
		if (!handles[opened] ||
		    !seeks(handles[opened], DISK_WORDS + opened * SECTOR))
			break;
	}
	all_differ(handles, opened);
	for (i = 0; i < opened; i++) {
		expect_next_words(handles[i], DISK_WORDS + i * SECTOR,
				  big_buffer, SECTOR);
		close_instance(handles[i]);
	}
	for (i = 0; i < opened; i++)
		expect_is(node_of(handles[i]), MISSING, "a closed instance");
}

#define VERY_MANY 2000

// Whatever the limit is: open returns 0 there, and all close.
static void instances_without_end(void)
{
	static uint32_t handles[VERY_MANY];
	uint32_t opened, i, root = find("/");

	for (opened = 0; opened < VERY_MANY; opened++) {
		handles[opened] = open_path("/");
		if (!handles[opened] || handles[opened] == MISSING)
			break;
	}
	if (opened < VERY_MANY)
		expect_is(handles[opened], 0, "open that is one too many");
	for (i = 0; i < opened; i++) {
		if (node_of(handles[i]) != root)
			break;
		close_instance(handles[i]);
	}
	expect_is(i, opened, "instances of the root");
	root_opens();
	expect_alive();
}

#define NO_PATH(path_, name_, level_)                                          \
	CALLS("open of " name_ " is 0", IO, level_, "open", IN(TEXT(path_)),   \
	      OUT(IS(0)))
static const struct test_case cases[] = {
	RUNS("Linux: the root can be opened", "Linux prom_init.c", EXPECTED,
	     root_opens),
	RUNS("Linux: /rtas can be opened", "Linux prom_init.c", EXPECTED,
	     rtas_opens),
	RUNS("FreeBSD: /memory can be opened", "FreeBSD openfirm.c", EXPECTED,
	     memory_opens),
	RUNS("open of a disk gives an instance of its node", IO, REQUIRED,
	     disk_opens),
	RUNS("open of a disk takes empty arguments", "IEEE 1275 4.3", REQUIRED,
	     disk_opens_with_empty_arguments),
	RUNS("GRUB: open of a disk with :0 is the whole disk",
	     "GRUB disk/ieee1275/ofdisk.c", EXPECTED, whole_disk_opens),
	RUNS("open of a disk with :1 is its partition", "CHRP 11.1.2", REQUIRED,
	     partition_opens),
	RUNS("GRUB: open of a missing partition is 0",
	     "GRUB disk/ieee1275/ofdisk.c", EXPECTED, missing_partition),
	RUNS("open of partition 2^32+1 is 0", "CHRP 11.1.2", EXPECTED,
	     huge_partition),
	RUNS("open of a missing file is 0", "CHRP 11.1.2", EXPECTED,
	     missing_file),
	RUNS("open of a partition that is no number is 0", "CHRP 11.1.2",
	     EXPECTED, bad_partition),
	RUNS("open takes a path without a unit address", "IEEE 1275 4.3",
	     REQUIRED, missing_unit),
	RUNS("open of another unit address is 0", IO, REQUIRED, other_unit),
	RUNS("open takes an alias, with and without arguments", "IEEE 1275 4.3",
	     REQUIRED, alias_opens),
	NO_PATH("/no-such", "a missing node", REQUIRED),
	NO_PATH("/no-such:0", "a missing node with arguments", REQUIRED),
	NO_PATH("/chosen/no-such", "a missing child", REQUIRED),
	NO_PATH("no-such-alias", "an unknown alias", REQUIRED),
	NO_PATH("no-such-alias:0", "an unknown alias with arguments", REQUIRED),
	NO_PATH("", "an empty path", EXPECTED),
	CALLS("open of a NULL path is 0", IO, EXPECTED, "open", IN(NUM(0)),
	      OUT(IS(0)), EITHER),
	RUNS("open of a name of 1 KiB and of 64 KiB is 0", IO, EXPECTED,
	     long_names),
	RUNS("open of a file name of 4 KiB and of 64 KiB is 0", IO, EXPECTED,
	     long_arguments),
	RUNS("open of a path that is not in the client's memory is 0", IO,
	     EXPECTED, wild_paths),
	RUNS("open of any node is 0 or an instance of it", IO, REQUIRED,
	     every_node),
	RUNS("open of a node without an open method is 0", IO, EXPECTED,
	     no_open_method),
	RUNS("a closed instance answers nothing, and closes twice", IO,
	     EXPECTED, closed_is_gone),
	RUNS("a new instance does not answer to a closed one's ihandle", IO,
	     EXPECTED, reopened_is_another),
	RUNS("FreeBSD: close of bad handles closes nothing",
	     "FreeBSD boot1.chrp/boot1.c", EXPECTED, close_leaves_others),
	RUNS("an ihandle with a bit changed is none, or another instance",
	     "IEEE 1275 6.3.2", EXPECTED, changed_bit),
	RUNS("GRUB: a disk can be opened and closed without end",
	     "GRUB disk/ieee1275/ofdisk.c", EXPECTED, reopened_often),
	RUNS("300 instances of a disk are open, with positions of their own",
	     IO, EXPECTED, many_instances),
	RUNS("2000 instances of the root are open, or open gives 0", IO,
	     EXPECTED, instances_without_end),
};

GROUP("45", "instances", NULL);
