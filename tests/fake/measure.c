// SPDX-License-Identifier: BSD-2-Clause
/* A measure hook that records what is loaded or run. */
#include "tests/fake/measure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct {
	enum measure_kind kind;
	char name[64];
	uint8_t *data;
	size_t len;
} told[32];
static unsigned told_count, told_next;

void fake_measure(enum measure_kind kind, const char *name, const void *data,
		  size_t len)
{
	unsigned i = told_count++;

	assert_in_range(told_count, 1, ARRAY_SIZE(told));
	assert_true(strlen(name) < sizeof(told[i].name));
	told[i].kind = kind;
	strcpy(told[i].name, name);
	told[i].data = malloc(len);
	told[i].len = len;
	memcpy(told[i].data, data, len);
}

void fake_measure_reset(void)
{
	while (told_count)
		free(told[--told_count].data);
	told_next = 0;
}

void fake_measured(enum measure_kind kind, const char *name, const void *data,
		   size_t len)
{
	unsigned i = told_next++;

	assert_in_range(told_next, 1, told_count);
	assert_int_equal(told[i].kind, kind);
	assert_string_equal(told[i].name, name);
	assert_int_equal(told[i].len, len);
	assert_memory_equal(told[i].data, data, len);
}

size_t fake_measured_all(void)
{
	size_t sum = 0;

	assert_int_equal(told_next, told_count);
	for (unsigned i = 0; i < told_count; i++)
		sum += told[i].len;
	return sum;
}
