// SPDX-License-Identifier: BSD-2-Clause
/* Tests of boot/loader.c: devices that search by arguments, and initrds. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "boot/handover.h"
#include "boot/loader.h"
#include "ci/claim.h"
#include "drivers/vio/vio.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "packages/bootable.h"
#include "tests/fake/handover.h"
#include "tests/fake/loader.h"
#include "tests/fake/machine.h"
#include "tree/path.h"
#include "tree/prop.h"

#define SERVED "/vdevice/served@71000005"
#define DISK "/vdevice/disk@71000002"

/* A device whose arguments say what to search for, with an initrd. */
static struct {
	char begun_with[64];
	unsigned begun, opened; /* how often more than ended, closed */
	const char *initrd;	/* NULL: none */
	bool unknown_size;
	int initrd_error;   /* of opening it */
	uint64_t initrd_at; /* a read from here on fails; 0: none */
	bool huge;	    /* its choice: no memory holds it, and it says so */
} served;

static long served_read(struct image *img, uint64_t offset, void *buf,
			size_t len)
{
	const char *text = img->priv;

	if (served.initrd_at && offset + len > served.initrd_at)
		return reason_fail(ERR_TIMEOUT, "no data for 30 s");
	len = MIN(len, strlen(text) - (size_t)offset);
	memcpy(buf, text + offset, len);
	return (long)len;
}

static int served_begin(void *search, struct device *dev, const char *args)
{
	(void)search;
	assert_non_null(dev);
	strncpy(served.begun_with, args, sizeof(served.begun_with) - 1);
	served.begun++;
	return 0;
}

static void served_end(void *search)
{
	(void)search;
	served.begun--;
}

static int served_next(void *search, struct boot_choice *choice)
{
	unsigned *count = search;

	if ((*count)++)
		return BOOTABLE_END;
	strcpy(choice->args, "tftp://server/vmlinux");
	strcpy(choice->client_args, "root=/dev/vda2");
	choice->bare = true;
	return 0;
}

static int served_open(void *search, struct image *img)
{
	static char file[1024];

	(void)search;
	memset(file, 'k', sizeof(file) - 1);
	*img = (struct image){ .size = served.huge ? 1ull << 40
						   : sizeof(file) - 1,
			       .stream = true,
			       .read = served_read,
			       .priv = file };
	served.opened++;
	return 0;
}

static void served_close(void *search)
{
	(void)search;
	served.opened--;
	if (served.huge)
		print("\nE3018: %s\n", reason());
}

static int served_initrd(void *search, struct image *img)
{
	(void)search;
	assert_int_equal(served.opened, 0);
	if (!served.initrd)
		return BOOTABLE_END;
	if (served.initrd_error)
		return reason_fail(served.initrd_error, "file not found");
	*img = (struct image){ .size = served.unknown_size
					       ? IMAGE_SIZE_UNKNOWN
					       : strlen(served.initrd),
			       .stream = true,
			       .read = served_read,
			       .priv = (void *)(uintptr_t)served.initrd };
	served.opened++;
	return 0;
}

static const struct bootable served_boot = {
	.size = sizeof(unsigned),
	.takes_args = true,
	.begin = served_begin,
	.end = served_end,
	.next = served_next,
	.open = served_open,
	.close = served_close,
	.initrd = served_initrd,
};

static const struct role served_role = { .device_type = "network" };
static struct device_role served_as;

static int served_attach(struct device *dev)
{
	return device_add_role(dev, &served_as, &served_role);
}

DRIVER(served) = {
	.name = "served",
	.bus = &vio_bus,
	.match = "served",
	.attach = served_attach,
};

static int served_instance(struct instance *inst)
{
	(void)inst;
	return 0;
}

static const struct instance_ops served_ops;

PACKAGE(served) = {
	.name = "served",
	.role = &served_role,
	.ops = &served_ops,
	.open = served_instance,
	.boot = &served_boot,
};

static int start(void **state)
{
	struct node *node;
	int rc = fake_machine_start(state);

	memset(&served, 0, sizeof(served));
	served.initrd = "the initrd's bytes";
	node = tree_add_node(tree_find("/vdevice"), "served@71000005",
			     TREE_QEMU);
	assert_int_equal(tree_set_u32(node, "reg", 0x71000005), 0);
	assert_int_equal(tree_set_str(node, "compatible", "served"), 0);
	bus_offer(node);
	fake_load_reset();
	fake_load.staged = true;
	fake_handover_start();
	handover_begin();
	return rc;
}

