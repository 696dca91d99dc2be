/* SPDX-License-Identifier: BSD-2-Clause */
/* What the prompt acts on, recorded: boot, reset, power, memory, a disk. */
#ifndef TESTS_FAKE_PROMPT_H
#define TESTS_FAKE_PROMPT_H

#include "boot/prompt.h"
#include "drivers/block.h"

/* The requests since the reset. */
struct fake_prompt {
	char booted[128]; /* text of the last boot */
	unsigned boots, resets, power_offs;
	uint8_t mem[4];	   /* at address 0x4000 */
	char listed[128];  /* arguments of the last disk_list() */
	const char *file;  /* another one of the disk */
	int boot_rc;	   /* what boot() returns */
	int block_open_rc; /* what block_open() returns */
	int block_closes;
	uint32_t timeout_ms; /* as block_set_timeout() */
	uint32_t listed_ms;  /* that of the last disk_each_file() */
};

extern struct fake_prompt fake_prompt;
extern const struct phrase_sender fake_sender;

/* fake_prompt_reset - forget all requests; everything succeeds. */
void fake_prompt_reset(void);

/* fake_prompt_run - run a command line of at most 8191 bytes, for fake_sender. */
int fake_prompt_run(const char *text);

#endif
