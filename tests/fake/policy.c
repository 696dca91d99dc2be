// SPDX-License-Identifier: BSD-2-Clause
/* What boot/policy.c depends on, faked. */
#include "tests/fake/policy.h"

#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "boot/bootlist.h"
#include "boot/command.h"
#include "boot/config.h"
#include "boot/loader.h"
#include "boot/menu.h"
#include "ci/mem.h"
#include "ci/quiesce.h"
#include "drivers/device.h"
#include "hcall/rtas.h"
#include "lib/reason.h"
#include "tests/fake/hcall.h"
#include "tree/node.h"

/* All events, in order. */
char fake_events[1024];
char fake_memory[256];

static void event(const char *what, const char *which)
{
	assert_true(strlen(fake_events) + strlen(what) + strlen(which) + 2 <
		    sizeof(fake_events));
	strcat(fake_events, what);
	strcat(fake_events, which);
	strcat(fake_events, " ");
}

/* The list of targets: as many of "a", "b", "c" as set. */
unsigned fake_target_count;
int fake_list_error;
char fake_asked_device[64], fake_asked_args[64];
static struct boot_target targets[64];
static unsigned target_used;
const char *fake_target_path[3];
bool fake_wants_rest, fake_has_rest;

int bootlist_build(struct list *list, const char *device, const char *args)
{
	static char names[3][2] = { "a", "b", "c" };

	strcpy(fake_asked_device, device ? device : "(none)");
	strcpy(fake_asked_args, args ? args : "(none)");
	for (unsigned i = 0; i < fake_target_count; i++) {
		struct boot_target *target = &targets[target_used++];

		assert_true(target_used <= ARRAY_SIZE(targets));
		target->device = names[i];
		target->path = (char *)(uintptr_t)fake_target_path[i];
		list_add_tail(list, &target->link);
	}
	return fake_list_error;
}

struct boot_target *bootlist_first(const struct list *list)
{
	return list_empty(list)
		       ? NULL
		       : container_of(list->next, struct boot_target, link);
}

void bootlist_forget(struct list *list, const struct list *tried)
{
	struct boot_target *target, *next;
	const struct boot_target *old;

	list_for_each_safe(target, next, list, link) {
		list_for_each(old, tried, link) {
			if (!strcmp(old->path, target->path)) {
				list_del(&target->link);
				break;
			}
		}
	}
}

bool bootlist_wants_rest(const char *device)
{
	(void)device;
	return fake_wants_rest;
}

void device_explain(void)
{
	event("explain", "");
}

/* What is found makes every path one of the tree. */
bool device_scan_rest(void)
{
	static const char *const found[] = { "/a", "/b", "/c" };
	bool had = fake_has_rest;

	if (had)
		event("scan", "");
	for (unsigned i = 0; had && i < 3; i++)
		fake_target_path[i] = found[i];
	fake_has_rest = false;
	return had;
}

void bootlist_free(struct list *list)
{
	if (!list_empty(list))
		event("free", "");
	list_init(list);
}

/* What each target's load returns, and how its client leaves. */
int fake_load_result[3];
enum ci_leave fake_left[3];
uint64_t fake_left_result;

int loader_load(const struct boot_target *target, struct elf_entry *entry)
{
	event("load:", target->device);
	entry->pc = (uint64_t)(target->device[0] - 'a');
	return fake_load_result[target->device[0] - 'a'];
}

enum ci_leave handover_client(const struct elf_entry *entry, uint64_t *result)
{
	char name[2] = { (char)('a' + entry->pc), '\0' };
	enum ci_leave why = fake_left[entry->pc];

	event("run:", name);
	*result = fake_left_result;
	/* A client asks for another boot only once. */
	fake_left[entry->pc] = CI_RETURNED;
	return why;
}

bool fake_have_kernel;
enum ci_leave fake_kernel_left, fake_chain_left;
uint64_t fake_chain_result;

bool handover_has_kernel(void)
{
	return fake_have_kernel;
}

