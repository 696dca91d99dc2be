// SPDX-License-Identifier: BSD-2-Clause
/* Tests of boot/policy.c: which target next, what happens when one leaves. */
// LINK: boot/message.c boot/policy.c ci/phrases.c hcall/hcall.c hcall/rtas.c
// LINK: lib/deadline.c lib/err.c lib/fmt.c lib/log.c lib/reason.c tree/alias.c
// LINK: tree/names.c tree/node.c tree/path.c tree/phandle.c tree/prop.c
// LINK: tests/fake/blocks.c tests/fake/hcall.c tests/fake/timebase.c
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "boot/boot.h"
#include "boot/bootlist.h"
#include "boot/config.h"
#include "boot/loader.h"
#include "boot/prompt.h"
#include "ci/mem.h"
#include "drivers/console.h"
#include "hcall/rtas.h"
#include "lib/log.h"
#include "tests/fake/blocks.h"
#include "tests/fake/hcall.h"
#include "tree/node.h"

/* All that happened, in order. */
static char events[1024], printed[2048];
static char memory[256];

static void event(const char *what, const char *which)
{
	assert_true(strlen(events) + strlen(what) + strlen(which) + 2 <
		    sizeof(events));
	strcat(events, what);
	strcat(events, which);
	strcat(events, " ");
}

/* The list of targets: "a", "b", "c", as many as said. */
static unsigned target_count;
static int list_error;
static char asked_device[64], asked_args[64];
static struct boot_target targets[3];

int bootlist_build(struct list *list, const char *device, const char *args)
{
	static char names[3][2] = { "a", "b", "c" };

	strcpy(asked_device, device ? device : "(none)");
	strcpy(asked_args, args ? args : "(none)");
	for (unsigned i = 0; i < target_count; i++) {
		targets[i].device = names[i];
		list_add_tail(list, &targets[i].link);
	}
	return list_error;
}

void bootlist_free(struct list *list)
{
	list_init(list);
	event("free", "");
}

/* What each target's load gives, and how its client leaves. */
static int load_result[3];
static enum ci_leave left[3];
static uint64_t left_result;

int loader_load(const struct boot_target *target, struct elf_entry *entry)
{
	event("load:", target->device);
	entry->pc = (uint64_t)(target->device[0] - 'a');
	return load_result[target->device[0] - 'a'];
}

enum ci_leave handover_client(const struct elf_entry *entry, uint64_t *result)
{
	char name[2] = { (char)('a' + entry->pc), '\0' };
	enum ci_leave why = left[entry->pc];

	event("run:", name);
	*result = left_result;
	/* What asked for another boot does so once. */
	left[entry->pc] = CI_RETURNED;
	return why;
}

static bool have_kernel;
static enum ci_leave kernel_left, chain_left;
static uint64_t chain_result;

int handover_kernel(enum ci_leave *why, uint64_t *result)
{
	if (!have_kernel)
		return ERR_NOENT;
	event("kernel", "");
	*why = kernel_left;
	*result = left_result;
	return 0;
}

enum ci_leave handover_chain(uint64_t *result)
{
	event("chain", "");
	*result = chain_result;
	return chain_left;
}

void handover_cleanup(void)
{
	event("cleanup", "");
}

void handover_init(const struct boot_machine *m)
{
	assert_non_null(m);
}

void handover_begin(void)
{
	event("begin", "");
}

void handover_cancel(void)
{
	event("cancel", "");
}

static const char *boot_text;

const char *ci_boot_text(void)
{
	return boot_text;
}

int ci_leave_boot(const char *text)
{
	event("leave:", text);
	return 0;
}

static bool trace;

void ci_set_trace(bool on)
{
	trace = on;
}

void *ci_mem(uint64_t addr, uint64_t len)
{
	return addr + len <= sizeof(memory) ? memory + addr : NULL;
}

/* Configuration variables. */
static const char *var_command, *var_nvramrc, *var_trace;
static bool var_auto_boot, var_use_nvramrc;

