// SPDX-License-Identifier: BSD-2-Clause
/* The loader: from a boot target to a client in memory. */
#include "boot/loader.h"

#include <string.h>

#include "boot/config.h"
#include "boot/message.h"
#include "boot/place.h"
#include "ci/phrases.h"
#include "drivers/block.h"
#include "drivers/instance.h"
#include "lib/fmt.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "lib/watch.h"
#include "packages/disk_boot.h"
#include "packages/measure.h"
#include "tree/path.h"
#include "tree/prop.h"

/* A script of phrases is a text of at most this size. */
#define LOADER_SCRIPT_MAX 65536u

/* Loading from one target. */
struct load {
	const char *client_args;
	char path[TREE_PATH_MAX];  /* canonical, without arguments */
	char where[TREE_PATH_MAX]; /* with them, for messages; once: scratch */
	bool silent;		   /* the device does not answer any more */
	char args[256];		   /* of `path`; for the user or by the disk */
	bool bare;		   /* bootpath does not have them */
	struct disk_search search;
	struct disk_boot disk;	   /* what the search has found, */
	struct disk_target target; /* open */
	struct instance *inst;	   /* or what the user has named */
	struct image image;	   /* the bytes of one of them */
	struct place place;
};

/* Prints what went wrong with `err`, as reason() has it. */
static int loader_fail(struct load *load, enum message msg, int err)
{
	load->silent = err == ERR_TIMEOUT || err == ERR_NOMEDIUM;
	return message_fail(msg, load->where, reason());
}

/* Messages name what the user did not: what the disk itself says to boot. */
static void loader_where(struct load *load)
{
	fmt_str(load->where, sizeof(load->where), "%s%s%s", load->path,
		*load->args ? ":" : "", load->args);
}

/* `node`: NULL for what the search has found. */
static int loader_open(struct load *load, struct node *node)
{
	int rc = ERR_NODEV;

	if (!node)
		rc = disk_boot_open(load->search.bd, &load->disk, &load->target,
				    &load->image);
	else if ((load->inst = instance_open_node(node, load->args)))
		rc = image_from_instance(&load->image, load->inst);
	return rc ? loader_fail(load, E3404, rc) : 0;
}

static void loader_close(struct load *load)
{
	stage_free(&load->place.stage);
	disk_target_close(&load->target);
	instance_close(load->inst);
	load->target = (struct disk_target){ 0 };
	load->inst = NULL;
}

static int loader_elf(struct load *load, struct elf_entry *entry)
{
	struct elf_place place;
	struct elf_info info;
	int rc = elf_probe(&load->image, &info);

	if (rc)
		return loader_fail(load, message_for_image(rc), rc);
	place_elf(&load->place, &place);
	if (info.osabi == ELF_OSABI_AIX)
		rc = place_raw(&load->place, &load->image,
			       config_num("load-base"));
	if (!rc)
		rc = elf_load(&load->image, &info, &place, entry);
	elf_info_free(&info);
	if (!rc)
		return 0;
	place_undo(&load->place);
	return loader_fail(load, message_for_image(rc), rc);
}

/* "\ " in front: Forth source, for us a script of known phrases. */
static int loader_script(struct load *load)
{
	char *text = heap_alloc(LOADER_SCRIPT_MAX);
	long size;
	int rc;

	if (!text)
		return loader_fail(load, E3407,
				   reason_fail(ERR_NOMEM, "out of memory"));
	size = image_read_some(&load->image, 0, text, LOADER_SCRIPT_MAX);
	rc = (int)MIN(size, 0);
	if (!rc) {
		size_t len = strnlen(text, (size_t)size);

		measure(MEASURE_SCRIPT, load->where, text, len);
		rc = phrases_run(text, len, &phrase_script, NULL);
	}
	heap_free(text);
	return rc ? loader_fail(load, E3403, rc) : LOADER_SCRIPT;
}

static int loader_image(struct load *load, struct elf_entry *entry)
{
	char head[2] = { 0 };
	long got;
	int rc = 0;

	log_debug(LOG_BOOT, "%s: %s%jx bytes", load->where,
		  load->image.size == IMAGE_SIZE_UNKNOWN ? "at most " : "",
		  (uintmax_t)load->image.size);
	load->image.name = load->where;
	/* To look into it here and there it must be in memory. */
	if (load->image.stream || load->image.size == IMAGE_SIZE_UNKNOWN)
		rc = stage_image(&load->place.stage, &load->image);
	if (rc)
		return loader_fail(load, E3407, rc);
	got = image_read_some(&load->image, 0, head, sizeof(head));
	if (got < 0)
		return loader_fail(load, E3407, (int)got);
	if (head[0] == '\\' && head[1] == ' ')
		return loader_script(load);
	return loader_elf(load, entry);
}

