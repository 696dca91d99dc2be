// SPDX-License-Identifier: BSD-2-Clause
/* Measuring: what is loaded or run, and what steers it, goes into PCRs. */
#include "packages/measure.h"

#include <string.h>

#include "lib/endian.h"
#include "lib/heap.h"
#include "lib/list.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "packages/tpm/tpm.h"

/* An image is read and hashed in pieces of this size. */
#define MEASURE_PIECE (64 * KiB)

/* The GUID in EFI_GLOBAL_VARIABLE, EFI_IMAGE_SECURITY_DATABASE. [UEFI 2.10] */
static const uint8_t guid_global[16] = { 0x61, 0xdf, 0xe4, 0x8b, 0xca, 0x93,
					 0xd2, 0x11, 0xaa, 0x0d, 0x00, 0xe0,
					 0x98, 0x03, 0x2b, 0x8c };
static const uint8_t guid_database[16] = { 0xcb, 0xb2, 0x19, 0xd7, 0x3a, 0x3d,
					   0x96, 0x45, 0xa3, 0xbc, 0xda, 0xd0,
					   0x0e, 0x67, 0x65, 0x6f };

/*
 * Parts of an event's data in the log, in this order; HASH_DATA: hashed is not
 * that, but the data.
 */
enum measure_part {
	PART_GUID = 1 << 0, /* of the variable */
	PART_NAME_LEN = 1 << 1,
	PART_DATA_LEN = 1 << 2,
	PART_TEXT = 1 << 3,
	PART_NAME = 1 << 4,
	PART_UCS2 = 1 << 5, /* the name, of ASCII */
	PART_DATA = 1 << 6,
	HASH_DATA = 1 << 7,

	FORM_NAME = PART_TEXT | PART_NAME,
	/* UEFI_VARIABLE_DATA. */
	FORM_VARIABLE = PART_GUID | PART_NAME_LEN | PART_DATA_LEN | PART_UCS2 |
			PART_DATA,
	/* UEFI_PLATFORM_FIRMWARE_BLOB: address and size. The image is at 0. */
	FORM_BLOB = PART_NAME_LEN | PART_DATA_LEN,
};

struct measure_rule {
	uint32_t type;
	uint8_t pcr, last; /* all of these; last 0: only the first */
	uint8_t form;	   /* of enum measure_part */
	uint8_t zeros;	   /* bytes after all parts */
	const char *text;
};

static const uint8_t *measure_guid(const char *name)
{
	static const char *const global[] = { "SecureBoot", "PK", "KEK" };

	for (size_t i = 0; i < ARRAY_SIZE(global); i++) {
		if (!strcmp(name, global[i]))
			return guid_global;
	}
	return guid_database;
}

/* Copies to every `unit`th byte of zeros. Returns the end. */
static size_t measure_put(uint8_t *out, size_t at, const uint8_t *bytes,
			  size_t len, size_t unit)
{
	for (size_t i = 0; out && i < len; i++)
		out[at + i * unit] = bytes[i];
	return at + len * unit;
}

/* Writes an event's data to zeros at `out`; NULL: only tells the size. */
static size_t measure_write(const struct measure_rule *rule, const char *name,
			    const void *data, size_t len, uint8_t *out)
{
	const size_t name_len = strlen(name);
	const le64 lens[] = { le64_make(name_len), le64_make(len) };
	const struct {
		const void *bytes;
		size_t len;
	} parts[] = {
		{ measure_guid(name), sizeof(guid_global) },
		{ &lens[0], sizeof(lens[0]) },
		{ &lens[1], sizeof(lens[1]) },
		{ rule->text, strlen(rule->text) },
		{ name, name_len },
		{ name, name_len },
		{ data, len },
	};
	size_t at = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(parts); i++) {
		unsigned part = 1u << i;

		if (rule->form & part)
			at = measure_put(out, at, parts[i].bytes, parts[i].len,
					 part == PART_UCS2 ? 2 : 1);
	}
	return at + rule->zeros;
}

/*
 * The events. Hashed is the event's own data, or what it is about.
 * [TCG PC Client Platform Firmware Profile 1.06, 3.3.4, 10.4; GRUB's PCRs 8, 9]
 *
 * PCR  type                         event                     hashed
 * 0    S_CRTM_VERSION               UCS-2 "quoin 1.0", NUL    the event
 * 0    S_CRTM_CONTENTS              {0, size}                 quoin.bin
 * 1    TABLE_OF_DEVICES             "FDT"                     QEMU's tree
 * 7    EFI_VARIABLE_DRIVER_CONFIG   UEFI_VARIABLE_DATA        the event
 * 1    PLATFORM_CONFIG_FLAGS        "name=value"              the event
 * 1    ACTION                       "Entering ROM Based Setup"  the event
 * 4    ACTION                       "17 4000 l!"              the event
 * 0-7  SEPARATOR                    00000000                  the event
 * 5    EFI_GPT_EVENT                UEFI_GPT_DATA             the event
 * 5    IPL_PARTITION_DATA           "MBR PARTITION TABLE"     bytes 440-511
 * 5    COMPACT_HASH                 "bootinfo.txt", "bootargs",
 *                                   "pxelinux.cfg /path"      the text
 * 4    ACTION                       "Booting <path>"          the event
 * 4    COMPACT_HASH                 "BOOTLOADER", a file's name, "kernel",
 *                                   "boot script", "AIX boot image"  all of it
 * 7    EFI_VARIABLE_AUTHORITY       UEFI_VARIABLE_DATA        the event
 * 8    IPL                          "kernel_cmdline: …", NUL  the arguments
 * 9    IPL                          "initrd", NUL             the initrd
 * 4    ACTION                       "Returning from <path>"   the event
 * 4    ACTION                       "not measured"            the event
 */
