// SPDX-License-Identifier: BSD-2-Clause
/* Tests of boot/handover.c: registers at entry, cleaning up afterwards. */
// LINK: boot/handover.c boot/message.c boot/place.c packages/elf.c
// LINK: packages/elf_segments.c packages/image.c
// LINK: ci/call.c ci/claim.c ci/fdt.c ci/mem.c ci/methods.c ci/nodes.c
// LINK: ci/phrases.c ci/quiesce.c ci/services.c ci/svc_control.c
// LINK: ci/svc_device.c ci/svc_memory.c ci/svc_tree.c drivers/block.c
// LINK: drivers/console.c drivers/device.c drivers/instance.c
// LINK: drivers/vio/vdevice.c drivers/vio/vty.c hcall/hcall.c hcall/rtas.c
// LINK: lib/deadline.c lib/err.c lib/fmt.c lib/log.c lib/reason.c
// LINK: tree/alias.c tree/blob.c tree/flatten.c tree/merge.c tree/names.c
// LINK: tree/node.c tree/path.c tree/phandle.c tree/prop.c libfdt
// LINK: tests/fake/blocks.c tests/fake/hcall.c tests/fake/machine.c
// LINK: tests/fake/timebase.c
// LINK: drivers/block_io.c
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "boot/boot.h"
#include "ci/call.h"
#include "ci/claim.h"
#include "ci/nodes.h"
#include "ci/quiesce.h"
#include "tree/path.h"
#include "tests/fake/machine.h"
#include "tests/fake/timebase.h"

#define STACK_TOP FAKE_STACK_END
#define INTERFACE 0xbeef00u

static struct client_regs entered;
static unsigned entries;
static uint64_t client_result;
static enum ci_leave client_why;

static int64_t enter(const struct client_regs *regs, uint64_t *result)
{
	entered = *regs;
	entries++;
	*result = client_result;
	return client_why;
}

static const struct boot_machine *prepare(void)
{
	static const struct boot_machine machine = {
		.enter = enter,
		.interface = INTERFACE,
		.stack_top = STACK_TOP,
	};

	entries = 0;
	client_result = 0;
	client_why = CI_EXIT;
	handover_init(&machine);
	return &machine;
}

/* [PowerPC binding 8.2.2] */
static void assert_common(uint64_t pc, uint64_t msr)
{
	uint64_t sp = entered.gpr1[0];

	assert_int_equal(entries, 1);
	assert_int_equal(entered.pc, pc);
	assert_int_equal(entered.msr, msr);
	/* A stack frame with a zero back chain, inside the client's stack. */
	assert_int_equal(sp % 16, 0);
	assert_true(sp >= FAKE_STACK && sp <= STACK_TOP - 32);
	for (uint64_t i = sp; i < sp + 64; i++)
		assert_int_equal(fake_memory[i], 0);
	assert_int_equal(entered.gpr1[4], INTERFACE);
}

static void a_32_bit_client_has_sf_clear(void **state)
{
	const struct elf_entry entry = { .pc = 0x200000 };
	const struct boot_machine *machine = prepare();
	uint64_t result = 1;

	(void)state;
	assert_ptr_equal(handover_machine(), machine);
	client_result = 77;
	assert_int_equal(handover_client(&entry, &result), CI_EXIT);
	assert_int_equal(result, 77);
	assert_common(0x200000, MSR_ME | MSR_FP);
	assert_int_equal(entered.gpr1[1], 0);
	assert_int_equal(entered.gpr1[2], 0);
	assert_int_equal(entered.gpr1[3], 0);
	assert_int_equal(entered.gpr1[5], 0);
	assert_int_equal(entered.gpr1[6], 0);
	assert_int_equal(entered.r12, 0);
}

static void a_64_bit_client_gets_its_toc(void **state)
{
	const struct elf_entry entry = {
		.is_64 = true, .pc = 0x1000, .toc = 0x9000, .r12 = 0x1000
	};
	uint64_t result;

	(void)state;
	prepare();
	handover_client(&entry, &result);
	assert_common(0x1000, MSR_SF | MSR_ME | MSR_FP);
	assert_int_equal(entered.gpr1[1], 0x9000);
	assert_int_equal(entered.r12, 0x1000);
}

