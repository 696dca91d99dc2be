// SPDX-License-Identifier: BSD-2-Clause
// The platform's key store: pks-max-object-size, pks-read-object and
// pks-read-sbvar, as GRUB 2.14 calls them
// (grub-core/kern/powerpc/ieee1275/platform_keystore.c).

#include "tests/guest/conformance/io.h"
#include "tests/guest/conformance/ranges.h"

#define SPEC "GRUB 2.14 kern/powerpc/ieee1275"
#define PARAMETER ((uint32_t)-4)
#define NOT_FOUND ((uint32_t)-7)
#define SIZE 4096u

static unsigned char object[SIZE + 1];

static bool offered(void)
{
	if (has_service("pks-max-object-size"))
		return true;
	skip("the firmware has no key store");
	return false;
}

// The result of pks-read-object for a label; its length in *length.
static uint32_t read_object(uint32_t consumer, const char *label,
			    uint32_t label_length, uint32_t to, uint32_t size,
			    uint32_t *length)
{
	uint32_t cells[8] = { consumer, cell(label), label_length, to,
			      size,	UNTOUCHED,   UNTOUCHED,	   UNTOUCHED };

	memset(object, CASES_FILL, sizeof(object));
	expect_is(ci("pks-read-object", 5, 3, cells), 0, "the call");
	*length = cells[5];
	return cells[7];
}

// The same of pks-read-sbvar.
static uint32_t read_sbvar(uint32_t flags, uint32_t type, uint32_t to,
			   uint32_t size, uint32_t *length)
{
	uint32_t cells[6] = { flags, type, to, size, UNTOUCHED, UNTOUCHED };

	memset(object, CASES_FILL, sizeof(object));
	expect_is(ci("pks-read-sbvar", 4, 2, cells), 0, "the call");
	*length = cells[4];
	return cells[5];
}

static void services_are_complete(void)
{
	if (!offered())
		return;
	expect(has_service("pks-read-object"), "no pks-read-object");
	expect(has_service("pks-read-sbvar"), "no pks-read-sbvar");
	expect(guest_number("/", "ibm,secure-boot", MISSING) <= 9,
	       "no ibm,secure-boot");
}

// GRUB allocates this, and gives up if it is 0 or -1.
static void size_is_useful(void)
{
	uint32_t size;

	if (!offered())
		return;
	size = ci1("pks-max-object-size", 0, 0, 0, 0, 0);
	expect(size && size < 0x1000000, "an absurd size");
}

static void version_is_static_or_dynamic(void)
{
	uint32_t length, rc;

	if (!offered())
		return;
	rc = read_object(1, "SB_VERSION", 10, cell(object), SIZE, &length);
	expect_is(rc, 0, "the result");
	expect_is(length, 1, "the length");
	expect(object[0] <= 1, "neither static nor dynamic");
	expect_is(object[1], CASES_FILL, "the byte after");
	// With static keys there is no list of the platform's.
	if (guest_number("/", "ibm,secure-boot", 0) < 2)
		expect_is(object[0], 0, "dynamic without secure boot");
}

static void other_objects_are_not_found(void)
{
	static const char *const labels[] = { "SB_VERSIOX", "sb_version" };
	uint32_t length, i;

	if (!offered())
		return;
	for (i = 0; i < 2; i++) {
		expect_is(read_object(1, labels[i], 10, cell(object), SIZE,
				      &length),
			  NOT_FOUND, labels[i]);
		expect_is(object[0], CASES_FILL, "the buffer");
	}
	expect_is(read_object(1, "SB_VERSION", 9, cell(object), SIZE, &length),
		  NOT_FOUND, "a part of the label");
}

static void no_object_outside(void)
{
	static const uint32_t bad[] = { 0xfffffff0, MISSING };
	uint32_t length, i;

	if (!offered())
		return;
	expect_is(read_object(1, "SB_VERSION", 10, cell(object), 0, &length),
		  PARAMETER, "an empty buffer");
	for (i = 0; i < 2 && memory_size() < FOUR_GIB - 0x10; i++)
		expect_is(read_object(1, "SB_VERSION", 10, bad[i], SIZE,
				      &length),
			  PARAMETER, "a buffer outside memory");
	expect_is(read_object(1, "SB_VERSION", 10, (uint32_t)guest_entry.gpr[5],
			      SIZE, &length),
		  PARAMETER, "a buffer in the firmware");
	expect_is(read_object(1, "SB_VERSION", MISSING, cell(object), SIZE,
			      &length),
		  PARAMETER, "a label longer than memory");
	expect_alive();
}

// Each is an object or missing: GRUB stops with an error otherwise.
static void lists_are_there_or_not(void)
{
	uint32_t type, length, rc;

	if (!offered())
		return;
	for (type = 1; type <= 2; type++) {
		rc = read_sbvar(0, type, cell(object), SIZE, &length);
		if (rc == NOT_FOUND)
			expect_is(object[0], CASES_FILL, "the buffer");
		else if (expect_is(rc, 0, "the result"))
			expect(length <= SIZE, "longer than the buffer");
	}
}

static void bad_lists_are_refused(void)
{
	static const uint32_t types[] = { 0, 3, MISSING };
	uint32_t length, i;

	if (!offered())
		return;
	for (i = 0; i < 3; i++)
		expect_is(read_sbvar(0, types[i], cell(object), SIZE, &length),
			  PARAMETER, "an unknown type");
	expect_is(read_sbvar(1, 1, cell(object), SIZE, &length), PARAMETER,
		  "unknown flags");
	expect_is(object[0], CASES_FILL, "the buffer");
	expect_alive();
}

static const struct test_case cases[] = {
	RUNS("GRUB: the services of the key store are complete", SPEC,
	     EXTENSION, services_are_complete),
	RUNS("GRUB: pks-max-object-size gives a size to allocate", SPEC,
	     EXTENSION, size_is_useful),
	RUNS("GRUB: pks-read-object reads SB_VERSION", SPEC, EXTENSION,
	     version_is_static_or_dynamic),
	RUNS("pks-read-object does not find other objects", SPEC, EXTENSION,
	     other_objects_are_not_found),
	RUNS("pks-read-object refuses bad buffers and labels", SPEC, EXTENSION,
	     no_object_outside),
	RUNS("GRUB: pks-read-sbvar gives a list or does not find it", SPEC,
	     EXTENSION, lists_are_there_or_not),
	RUNS("pks-read-sbvar refuses unknown types and flags", SPEC, EXTENSION,
	     bad_lists_are_refused),
	CALLS("pks-read-sbvar with three arguments is refused",
	      "IEEE 1275 6.3.1", EXTENSION, "pks-read-sbvar",
	      IN(NUM(0), NUM(1), BUFFER), OUT(NOT(0)), EITHER, BYTES("")),
};

GROUP("83", "key store", NULL);