static const struct measure_rule measure_rules[MEASURE_EVENTS] = {
	[MEASURE_VERSION] = { EV_S_CRTM_VERSION, 0, 0, PART_UCS2, 2, "" },
	[MEASURE_FIRMWARE] = { EV_S_CRTM_CONTENTS, 0, 0, FORM_BLOB | HASH_DATA,
			       0, "" },
	[MEASURE_TREE] = { EV_TABLE_OF_DEVICES, 1, 0, FORM_NAME | HASH_DATA, 0,
			   "FDT" },
	[MEASURE_VARIABLE] = { EV_EFI_VARIABLE_DRIVER_CONFIG, 7, 0,
			       FORM_VARIABLE, 0, "" },
	[MEASURE_CONFIG] = { EV_PLATFORM_CONFIG_FLAGS, 1, 0, FORM_NAME, 0, "" },
	[MEASURE_PROMPT] = { EV_ACTION, 1, 0, FORM_NAME, 0,
			     "Entering ROM Based Setup" },
	[MEASURE_PHRASE] = { EV_ACTION, 4, 0, PART_DATA, 0, "" },
	[MEASURE_SEPARATOR] = { EV_SEPARATOR, 0, 7, 0, 4, "" },
	[MEASURE_GPT] = { EV_EFI_GPT_EVENT, 5, 0, PART_DATA, 0, "" },
	[MEASURE_MBR] = { EV_IPL_PARTITION_DATA, 5, 0, FORM_NAME | HASH_DATA, 0,
			  "MBR PARTITION TABLE" },
	[MEASURE_TEXT] = { EV_COMPACT_HASH, 5, 0, FORM_NAME | HASH_DATA, 0,
			   "" },
	[MEASURE_BOOTING] = { EV_ACTION, 4, 0, FORM_NAME, 0, "Booting " },
	[MEASURE_LOADER] = { EV_COMPACT_HASH, 4, 0, FORM_NAME | HASH_DATA, 0,
			     "" },
	[MEASURE_AUTHORITY] = { EV_EFI_VARIABLE_AUTHORITY, 7, 0, FORM_VARIABLE,
				0, "" },
	[MEASURE_CMDLINE] = { EV_IPL, 8, 0, PART_TEXT | PART_DATA | HASH_DATA,
			      1, "kernel_cmdline: " },
	[MEASURE_INITRD] = { EV_IPL, 9, 0, PART_TEXT | HASH_DATA, 1, "initrd" },
	[MEASURE_RETURNED] = { EV_ACTION, 4, 0, FORM_NAME, 0,
			       "Returning from " },
	[MEASURE_LOST] = { EV_ACTION, 4, 0, PART_TEXT, 0, "not measured" },
};

/* An event that waits, or an authority that has been logged. */
struct measure_kept {
	struct list link;
	enum measure_event what;
	struct digest_values values;
	size_t len;
	uint8_t event[];
};

static struct list measure_waiting = LIST_INIT(measure_waiting);
static struct list measure_logged = LIST_INIT(measure_logged);
static bool measure_separated; /* a client has been entered */
static bool measure_lost;      /* there was no memory for a waiting event */
static struct measure_kept *measure_entered; /* MEASURE_BOOTING; NULL: none */

bool measure_is_on(void)
{
	return tpm_hashes() != 0;
}

/* The TPM's failures are printed by its package; a full log is marked there. */
static void measure_extend(const struct measure_kept *kept)
{
	const struct measure_rule *rule = &measure_rules[kept->what];
	uint32_t pcr = rule->pcr;
	int rc;

	do
		rc = tpm_event(pcr, rule->type, kept->event, kept->len,
			       &kept->values);
	while ((!rc || rc == ERR_NOSPACE) && pcr++ < rule->last);
}

/*
 * That something was not logged must not go unnoticed: it may have been a
 * program, which could then make its own event in PCR 4.
 */
static void measure_lose(void)
{
	const struct measure_rule *rule = &measure_rules[MEASURE_LOST];

	measure_lost = false;
	log_err("measuring: out of memory");
	(void)!tpm_event(rule->pcr, rule->type, rule->text, strlen(rule->text),
			 NULL);
}

