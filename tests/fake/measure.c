// SPDX-License-Identifier: BSD-2-Clause
/* packages/measure.c, replaced: keeps what is measured, byte by byte. */
#include "tests/fake/measure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TOLD_MAX 64u

struct told {
	enum measure_event what;
	char name[512]; /* "": none */
	uint8_t *data;
	size_t len;
};

bool fake_measure_on;
static struct told logged[TOLD_MAX], waiting[TOLD_MAX];
static size_t logged_count, waiting_count, logged_next;

static struct told *tell(struct told *list, size_t *count,
			 enum measure_event what, const char *name, size_t len)
{
	struct told *told = &list[(*count)++];

	assert_in_range(*count, 1, TOLD_MAX);
	*told = (struct told){ .what = what, .len = len };
	assert_true(strlen(name ? name : "") < sizeof(told->name));
	strcpy(told->name, name ? name : "");
	told->data = malloc(len + 1);
	return told;
}

static void tell_data(struct told *list, size_t *count, enum measure_event what,
		      const char *name, const void *data, size_t len)
{
	if (!fake_measure_on)
		return;
	if (len && !data)
		tell(list, count, MEASURE_LOST, NULL, 0);
	else
		memcpy(tell(list, count, what, name, len)->data,
		       len ? data : "", len);
}

static void forget(struct told *list, size_t *count)
{
	while (*count)
		free(list[--*count].data);
}

bool measure_is_on(void)
{
	return fake_measure_on;
}

void measure_now(enum measure_event what, const char *name, const void *data,
		 size_t len)
{
	tell_data(logged, &logged_count, what, name, data, len);
}

void measure_later(enum measure_event what, const char *name, const void *data,
		   size_t len)
{
	tell_data(waiting, &waiting_count, what, name, data, len);
}

int measure_image(enum measure_event what, const char *name, struct image *img,
		  uint64_t len)
{
	struct told *told;

	if (!fake_measure_on)
		return 0;
	told = tell(waiting, &waiting_count, what, name, len);
	return image_read(img, 0, told->data, len);
}

void measure_forget(void)
{
	forget(waiting, &waiting_count);
}

void measure_enter(void)
{
	for (unsigned what = 0; what < MEASURE_EVENTS; what++) {
		for (size_t i = 0; i < waiting_count; i++) {
			if (waiting[i].what == what)
				measure_now(waiting[i].what, waiting[i].name,
					    waiting[i].data, waiting[i].len);
		}
	}
	measure_forget();
}

void measure_left(void)
{
	measure_now(MEASURE_RETURNED, NULL, NULL, 0);
}

void fake_measure_start(void)
{
	fake_measure_stop();
	fake_measure_on = true;
}

void fake_measure_stop(void)
{
	forget(logged, &logged_count);
	forget(waiting, &waiting_count);
	logged_next = 0;
	fake_measure_on = false;
}

void fake_measured(enum measure_event what, const char *name, const void *data,
		   size_t len)
{
	const struct told *told = &logged[logged_next++];

	assert_in_range(logged_next, 1, logged_count);
	assert_int_equal(told->what, what);
	assert_string_equal(told->name, name ? name : "");
	assert_int_equal(told->len, len);
	if (len)
		assert_memory_equal(told->data, data, len);
}

const char *fake_measured_name(enum measure_event what)
{
	assert_in_range(logged_next + 1, 1, logged_count);
	assert_int_equal(logged[logged_next].what, what);
	return logged[logged_next++].name;
}

size_t fake_measured_len(void)
{
	assert_in_range(logged_next + 1, 1, logged_count);
	return logged[logged_next++].len;
}

void fake_measured_end(void)
{
	assert_int_equal(logged_next, logged_count);
}

size_t fake_measured_waits(void)
{
	return waiting_count;
}