const char *config_str(const char *name)
{
	return !strcmp(name, "boot-command") ? var_command
	       : !strcmp(name, "nvramrc")    ? var_nvramrc
	       : !strcmp(name, "trace")	     ? var_trace
					     : "";
}

bool config_flag(const char *name)
{
	return !strcmp(name, "auto-boot?")     ? var_auto_boot
	       : !strcmp(name, "use-nvramrc?") ? var_use_nvramrc
					       : false;
}

static int key;

int console_getchar(void)
{
	int c = key;

	key = -1;
	return c;
}

/* The prompt ends the test's boot_main(). */
static jmp_buf at_prompt;
static struct prompt_ops prompted;

void prompt_run(const struct prompt_ops *ops)
{
	prompted = *ops;
	event("prompt", "");
	longjmp(at_prompt, 1);
}

static void run(void)
{
	static const struct boot_machine machine;

	if (!setjmp(at_prompt))
		boot_main(&machine);
}

static int64_t rtas(struct hcall *h)
{
	(void)h;
	event("rtas", "");
	return H_SUCCESS;
}

static void keep_text(struct log_sink *sink, const char *text, size_t len)
{
	(void)sink;
	assert_true(strlen(printed) + len < sizeof(printed));
	strncat(printed, text, len);
}

static int start(void **state)
{
	static struct log_sink sink = { .write = keep_text };

	(void)state;
	fake_blocks_reset();
	fake_hcall_reset();
	fake_hcall_set(KVMPPC_H_RTAS, rtas);
	rtas_reset();
	rtas_set_token(RTAS_SYSTEM_REBOOT, 1);
	rtas_set_token(RTAS_POWER_OFF, 2);
	log_reset();
	log_add_sink(&sink);
	events[0] = printed[0] = '\0';
	target_count = 2;
	list_error = 0;
	memset(load_result, 0, sizeof(load_result));
	left[0] = left[1] = left[2] = CI_RETURNED;
	left_result = chain_result = 0;
	have_kernel = false;
	kernel_left = chain_left = CI_EXIT;
	boot_text = "again";
	var_command = "boot";
	var_nvramrc = var_trace = "";
	var_auto_boot = true;
	var_use_nvramrc = false;
	key = -1;
	return tree_init();
}

static void targets_are_tried_until_none_is_left(void **state)
{
	(void)state;
	load_result[0] = ERR_NODEV;
	run();
	assert_string_equal(events, "begin load:a cancel begin load:b run:b "
				    "cleanup free prompt ");
	assert_non_null(strstr(printed, "Welcome to Open Firmware"));
}

/* The default: the policy, not a device. */
static void boot_without_a_device_asks_the_policy(void **state)
{
	(void)state;
	run();
	assert_string_equal(asked_device, "(none)");
	assert_string_equal(asked_args, "(none)");
}

