// SPDX-License-Identifier: BSD-2-Clause
/* Tests of boot/loader.c: what is loaded, what is said, what is left. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "boot/loader.h"
#include "ci/claim.h"
#include "drivers/instance.h"
#include "tree/path.h"
#include "tree/prop.h"
#include "tests/fake/instances.h"
#include "tests/fake/loader.h"
#include "tests/fake/machine.h"

#define DISK "/vdevice/disk@71000002"

static void harnesses_see_trying_and_loaded(void **state)
{
	(void)state;
	fake_load_reset();
	assert_int_equal(fake_load_run("disk", "quiet"), 0);
	assert_string_equal(fake_printed, "  Trying to load: quiet from: " DISK
					  " ...   Successfully loaded\r\n");
	assert_int_equal(fake_load.entry.pc, 0x20000);
	assert_int_equal(fake_code_written, 0x1000);
	assert_memory_equal(fake_memory + 0x20000, fake_disk, 512);
	assert_false(claim_is_free(0x20000, 0x1000));
	assert_string_equal(fake_load.args, "2");
}

/* No trailing colon: it compares it with its aliases. */
static void grub_bootpath_of_a_partition_is_the_disk(void **state)
{
	(void)state;
	fake_load_reset();
	assert_int_equal(fake_load_run("disk", "quiet"), 0);
	fake_load_chosen(DISK, "quiet");
}

static void the_discs_own_file_and_arguments_are_used(void **state)
{
	(void)state;
	fake_load_reset();
	fake_load.label = (struct disk_boot){ .has_partition = true,
					      .partition = 1,
					      .path = "\\boot\\grub.elf" };
	strcpy(fake_load.label.client_args, "from-bootinfo");
	assert_int_equal(fake_load_run("disk", "quiet"), 0);
	assert_string_equal(fake_load.args, "1,\\boot\\grub.elf");
	fake_load_chosen(DISK ":1,\\boot\\grub.elf", "from-bootinfo");
}

static void a_named_file_is_not_searched_for(void **state)
{
	(void)state;
	fake_load_reset();
	assert_int_equal(fake_load_run("disk:3,\\x", ""), 0);
	assert_int_equal(fake_load.asked, 0);
	assert_string_equal(fake_load.args, "3,\\x");
	fake_load_chosen(DISK ":3,\\x", "");
	fake_load_printed("from: " DISK ":3,\\x ... ");
}

static void loading_leaves_no_instance_and_no_block(void **state)
{
	size_t open = fake_instance_count(), live;

	(void)state;
	fake_load_reset();
	assert_int_equal(fake_load_run("disk", ""), 0);
	live = fake_blocks_live();
	claim_release(0x20000, 0x1000);
	assert_int_equal(fake_load_run("disk", ""), 0);
	claim_release(0x20000, 0x1000);
	fake_load.probe_error = ERR_FORMAT;
	assert_int_equal(fake_load_run("disk", ""), ERR_NODEV);
	fake_disk_read_error = ERR_IO;
	assert_int_equal(fake_load_run("disk", ""), ERR_NODEV);
	assert_int_equal(fake_load_run("disk:9", ""), ERR_NODEV);
	assert_int_equal(fake_instance_count(), open);
	assert_int_equal(fake_load.open_targets, 0);
	assert_int_equal(fake_blocks_live(), live);
}

static void an_unknown_device_is_e3405(void **state)
{
	(void)state;
	fake_load_reset();
	assert_int_equal(fake_load_run("/pci@1/none", ""), ERR_NODEV);
	fake_load_printed("Trying to load:  from: /pci@1/none ... ");
	fake_load_printed("\r\nE3405: No such device:");
	assert_int_equal(fake_load_run("none:1", ""), ERR_NODEV);
}

static void devices_that_are_no_disks_are_e3404(void **state)
{
	(void)state;
	fake_load_reset();
	assert_int_equal(fake_load_run("/vdevice/vty", ""), ERR_NODEV);
	fake_load_printed(
		"E3404: Not a bootable device! /vdevice/vty@71000001: "
		"programs cannot be loaded from it");
	assert_int_equal(fake_load_run("/chosen", ""), ERR_NODEV);
	fake_load_printed("E3404: Not a bootable device! /chosen: no driver");
	device_fail(device_of(tree_find("/vdevice/vty")), "it smokes");
	assert_int_equal(fake_load_run("/vdevice/vty", ""), ERR_NODEV);
	fake_load_printed("vty@71000001: it smokes");
	device_of(tree_find("/vdevice/vty"))->state = DEVICE_OFF;
}

static void an_empty_disk_is_e3404_with_its_reason(void **state)
{
	(void)state;
	fake_load_reset();
	fake_load.labels = 0;
	fake_load.label_end = ERR_NOENT;
	fake_load.label_why = "no PReP partition";
	assert_int_equal(fake_load_run("disk", ""), ERR_NODEV);
	fake_load_printed("\r\nE3404: Not a bootable device! " DISK
			  ": no PReP partition\r\n");
	assert_false(fake_log_has("Successfully"));
}

