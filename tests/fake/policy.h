/* SPDX-License-Identifier: BSD-2-Clause */
/* What boot/policy.c depends on: targets, clients, variables, a prompt. */
#ifndef TESTS_FAKE_POLICY_H
#define TESTS_FAKE_POLICY_H

#include <setjmp.h>

#include "boot/handover.h"
#include "boot/hotkey.h"
#include "boot/policy.h"
#include "boot/prompt.h"
#include "tests/fake/blocks.h"
#include "tests/fake/log.h"

/* fake_policy_start - cmocka's set-up: two targets that boot and return. */
int fake_policy_start(void **state);

/* All that happened, in order: "begin load:a run:a cleanup free prompt ". */
extern char fake_events[1024];
/* The client's memory. */
extern char fake_memory[256];

/* The list has this many of "a", "b", "c"; the arguments it was built for. */
extern unsigned fake_target_count;
extern int fake_list_error;
/* Their paths; without a slash they are not in the tree. */
extern const char *fake_target_path[3];
/* bootlist_wants_rest(); is there anything that is scanned on demand? */
extern bool fake_wants_rest, fake_has_rest;
extern char fake_asked_device[64], fake_asked_args[64];

/* What each target's load returns, how its client leaves, with which result. */
extern int fake_load_result[3];
extern enum ci_leave fake_left[3];
extern uint64_t fake_left_result;

/* -kernel, and what a chained client does. */
extern bool fake_have_kernel;
extern enum ci_leave fake_kernel_left, fake_chain_left;
extern uint64_t fake_chain_result;

/* The text of ci_boot_text(). */
extern const char *fake_boot_text;

/* The key that was pressed, and whether the machine was to boot otherwise. */
extern enum hotkey fake_hotkey;
extern bool fake_hotkey_boots;
/* The menu boots "menu's"; or an error. */
extern int fake_menu_result;

/* Configuration variables. */
extern const char *fake_var_command, *fake_var_nvramrc;
extern bool fake_var_auto_boot, fake_var_use_nvramrc;

/* The prompt keeps its arguments and jumps here. */
extern jmp_buf fake_at_prompt;
extern struct prompt_ops fake_prompted;

#endif