static void a_little_endian_client_has_le_set(void **state)
{
	const struct elf_entry entry = { .is_64 = true,
					 .little_endian = true,
					 .pc = 0x1000 };
	uint64_t result;

	(void)state;
	prepare();
	handover_client(&entry, &result);
	assert_common(0x1000, MSR_SF | MSR_LE | MSR_ME | MSR_FP);
}

/* boot1 reads them; they lie on the client's own stack. */
static void freebsd_finds_its_arguments_in_r6_and_r7(void **state)
{
	const struct elf_entry entry = { .pc = 0x1000 };
	struct node *chosen = tree_find("/chosen");
	uint64_t result;

	(void)state;
	prepare();
	assert_int_equal(tree_set_str(chosen, "bootargs", "-s verbose=15 x"),
			 0);
	handover_client(&entry, &result);
	assert_common(0x1000, MSR_ME | MSR_FP);
	assert_int_equal(entered.gpr1[6], 15);
	assert_string_equal(fake_text((cell_t)entered.gpr1[5]),
			    "-s verbose=15 x");
	assert_in_range(entered.gpr1[5], entered.gpr1[0] + 32, STACK_TOP - 16);
	/* Without a NUL at their end they are none. */
	assert_int_equal(
		tree_setprop(chosen, "bootargs", "abc", 3, TREE_CLIENT), 0);
	handover_client(&entry, &result);
	assert_int_equal(entered.gpr1[5], 0);
	assert_int_equal(entered.gpr1[6], 0);
}

/* `boot` takes 64 KiB of text: as much as the stack has. */
static void huge_arguments_leave_the_stack_alone(void **state)
{
	static char text[65000];
	const struct elf_entry entry = { .pc = 0x1000 };
	uint64_t result;

	(void)state;
	prepare();
	memset(text, 'x', sizeof(text) - 1);
	assert_int_equal(tree_set_str(tree_find("/chosen"), "bootargs", text),
			 0);
	handover_client(&entry, &result);
	assert_common(0x1000, MSR_ME | MSR_FP);
	assert_true(entered.gpr1[0] >= STACK_TOP - 0x2000);
	assert_int_equal(entered.gpr1[5], 0);
	assert_int_equal(entered.gpr1[6], 0);
	text[4096] = '\0';
	entries = 0;
	assert_int_equal(tree_set_str(tree_find("/chosen"), "bootargs", text),
			 0);
	handover_client(&entry, &result);
	assert_common(0x1000, MSR_ME | MSR_FP);
	assert_int_equal(entered.gpr1[6], 4096);
}

/* What was waited for the disk it came from is in it. */
static void a_client_is_told_what_was_waited_until_its_entry(void **state)
{
	const struct elf_entry entry = { .pc = 0x1000 };
	struct node *openprom = tree_find("/openprom");
	uint64_t result, told;
	struct deadline wait;

	(void)state;
	prepare();
	deadline_start(&wait, 1000);
	fake_clock_advance(12345678);
	deadline_stop(&wait);
	handover_client(&entry, &result);
	assert_int_equal(tree_get_u64(openprom, "quoin,wait-ticks", 0, &told),
			 0);
	assert_true(told >= 12345678);
	assert_int_equal(told, deadline_waited());
}

static void set_kernel(uint64_t base, uint64_t size)
{
	const uint32_t cells[4] = { (uint32_t)(base >> 32), (uint32_t)base,
				    (uint32_t)(size >> 32), (uint32_t)size };

	assert_int_equal(tree_set_cells(tree_find("/chosen"),
					"qemu,boot-kernel", cells, 4),
			 0);
}

static void set_initrd(uint32_t start, uint32_t end)
{
	struct node *chosen = tree_find("/chosen");

	assert_int_equal(tree_set_u32(chosen, "linux,initrd-start", start), 0);
	assert_int_equal(tree_set_u32(chosen, "linux,initrd-end", end), 0);
}

static void assert_no_initrd(void)
{
	const struct node *chosen = tree_find("/chosen");
	uint32_t len;

	assert_int_equal(entered.gpr1[2], 0);
	assert_int_equal(entered.gpr1[3], 0);
	assert_null(tree_getprop(chosen, "linux,initrd-start", &len));
	assert_null(tree_getprop(chosen, "linux,initrd-end", &len));
}