static void a_broken_disk_is_e3404_with_its_reason(void **state)
{
	(void)state;
	fake_load_reset();
	fake_disk_error = ERR_NOMEDIUM;
	assert_int_equal(fake_load_run("disk", ""), ERR_NODEV);
	fake_load_printed("E3404: ");
	fake_load_printed("it is broken");
}

static void a_missing_partition_is_e3404(void **state)
{
	(void)state;
	fake_load_reset();
	assert_int_equal(fake_load_run("disk:9", ""), ERR_NODEV);
	fake_load_printed("E3404: Not a bootable device! " DISK
			  ":9: no partition 9");
}

/* What the disk itself names is told: nobody has typed it. */
static void what_the_label_names_is_told_when_missing(void **state)
{
	(void)state;
	fake_load_reset();
	fake_load.label.partition = 9;
	assert_int_equal(fake_load_run("disk", ""), ERR_NODEV);
	fake_load_printed("E3404: Not a bootable device! " DISK
			  ":9: no partition 9");
}

static void overlong_arguments_are_refused(void **state)
{
	char device[300];

	(void)state;
	fake_load_reset();
	memset(device, 'x', sizeof(device));
	memcpy(device, "disk:", 5);
	device[5 + 256] = '\0';
	assert_int_equal(fake_load_run(device, ""), ERR_NODEV);
	fake_load_printed("arguments too long");
	device[5 + 255] = '\0';
	assert_int_equal(fake_load_run(device, ""), 0);
}

static void what_is_no_executable_is_e3403(void **state)
{
	(void)state;
	fake_load_reset();
	fake_load.probe_error = ERR_FORMAT;
	assert_int_equal(fake_load_run("disk", ""), ERR_NODEV);
	fake_load_printed("E3403: Bad executable: " DISK ":2: no ELF magic");
	fake_load.probe_error = 0;
	fake_load.load_error = ERR_FORMAT;
	assert_int_equal(fake_load_run("disk", ""), ERR_NODEV);
	fake_load_printed("E3403: Bad executable: " DISK ":2: the load failed");
}

static void bad_blocks_are_e3407(void **state)
{
	(void)state;
	fake_load_reset();
	fake_disk_read_error = ERR_IO;
	assert_int_equal(fake_load_run("disk", ""), ERR_NODEV);
	fake_load_printed("E3407: Load failed: " DISK ":2: a bad block");
	fake_disk_read_error = 0;
	fake_events_clear();
	fake_load.probe_error = ERR_IO;
	assert_int_equal(fake_load_run("disk", ""), ERR_NODEV);
	fake_load_printed("E3407: ");
	fake_load.probe_error = 0;
	fake_load.load_error = ERR_IO;
	fake_events_clear();
	assert_int_equal(fake_load_run("disk", ""), ERR_NODEV);
	fake_load_printed("E3407: Load failed: " DISK ":2: the load failed");
}

static void memory_that_is_taken_is_e3408(void **state)
{
	(void)state;
	fake_load_reset();
	assert_int_equal(claim_exact(0x20fff, 1), 0);
	assert_int_equal(fake_load_run("disk", ""), ERR_NODEV);
	fake_load_printed("E3408: Failed to claim memory for the executable: ");
	assert_true(claim_is_free(0x20000, 0xfff));
	fake_events_clear();
	fake_load.size = FAKE_MEMORY;
	assert_int_equal(fake_load_run("disk", ""), ERR_NODEV);
	fake_load_printed("E3408: ");
}

static void an_image_over_the_firmware_is_e3408(void **state)
{
	(void)state;
	fake_load_reset();
	fake_load.size = FAKE_WINDOW - 0x20000 + 1;
	assert_int_equal(fake_load_run("disk", ""), ERR_NODEV);
	fake_load_printed("E3408: ");
	assert_int_equal(fake_memory[0x20000], 0xee);
}

/* All of it at load-base, where it stays until the client leaves. */
static void aix_finds_its_whole_image_at_load_base(void **state)
{
	(void)state;
	fake_load_reset();
	fake_load.info.osabi = ELF_OSABI_AIX;
	fake_disk[sizeof(fake_disk) - 1] = 0x42;
	assert_int_equal(fake_load_run("disk", ""), 0);
	assert_memory_equal(fake_memory + 0x4000, fake_disk, sizeof(fake_disk));
	assert_false(claim_is_free(0x4000 + sizeof(fake_disk) - 1, 1));
	assert_true(claim_is_free(0x4000 + sizeof(fake_disk), 1));
	assert_memory_equal(fake_memory + 0x20000, fake_disk, 512);
	assert_int_equal(fake_code_written, 0x1000 + sizeof(fake_disk));
}

static void aix_without_room_at_load_base_is_e3408(void **state)
{
	(void)state;
	fake_load_reset();
	fake_load.info.osabi = ELF_OSABI_AIX;
	assert_int_equal(claim_exact(0x5000, 1), 0);
	assert_int_equal(fake_load_run("disk", ""), ERR_NODEV);
	fake_load_printed("E3408: ");
	fake_load_printed("needs 4000 bytes at load-base 4000: already there");
}

