// SPDX-License-Identifier: BSD-2-Clause
/* A recorder for what the prompt does. */
#include "tests/fake/prompt.h"

#include <stdio.h>
#include <string.h>

#include "boot/command.h"
#include "ci/ci.h"
#include "ci/mem.h"
#include "ci/quiesce.h"
#include "lib/deadline.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "packages/disk_list.h"

struct fake_prompt fake_prompt;

void fake_prompt_reset(void)
{
	memset(&fake_prompt, 0, sizeof(fake_prompt));
}

static int fake_boot(const char *text)
{
	fake_prompt.boots++;
	snprintf(fake_prompt.booted, sizeof(fake_prompt.booted), "%s", text);
	return fake_prompt.boot_rc;
}

int ci_leave_boot(const char *text)
{
	return fake_boot(text);
}

void ci_reboot(void)
{
	fake_prompt.resets++;
}

void ci_power_off(void)
{
	fake_prompt.power_offs++;
}

void *ci_buf(uint64_t addr, uint64_t len)
{
	return addr == 0x4000 && len <= 4 ? fake_prompt.mem : NULL;
}

const struct phrase_sender fake_sender = {
	.name = "the test",
	.boot = fake_boot,
	.ends_machine = true,
};

int fake_prompt_run(const char *text)
{
	const struct prompt_ops ops = { .sender = &fake_sender };
	char line[8192];

	snprintf(line, sizeof(line), "%s", text);
	return command_run(&ops, line);
}

void deadline_delay(uint32_t ms)
{
	(void)ms;
}

void block_close(struct block_device *bd)
{
	(void)bd;
	fake_prompt.block_closes++;
}

void block_set_timeout(uint32_t ms)
{
	fake_prompt.timeout_ms = ms;
}

int block_open(struct block_device *bd)
{
	(void)bd;
	if (fake_prompt.block_open_rc)
		return reason_fail(fake_prompt.block_open_rc,
				   "the drive is empty");
	return 0;
}

int disk_list(struct block_device *bd, const char *args)
{
	(void)bd;
	snprintf(fake_prompt.listed, sizeof(fake_prompt.listed), "%s", args);
	if (!strcmp(args, "9"))
		return reason_fail(ERR_NOENT, "no partition 9");
	print("files of %s\n", args);
	return 0;
}

int disk_each_file(struct block_device *bd, const char *args,
		   file_each_fn *each, void *arg)
{
	(void)bd;
	fake_prompt.listed_ms = fake_prompt.timeout_ms;
	snprintf(fake_prompt.listed, sizeof(fake_prompt.listed), "%s", args);
	if (!strcmp(args, "9"))
		return reason_fail(ERR_NOENT, "no partition 9");
	each(arg, "boot", 0, FILE_DIRECTORY);
	each(arg, "bootinfo.txt", 100, FILE_PLAIN);
	each(arg, "two words", 100, FILE_PLAIN);
	each(arg, "README", 100, FILE_PLAIN);
	each(arg, "\x1b[2J", 100, FILE_PLAIN);
	if (fake_prompt.file)
		each(arg, fake_prompt.file, 100, FILE_PLAIN);
	return 0;
}
