// SPDX-License-Identifier: BSD-2-Clause
// Measuring: each event's bytes, what is hashed, in which order.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fake/heap.h"
#include "tests/fake/log.h"
/* With its source, a test can begin before the first client. */
#include "packages/measure.c"

#define SET (DIGEST_BIT(DIGEST_SHA256) | DIGEST_BIT(DIGEST_SHA512))

static struct {
	uint32_t pcr, type;
	char event[512];
	size_t len;
	uint8_t hash[32];
} events[64];
static size_t event_count, event_next;
static unsigned hashes, taken_back, locks;
static int event_error;

unsigned tpm_hashes(void)
{
	return hashes;
}

int tpm_event(uint32_t pcr, uint32_t type, const void *event, size_t len,
	      const struct digest_values *values)
{
	struct digest_values own;
	size_t i = event_count++;

	assert_in_range(i, 0, ARRAY_SIZE(events) - 1);
	if (!values) {
		digest_of(SET, event, len, &own);
		values = &own;
	}
	assert_int_equal(values->set, SET);
	events[i].pcr = pcr;
	events[i].type = type;
	events[i].len = len;
	memcpy(events[i].event, event, MIN(len, sizeof(events[i].event)));
	memcpy(events[i].hash, values->value[DIGEST_SHA256], 32);
	return event_error;
}

void tpm_take_back(void)
{
	hashes |= taken_back;
}

void tpm_lock(void)
{
	locks++;
}

static int start(void **state)
{
	(void)state;
	fake_log_start();
	hashes = SET;
	event_count = event_next = locks = taken_back = 0;
	event_error = 0;
	measure_separated = true;
	return 0;
}

static int stop(void **state)
{
	(void)state;
	measure_forget();
	while (!list_empty(&measure_logged)) {
		struct list *first = measure_logged.next;

		list_del(first);
		heap_free(container_of(first, struct measure_kept, link));
	}
	heap_free(measure_entered);
	measure_entered = NULL;
	fake_log_stop();
	assert_int_equal(fake_heap_live(), 0);
	return 0;
}

/* The next event: its bytes, and the bytes that are hashed. */
static void expect(uint32_t pcr, uint32_t type, const void *event, size_t len,
		   const void *hashed, size_t hashed_len)
{
	struct digest_values values;
	size_t i = event_next++;

	assert_in_range(i, 0, event_count - 1);
	assert_int_equal(events[i].pcr, pcr);
	assert_int_equal(events[i].type, type);
	assert_int_equal(events[i].len, len);
	assert_memory_equal(events[i].event, event, len);
	digest_of(DIGEST_BIT(DIGEST_SHA256), hashed, hashed_len, &values);
	assert_memory_equal(events[i].hash, values.value[DIGEST_SHA256], 32);
}

/* The event is what is hashed. */
static void expect_same(uint32_t pcr, uint32_t type, const void *event,
			size_t len)
{
	expect(pcr, type, event, len, event, len);
}

/* A string literal without, with its NUL. */
#define TEXT(s) s, sizeof(s) - 1
#define BYTES(s) s, sizeof(s)

static void expect_end(void)
{
	assert_int_equal(event_next, event_count);
}

static void the_firmware_is_in_pcr_0(void **state)
{
	(void)state;
	measure_now(MEASURE_VERSION, "quoin 1", NULL, 0);
	measure_now(MEASURE_FIRMWARE, NULL, TEXT("the image"));
	expect_same(0, EV_S_CRTM_VERSION,
		    TEXT("q\0u\0o\0i\0n\0 \0"
			 "1\0\0\0"));
	expect(0, EV_S_CRTM_CONTENTS,
	       TEXT("\0\0\0\0\0\0\0\0"
		    "\x09\0\0\0\0\0\0\0"),
	       TEXT("the image"));
	expect_end();
}

static void the_configuration_is_in_pcr_1(void **state)
{
	(void)state;
	measure_now(MEASURE_TREE, NULL, TEXT("a tree"));
	measure_now(MEASURE_CONFIG, "a=b", NULL, 0);
	measure_now(MEASURE_PROMPT, NULL, NULL, 0);
	expect(1, EV_TABLE_OF_DEVICES, TEXT("FDT"), TEXT("a tree"));
	expect_same(1, EV_PLATFORM_CONFIG_FLAGS, TEXT("a=b"));
	expect_same(1, EV_ACTION, TEXT("Entering ROM Based Setup"));
	expect_end();
}

#define GLOBAL                                                                 \
	"\x61\xdf\xe4\x8b\xca\x93\xd2\x11\xaa\x0d\x00\xe0\x98\x03\x2b\x8c"
