// SPDX-License-Identifier: BSD-2-Clause
/* Boot policy: which target next, and what happens when a client leaves. */
#include "boot/policy.h"

#include <string.h>

#include "boot/bootlist.h"
#include "boot/bootlog.h"
#include "boot/config.h"
#include "boot/handover.h"
#include "boot/hotkey.h"
#include "boot/loader.h"
#include "boot/measured.h"
#include "boot/menu.h"
#include "boot/message.h"
#include "boot/prompt.h"
#include "ci/phrases.h"
#include "drivers/device.h"
#include "lib/fmt.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "packages/measure.h"

/* What to do after a client has left. */
enum policy_next {
	POLICY_NEXT,  /* the next target */
	POLICY_AGAIN, /* a new list, from ci_boot_text() */
	POLICY_WAITS, /* none: the client waits for `go` */
};

static enum policy_next policy_left(enum ci_leave why, uint64_t result)
{
	static const char *const names[] = {
		[CI_RETURNED] = "returned",
		[CI_EXIT] = "called exit",
		[CI_BOOT] = "called boot",
	};
	char text[24];

	while (why == CI_CHAIN)
		why = handover_chain(&result);
	log_debug(LOG_BOOT, "the client %s", names[why]);
	handover_cleanup();
	if (why == CI_BOOT)
		return POLICY_AGAIN;
	fmt_str(text, sizeof(text), "%jx", (uintmax_t)result);
	if (why == CI_RETURNED && result)
		message_print(E3406, NULL, text);
	else
		message_print(W3411, NULL, NULL);
	return POLICY_NEXT;
}

static enum policy_next policy_enter(const struct elf_entry *entry)
{
	uint64_t result;
	enum ci_leave why = handover_client(entry, &result);

	return policy_left(why, result);
}

/*
 * Tries one target. `wait`: only loads it. *ran: set when a client or a boot
 * script has run.
 */
static enum policy_next policy_try(const struct boot_target *target, bool wait,
				   bool *ran)
{
	struct elf_entry entry;
	int rc;

	handover_begin();
	rc = loader_load(target, &entry);
	if (rc) {
		handover_cancel();
		*ran |= rc == LOADER_SCRIPT;
		return POLICY_NEXT;
	}
	*ran = true;
	if (!wait)
		return policy_enter(&entry);
	handover_keep(&entry);
	return POLICY_WAITS;
}

/*
 * The first word is a device unless it looks like an argument: `boot -s` boots
 * the default device. Returns the arguments, or NULL if there are none.
 */
static const char *policy_split(char *text, const char **device)
{
	char *rest = strchr(text, ' ');

	*device = NULL;
	if (!*text)
		return NULL;
	if (*text == '-')
		return text;
	*device = text;
	if (!rest)
		return NULL;
	*rest++ = 0;
	while (*rest == ' ')
		rest++;
	return *rest ? rest : NULL;
}

/* An image from -kernel is tried before every device. */
static enum policy_next policy_kernel(bool *ran)
{
	enum ci_leave why;
	uint64_t result;

	/* It may be a boot loader, which looks for disks itself. */
	if (handover_has_kernel() && bootlist_wants_rest(NULL))
		device_scan_rest();
	if (handover_kernel(&why, &result))
		return POLICY_NEXT;
	*ran = true;
	return policy_left(why, result);
}

/* SLOF's last line if nothing ran; the number is ours. */
static void policy_failed(unsigned tried)
{
	char text[48];

	fmt_str(text, sizeof(text), "%u device%s tried", tried,
		tried == 1 ? "" : "s");
	message_print(E3407, NULL, text);
}

/* A list of targets, and how far it has come. */
struct policy_list {
	struct list targets, tried;
	const char *device, *args; /* as for bootlist_build() */
	bool wait;		   /* only load the first that loads */
	int rc;
};

/* Lists what has not been tried yet. */
static void policy_list(struct policy_list *pl)
{
	bootlist_free(&pl->targets);
	if (!pl->rc)
		pl->rc = bootlist_build(&pl->targets, pl->device, pl->args);
	if (pl->rc)
		log_err("boot: cannot build the device list: %s",
			err_str(pl->rc));
	bootlist_forget(&pl->targets, &pl->tried);
}

/*
 * The next target, or NULL. One that is not there, and the end of the list, are
 * reasons to scan what is scanned on demand; then there may be more.
 */
static struct boot_target *policy_next(struct policy_list *pl)
{
	struct boot_target *target = bootlist_first(&pl->targets);

	if ((!target || *target->path != '/') && device_scan_rest()) {
		policy_list(pl);
		target = bootlist_first(&pl->targets);
	}
	if (target) {
		list_del(&target->link);
		list_add_tail(&pl->tried, &target->link);
	}
	return target;
}

static enum policy_next policy_try_all(struct policy_list *pl, bool *ran)
{
	enum policy_next next = POLICY_NEXT;
	struct boot_target *target;
	unsigned tried = 0;

