// SPDX-License-Identifier: BSD-2-Clause
// Queries: test (IEEE 1275-1994 6.3.2.1) and test-method (LoPAR B.10).

#include "tests/guest/conformance/walk.h"

// No 64 KiB name is known, whatever follows the buffer.
static void long_name_is_unknown(void)
{
	uint32_t cells[2] = { cell(cases_buffer), UNTOUCHED };
	uint32_t root = find("/");

	memset(cases_buffer, 'x', sizeof(cases_buffer) - 1);
	cases_buffer[sizeof(cases_buffer) - 1] = 0;
	if (!ci("test", 1, 1, cells))
		expect_not(cells[1], 0, "the result");
	expect_is(find("/"), root, "the root node");
}

static void long_method_is_unknown(void)
{
	uint32_t cells[3] = { find("/"), cell(cases_buffer), UNTOUCHED };

	memset(cases_buffer, 'x', sizeof(cases_buffer) - 1);
	cases_buffer[sizeof(cases_buffer) - 1] = 0;
	if (!ci("test-method", 2, 1, cells))
		expect_not(cells[2], 0, "the result");
	expect_alive();
}

static void instance_is_no_package(void)
{
	uint32_t cells[3] = { open_path("/"), cell("open"), UNTOUCHED };
	uint32_t instance = cells[0];

	if (!ci("test-method", 2, 1, cells))
		expect_not(cells[2], 0, "the result");
	close_instance(instance);
}

static void disk_methods_are_known(void)
{
	static const char *const methods[] = { "open", "close", "read", "seek",
					       "block-size" };
	const char *path = data_disk();
	uint32_t node;
	unsigned int i;

	if (!path)
		return;
	node = find(path);
	for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		expect_is(ci1("test-method", 2, node, cell(methods[i]), 0, 0),
			  0, methods[i]);
}

static void console_has(const char *name, const char *method)
{
	const char *const methods[] = { "open", "close", method };
	uint32_t node = ci1("instance-to-package", 1,
			    guest_number("/chosen", name, 0), 0, 0, 0);
	unsigned int i;

	for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		expect_is(ci1("test-method", 2, node, cell(methods[i]), 0, 0),
			  0, methods[i]);
}

/* A screen has no keys. */
static void console_methods_are_known(void)
{
	console_has("stdin", "read");
	console_has("stdout", "write");
}

static void method_is_known(const char *path, const char *method)
{
	uint32_t node = find(path);

	if (needs_pseries())
		expect_is(ci1("test-method", 2, node, cell(method), 0, 0), 0,
			  method);
}

static void support_is_known(void)
{
	method_is_known("/", "ibm,client-architecture-support");
}

static void rtas_is_known(void)
{
	method_is_known("/rtas", "instantiate-rtas");
}

#define KNOWN(service_, source_, level_)                                       \
	CALLS("test knows " service_, source_, level_, "test",                 \
	      IN(TEXT(service_)), OUT(IS(0)))
#define STANDARD(service_, section_)                                           \
	KNOWN(service_, "IEEE 1275 " section_, REQUIRED)
#define UNKNOWN(what_, argument_)                                              \
	CALLS("test does not know " what_, "IEEE 1275 6.3.2.1", EXPECTED,      \
	      "test", IN(argument_), OUT(NOT(0)), EITHER)
#define METHOD_UNKNOWN(what_, node_, method_)                                  \
	CALLS("test-method finds no method " what_, "LoPAR B.10", EXPECTED,    \
	      "test-method", IN(node_, method_), OUT(NOT(0)), EITHER)