#define DATABASE                                                               \
	"\xcb\xb2\x19\xd7\x3a\x3d\x96\x45\xa3\xbc\xda\xd0\x0e\x67\x65\x6f"

static void policy_is_in_pcr_7(void **state)
{
	(void)state;
	measure_now(MEASURE_VARIABLE, "SecureBoot", TEXT("\1"));
	measure_now(MEASURE_VARIABLE, "PK", NULL, 0);
	measure_now(MEASURE_VARIABLE, "db", TEXT("xyz"));
	expect_same(7, EV_EFI_VARIABLE_DRIVER_CONFIG,
		    TEXT(GLOBAL "\x0a\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0"
				"S\0e\0c\0u\0r\0e\0B\0o\0o\0t\0\1"));
	expect_same(7, EV_EFI_VARIABLE_DRIVER_CONFIG,
		    TEXT(GLOBAL "\2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0P\0K\0"));
	expect_same(7, EV_EFI_VARIABLE_DRIVER_CONFIG,
		    TEXT(DATABASE "\2\0\0\0\0\0\0\0\3\0\0\0\0\0\0\0d\0b\0xyz"));
	expect_end();
}

static void phrases_are_in_pcr_4(void **state)
{
	(void)state;
	measure_now(MEASURE_PHRASE, NULL, TEXT("17 4000 l!"));
	expect_same(4, EV_ACTION, TEXT("17 4000 l!"));
	expect_end();
}

static void separators_come_once_in_pcrs_0_to_7(void **state)
{
	(void)state;
	measure_separated = false;
	measure_enter();
	measure_enter();
	for (uint32_t pcr = 0; pcr < 8; pcr++)
		expect_same(pcr, EV_SEPARATOR, TEXT("\0\0\0\0"));
	expect_end();
	/* The TPM's package locks only once. */
	assert_int_equal(locks, 2);
}

static void later_all(void)
{
	measure_later(MEASURE_INITRD, NULL, TEXT("an initrd"));
	measure_later(MEASURE_CMDLINE, NULL, TEXT("a=b c"));
	measure_later(MEASURE_AUTHORITY, "grubdb", TEXT("a key"));
	measure_later(MEASURE_LOADER, "BOOTLOADER", TEXT("a program"));
	measure_later(MEASURE_BOOTING, "/disk:1", NULL, 0);
	measure_later(MEASURE_TEXT, "bootinfo.txt", TEXT("a text"));
	measure_later(MEASURE_TEXT, "bootargs", TEXT("quiet"));
	measure_later(MEASURE_MBR, NULL, TEXT("an mbr"));
	measure_later(MEASURE_GPT, NULL, TEXT("a gpt"));
}

static void what_a_client_is_comes_when_it_is_entered(void **state)
{
	(void)state;
	later_all();
	expect_end();
	measure_enter();
	expect_same(5, EV_EFI_GPT_EVENT, TEXT("a gpt"));
	expect(5, EV_IPL_PARTITION_DATA, TEXT("MBR PARTITION TABLE"),
	       TEXT("an mbr"));
	expect(5, EV_COMPACT_HASH, TEXT("bootinfo.txt"), TEXT("a text"));
	expect(5, EV_COMPACT_HASH, TEXT("bootargs"), TEXT("quiet"));
	expect_same(4, EV_ACTION, TEXT("Booting /disk:1"));
	expect(4, EV_COMPACT_HASH, TEXT("BOOTLOADER"), TEXT("a program"));
	expect_same(7, EV_EFI_VARIABLE_AUTHORITY,
		    TEXT(DATABASE "\6\0\0\0\0\0\0\0\5\0\0\0\0\0\0\0"
				  "g\0r\0u\0b\0d\0b\0a key"));
	expect(8, EV_IPL, BYTES("kernel_cmdline: a=b c"), TEXT("a=b c"));
	expect(9, EV_IPL, BYTES("initrd"), TEXT("an initrd"));
	expect_end();
	assert_int_equal(locks, 1);
	/* The next client has nothing of that. */
	measure_enter();
	expect_end();
}

static void an_attempt_that_failed_leaves_nothing(void **state)
{
	(void)state;
	later_all();
	measure_forget();
	assert_int_equal(fake_heap_live(), 0);
	measure_enter();
	expect_end();
}

static void a_key_is_logged_once(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		measure_later(MEASURE_AUTHORITY, "grubdb", TEXT("a key"));
		measure_enter();
	}
	measure_later(MEASURE_AUTHORITY, "grubdb", TEXT("a kez"));
	measure_enter();
	assert_int_equal(event_count, 2);
	assert_memory_not_equal(events[0].hash, events[1].hash, 32);
}