/* QEMU's cells are one or two wide. */
static void linux_finds_its_initrd_in_r3_and_r4(void **state)
{
	struct node *chosen = tree_find("/chosen");
	enum ci_leave why;
	uint64_t result;

	(void)state;
	set_kernel(0x400000, 0x1000);
	set_initrd(0x500000, 0x512345);
	prepare();
	assert_int_equal(handover_kernel(&why, &result), 0);
	assert_int_equal(entered.gpr1[2], 0x500000);
	assert_int_equal(entered.gpr1[3], 0x12345);
	handover_cleanup();
	assert_int_equal(
		tree_set_u64(chosen, "linux,initrd-start", 0x100500000), 0);
	assert_int_equal(tree_set_u64(chosen, "linux,initrd-end", 0x100600000),
			 0);
	prepare();
	assert_int_equal(handover_kernel(&why, &result), 0);
	assert_int_equal(entered.gpr1[2], 0x100500000);
	assert_int_equal(entered.gpr1[3], 0x100000);
	handover_cleanup();
	/* An end before the start is no initrd. */
	set_initrd(0x500000, 0x4fffff);
	prepare();
	assert_int_equal(handover_kernel(&why, &result), 0);
	assert_int_equal(entered.gpr1[2], 0);
	assert_int_equal(entered.gpr1[3], 0);
	handover_cleanup();
}

static void the_initrd_goes_with_the_kernel_that_left(void **state)
{
	const struct elf_entry entry = { .pc = 0x1000 };
	enum ci_leave why;
	uint64_t result;

	(void)state;
	set_kernel(0x400000, 0x1000);
	set_initrd(0x500000, 0x512345);
	prepare();
	assert_int_equal(handover_kernel(&why, &result), 0);
	/* Linux sets them, too, as wide as it likes. */
	assert_int_equal(tree_set_u64(tree_find("/chosen"),
				      "linux,initrd-start", 0x500000),
			 0);
	handover_cleanup();
	entered.gpr1[2] = entered.gpr1[3] = 0;
	assert_no_initrd();
	handover_client(&entry, &result);
	assert_no_initrd();
	assert_int_equal(handover_chain(&result), CI_EXIT);
	assert_no_initrd();
}

/* `boot disk` at the prompt, then `boot`. */
static void a_kernel_finds_its_own_after_another_client(void **state)
{
	const struct elf_entry entry = { .pc = 0x1000 };
	struct node *chosen = tree_find("/chosen");
	enum ci_leave why;
	uint64_t result;
	uint32_t end;

	(void)state;
	set_kernel(0x400000, 0x1000);
	set_initrd(0x500000, 0x512345);
	assert_int_equal(tree_set_str(chosen, "bootargs", "root=/dev/sda"), 0);
	prepare();
	assert_int_equal(tree_set_str(chosen, "bootargs", "the disk's"), 0);
	assert_int_equal(tree_set_str(chosen, "bootpath", "/disk"), 0);
	handover_client(&entry, &result);
	assert_no_initrd();
	handover_cleanup();
	assert_int_equal(handover_kernel(&why, &result), 0);
	assert_int_equal(entered.gpr1[2], 0x500000);
	assert_int_equal(entered.gpr1[3], 0x12345);
	assert_int_equal(tree_get_u32(chosen, "linux,initrd-end", 0, &end), 0);
	assert_int_equal(end, 0x512345);
	assert_string_equal(tree_get_str(chosen, "bootargs"), "root=/dev/sda");
	assert_string_equal(tree_get_str(chosen, "bootpath"), "");
	handover_cleanup();
}

static void a_kernel_without_memory_for_its_initrd_says_so(void **state)
{
	const struct elf_entry entry = { .pc = 0x1000 };
	enum ci_leave why;
	uint64_t result;

	(void)state;
	set_kernel(0x400000, 0x1000);
	set_initrd(0x500000, 0x512345);
	prepare();
	handover_client(&entry, &result);
	handover_cleanup();
	fake_blocks_fail_after(0);
	assert_int_equal(handover_kernel(&why, &result), 0);
	fake_blocks_fail_after(-1);
	assert_non_null(strstr(fake_printed, "out of memory for /chosen"));
	handover_cleanup();
}

/* Little-endian kernels, too: they turn the processor round themselves. */
static void linux_by_kernel_is_entered_32_bit_big_endian(void **state)
{
	enum ci_leave why = CI_BOOT;
	uint64_t result = 0;

	(void)state;
	prepare();
	client_why = CI_RETURNED;
	client_result = 9;
	set_kernel(0x400000, 0x123456);
	assert_int_equal(handover_kernel(&why, &result), 0);
	assert_int_equal(why, CI_RETURNED);
	assert_int_equal(result, 9);
	assert_common(0x400000, MSR_ME | MSR_FP);
	assert_int_equal(entered.gpr1[1], 0);
	assert_non_null(strstr(fake_printed, "Detected RAM kernel at 400000 "
					     "(123456 bytes)"));
}