static int stop(void **state)
{
	assert_int_equal(served.begun, 0);
	assert_int_equal(served.opened, 0);
	handover_cancel();
	return fake_machine_stop(state);
}

/* Where /chosen will say that the initrd is, or 0. */
static uint32_t entered_initrd(const char *name)
{
	const struct elf_entry entry = { .pc = 0x20000 };
	uint64_t result;
	uint32_t value = 0;

	(void)handover_client(&entry, &result);
	(void)!tree_get_u32(tree_find("/chosen"), name, 0, &value);
	return value;
}

static void arguments_of_the_path_go_to_the_search(void **state)
{
	(void)state;
	assert_int_equal(fake_load_run(SERVED ":10.0.0.1,vmlinux", "x"), 0);
	assert_string_equal(served.begun_with, "10.0.0.1,vmlinux");
	fake_load_printed("from: " SERVED ":10.0.0.1,vmlinux ... ");
	assert_int_equal(fake_load_run(SERVED, ""), ERR_NODEV);
	assert_string_equal(served.begun_with, "");
}

static void bootpath_is_the_card_and_the_servers_arguments_count(void **state)
{
	(void)state;
	assert_int_equal(fake_load_run(SERVED ":x", "mine"), 0);
	fake_load_chosen(SERVED, "root=/dev/vda2");
}

static void linux_gets_the_choices_initrd(void **state)
{
	uint32_t at;

	(void)state;
	assert_int_equal(fake_load_run(SERVED, ""), 0);
	at = entered_initrd("linux,initrd-start");
	assert_true(at > 0x20000);
	assert_memory_equal(fake_memory + at, served.initrd,
			    strlen(served.initrd));
	assert_int_equal(entered_initrd("linux,initrd-end"),
			 at + strlen(served.initrd));
	assert_int_equal(fake_entered.gpr1[2], at);
	assert_int_equal(fake_entered.gpr1[3], strlen(served.initrd));
	assert_false(claim_is_free(at, 1));
}

static void an_initrd_of_unknown_size_is_the_same(void **state)
{
	uint32_t at;

	(void)state;
	served.unknown_size = true;
	assert_int_equal(fake_load_run(SERVED, ""), 0);
	at = entered_initrd("linux,initrd-start");
	assert_memory_equal(fake_memory + at, served.initrd,
			    strlen(served.initrd));
	assert_int_equal(fake_entered.gpr1[3], strlen(served.initrd));
}

static void without_an_initrd_there_is_none_of_the_last_client(void **state)
{
	(void)state;
	assert_int_equal(fake_load_run(SERVED, ""), 0);
	handover_cancel();
	handover_begin();
	served.initrd = NULL;
	assert_int_equal(fake_load_run(SERVED, ""), 0);
	assert_int_equal(entered_initrd("linux,initrd-start"), 0);
	assert_int_equal(fake_entered.gpr1[2], 0);
	assert_int_equal(fake_entered.gpr1[3], 0);
}

/* A kernel without the initrd that was asked for panics much later. */
static void an_initrd_that_fails_is_no_boot(void **state)
{
	(void)state;
	served.initrd_error = ERR_NOENT;
	assert_int_equal(fake_load_run(SERVED, ""), ERR_NODEV);
	fake_load_printed("E3407: Load failed: " SERVED
			  ":tftp://server/vmlinux: file not found");
	handover_cancel();
	handover_begin();
	served.initrd_error = 0;
	served.initrd_at = 4;
	assert_int_equal(fake_load_run(SERVED, ""), ERR_NODEV);
	fake_load_printed("no data for 30 s");
	served.initrd_at = 0;
	served.initrd = "";
	handover_cancel();
	handover_begin();
	assert_int_equal(fake_load_run(SERVED, ""), ERR_NODEV);
	fake_load_printed("the file is empty");
}

/* The kernel's file and the initrd's have the same bytes here. */
static void a_kernel_by_path_gets_the_initrd_beside_it(void **state)
{
	uint32_t at;

	(void)state;
	fake_disk_size = 4000;
	assert_int_equal(fake_load_run("disk:3,\\vmlinux",
				       "initrd=\\initrd.img quiet"),
			 0);
	/* As the EFI stub leaves it. */
	fake_load_chosen(DISK ":3,\\vmlinux", "initrd=\\initrd.img quiet");
	at = entered_initrd("linux,initrd-start");
	assert_true(at > 0x20000);
	assert_memory_equal(fake_memory + at, fake_disk, 4000);
	assert_int_equal(entered_initrd("linux,initrd-end"), at + 4000);
	assert_int_equal(fake_entered.gpr1[2], at);
	assert_int_equal(fake_entered.gpr1[3], 4000);
	assert_false(claim_is_free(at, 4000));
}

