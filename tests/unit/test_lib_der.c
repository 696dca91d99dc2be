// SPDX-License-Identifier: BSD-2-Clause
// DER elements: only the shortest form, and nothing outside.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "lib/der.h"
#include "lib/reason.h"

/* Takes an element from exactly these bytes. */
static int take(const void *bytes, size_t len, unsigned tag, struct der *rest,
		struct der *value)
{
	int err;

	*rest = (struct der){ bytes, len };
	reason_clear();
	err = der_take(rest, tag, "thing", value);
	if (err < 0)
		assert_ptr_equal(rest->at, bytes);
	return err;
}

static void an_element_is_taken_and_the_rest_remains(void **state)
{
	static const uint8_t bytes[] = { 4, 2, 'a', 'b', 5, 0 };
	struct der rest, value;

	(void)state;
	assert_int_equal(take(bytes, sizeof(bytes), DER_OCTETS, &rest, &value),
			 0);
	assert_true(der_equals(&value, "ab", 2));
	assert_false(der_equals(&value, "ab", 1));
	assert_false(der_equals(&value, "ac", 2));
	assert_true(der_is(&rest, DER_NULL));
	assert_false(der_is(&rest, DER_OCTETS));
	assert_int_equal(der_take_last(&rest, DER_NULL, "end", &value), 0);
	assert_int_equal(value.left, 0);
	assert_int_equal(rest.left, 0);
	assert_false(der_is(&rest, DER_NULL));
}

static void refused(const void *bytes, size_t len, const char *why)
{
	uint8_t *copy = malloc(len ? len : 1);
	struct der rest, value;

	memcpy(copy, bytes, len);
	assert_int_equal(take(copy, len, DER_SEQUENCE, &rest, &value),
			 ERR_FORMAT);
	assert_string_equal(reason(), why);
	free(copy);
}

static void each_wrong_form_has_its_reason(void **state)
{
	(void)state;
	refused("", 0, "thing: missing");
	refused("\x31\0", 2, "thing: tag 31 instead of 30");
	refused("\x10\0", 2, "thing: tag 10 instead of 30");
	refused("\x30", 1, "thing: invalid length");
	refused("\x30\x80\0\0", 4, "thing: invalid length");
	refused("\x30\x84\0\0\0\1x", 7, "thing: invalid length");
	refused("\x30\xff\1\1\1\1\1", 7, "thing: invalid length");
	refused("\x30\x82\1", 3, "thing: invalid length");
	refused("\x30\x81", 2, "thing: invalid length");
	refused("\x30\x81\x7f", 3, "thing: invalid length");
	refused("\x30\x82\0\x80", 4, "thing: invalid length");
	refused("\x30\x83\0\1\0", 5, "thing: invalid length");
	refused("\x30\1", 2, "thing: 1 bytes, but only 0 are left");
	refused("\x30\x83\xff\xff\xff", 5,
		"thing: 16777215 bytes, but only 0 are left");
}

static void what_follows_the_last_element_is_refused(void **state)
{
	struct der rest = { (const uint8_t *)"\x30\0\0", 3 }, value;

	(void)state;
	assert_int_equal(der_take_last(&rest, DER_SEQUENCE, "it", &value),
			 ERR_FORMAT);
	assert_string_equal(reason(), "it: followed by 1 bytes");
	assert_int_equal(rest.left, 3);
	rest.left = 1;
	assert_int_equal(der_take_last(&rest, DER_SEQUENCE, "it", &value),
			 ERR_FORMAT);
}

/* Writes a header in its shortest form to the end of `end`. */
static uint8_t *put_header(uint8_t *end, unsigned tag, size_t len)
{
	unsigned bytes = 0;

	if (len > 127) {
		for (; len; len >>= 8, bytes++)
			*--end = (uint8_t)len;
		*--end = (uint8_t)(0x80 | bytes);
	} else {
		*--end = (uint8_t)len;
	}
	*--end = (uint8_t)tag;
	return end;
}

static void every_length_is_read_back(void **state)
{
	static const size_t lens[] = { 0,	1,	 127,	   128,
				       255,	256,	 65535,	   65536,
				       1000000, 8388607, 16777215, 0 };
	const size_t room = 16777215 + 5;
	uint8_t *mem = calloc(1, room);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lens); i++) {
		uint8_t *end = mem + room - lens[i];
		uint8_t *at = put_header(end, DER_OCTETS, lens[i]);
		struct der rest, value;

		assert_int_equal(take(at, (size_t)(mem + room - at), DER_OCTETS,
				      &rest, &value),
				 0);
		assert_int_equal(value.left, lens[i]);
		assert_ptr_equal(value.at, end);
		assert_int_equal(rest.left, 0);
		if (!lens[i])
			continue;
		assert_int_equal(take(at, (size_t)(mem + room - at) - 1,
				      DER_OCTETS, &rest, &value),
				 ERR_FORMAT);
	}
	free(mem);
}

#define MANY 100000u

static void a_hundred_thousand_nested_elements_take_as_many_steps(void **state)
{
	uint8_t *mem = malloc(5 * MANY), *end = mem + 5 * MANY, *at = end;
	struct der in, inside;
	unsigned depth = 0;

	(void)state;
	for (unsigned i = 0; i < MANY; i++)
		at = put_header(at, DER_SEQUENCE, (size_t)(end - at));
	in = (struct der){ at, (size_t)(end - at) };
	while (in.left) {
		assert_int_equal(
			der_take_last(&in, DER_SEQUENCE, "it", &inside), 0);
		in = inside;
		depth++;
	}
	assert_int_equal(depth, MANY);
	free(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_element_is_taken_and_the_rest_remains),
		cmocka_unit_test(each_wrong_form_has_its_reason),
		cmocka_unit_test(what_follows_the_last_element_is_refused),
		cmocka_unit_test(every_length_is_read_back),
		cmocka_unit_test(
			a_hundred_thousand_nested_elements_take_as_many_steps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
