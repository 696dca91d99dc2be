// SPDX-License-Identifier: BSD-2-Clause
/* The loader: from a boot target to a client in memory. */
#include "boot/loader.h"

#include <string.h>

#include "boot/boot.h"
#include "boot/config.h"
#include "boot/message.h"
#include "boot/place.h"
#include "ci/mem.h"
#include "ci/phrases.h"
#include "drivers/block.h"
#include "drivers/instance.h"
#include "lib/fmt.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "lib/watch.h"
#include "packages/disk_label.h"
#include "tree/path.h"
#include "tree/prop.h"

/* A script of phrases is a text of at most this size. */
#define LOADER_SCRIPT_MAX 65536u

/* One attempt to load. */
struct load {
	const char *client_args;
	char path[TREE_PATH_MAX];  /* canonical, without arguments */
	char spare[TREE_PATH_MAX]; /* the target's path is resolved in here */
	struct disk_boot disk;
	struct image image;
	struct instance *inst;
	struct block_device *opened; /* or NULL */
	struct place place;
};

/* What the disk itself says is to be booted, or the given arguments. */
static int loader_choose(struct load *load, struct node *node, const char *args)
{
	const struct device *dev = device_of(node);
	int rc;

	if (!dev || !dev->block)
		return message_fail(E3404, load->path,
				    dev ? "not a disk" : "no driver for it");
	if (strlen(args) >= sizeof(load->disk.open_args))
		return message_fail(E3404, load->path,
				    "its arguments are too long");
	memcpy(load->disk.open_args, args, strlen(args) + 1);
	memcpy(load->disk.bootpath_args, args, strlen(args) + 1);
	load->disk.client_args[0] = 0;
	if (*args)
		return 0;
	/* It stays open until what it boots is loaded: that is cheaper. */
	rc = block_open(dev->block);
	if (!rc) {
		load->opened = dev->block;
		rc = disk_label_find_boot(dev->block, &load->disk);
	}
	return rc ? message_fail(E3404, load->path, reason()) : 0;
}

/* What bootinfo.txt or the label named is told: the user did not. */
static int loader_open(struct load *load, struct node *node)
{
	const char *args = load->disk.open_args;
	int rc = ERR_NODEV;

	load->inst = instance_open_node(node, args);
	if (load->inst)
		rc = image_from_instance(&load->image, load->inst);
	if (!rc)
		return 0;
	fmt_str(load->spare, sizeof(load->spare), "%s%s%s", load->path,
		*args ? ":" : "", args);
	return message_fail(E3404, load->spare, reason());
}

static int loader_elf(struct load *load, struct elf_entry *entry)
{
	struct elf_place place;
	struct elf_info info;
	int rc = elf_probe(&load->image, &info);

	if (rc)
		return message_fail(rc == ERR_FORMAT ? E3403 : E3407,
				    load->path, reason());
	place_elf(&load->place, &place);
	if (info.osabi == ELF_OSABI_AIX)
		rc = place_raw(&load->place, &load->image,
			       config_num("load-base"));
	if (!rc)
		rc = elf_load(&load->image, &info, &place, entry);
	if (rc == ERR_EXIST || rc == ERR_RANGE)
		return message_fail(E3408, load->path, reason());
	if (rc == ERR_FORMAT)
		return message_fail(E3403, load->path, reason());
	return rc ? message_fail(E3407, load->path, reason()) : 0;
}

static int loader_phrase_boot(void *arg, const char *text)
{
	(void)arg;
	return fail(ERR_NOTSUP, "a boot script cannot boot \"%s\"", text);
}

static uint8_t *loader_phrase_mem(void *arg, uint32_t addr, uint32_t len)
{
	(void)arg;
	return ci_buf(addr, len);
}

/* "\ " in front: Forth source, for us a script of known phrases. */
static int loader_script(struct load *load)
{
	static const struct phrase_ops ops = {
		.boot = loader_phrase_boot,
		.mem = loader_phrase_mem,
	};
	size_t size = (size_t)MIN(load->image.size, LOADER_SCRIPT_MAX);
	char *text;
	int rc;

	text = heap_alloc(size);
	if (!text)
		return message_fail(E3407, load->path, "out of memory");
	rc = image_read(&load->image, 0, text, size);
	if (!rc)
		rc = phrases_run(text, strnlen(text, size), &ops, NULL);
	heap_free(text);
	if (rc)
		return message_fail(E3403, load->path, reason());
	return LOADER_SCRIPT;
}

static int loader_image(struct load *load, struct elf_entry *entry)
{
	char head[2] = { 0 };

	if (load->image.size >= sizeof(head) &&
	    image_read(&load->image, 0, head, sizeof(head)))
		return message_fail(E3407, load->path, reason());
	if (head[0] == '\\' && head[1] == ' ')
		return loader_script(load);
	return loader_elf(load, entry);
}

/*
 * bootpath: the canonical path, with arguments only where a file was named. A
 * file without a partition gets the comma in front: GRUB takes what has none
 * for a partition number and prints "error: unrecognized number".
 */
static int loader_chosen(struct load *load)
{
	struct node *chosen = tree_find("/chosen");
	const char *args = load->disk.bootpath_args;
	size_t len = strlen(load->path);

	if (*load->disk.client_args)
		load->client_args = load->disk.client_args;
	if (*args)
		fmt_str(load->path + len, sizeof(load->path) - len, ":%s%s",
			*args == '\\' ? "," : "", args);
	if (tree_set_str(chosen, "bootpath", load->path) ||
	    tree_set_str(chosen, "bootargs", load->client_args))
		return message_fail(E3407, load->path, "out of memory");
	return 0;
}

static int loader_run(struct load *load, const struct boot_target *target,
		      struct elf_entry *entry)
{
	const char *args;
	struct node *node;
	int rc;

	node = tree_resolve(target->device, load->spare, &args);
	if (node)
		tree_path(node, load->path, sizeof(load->path));
	print("  Trying to load: %s from: %s%s%s ... ", target->args,
	      node ? load->path : target->device, node && *args ? ":" : "",
	      node ? args : "");
	if (!node)
		return message_fail(E3405, NULL, reason());
	rc = loader_choose(load, node, args);
	if (!rc)
		rc = loader_open(load, node);
	if (!rc)
		rc = loader_image(load, entry);
	instance_close(load->inst);
	if (load->opened)
		block_close(load->opened);
	if (!rc)
		rc = loader_chosen(load);
	return rc;
}

int loader_load(const struct boot_target *target, struct elf_entry *entry)
{
	struct load *load = heap_zalloc(sizeof(*load));
	int rc;

	if (!load)
		return message_fail(E3407, target->device, "out of memory");
	load->client_args = target->args;
	reason_clear();
	watch_begin("a load");
	rc = loader_run(load, target, entry);
	watch_end();
	if (rc >= 0)
		print("  Successfully loaded\n");
	heap_free(load);
	return rc;
}