/* An ELF64 little-endian file of ABI 2 whose only segment begins with it. */
static void put_elf_kernel(uint64_t base, uint8_t machine)
{
	static const uint8_t header[] = {
		0x7f,	     'E',
		'L',	     'F',
		2,	     1,
		1,	     0,
		[16] = 2,    [18] = 21,
		[20] = 1,    [24] = 0x00,
		0x02,	     0x00,
		0x10, /* e_entry 0x10000200 */
		[32] = 64,   [48] = 2,
		[54] = 56,   [56] = 1,
		[64] = 1,    [80] = 0x00,
		0x00,	     0x00,
		0x10, /* p_vaddr */
		[88] = 0x00, 0x00,
		0x00,	     0x10, /* p_paddr */
		[97] = 0x10, [105] = 0x10,
		[112] = 0,
	};

	memcpy(fake_memory + base, header, sizeof(header));
	fake_memory[base + 18] = machine;
	set_kernel(base, 0x1000);
}

static void a_kernel_with_its_elf_header_is_entered_at_its_entry(void **state)
{
	enum ci_leave why;
	uint64_t result;

	(void)state;
	put_elf_kernel(0x6000, 21);
	set_initrd(0x8000, 0x8100);
	prepare();
	assert_int_equal(handover_kernel(&why, &result), 0);
	assert_common(0x6200, MSR_SF | MSR_LE | MSR_ME | MSR_FP);
	assert_int_equal(entered.r12, 0x6200);
	assert_int_equal(entered.gpr1[2], 0x8000);
	assert_int_equal(entered.gpr1[3], 0x100);
	handover_cleanup();
}

static void a_header_without_an_entry_is_not_entered(void **state)
{
	enum ci_leave why;
	uint64_t result;

	(void)state;
	assert_int_equal(claim_exact(0x6000, 0x1000), 0);
	put_elf_kernel(0x6000, 62);
	prepare();
	assert_int_equal(handover_kernel(&why, &result), ERR_FORMAT);
	assert_int_equal(entries, 0);
	assert_non_null(strstr(fake_printed, "E3403: Bad executable: -kernel: "
					     "ELF64 for machine 62"));
	assert_null(strstr(fake_printed, "Booting from memory"));
	assert_false(handover_has_kernel());
	assert_true(claim_is_free(0x6000, 0x1000));
}

static void without_a_kernel_nothing_is_entered(void **state)
{
	enum ci_leave why;
	uint64_t result;

	(void)state;
	prepare();
	assert_int_equal(handover_kernel(&why, &result), ERR_NOENT);
	assert_int_equal(
		tree_set_u64(tree_find("/chosen"), "qemu,boot-kernel", 5), 0);
	assert_int_equal(handover_kernel(&why, &result), ERR_NOENT);
	assert_int_equal(entries, 0);
}

/* What the firmware held for it is free memory once it has left. */
static void a_kernel_is_entered_once_and_leaves_its_memory(void **state)
{
	enum ci_leave why;
	uint64_t result;

	(void)state;
	prepare();
	set_kernel(0x6000, 0x2000);
	assert_int_equal(claim_exact(0x6000, 0x2000), 0);
	assert_true(handover_has_kernel());
	assert_int_equal(handover_kernel(&why, &result), 0);
	assert_false(claim_is_free(0x6000, 0x2000));
	handover_cleanup();
	assert_true(claim_is_free(0x6000, 0x2000));
	assert_false(handover_has_kernel());
	assert_int_equal(handover_kernel(&why, &result), ERR_NOENT);
	assert_int_equal(entries, 1);
}

static void a_chained_image_gets_its_arguments(void **state)
{
	uint64_t result = 0;

	(void)state;
	prepare();
	assert_int_equal(claim_exact(0x4000, 0x2000), 0);
	CI_N("chain", 0, 0x4000, 0x1000, 0x8000, 0x9000, 12);
	client_result = 9;
	assert_int_equal(handover_chain(&result), CI_EXIT);
	assert_int_equal(result, 9);
	assert_common(0x8000, MSR_ME | MSR_FP);
	assert_int_equal(entered.gpr1[5], 0x9000);
	assert_int_equal(entered.gpr1[6], 12);
	/* virt and size of the caller are free again. */
	assert_true(claim_is_free(0x4000, 0x1000));
	assert_false(claim_is_free(0x5000, 1));
}

