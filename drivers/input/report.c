// SPDX-License-Identifier: BSD-2-Clause
// Reports of boot keyboards (HID 1.11, 8.3, B.1, C).
#include "drivers/input/report.h"

#include <string.h>

#include "lib/deadline.h"

/*
 * A key is new if this report has it and the last one did not. With idle rate 0
 * a real keyboard reports changes only. QEMU reports each byte of an AT scan
 * code [hw/input/hid.c, hid_keyboard_process_keycode]:
 *
 *	a held key repeats	a report equal to the last
 *	extended keys		0xe0 first: an equal report; then the change
 *	...that repeat		two equal reports
 *
 * So an equal report is a repeat if what follows says so, or if nothing follows
 * within two intervals of the endpoint, at which QEMU reports.
 *
 * When its queue is full, QEMU drops scan codes, also those of releases: a key
 * may seem to be held for ever. It blocks no other key, and as equal reports
 * repeat it, it can be typed even then.
 */

/* Usages that stand for an error, such as too many keys. [HID 1.11, C] */
#define USAGE_ERROR_MAX 0x03u

#define KEYS_AT 2u /* in a report */

/* Longest time between the two reports of an extended key. */
#define DOUBT_MS 25u

/* Modifiers that are extended keys: right Ctrl, right Alt, both GUI. */
#define EXTENDED_MODIFIERS 0xd8u

/* Does the AT keyboard send 0xe0 first? */
static bool report_is_extended(uint8_t usage)
{
	switch (usage) {
	case 0x49 ... 0x52: /* Insert to Up */
	case 0x54:	    /* keypad / */
	case 0x58:	    /* keypad Enter */
	case 0x65:	    /* Menu */
		return true;
	default:
		return false;
	}
}

static bool report_has(const uint8_t *report, uint8_t usage)
{
	return memchr(report + KEYS_AT, usage, REPORT_LEN - KEYS_AT) != NULL;
}

static bool report_is_error(const uint8_t *report)
{
	return report[KEYS_AT] && report[KEYS_AT] <= USAGE_ERROR_MAX;
}

/* Has `report` an extended key that `other` has not? */
static bool report_adds_extended(const uint8_t *report, const uint8_t *other)
{
	for (unsigned i = KEYS_AT; i < REPORT_LEN; i++) {
		if (report_is_extended(report[i]) &&
		    !report_has(other, report[i]))
			return true;
	}
	return false;
}

/* Was an equal report before this one the first half of its change? */
static bool report_changes_extended(const struct report_state *rs,
				    const uint8_t *report)
{
	return (report[0] ^ rs->last[0]) & EXTENDED_MODIFIERS ||
	       report_adds_extended(report, rs->last) ||
	       report_adds_extended(rs->last, report);
}

/* Without a key nothing. */
static void report_repeat(const struct report_state *rs, struct keyboard *kb)
{
	keyboard_press(kb, rs->key, true);
}

/* An equal report: what it is depends on the next one. */
static void report_equal(struct report_state *rs, struct keyboard *kb)
{
	bool second = rs->doubt;

	if (second)
		report_repeat(rs, kb);
	rs->doubt = !(second && report_is_extended(rs->key));
	rs->doubt_ends = deadline_ms() + DOUBT_MS;
}

/* The key that is held last in the list, or 0. */
static uint8_t report_held(const uint8_t *report)
{
	for (unsigned i = REPORT_LEN; i-- > KEYS_AT;) {
		if (report[i] > USAGE_ERROR_MAX)
			return report[i];
	}
	return 0;
}

/* Types the new keys. Returns the last of them, or 0. */
static uint8_t report_press(const struct report_state *rs, struct keyboard *kb,
			    const uint8_t *report)
{
	uint8_t key = 0;

	for (unsigned i = KEYS_AT; i < REPORT_LEN; i++) {
		if (report[i] <= USAGE_ERROR_MAX ||
		    report_has(rs->last, report[i]))
			continue;
		key = report[i];
		keyboard_press(kb, key, false);
	}
	return key;
}

static void report_change(struct report_state *rs, struct keyboard *kb,
			  const uint8_t *report)
{
	bool modifier = report[0] & ~rs->last[0];
	uint8_t key;

	if (rs->doubt && !report_is_extended(rs->key) &&
	    !report_changes_extended(rs, report))
		report_repeat(rs, kb);
	rs->doubt = false;
	kb->map.modifiers = report[0];
	key = report_press(rs, kb, report);
	if (key)
		rs->key = key;
	else if (modifier)
		rs->key = 0; /* the modifier repeats */
	else if (!rs->key || !report_has(report, rs->key))
		rs->key = report_held(report);
	memcpy(rs->last, report, REPORT_LEN);
}

void report_take(struct report_state *rs, struct keyboard *kb,
		 const uint8_t *report, size_t len)
{
	/* Which keys are held, a later report says. */
	if (len < REPORT_LEN || report_is_error(report))
		return;
	if (memcmp(report, rs->last, REPORT_LEN) == 0)
		report_equal(rs, kb);
	else
		report_change(rs, kb, report);
}

bool report_none(struct report_state *rs, struct keyboard *kb)
{
	/* An extended key repeats only when both reports have come. */
	if (!rs->doubt || report_is_extended(rs->key) ||
	    deadline_ms() < rs->doubt_ends)
		return false;
	rs->doubt = false;
	report_repeat(rs, kb);
	return true;
}
