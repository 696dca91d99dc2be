// SPDX-License-Identifier: BSD-2-Clause
/* Tests of entry/pristine.c: the firmware's file, after it has started. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "entry/layout.h"
#include "entry/pristine.h"

#define SIZE 0x4000u

/* The linker script's. */
char image_start[1], image_end[1];

static uint8_t image[SIZE], copy[SIZE];

/* As start.S has it, where it is not code. */
static void build(uint8_t *file)
{
	for (size_t i = 0; i < SIZE; i++)
		file[i] = (uint8_t)(i * 5 + 1);
	memset(file + LOW_HEADER + 16, 0, 40);
	memset(file + LOW_STACK, 0, LOW_END - LOW_STACK);
	file[LOW_STOP_SELF + 11] = 1;
}

static void what_ran_and_the_host_changed_is_undone(void **state)
{
	uint8_t file[SIZE];

	(void)state;
	build(file);
	memcpy(image, file, SIZE);
	/* quoin-keys: the trailer's length and hash. */
	memset(image + LOW_HEADER + 16, 0x77, 4);
	memset(image + LOW_HEADER + 24, 0x88, 32);
	/* The first stack, the state of an exception, the handler. */
	memset(image + LOW_STACK, 0x99, LOW_END - LOW_STACK);
	pristine_image(copy, image, SIZE);
	assert_memory_equal(copy, file, SIZE);
}

static void every_other_byte_counts(void **state)
{
	uint8_t file[SIZE];

	(void)state;
	build(file);
	for (size_t i = 0; i < SIZE; i++) {
		memcpy(image, file, SIZE);
		image[i] ^= 0x40;
		pristine_image(copy, image, SIZE);
		if ((i >= LOW_STACK && i < LOW_END) ||
		    (i >= LOW_HEADER + 16 && i < LOW_HEADER + 56))
			assert_int_equal(copy[i], file[i]);
		else
			assert_int_equal(copy[i], file[i] ^ 0x40);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_ran_and_the_host_changed_is_undone),
		cmocka_unit_test(every_other_byte_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