static void a_client_that_left_holds_nothing(void **state)
{
	size_t open = instance_count();
	cell_t disk;

	(void)state;
	prepare();
	handover_begin();
	disk = CI("open", fake_str("disk"));
	assert_int_equal(claim_exact(0x4000, 0x2000), 0);
	fake_events_clear();
	handover_cleanup();
	assert_int_equal(instance_count(), open);
	assert_null(instance_get(disk));
	assert_true(claim_is_free(0x4000, 0x2000));
	/* Its disk is stopped, /chosen is whole again. */
	assert_string_equal(fake_events, "stop=disk ");
	assert_non_null(instance_get(ci_stdout()));
}

static void what_could_not_be_loaded_holds_nothing(void **state)
{
	size_t open = instance_count();

	(void)state;
	prepare();
	handover_begin();
	assert_int_equal(claim_exact(0x4000, 0x2000), 0);
	handover_cancel();
	assert_true(claim_is_free(0x4000, 0x2000));
	assert_int_equal(instance_count(), open);
	assert_string_equal(fake_events, "");
}

static void a_failed_client_is_cleaned_up_once(void **state)
{
	(void)state;
	prepare();
	handover_begin();
	assert_int_equal(claim_exact(0x4000, 0x2000), 0);
	boot_abandon();
	assert_true(claim_is_free(0x4000, 0x2000));
	/* Nobody runs now: what is claimed is the firmware's. */
	assert_int_equal(claim_exact(0x4000, 0x2000), 0);
	boot_abandon();
	assert_false(claim_is_free(0x4000, 0x2000));
}

/* Only a reset helps, and that is the user's. */
static void a_failed_client_that_quiesced_is_left_alone(void **state)
{
	(void)state;
	prepare();
	handover_begin();
	assert_int_equal(claim_exact(0x4000, 0x2000), 0);
	ci_quiesce();
	fake_events_clear();
	boot_abandon();
	assert_string_equal(fake_events, "");
	assert_false(claim_is_free(0x4000, 0x2000));
	handover_cancel();
}

static void a_quiesced_machine_is_reset(void **state)
{
	(void)state;
	prepare();
	handover_begin();
	ci_quiesce();
	fake_events_clear();
	handover_cleanup();
	assert_int_equal(strncmp(fake_events, "rtas=system-reboot ", 19), 0);
}

static void cleaning_up_without_memory_says_so(void **state)
{
	(void)state;
	prepare();
	handover_begin();
	tree_delprop(tree_find("/chosen"), "bootpath");
	fake_blocks_fail_after(0);
	handover_cleanup();
	assert_non_null(strstr(fake_printed, "out of memory for /chosen"));
}

#define T(name)                                                                \
	cmocka_unit_test_setup_teardown(name, fake_machine_start,              \
					fake_machine_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_32_bit_client_has_sf_clear),
		T(a_64_bit_client_gets_its_toc),
		T(a_little_endian_client_has_le_set),
		T(freebsd_finds_its_arguments_in_r6_and_r7),
		T(huge_arguments_leave_the_stack_alone),
		T(a_client_is_told_what_was_waited_until_its_entry),
		T(linux_finds_its_initrd_in_r3_and_r4),
		T(the_initrd_goes_with_the_kernel_that_left),
		T(a_kernel_finds_its_own_after_another_client),
		T(a_kernel_without_memory_for_its_initrd_says_so),
		T(linux_by_kernel_is_entered_32_bit_big_endian),
		T(a_kernel_with_its_elf_header_is_entered_at_its_entry),
		T(a_header_without_an_entry_is_not_entered),
		T(without_a_kernel_nothing_is_entered),
		T(a_kernel_is_entered_once_and_leaves_its_memory),
		T(a_chained_image_gets_its_arguments),
		T(a_client_that_left_holds_nothing),
		T(what_could_not_be_loaded_holds_nothing),
		T(a_failed_client_is_cleaned_up_once),
		T(a_failed_client_that_quiesced_is_left_alone),
		T(a_quiesced_machine_is_reset),
		T(cleaning_up_without_memory_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