/* An event without its hashes, and a NUL; NULL: no memory for it. */
static struct measure_kept *measure_make(enum measure_event what,
					 const char *name, const void *data,
					 size_t data_len)
{
	const struct measure_rule *rule = &measure_rules[what];
	size_t len = measure_write(rule, name, data, data_len, NULL);
	struct measure_kept *kept = heap_zalloc(sizeof(*kept) + len + 1);

	if (!kept)
		return NULL;
	list_init(&kept->link);
	kept->what = what;
	kept->len = len;
	measure_write(rule, name, data, data_len, kept->event);
	return kept;
}

/* The same with them. */
static struct measure_kept *measure_hash(enum measure_event what,
					 const char *name, const void *data,
					 size_t len)
{
	struct measure_kept *kept;

	if (len && !data)
		what = MEASURE_LOST;
	kept = measure_make(what, name ? name : "", data, len);
	if (!kept)
		return NULL;
	if (!(measure_rules[what].form & HASH_DATA)) {
		data = kept->event;
		len = kept->len;
	}
	digest_of(tpm_hashes(), data, len, &kept->values);
	return kept;
}

void measure_now(enum measure_event what, const char *name, const void *data,
		 size_t len)
{
	struct measure_kept *kept;

	if (!measure_is_on())
		return;
	kept = measure_hash(what, name, data, len);
	if (kept)
		measure_extend(kept);
	else
		measure_lose();
	heap_free(kept);
}

static void measure_keep(struct measure_kept *kept)
{
	if (kept)
		list_add_tail(&measure_waiting, &kept->link);
	else
		measure_lost = true;
}

void measure_later(enum measure_event what, const char *name, const void *data,
		   size_t len)
{
	if (measure_is_on())
		measure_keep(measure_hash(what, name, data, len));
}

static int measure_read(struct image *img, uint64_t len,
			struct digest_values *values)
{
	uint8_t *piece = heap_alloc(MEASURE_PIECE);
	struct digest digest;
	int rc = piece ? 0 : reason_fail(ERR_NOMEM, "out of memory");

	digest_begin(&digest, tpm_hashes());
	for (uint64_t at = 0; !rc && at < len; at += MEASURE_PIECE) {
		size_t n = (size_t)MIN(len - at, MEASURE_PIECE);

		rc = image_read(img, at, piece, n);
		if (!rc)
			digest_add(&digest, piece, n);
	}
	digest_end(&digest, values);
	heap_free(piece);
	return rc;
}

int measure_image(enum measure_event what, const char *name, struct image *img,
		  uint64_t len)
{
	struct measure_kept *kept;
	int rc = 0;

	if (!measure_is_on())
		return 0;
	kept = measure_make(what, name, NULL, (size_t)len);
	if (kept)
		rc = measure_read(img, len, &kept->values);
	if (rc)
		heap_free(kept);
	else
		measure_keep(kept);
	return rc;
}

void measure_forget(void)
{
	struct measure_kept *kept, *next;

	measure_lost = false;
	list_for_each_safe(kept, next, &measure_waiting, link) {
		list_del(&kept->link);
		heap_free(kept);
	}
}

/* A key is logged once. [PC Client Platform Firmware Profile 1.06, 3.3.4.8] */
static bool measure_is_logged(const struct measure_kept *kept)
{
	const struct measure_kept *old;

	list_for_each(old, &measure_logged, link) {
		if (old->len == kept->len &&
		    !memcmp(old->event, kept->event, kept->len))
			return true;
	}
	return false;
}

/* Logs one that waited. */
static void measure_log(struct measure_kept *kept)
{
	list_del(&kept->link);
	if (kept->what == MEASURE_AUTHORITY && measure_is_logged(kept)) {
		heap_free(kept);
		return;
	}
	measure_extend(kept);
	if (kept->what == MEASURE_AUTHORITY) {
		list_add_tail(&measure_logged, &kept->link);
	} else if (kept->what == MEASURE_BOOTING) {
		heap_free(measure_entered);
		measure_entered = kept;
	} else {
		heap_free(kept);
	}
}

static void measure_log_all(enum measure_event what)
{
	struct measure_kept *kept, *next;

	list_for_each_safe(kept, next, &measure_waiting, link) {
		if (kept->what == what)
			measure_log(kept);
	}
}

void measure_enter(void)
{
	unsigned what;

	if (!measure_is_on()) {
		measure_forget();
		tpm_lock();
		return;
	}
	if (!measure_separated)
		measure_now(MEASURE_SEPARATOR, NULL, NULL, 0);
	measure_separated = true;
	for (what = 0; what < MEASURE_EVENTS; what++)
		measure_log_all((enum measure_event)what);
	if (measure_lost)
		measure_lose();
	tpm_lock();
}

/* The path is the event's text, without what the rule puts before it. */
void measure_left(void)
{
	const char *before = measure_rules[MEASURE_BOOTING].text;

	tpm_take_back();
	if (measure_entered)
		measure_now(MEASURE_RETURNED,
			    (const char *)measure_entered->event +
				    strlen(before),
			    NULL, 0);
	heap_free(measure_entered);
	measure_entered = NULL;
}