static const struct test_case cases[] = {
	STANDARD("test", "6.3.2.1"),
	STANDARD("peer", "6.3.2.2"),
	STANDARD("child", "6.3.2.2"),
	STANDARD("parent", "6.3.2.2"),
	STANDARD("instance-to-package", "6.3.2.2"),
	STANDARD("getproplen", "6.3.2.2"),
	STANDARD("getprop", "6.3.2.2"),
	STANDARD("nextprop", "6.3.2.2"),
	STANDARD("setprop", "6.3.2.2"),
	STANDARD("canon", "6.3.2.2"),
	STANDARD("finddevice", "6.3.2.2"),
	STANDARD("instance-to-path", "6.3.2.2"),
	STANDARD("package-to-path", "6.3.2.2"),
	STANDARD("call-method", "6.3.2.2"),
	STANDARD("open", "6.3.2.3"),
	STANDARD("close", "6.3.2.3"),
	STANDARD("read", "6.3.2.3"),
	STANDARD("write", "6.3.2.3"),
	STANDARD("seek", "6.3.2.3"),
	STANDARD("claim", "6.3.2.4"),
	STANDARD("release", "6.3.2.4"),
	STANDARD("boot", "6.3.2.5"),
	STANDARD("enter", "6.3.2.5"),
	STANDARD("exit", "6.3.2.5"),
	STANDARD("chain", "6.3.2.5"),
	STANDARD("interpret", "6.3.2.6"),
	STANDARD("set-callback", "6.3.2.6"),
	STANDARD("set-symbol-lookup", "6.3.2.6"),
	STANDARD("milliseconds", "6.3.2.7"),
	KNOWN("test-method", "LoPAR B.10", EXPECTED),
	KNOWN("instance-to-interposed-path", "LoPAR B.10", EXPECTED),
	KNOWN("start-cpu", "LoPAR C.12.3", EXPECTED),
	KNOWN("quiesce", "Linux prom_init.c", EXPECTED),

	CALLS("test answers true, -1, for what is missing", "IEEE 1275 6.3.2.1",
	      REQUIRED, "test", IN(TEXT("no-such-service")), OUT(IS(-1))),
	CALLS("GRUB: test misses a service of another firmware",
	      "GRUB kern/powerpc/ieee1275", EXPECTED, "test",
	      IN(TEXT("no-such-object-size")), OUT(IS(-1))),
	CALLS("FreeBSD: block-size is no service", "FreeBSD openfirm.c",
	      EXPECTED, "test", IN(TEXT("block-size")), OUT(IS(-1))),
	UNKNOWN("an empty name", TEXT("")),
	UNKNOWN("the beginning of a name", TEXT("getpro")),
	UNKNOWN("a name with a trailing blank", TEXT("getprop ")),
	UNKNOWN("a name with a blank before", TEXT(" getprop")),
	UNKNOWN("a NULL name", NUM(0)),
	UNKNOWN("a name at address 0xfffffffe", NUM(0xfffffffe)),
	UNKNOWN("a name in the firmware's code", FIRMWARE),
	RUNS("test does not know a name of 64 KiB", "IEEE 1275 6.3.2.1",
	     EXPECTED, long_name_is_unknown),

	RUNS("test-method finds ibm,client-architecture-support of /",
	     "LoPAR B.10", EXPECTED, support_is_known),
	RUNS("test-method finds instantiate-rtas of /rtas", "LoPAR B.10",
	     EXPECTED, rtas_is_known),
	CALLS("test-method answers true, -1, for what is missing", "LoPAR B.10",
	      EXPECTED, "test-method", IN(NODE("/"), TEXT("no-such-method")),
	      OUT(IS(-1))),
	RUNS("test-method finds the methods of a disk", "LoPAR B.10", EXPECTED,
	     disk_methods_are_known),
	RUNS("test-method finds the methods of stdin and stdout", "LoPAR B.10",
	     EXPECTED, console_methods_are_known),
	METHOD_UNKNOWN("of another node", NODE("/chosen"),
		       TEXT("instantiate-rtas")),
	METHOD_UNKNOWN("without a name", NODE("/"), TEXT("")),
	METHOD_UNKNOWN("of a NULL name", NODE("/"), NUM(0)),
	METHOD_UNKNOWN("at address 0xfffffffe", NODE("/"), NUM(0xfffffffe)),
	METHOD_UNKNOWN("in the firmware's code", NODE("/"), FIRMWARE),
	RUNS("test-method finds no method of a name of 64 KiB", "LoPAR B.10",
	     EXPECTED, long_method_is_unknown),
	METHOD_UNKNOWN("of phandle 0", NUM(0), TEXT("open")),
	METHOD_UNKNOWN("of phandle -1", NUM(-1), TEXT("open")),
	METHOD_UNKNOWN("of an odd phandle", NUM(BAD_HANDLE), TEXT("open")),
	RUNS("test-method finds no method of an ihandle", "LoPAR B.10",
	     EXPECTED, instance_is_no_package),
};

GROUP("16", "test", NULL);