/* A file that is shorter than it says. */
static void aix_image_that_cannot_be_read_is_released(void **state)
{
	(void)state;
	fake_load_reset();
	fake_load.info.osabi = ELF_OSABI_AIX;
	fake_disk_size = sizeof(fake_disk) + 512;
	assert_int_equal(fake_load_run("disk", ""), ERR_NODEV);
	fake_load_printed("E3407: ");
	fake_load_printed("the disk ends too early");
	assert_true(claim_is_free(0x4000, sizeof(fake_disk) + 512));
}

static void script(const char *text)
{
	fake_load_reset();
	memset(fake_disk, 0, sizeof(fake_disk));
	memcpy(fake_disk, text, strlen(text));
}

/* QEMU's pxe-test sends this very file. */
static void qemus_boot_script_is_run(void **state)
{
	(void)state;
	script("\\ Bootscript\nad 7c10 c! de 7c11 c!\n");
	assert_int_equal(fake_load_run("disk", ""), LOADER_SCRIPT);
	assert_int_equal(fake_memory[0x7c10], 0xad);
	assert_int_equal(fake_memory[0x7c11], 0xde);
	fake_load_printed("Successfully loaded");
}

static void scripts_of_other_words_are_e3403(void **state)
{
	(void)state;
	script("\\ Bootscript\nde 7c11 c! : evil dup ;\n");
	assert_int_equal(fake_load_run("disk", ""), ERR_NODEV);
	fake_load_printed("E3403: Bad executable: " DISK ":2: ");
	assert_int_equal(fake_memory[0x7c11], 0xee);
	script("\\ Bootscript\n1 c0000 c!\n");
	assert_int_equal(fake_load_run("disk", ""), ERR_NODEV);
	assert_int_equal(fake_memory[FAKE_WINDOW], 0xee);
	/* A script is not left by booting something else. */
	script("\\ Bootscript\nboot disk\n");
	assert_int_equal(fake_load_run("disk", ""), ERR_NODEV);
	fake_load_printed("boot is not allowed in a boot script");
}

static void images_of_one_byte_are_no_scripts(void **state)
{
	(void)state;
	script("\\ ");
	fake_disk_size = 1;
	fake_load.probe_error = ERR_FORMAT;
	assert_int_equal(fake_load_run("disk", ""), ERR_NODEV);
	fake_load_printed("E3403: Bad executable: " DISK ":2: no ELF magic");
	fake_disk_size = 0;
	assert_int_equal(fake_load_run("disk", ""), ERR_NODEV);
}

static void without_memory_each_step_says_so(void **state)
{
	size_t open = fake_instance_count();
	int rc = -1;

	(void)state;
	fake_load_reset();
	tree_delprop(tree_find("/chosen"), "bootpath");
	for (long n = 0; rc && n < 30; n++) {
		fake_events_clear();
		fake_blocks_fail_after(n);
		rc = fake_load_run("disk", "some arguments");
		fake_blocks_fail_after(-1);
		claim_release(0x20000, 0x1000);
		assert_int_equal(fake_instance_count(), open);
		if (rc)
			fake_load_printed("memory");
	}
	assert_int_equal(rc, 0);
	script("\\ x\n");
	rc = -1;
	for (long n = 0; rc < 0 && n < 30; n++) {
		fake_events_clear();
		fake_blocks_fail_after(n);
		rc = fake_load_run("disk", "");
		fake_blocks_fail_after(-1);
		if (rc < 0)
			fake_load_printed("E34");
	}
	assert_int_equal(rc, LOADER_SCRIPT);
}

#define T(name)                                                                \
	cmocka_unit_test_setup_teardown(name, fake_machine_start,              \
					fake_machine_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(harnesses_see_trying_and_loaded),
		T(grub_bootpath_of_a_partition_is_the_disk),
		T(the_discs_own_file_and_arguments_are_used),
		T(a_named_file_is_not_searched_for),
		T(loading_leaves_no_instance_and_no_block),
		T(an_unknown_device_is_e3405),
		T(devices_that_are_no_disks_are_e3404),
		T(an_empty_disk_is_e3404_with_its_reason),
		T(a_broken_disk_is_e3404_with_its_reason),
		T(a_missing_partition_is_e3404),
		T(what_the_label_names_is_told_when_missing),
		T(overlong_arguments_are_refused),
		T(what_is_no_executable_is_e3403),
		T(bad_blocks_are_e3407),
		T(memory_that_is_taken_is_e3408),
		T(an_image_over_the_firmware_is_e3408),
		T(aix_finds_its_whole_image_at_load_base),
		T(aix_without_room_at_load_base_is_e3408),
		T(aix_image_that_cannot_be_read_is_released),
		T(qemus_boot_script_is_run),
		T(scripts_of_other_words_are_e3403),
		T(images_of_one_byte_are_no_scripts),
		T(without_memory_each_step_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
