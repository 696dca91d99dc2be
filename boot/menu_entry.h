/* SPDX-License-Identifier: BSD-2-Clause */
/* What the boot menu offers: devices, and what tells them apart. */
#ifndef BOOT_MENU_ENTRY_H
#define BOOT_MENU_ENTRY_H

#include "lib/err.h"
#include "lib/types.h"

/* A property's name has at most 31 characters. [IEEE 1275 3.2.2.1.1] */
#define MENU_ALIAS_MAX 32u

struct menu_entry {
	char alias[MENU_ALIAS_MAX];
	char *path; /* the alias's value, untrusted; owned */
};

struct menu_list {
	struct menu_entry *entries; /* in SLOF's order; owned */
	size_t count;
	size_t first; /* the one that boots first by itself, or `count` */
};

/*
 * menu_list_build - list the aliases cdrom*, disk*, net*, by number. Without
 * I/O. Returns 0, also for an empty list, or ERR_NOMEM with reason(). Free it in
 * both cases.
 */
must_check int menu_list_build(struct menu_list *list);

/* menu_list_free - the list is empty then. */
void menu_list_free(struct menu_list *list);

/*
 * menu_entry_describe - vendor, product, size and contents of a device:
 * "QEMU QEMU HARDDISK, 8 GiB, GPT: PReP boot, Linux data"; untrusted text. A
 * device without a driver: "".
 * `ask`: open it to find out; otherwise only what is known without I/O. One that
 * does not respond within MENU_PATIENCE_MS is described so.
 */
void menu_entry_describe(const struct menu_entry *entry, bool ask, char *buf,
			 size_t size);
#define MENU_PATIENCE_MS 2000u

#endif