int handover_kernel(enum ci_leave *why, uint64_t *result)
{
	if (!fake_have_kernel)
		return ERR_NOENT;
	fake_have_kernel = false;
	event("kernel", "");
	*why = fake_kernel_left;
	*result = fake_left_result;
	return 0;
}

enum ci_leave handover_chain(uint64_t *result)
{
	event("chain", "");
	*result = fake_chain_result;
	return fake_chain_left;
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

/* A client that waits for `go`. */
static struct elf_entry kept;
static bool kept_waits;

void handover_keep(const struct elf_entry *entry)
{
	event("keep", "");
	kept = *entry;
	kept_waits = true;
}

bool handover_take(struct elf_entry *entry)
{
	bool waits = kept_waits;

	*entry = kept;
	kept_waits = false;
	return waits;
}

void handover_forget(void)
{
	if (kept_waits)
		event("forget", "");
	kept_waits = false;
}

const char *fake_boot_text;

const char *ci_boot_text(void)
{
	return fake_boot_text;
}

int ci_leave_boot(const char *text)
{
	event("leave:", text);
	return 0;
}

void *ci_buf(uint64_t addr, uint64_t len)
{
	return addr + len <= sizeof(fake_memory) ? fake_memory + addr : NULL;
}

/* Configuration variables. */
const char *fake_var_command, *fake_var_nvramrc;
bool fake_var_auto_boot, fake_var_use_nvramrc;

const char *config_str(const char *name)
{
	return !strcmp(name, "boot-command") ? fake_var_command
	       : !strcmp(name, "nvramrc")    ? fake_var_nvramrc
					     : "";
}

bool config_flag(const char *name)
{
	return !strcmp(name, "auto-boot?")     ? fake_var_auto_boot
	       : !strcmp(name, "use-nvramrc?") ? fake_var_use_nvramrc
					       : false;
}

enum hotkey fake_hotkey;
bool fake_hotkey_boots;

enum hotkey hotkey_pressed(bool boots)
{
	fake_hotkey_boots = boots;
	return fake_hotkey;
}

int fake_menu_result;

int menu_run(const struct prompt_ops *ops)
{
	assert_false(ops->can_go);
	event("menu", "");
	if (fake_menu_result < 0)
		return reason_fail(fake_menu_result, "menu: the reason");
	(void)ops->sender->boot("menu's");
	return COMMAND_QUIET;
}

jmp_buf fake_at_prompt;
struct prompt_ops fake_prompted;

void prompt_run(const struct prompt_ops *ops)
{
	fake_prompted = *ops;
	event("prompt", "");
	longjmp(fake_at_prompt, 1);
}

static int64_t rtas(struct hcall *h)
{
	(void)h;
	event("rtas", "");
	return H_SUCCESS;
}

int fake_policy_start(void **state)
{
	(void)state;
	fake_blocks_reset();
	fake_hcall_reset();
	fake_hcall_set(KVMPPC_H_RTAS, rtas);
	rtas_reset();
	rtas_set_token(RTAS_SYSTEM_REBOOT, 1);
	rtas_set_token(RTAS_POWER_OFF, 2);
	fake_log_start();
	fake_events[0] = '\0';
	fake_target_count = 2;
	fake_list_error = 0;
	target_used = 0;
	fake_target_path[0] = "/a";
	fake_target_path[1] = "/b";
	fake_target_path[2] = "/c";
	fake_wants_rest = fake_has_rest = false;
	memset(fake_load_result, 0, sizeof(fake_load_result));
	fake_left[0] = fake_left[1] = fake_left[2] = CI_RETURNED;
	fake_left_result = fake_chain_result = 0;
	fake_have_kernel = false;
	fake_kernel_left = fake_chain_left = CI_EXIT;
	fake_boot_text = "again";
	fake_var_command = "boot";
	fake_var_nvramrc = "";
	fake_var_auto_boot = true;
	fake_var_use_nvramrc = false;
	kept_waits = false;
	fake_hotkey = HOTKEY_NONE;
	fake_menu_result = COMMAND_QUIET;
	return tree_init();
}

void ci_reboot(void)
{
	rtas_reboot();
}

void ci_power_off(void)
{
	rtas_power_off();
}