static void who_leaves_is_named(void **state)
{
	(void)state;
	measure_left();
	expect_end();
	measure_later(MEASURE_BOOTING, "/disk:1", NULL, 0);
	measure_enter();
	/* One that was not entered. */
	measure_later(MEASURE_BOOTING, "/disk:2", NULL, 0);
	measure_forget();
	measure_left();
	event_next = 1;
	expect_same(4, EV_ACTION, TEXT("Returning from /disk:1"));
	expect_end();
	/* It can leave only once; the next one may fail before it is entered. */
	measure_left();
	expect_end();
}

static void the_log_of_who_leaves_goes_on(void **state)
{
	(void)state;
	measure_later(MEASURE_BOOTING, "/disk:1", NULL, 0);
	measure_enter();
	hashes = 0;
	taken_back = SET;
	measure_left();
	assert_int_equal(event_count, 2);
}

#define IMAGE_SIZE 200001u

static void an_image_is_hashed_in_pieces(void **state)
{
	uint8_t *bytes = malloc(IMAGE_SIZE);
	struct image img;

	(void)state;
	for (size_t i = 0; i < IMAGE_SIZE; i++)
		bytes[i] = (uint8_t)(i * 7 + i / 256);
	image_from_memory(&img, bytes, IMAGE_SIZE);
	assert_int_equal(measure_image(MEASURE_LOADER, "kernel", &img,
				       IMAGE_SIZE - 1),
			 0);
	measure_enter();
	expect(4, EV_COMPACT_HASH, TEXT("kernel"), bytes, IMAGE_SIZE - 1);
	expect_end();
	assert_int_equal(measure_image(MEASURE_LOADER, "kernel", &img,
				       IMAGE_SIZE + 1),
			 ERR_RANGE);
	measure_enter();
	expect_end();
	free(bytes);
}

static void without_a_tpm_nothing_is_hashed_or_kept(void **state)
{
	struct image img;

	(void)state;
	hashes = 0;
	image_from_memory(&img, "x", 1);
	assert_false(measure_is_on());
	fake_heap_fail_after(0);
	measure_now(MEASURE_PROMPT, NULL, NULL, 0);
	later_all();
	assert_int_equal(measure_image(MEASURE_LOADER, "x", &img, 1), 0);
	measure_enter();
	measure_left();
	assert_false(fake_heap_failed());
	fake_heap_fail_after(-1);
	assert_int_equal(fake_heap_live(), 0);
	expect_end();
}

/* No bank has a hash that we know: its platform is not left to the client. */
static void a_tpm_without_banks_is_locked(void **state)
{
	(void)state;
	hashes = 0;
	measure_enter();
	assert_int_equal(locks, 1);
	expect_end();
}

/* It fails, or a client takes its log, between load and go. */
static void a_tpm_that_stops_is_told_no_more(void **state)
{
	(void)state;
	later_all();
	hashes = 0;
	measure_enter();
	expect_end();
	assert_int_equal(fake_heap_live(), 0);
}

static void a_full_log_does_not_end_measuring(void **state)
{
	(void)state;
	measure_separated = false;
	event_error = ERR_NOSPACE;
	measure_later(MEASURE_LOADER, "kernel", TEXT("x"));
	measure_enter();
	assert_int_equal(event_count, 9);
}

static void what_cannot_be_kept_is_not_passed_over(void **state)
{
	(void)state;
	fake_heap_fail_after(0);
	later_all();
	fake_heap_fail_after(-1);
	measure_enter();
	expect_same(4, EV_ACTION, TEXT("not measured"));
	assert_true(fake_log_has("measuring: out of memory"));
	expect_end();
	fake_heap_fail_after(0);
	measure_now(MEASURE_CONFIG, "a=b", NULL, 0);
	fake_heap_fail_after(-1);
	expect_same(4, EV_ACTION, TEXT("not measured"));
	measure_now(MEASURE_TREE, NULL, NULL, 4);
	expect_same(4, EV_ACTION, TEXT("not measured"));
	expect_end();
}

#define T(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_firmware_is_in_pcr_0),
		T(the_configuration_is_in_pcr_1),
		T(policy_is_in_pcr_7),
		T(phrases_are_in_pcr_4),
		T(separators_come_once_in_pcrs_0_to_7),
		T(what_a_client_is_comes_when_it_is_entered),
		T(an_attempt_that_failed_leaves_nothing),
		T(a_key_is_logged_once),
		T(who_leaves_is_named),
		T(the_log_of_who_leaves_goes_on),
		T(an_image_is_hashed_in_pieces),
		T(without_a_tpm_nothing_is_hashed_or_kept),
		T(a_tpm_without_banks_is_locked),
		T(a_tpm_that_stops_is_told_no_more),
		T(a_full_log_does_not_end_measuring),
		T(what_cannot_be_kept_is_not_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