/*
 * bootpath: the canonical path, with arguments only where a file was named: a
 * PReP partition's program, GRUB, has its own prefix inside. A file without a
 * partition gets the comma in front: GRUB reads what has none as a partition
 * number and prints "error: unrecognized number".
 */
static int loader_chosen(struct load *load)
{
	struct node *chosen = tree_find("/chosen");
	const char *args = load->bare ? "" : load->args;
	size_t len = strlen(load->path);

	if (*load->disk.client_args)
		load->client_args = load->disk.client_args;
	if (*args)
		fmt_str(load->path + len, sizeof(load->path) - len, ":%s%s",
			*args == '\\' ? "," : "", args);
	if (tree_set_str(chosen, "bootpath", load->path) ||
	    tree_set_str(chosen, "bootargs", load->client_args))
		return message_fail(E3407, load->path, "out of memory");
	log_debug(LOG_BOOT, "bootpath %s, bootargs \"%s\"", load->path,
		  load->client_args);
	return 0;
}

/* Loads what load->args says, or, without a node, load->disk. */
static int loader_disk(struct load *load, struct node *node,
		       struct elf_entry *entry)
{
	int rc;

	loader_where(load);
	rc = loader_open(load, node);
	if (!rc)
		rc = loader_image(load, entry);
	loader_close(load);
	return rc;
}

/* What the search has found, in words. */
static void loader_found(struct load *load)
{
	const struct disk_args args = disk_boot_args(&load->disk);

	disk_args_text(&args, load->args, sizeof(load->args));
	load->bare = load->disk.is_prep;
}

/* What the disk itself says is to be booted: the first that loads. */
static int loader_search(struct load *load, struct elf_entry *entry)
{
	int rc = ERR_NODEV;

	while (rc < 0 && !load->silent) {
		int end = disk_boot_next(&load->search, &load->disk);

		if (end < 0)
			message_print(E3404, load->path, reason());
		if (end)
			break;
		loader_found(load);
		if (load->search.found > 1)
			print("  Trying to load: %s from: %s:%s ... ",
			      load->client_args, load->path, load->args);
		rc = loader_disk(load, NULL, entry);
	}
	return rc;
}

/* The disk stays open until one has loaded: opening it anew takes time. */
static int loader_whole(struct load *load, struct elf_entry *entry)
{
	struct block_device *bd = load->search.bd;
	int rc = block_open(bd);

	if (rc)
		return message_fail(E3404, load->path, reason());
	rc = loader_search(load, entry);
	block_close(bd);
	return rc;
}

/* `args`: what follows ':' in the target, in load->where. */
static int loader_device(struct load *load, struct node *node, const char *args,
			 struct elf_entry *entry)
{
	const struct device *dev = device_of(node);
	size_t len = strlen(args);

	if (!dev || !dev->block)
		return message_fail(E3404, load->path,
				    dev ? "not a disk" : "no driver");
	if (len >= sizeof(load->args))
		return message_fail(E3404, load->path, "arguments too long");
	load->search.bd = dev->block;
	if (!len)
		return loader_whole(load, entry);
	memcpy(load->args, args, len + 1);
	return loader_disk(load, node, entry);
}

static int loader_run(struct load *load, const struct boot_target *target,
		      struct elf_entry *entry)
{
	const char *args;
	struct node *node;
	int rc;

	node = tree_resolve(target->device, load->where, &args);
	if (node)
		tree_path(node, load->path, sizeof(load->path));
	print("  Trying to load: %s from: %s%s%s ... ", target->args,
	      node ? load->path : target->device, node && *args ? ":" : "",
	      node ? args : "");
	if (!node)
		return message_fail(E3405, NULL, reason());
	rc = loader_device(load, node, args, entry);
	return rc ? rc : loader_chosen(load);
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
	if (!rc && entry->loaded != entry->linked)
		print("  Moved from %jx to %jx\n", (uintmax_t)entry->linked,
		      (uintmax_t)entry->loaded);
	heap_free(load);
	return rc;
}
