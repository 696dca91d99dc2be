// SPDX-License-Identifier: BSD-2-Clause
/* The boot menu's list of devices, and a description of each. */
#include "boot/menu_entry.h"

#include <string.h>

#include "boot/bootlist.h"
#include "boot/handover.h"
#include "drivers/block.h"
#include "lib/fmt.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "packages/filesystem.h"
#include "packages/partition_describe.h"
#include "tree/path.h"
#include "tree/prop.h"

/* So many partitions are named; the others are counted. */
#define NAMED_PARTITIONS 3u

static int menu_list_add(struct menu_list *list, const char *alias)
{
	const char *path = tree_get_str(tree_find("/aliases"), alias);
	struct menu_entry *entries, *entry;

	if (!path || strlen(alias) >= MENU_ALIAS_MAX)
		return 0;
	entries = heap_realloc(list->entries,
			       (list->count + 1) * sizeof(*entries));
	if (!entries)
		return ERR_NOMEM;
	list->entries = entries;
	entry = &entries[list->count];
	fmt_str(entry->alias, sizeof(entry->alias), "%s", alias);
	entry->path = heap_strdup(path);
	if (!entry->path)
		return ERR_NOMEM;
	list->count++;
	return 0;
}

static int menu_list_add_family(struct menu_list *list, const char *family)
{
	int err = menu_list_add(list, family);
	const char *alias;
	uint64_t number = 0;

	while (err == 0 && (alias = bootlist_next_alias(family, &number)))
		err = menu_list_add(list, alias);
	return err;
}

static size_t menu_list_find(const struct menu_list *list,
			     const struct node *node)
{
	size_t i = 0;

	while (i < list->count && tree_find(list->entries[i].alias) != node)
		i++;
	return i;
}

/*
 * Marks the first target of the policy that is there. With an image from
 * -kernel none of the list is first.
 */
static void menu_list_mark(struct menu_list *list)
{
	struct list targets = LIST_INIT(targets);
	int err = bootlist_build(&targets, NULL, NULL);
	const struct boot_target *target;
	const struct node *node = NULL;

	list_for_each(target, &targets, link) {
		if (err == 0 && !node)
			node = tree_find(target->device);
	}
	list->first = list->count;
	if (node && !handover_has_kernel())
		list->first = menu_list_find(list, node);
	bootlist_free(&targets);
}

int menu_list_build(struct menu_list *list)
{
	static const char *const families[] = { "cdrom", "disk", "net" };
	int err = 0;

	*list = (struct menu_list){ 0 };
	if (!tree_find("/aliases"))
		return 0;
	for (size_t i = 0; err == 0 && i < ARRAY_SIZE(families); i++)
		err = menu_list_add_family(list, families[i]);
	if (err < 0)
		return reason_fail(err, "menu: no memory for %zu devices",
				   list->count + 1);
	menu_list_mark(list);
	return 0;
}

void menu_list_free(struct menu_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		heap_free(list->entries[i].path);
	heap_free(list->entries);
	*list = (struct menu_list){ 0 };
}

/* A text under construction; what does not fit is cut. */
struct menu_text {
	char *buf;
	size_t size, len;
	unsigned partitions;
};

static void menu_add(struct menu_text *text, const char *separator,
		     const char *more)
{
	size_t room = text->size - text->len;
	size_t len = fmt_str(text->buf + text->len, room, "%s%s",
			     text->len ? separator : "", more);

	text->len += MIN(len, room - 1);
}

/* "512 KiB", "1.5 GiB", "20 GiB": rounded down. */
static void menu_add_size(struct menu_text *text, const struct block_device *bd)
{
	static const char units[] = "KMGTPE";
	uint64_t tenths = MIN(bd->blocks, UINT64_MAX / 10 / bd->block_size) *
			  bd->block_size * 10 / KiB;
	char size[32];
	size_t unit = 0;

	while (tenths >= 10 * KiB) {
		tenths /= KiB;
		unit++;
	}
	if (tenths % 10 && tenths < 100)
		fmt_str(size, sizeof(size), "%llu.%llu %ciB",
			(unsigned long long)tenths / 10,
			(unsigned long long)tenths % 10, units[unit]);
	else
		fmt_str(size, sizeof(size), "%llu %ciB",
			(unsigned long long)tenths / 10, units[unit]);
	menu_add(text, ", ", size);
}

static int menu_add_partition(void *arg, const struct partition *part)
{
	const char *name = partition_type_name(part);
	char code[PARTITION_TYPE_CODE];
	struct menu_text *text = arg;

	if (text->partitions++ >= NAMED_PARTITIONS)
		return 0;
	if (text->partitions == 1)
		menu_add(text, ", ",
			 part->scheme == PARTITION_MBR ? "MBR: " : "GPT: ");
	partition_type_code(part, code);
	menu_add(text, text->partitions > 1 ? ", " : "", name ? name : "type ");
	if (!name)
		menu_add(text, "", code);
	return 0;
}

/* The name of a disc, or what the disk's partitions are. */
static int menu_add_contents(struct menu_text *text, struct block_device *bd)
{
	char label[48], more[24];
	struct volume vol;
	int err = volume_whole(bd, &vol);

	if (err == 0)
		err = volume_label(&vol, label, sizeof(label));
	if (err == 0 && *label) {
		menu_add(text, ", \"", label);
		menu_add(text, "", "\"");
		return 0;
	}
	if (err == 0 || err == ERR_FORMAT || err == ERR_NOTSUP)
		err = partition_scan(bd, menu_add_partition, text);
	if (text->partitions > NAMED_PARTITIONS) {
		fmt_str(more, sizeof(more), "%u more",
			text->partitions - NAMED_PARTITIONS);
		menu_add(text, " and ", more);
	}
	return err == ERR_FORMAT || err == ERR_CHECKSUM ? 0 : err;
}

static int menu_ask_disk(struct menu_text *text, struct block_device *bd)
{
	int err = block_open(bd);

	if (err < 0)
		return err;
	menu_add_size(text, bd);
	err = menu_add_contents(text, bd);
	block_close(bd);
	return err;
}

static const char *menu_trouble(int err)
{
	switch (err) {
	case ERR_NOMEDIUM:
		return "no medium";
	case ERR_TIMEOUT:
		return "does not respond";
	default:
		return "cannot be read";
	}
}

void menu_entry_describe(const struct menu_entry *entry, bool ask, char *buf,
			 size_t size)
{
	struct menu_text text = { .buf = buf, .size = size };
	const struct node *node = tree_find(entry->path);
	const struct device *dev = node ? device_of(node) : NULL;
	struct block_device *bd = dev ? block_of(dev) : NULL;
	int err;

	buf[0] = '\0';
	if (!dev)
		return;
	menu_add(&text, "",
		 bd && bd->product && *bd->product ? bd->product
						   : dev->driver->name);
	if (!bd || !ask)
		return;
	block_set_timeout(MENU_PATIENCE_MS);
	err = menu_ask_disk(&text, bd);
	block_set_timeout(0);
	if (err < 0) {
		log_debug(LOG_BOOT, "menu: %s", reason());
		menu_add(&text, ", ", menu_trouble(err));
	}
}