static void a_discs_script_may_name_both(void **state)
{
	(void)state;
	fake_load.label = (struct disk_boot){ .path = "\\vmlinux" };
	strcpy(fake_load.label.client_args, "initrd=\\initrd.img");
	assert_int_equal(fake_load_run("disk", "quiet"), 0);
	assert_true(entered_initrd("linux,initrd-start"));
}

/* The user does not know what the disk boots: GRUB has its own arguments. */
static void a_disks_own_choice_gets_no_initrd_from_the_user(void **state)
{
	(void)state;
	assert_int_equal(fake_load_run("disk", "initrd=\\missing"), 0);
	assert_int_equal(entered_initrd("linux,initrd-start"), 0);
	handover_cancel();
	handover_begin();
	fake_load.label = (struct disk_boot){ .path = "\\boot\\grub.elf" };
	assert_int_equal(fake_load_run("disk", "initrd=\\missing"), 0);
	assert_int_equal(entered_initrd("linux,initrd-start"), 0);
	handover_cancel();
	handover_begin();
	assert_int_equal(fake_load_run("disk:3", "initrd=\\missing"), 0);
	assert_int_equal(entered_initrd("linux,initrd-start"), 0);
}

static void a_missing_initrd_is_no_boot_and_frees_the_kernel(void **state)
{
	(void)state;
	assert_int_equal(fake_load_run("disk:3,\\vmlinux",
				       "initrd=\\missing.img"),
			 ERR_NODEV);
	fake_load_printed("E3407: Load failed: " DISK
			  ":3,\\vmlinux: initrd=\\missing.img: no file or "
			  "directory");
	assert_true(claim_is_free(0x20000, 0x1000));
	assert_int_equal(entered_initrd("linux,initrd-start"), 0);
}

static void the_next_choice_is_tried_if_an_initrd_is_missing(void **state)
{
	(void)state;
	fake_load.label = (struct disk_boot){ .path = "\\vmlinux" };
	fake_load.labels = 2;
	strcpy(fake_load.label.client_args, "initrd=\\missing.img");
	assert_int_equal(fake_load_run("disk", ""), ERR_NODEV);
	assert_int_equal(fake_load.asked, 3);
	/* Not "already claimed". */
	assert_null(strstr(fake_printed, "20000:"));
}

static void an_initrd_larger_than_memory_is_not_read(void **state)
{
	(void)state;
	fake_load.staged = false;
	fake_disk_size = FAKE_MEMORY;
	assert_int_equal(fake_load_run("disk:3,\\vmlinux", "initrd=\\big"),
			 ERR_NODEV);
	fake_load_printed("1048576 bytes; ");
}

/* What close() has to say leads to the loader's own message. */
static void the_servers_message_precedes_the_loaders(void **state)
{
	const char *server, *loader;

	(void)state;
	served.huge = true;
	assert_int_equal(fake_load_run(SERVED, ""), ERR_NODEV);
	server = strstr(fake_printed, "E3018: 1099511627776 bytes; ");
	loader = strstr(fake_printed, "E3407: Load failed: " SERVED);
	assert_non_null(server);
	assert_non_null(loader);
	assert_true(server < loader);
}

#define T(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(arguments_of_the_path_go_to_the_search),
		T(bootpath_is_the_card_and_the_servers_arguments_count),
		T(linux_gets_the_choices_initrd),
		T(an_initrd_of_unknown_size_is_the_same),
		T(without_an_initrd_there_is_none_of_the_last_client),
		T(an_initrd_that_fails_is_no_boot),
		T(a_kernel_by_path_gets_the_initrd_beside_it),
		T(a_discs_script_may_name_both),
		T(a_disks_own_choice_gets_no_initrd_from_the_user),
		T(a_missing_initrd_is_no_boot_and_frees_the_kernel),
		T(the_next_choice_is_tried_if_an_initrd_is_missing),
		T(an_initrd_larger_than_memory_is_not_read),
		T(the_servers_message_precedes_the_loaders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