static void boot_splits_device_and_arguments(void **state)
{
	static const char *const texts[][3] = {
		{ "", "(none)", "(none)" },
		{ "disk", "disk", "(none)" },
		{ "disk:1,\\x", "disk:1,\\x", "(none)" },
		{ "disk ", "disk", "(none)" },
		{ "disk quiet", "disk", "quiet" },
		{ "disk    quiet ro ", "disk", "quiet ro " },
		{ "-s", "(none)", "-s" },
		{ "-s verbose", "(none)", "-s verbose" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		(void)!boot_command(texts[i][0]);
		assert_string_equal(asked_device, texts[i][1]);
		assert_string_equal(asked_args, texts[i][2]);
	}
}

static void boot_tells_whether_a_client_ran(void **state)
{
	(void)state;
	assert_int_equal(boot_command("x"), 0);
	load_result[0] = load_result[1] = ERR_NODEV;
	assert_int_equal(boot_command("x"), ERR_NODEV);
	load_result[1] = LOADER_SCRIPT;
	assert_int_equal(boot_command("x"), 0);
	target_count = 0;
	assert_int_equal(boot_command("x"), ERR_NODEV);
}

static void a_boot_leaks_nothing(void **state)
{
	size_t live = fake_blocks_live();

	(void)state;
	(void)!boot_command("disk quiet");
	assert_int_equal(fake_blocks_live(), live);
}

static void an_empty_list_is_e3401(void **state)
{
	(void)state;
	target_count = 0;
	run();
	assert_non_null(strstr(printed, "E3401: Aborting boot, no device to "
					"boot from"));
}

static void a_list_without_memory_is_printed(void **state)
{
	(void)state;
	target_count = 0;
	list_error = ERR_NOMEM;
	assert_int_equal(boot_command("x"), ERR_NODEV);
	assert_non_null(strstr(printed, "boot: no list of devices: out of"));
	assert_null(strstr(printed, "E3401"));
	printed[0] = '\0';
	fake_blocks_fail_after(0);
	assert_int_equal(boot_command("x"), ERR_NODEV);
	assert_non_null(strstr(printed, "boot: no list of devices: out of"));
}

static void a_client_that_returned_is_w3411(void **state)
{
	(void)state;
	target_count = 1;
	run();
	assert_non_null(strstr(printed, "W3411: Client application returned."));
	assert_null(strstr(printed, "E3406"));
}

static void a_client_that_exits_goes_on_with_the_next(void **state)
{
	(void)state;
	left[0] = CI_EXIT;
	left_result = 5;
	assert_int_equal(boot_command(""), 0);
	assert_non_null(strstr(events, "run:a cleanup begin load:b"));
	/* The result is r3 only of one that returned. */
	assert_non_null(strstr(printed, "W3411"));
}

static void a_client_that_failed_is_e3406_with_its_result(void **state)
{
	(void)state;
	target_count = 1;
	left_result = 0xffffffffffffffff;
	run();
	assert_non_null(strstr(printed, "E3406: Client application returned "
					"an error: ffffffffffffffff"));
}

static void the_service_boot_makes_a_new_list(void **state)
{
	(void)state;
	left[0] = CI_BOOT;
	boot_text = "net:1 fast";
	run();
	assert_string_equal(events, "begin load:a run:a cleanup free "
				    "begin load:a run:a cleanup "
				    "begin load:b run:b cleanup free prompt ");
	assert_string_equal(asked_device, "net:1");
	assert_string_equal(asked_args, "fast");
}

static void the_service_chain_enters_the_next_client(void **state)
{
	(void)state;
	target_count = 1;
	left[0] = CI_CHAIN;
	run();
	assert_string_equal(events,
			    "begin load:a run:a chain cleanup free prompt ");
	/* The result is that of the last one. */
	left[0] = CI_CHAIN;
	chain_left = CI_RETURNED;
	left_result = 1;
	chain_result = 0x42;
	run();
	assert_non_null(strstr(printed, "an error: 42\r\n"));
}

static void a_given_kernel_comes_first(void **state)
{
	(void)state;
	have_kernel = true;
	target_count = 1;
	run();
	assert_string_equal(events, "kernel cleanup begin load:a run:a cleanup "
				    "free prompt ");
}

static void a_given_kernel_may_ask_for_a_boot(void **state)
{
	(void)state;
	have_kernel = true;
	kernel_left = CI_BOOT;
	boot_text = "disk:7";
	target_count = 1;
	load_result[0] = ERR_NODEV;
	run();
	assert_string_equal(asked_device, "disk:7");
	assert_string_equal(events,
			    "kernel cleanup begin load:a cancel free prompt ");
	load_result[0] = 0;
	events[0] = '\0';
	run();
	/* When that one leaves, the configured command follows. */
	assert_string_equal(asked_device, "(none)");
}

static void a_given_kernel_that_failed_is_e3406(void **state)
{
	(void)state;
	have_kernel = true;
	kernel_left = CI_RETURNED;
	left_result = 7;
	target_count = 0;
	run();
	assert_non_null(strstr(printed, "E3406: Client application returned "
					"an error: 7"));
}

static void the_key_s_leads_to_the_prompt(void **state)
{
	(void)state;
	have_kernel = true;
	key = 's';
	run();
	assert_string_equal(events, "prompt ");
	key = 'x';
	events[0] = '\0';
	run();
	assert_non_null(strstr(events, "kernel "));
}

static void without_auto_boot_nothing_is_booted(void **state)
{
	(void)state;
	have_kernel = true;
	var_auto_boot = false;
	key = 's';
	run();
	assert_string_equal(events, "prompt ");
	/* And the key is left for the prompt. */
	assert_int_equal(key, 's');
}

static void nvramrc_runs_only_where_it_is_switched_on(void **state)
{
	(void)state;
	target_count = 0;
	var_nvramrc = "5a 10 c!";
	memory[0x10] = 0;
	run();
	assert_int_equal(memory[0x10], 0);
	var_use_nvramrc = true;
	run();
	assert_int_equal(memory[0x10], 0x5a);
}

static void unknown_words_are_e3409(void **state)
{
	(void)state;
	var_use_nvramrc = true;
	var_nvramrc = "frobnicate";
	var_command = ": x ;";
	run();
	assert_non_null(strstr(printed, "E3409: Unknown FORTH Word: nvramrc"));
	assert_non_null(
		strstr(printed, "E3409: Unknown FORTH Word: boot-command"));
	assert_string_equal(events, "prompt ");
}

/* Each device has said its own reason. */
static void devices_that_failed_are_no_unknown_words(void **state)
{
	(void)state;
	load_result[0] = load_result[1] = ERR_NODEV;
	run();
	assert_null(strstr(printed, "E3409"));
}

static void trace_is_switched_by_its_variable(void **state)
{
	(void)state;
	run();
	assert_false(trace);
	var_trace = "ci";
	run();
	assert_true(trace);
}

static void the_prompt_boots_resets_and_powers_off(void **state)
{
	(void)state;
	run();
	assert_false(prompted.can_go);
	events[0] = '\0';
	assert_int_equal(prompted.phrases->boot(NULL, "disk"), 0);
	assert_string_equal(asked_device, "disk");
	events[0] = '\0';
	prompted.phrases->reset(NULL);
	prompted.phrases->power_off(NULL);
	assert_string_equal(events, "rtas rtas ");
	assert_ptr_equal(prompted.phrases->mem(NULL, 4, 4), memory + 4);
	assert_null(prompted.phrases->mem(NULL, sizeof(memory), 1));
}

/* Its stack is still in use: it is left before another is loaded. */
static void a_boot_inside_a_client_leaves_it_first(void **state)
{
	(void)state;
	if (!setjmp(at_prompt))
		boot_prompt(true);
	assert_true(prompted.can_go);
	events[0] = '\0';
	assert_int_equal(prompted.phrases->boot(NULL, "disk"), 0);
	assert_string_equal(events, "leave:disk ");
}

#define T(name) cmocka_unit_test_setup(name, start)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(targets_are_tried_until_none_is_left),
		T(boot_without_a_device_asks_the_policy),
		T(boot_splits_device_and_arguments),
		T(boot_tells_whether_a_client_ran),
		T(a_boot_leaks_nothing),
		T(an_empty_list_is_e3401),
		T(a_list_without_memory_is_printed),
		T(a_client_that_returned_is_w3411),
		T(a_client_that_exits_goes_on_with_the_next),
		T(a_client_that_failed_is_e3406_with_its_result),
		T(the_service_boot_makes_a_new_list),
		T(the_service_chain_enters_the_next_client),
		T(a_given_kernel_comes_first),
		T(a_given_kernel_may_ask_for_a_boot),
		T(a_given_kernel_that_failed_is_e3406),
		T(the_key_s_leads_to_the_prompt),
		T(without_auto_boot_nothing_is_booted),
		T(nvramrc_runs_only_where_it_is_switched_on),
		T(unknown_words_are_e3409),
		T(devices_that_failed_are_no_unknown_words),
		T(trace_is_switched_by_its_variable),
		T(the_prompt_boots_resets_and_powers_off),
		T(a_boot_inside_a_client_leaves_it_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