	while (next == POLICY_NEXT && (target = policy_next(pl)) != NULL) {
		next = policy_try(target, pl->wait, ran);
		tried++;
	}
	/* `boot net` finds no card without a driver: name it. */
	if (!*ran && bootlist_wants_rest(pl->device))
		device_explain();
	if (tried && !*ran)
		policy_failed(tried);
	if (!tried && !pl->rc)
		message_print(E3401, NULL, "no device to boot from");
	return next;
}

static enum policy_next policy_devices(const char *text, bool wait, bool *ran)
{
	struct policy_list pl = {
		.targets = LIST_INIT(pl.targets),
		.tried = LIST_INIT(pl.tried),
		.wait = wait,
	};
	enum policy_next next;
	char *copy = heap_strdup(text);

	if (!copy)
		pl.rc = ERR_NOMEM;
	else
		pl.args = policy_split(copy, &pl.device);
	device_attach_rest();
	if (bootlist_wants_rest(pl.device))
		device_scan_rest();
	policy_list(&pl);
	next = policy_try_all(&pl, ran);
	bootlist_free(&pl.targets);
	bootlist_free(&pl.tried);
	heap_free(copy);
	return next;
}

/*
 * Tries the targets of `text`; *again: the client asked for another boot.
 * Returns 0 if something ran, or ERR_NODEV.
 */
static int policy_run(const char *text, bool *again)
{
	bool ran = false;

	handover_forget();
	*again = !*text && policy_kernel(&ran) == POLICY_AGAIN;
	if (!*again)
		*again = policy_devices(text, false, &ran) == POLICY_AGAIN;
	return ran ? 0 : ERR_NODEV;
}

/*
 * `boot [device] [args]`: tries the targets until a client runs, and the next
 * ones when it leaves. Returns 0 if a client ran and left, or ERR_NODEV:
 * nothing booted (each reason is printed).
 */
static int policy_boot(const char *text)
{
	bool again;
	int rc = policy_run(text, &again);

	while (again)
		rc = policy_run(ci_boot_text(), &again);
	return rc;
}

/*
 * `load [device] [args]`: loads the first target that loads. Returns 0: it
 * waits for policy_go(); or ERR_NODEV: none does (each reason is printed).
 */
static int policy_load(const char *text)
{
	bool ran = false;

	handover_forget();
	return policy_devices(text, true, &ran) == POLICY_WAITS ? 0 : ERR_NODEV;
}

/* `go`. Returns 0: the loaded client has run; ERR_NOENT: none is loaded. */
static int policy_go(void)
{
	struct elf_entry entry;

	if (!handover_take(&entry))
		return ERR_NOENT;
	if (policy_enter(&entry) == POLICY_AGAIN)
		(void)policy_boot(ci_boot_text());
	return 0;
}

/* The sender of phrases from the firmware's own prompt and variables. */
static const struct phrase_sender policy_sender = {
	.name = "the firmware",
	.boot = policy_boot,
	.ends_machine = true,
};

void boot_prompt(bool can_go)
{
	const struct prompt_ops ops = {
		.sender = can_go ? &phrase_client : &policy_sender,
		.can_go = can_go,
		.load = can_go ? NULL : policy_load,
		.go = can_go ? NULL : policy_go,
	};

	device_attach_rest();
	if (!can_go)
		measure_now(MEASURE_PROMPT, NULL, NULL, 0);
	prompt_run(&ops);
}

/* Runs a configuration variable that holds phrases. */
static void policy_script(const char *name)
{
	const char *text = config_str(name);
	int rc;

	device_attach_rest();
	rc = phrases_run(text, strlen(text), &policy_sender, NULL);

	/* Devices that did not boot have been reported one by one. */
	if (rc && rc != ERR_NODEV)
		message_print(E3409, name, reason());
}

/* A device that does not boot is followed by the prompt, as in SLOF. */
static void policy_menu(void)
{
	const struct prompt_ops ops = { .sender = &policy_sender };

	device_attach_rest();
	if (menu_run(&ops) < 0)
		log_err("%s", reason());
}

/*
 * With -kernel the variable boot-command is ignored, as in SLOF. The prompt is
 * next in any case: each reason has been printed.
 */
static void policy_auto_boot(void)
{
	if (!handover_has_kernel())
		policy_script("boot-command");
	else if (policy_boot(""))
		return;
}

static void policy_power_on(void)
{
	bool boots = config_flag("auto-boot?");
	enum hotkey key = hotkey_pressed(boots);

	if (key == HOTKEY_MENU)
		policy_menu();
	else if (boots && key != HOTKEY_PROMPT)
		policy_auto_boot();
}

noreturn void boot_main(const struct boot_machine *machine)
{
	handover_init(machine);
	measured_config();
	if (config_flag("use-nvramrc?"))
		policy_script("nvramrc");
	policy_power_on();
	/* Who types wants every keyboard and every disk. */
	device_scan_rest();
	bootlog_slow();
	print("\nWelcome to Open Firmware\n\n"
	      "  Type 'boot' and press return to continue booting the system.\n"
	      "  Type 'reset-all' and press return to reboot the system.\n");
	for (;;)
		boot_prompt(false);
}
