// SPDX-License-Identifier: BSD-2-Clause
/* Tests of boot/measured.c: what is measured of the machine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "boot/config.h"
#include "boot/measured.h"
#include "packages/secure/keys.h"
#include "tests/fake/machine.h"
#include "tests/fake/measure.h"
#include "tree/path.h"
#include "tree/prop.h"

static enum keys_mode mode;
static size_t keys, denied;
static const char *db, *dbx, *sbat;
static const char *boot_device;

enum keys_mode keys_mode(void)
{
	return mode;
}

size_t keys_count(void)
{
	return keys;
}

const struct keys_key *keys_at(size_t i)
{
	static const struct keys_key all[] = {
		{ .owner = (const uint8_t *)"owner 0 owner 0 ",
		  .cert = (const uint8_t *)"abc",
		  .cert_len = 3 },
		{ .owner = (const uint8_t *)"owner 1 owner 1 ",
		  .cert = (const uint8_t *)"defgh",
		  .cert_len = 5 },
	};

	return i < keys ? &all[i] : NULL;
}

const uint8_t *keys_denied(const uint8_t *last)
{
	static const char *const hashes[] = {
		"0123456789abcdef0123456789abcdef",
		"ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEF",
	};

	size_t i = 0;

	while (last && (const uint8_t *)hashes[i++] != last)
		assert_true(i < ARRAY_SIZE(hashes));
	return i < denied ? (const uint8_t *)hashes[i] : NULL;
}

static const void *text(const char *from, size_t *len)
{
	*len = from ? strlen(from) : 0;
	return from;
}

const void *keys_esl(enum keys_list list, size_t *len)
{
	return text(list == KEYS_DB ? db : dbx, len);
}

const char *keys_sbat(size_t *len)
{
	return text(sbat, len);
}

const char *config_str(const char *name)
{
	const struct config_var *var = config_find(name);

	if (!strcmp(name, "boot-device"))
		return boot_device;
	return var->initial;
}

static int start(void **state)
{
	mode = KEYS_OFF;
	keys = denied = 0;
	db = dbx = sbat = NULL;
	boot_device = "";
	fake_machine_start(state);
	fake_measure_start();
	return 0;
}

static int stop(void **state)
{
	fake_measure_stop();
	return fake_machine_stop(state);
}

static void measured_version(void)
{
	const char *name = fake_measured_name(MEASURE_VERSION);

	assert_memory_equal(name, "quoin ", 6);
	assert_true(strlen(name) > 6);
}

static void measured_start(void)
{
	measured_version();
	fake_measured(MEASURE_FIRMWARE, NULL, "image", 5);
	fake_measured(MEASURE_TREE, NULL, "tree", 4);
}

static void a_machine_without_keys_has_empty_lists(void **state)
{
	static const char *const lists[] = { "PK",     "KEK",	  "db",	 "dbx",
					     "grubdb", "grubdbx", "sbat" };

	(void)state;
	measured_machine("image", 5, "tree", 4);
	measured_start();
	fake_measured(MEASURE_VARIABLE, "SecureBoot", "\0", 1);
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		fake_measured(MEASURE_VARIABLE, lists[i], NULL, 0);
	fake_measured_end();
}

#define X509 "\xa1\x59\xc0\xa5\xe4\x94\xa7\x4a\x87\xb5\xab\x15\x5c\x2b\xf0\x72"
#define SHA256                                                                 \
	"\x26\x16\xc4\xc1\x4c\x50\x92\x40\xac\xa9\x41\xf9\x36\x93\x43\x28"

static void keys_and_hashes_are_signature_lists(void **state)
{
	static const char grubdb[] = X509
		"\x2f\0\0\0\0\0\0\0\x13\0\0\0owner 0 owner 0 abc" X509
		"\x31\0\0\0\0\0\0\0\x15\0\0\0owner 1 owner 1 defgh";
	static const char grubdbx[] = SHA256 "\x7c\0\0\0\0\0\0\0\x30\0\0\0"
					     "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
					     "0123456789abcdef0123456789abcdef"
					     "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
					     "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEF";

	(void)state;
	mode = KEYS_ENFORCE;
	keys = denied = 2;
	db = "a list";
	dbx = "another list";
	sbat = "grub,3\n";
	measured_machine("image", 5, "tree", 4);
	measured_start();
	fake_measured(MEASURE_VARIABLE, "SecureBoot", "\1", 1);
	fake_measured(MEASURE_VARIABLE, "PK", NULL, 0);
	fake_measured(MEASURE_VARIABLE, "KEK", NULL, 0);
	fake_measured(MEASURE_VARIABLE, "db", "a list", 6);
	fake_measured(MEASURE_VARIABLE, "dbx", "another list", 12);
	fake_measured(MEASURE_VARIABLE, "grubdb", grubdb, sizeof(grubdb) - 1);
	fake_measured(MEASURE_VARIABLE, "grubdbx", grubdbx,
		      sizeof(grubdbx) - 1);
	fake_measured(MEASURE_VARIABLE, "sbat", "grub,3\n", 7);
	fake_measured_end();
}

static void audit_is_no_secure_boot(void **state)
{
	(void)state;
	mode = KEYS_AUDIT;
	measured_machine("image", 5, "tree", 4);
	measured_start();
	fake_measured(MEASURE_VARIABLE, "SecureBoot", "\0", 1);
}

static void what_there_was_no_memory_for_is_missed(void **state)
{
	(void)state;
	measured_machine(NULL, 5, NULL, 4);
	measured_version();
	fake_measured(MEASURE_LOST, NULL, NULL, 0);
	fake_measured(MEASURE_LOST, NULL, NULL, 0);
}

static void set_chosen(const char *name, const char *value)
{
	assert_int_equal(tree_set_str(tree_find("/chosen"), name, value), 0);
}

static void variables_that_are_not_default_are_measured(void **state)
{
	(void)state;
	measured_config();
	fake_measured_end();
	boot_device = "disk net";
	set_chosen("qemu,boot-list", "/pci@1/scsi@2\nHALT");
	set_chosen("qemu,boot-device", "cd");
	measured_config();
	fake_measured(MEASURE_CONFIG, "boot-device=disk net", NULL, 0);
	fake_measured(MEASURE_CONFIG, "qemu,boot-list=/pci@1/scsi@2\nHALT",
		      NULL, 0);
	fake_measured(MEASURE_CONFIG, "qemu,boot-device=cd", NULL, 0);
	fake_measured_end();
}

static void kernel_outside_of_ram_is_missed(void **state)
{
	static const struct measured_range ranges[] = {
		{ 0x6000, 0x1000 },
		{ FAKE_MEMORY - 4, 0x1000 },
	};
	static const struct measured_range initrd = { FAKE_MEMORY - 4, 8 };

	(void)state;
	measured_kernel(ranges, 1, &(struct measured_range){ 0, 0 });
	measure_enter();
	fake_measured(MEASURE_BOOTING, "-kernel", NULL, 0);
	fake_measured(MEASURE_LOADER, "kernel", fake_memory + 0x6000, 0x1000);
	fake_measured_end();
	measured_kernel(ranges, 2, &initrd);
	assert_int_equal(fake_measured_waits(), 4);
}

#define T(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_machine_without_keys_has_empty_lists),
		T(keys_and_hashes_are_signature_lists),
		T(audit_is_no_secure_boot),
		T(what_there_was_no_memory_for_is_missed),
		T(variables_that_are_not_default_are_measured),
		T(kernel_outside_of_ram_is_missed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
