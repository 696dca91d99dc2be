// SPDX-License-Identifier: BSD-2-Clause
// boot: loads a client program, here this one, from a device, with
// arguments (IEEE 1275-1994 6.3.2.5).

#include "tests/guest/conformance/walk.h"

#define WORDS " first second"

// Appends a number in decimal.
static void append_number(char *text, uint32_t number)
{
	char digits[11];
	unsigned int at = sizeof(digits) - 1;

	text += strlen(text);
	digits[at] = 0;
	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	memcpy(text, digits + at, sizeof(digits) - at);
}

// "DEVICE resumed=N base=M first second"
static void boot(const char *device)
{
	static char text[PATH_SIZE + 128];
	uint32_t base = claim(0, 0x8000, 0x1000), cells[1] = { cell(text) };

	put_texts(text, sizeof(text), device, " resumed=", "");
	append_number(text, cases_number());
	put_texts(text + strlen(text), 16, " base=", "", "");
	append_number(text, base);
	put_texts(text + strlen(text), 64, WORDS, "", "");
	cases_leave("boot");
	ci("boot", 1, 0, cells);
	expect(false, "boot returned");
}

// The device this client was loaded from; NULL, after skip(), if none.
static const char *own_device(void)
{
	static char path[PATH_SIZE];

	text_property("/chosen", "bootpath", path, sizeof(path));
	if (path[0])
		return path;
	skip("the client was not started from a device");
	return NULL;
}

static void boot_by_path(void)
{
	const char *path = own_device();

	if (path)
		boot(path);
}

static void boot_by_alias(void)
{
	const char *path = own_device();
	char disk[PATH_SIZE];

	if (!path)
		return;
	text_property("/aliases", "disk", disk, sizeof(disk));
	if (!disk[0] || find(disk) != find(path))
		skip("the client does not come from the device disk");
	else
		boot("disk");
}

static void boot_with_instances(void)
{
	const char *path = own_device();
	unsigned int i;

	if (!path)
		return;
	for (i = 0; i < 20; i++)
		open_path(path);
	boot(path);
}

// The client runs again, with its arguments and nothing else.
static void arguments_arrive(void)
{
	char text[256];
	uint32_t n;

	text_property("/chosen", "bootargs", text, sizeof(text));
	n = strlen(text);
	expect(has_text(text, "resumed="), "bootargs without resumed=");
	expect_is(text[0], 'r', "the first character of bootargs");
	expect(n > sizeof(WORDS) &&
		       same_text(text + n - (sizeof(WORDS) - 1), WORDS),
	       "bootargs do not end with the last words");
}

static void memory_is_free(void)
{
	uint32_t base = guest_argument_number("base", 0);

	expect_is(claim(base, 0x8000, 0), base,
		  "claim of what the earlier client had");
}

static void device_is_told(void)
{
	char path[PATH_SIZE];
	uint32_t node;

	text_property("/chosen", "bootpath", path, sizeof(path));
	node = find(path);
	expect(path[0] == '/', "bootpath is no path");
	expect(node != MISSING, "bootpath is no device");
}

static void check_all(void)
{
	arguments_arrive();
	device_is_told();
}

static const struct test_case cases[] = {
	RESUMES("boot loads a client with its arguments", "IEEE 1275 6.3.2.5",
		REQUIRED, boot_by_path, arguments_arrive),
	RESUMES("boot tells the client's device in bootpath",
		"IEEE 1275 7.4.3.2", REQUIRED, boot_by_path, device_is_told),
	RESUMES("boot frees the earlier client's memory", "IEEE 1275 6.3.2.5",
		EXPECTED, boot_by_path, memory_is_free),
	RESUMES("boot takes an alias", "IEEE 1275 7.4.3.2", REQUIRED,
		boot_by_alias, check_all),
	RESUMES("boot works with twenty instances open", "IEEE 1275 6.3.2.5",
		EXPECTED, boot_with_instances, check_all),
};

GROUP("96", "boot", "boot");
