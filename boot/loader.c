// SPDX-License-Identifier: BSD-2-Clause
/* The loader: from a boot target to a client in memory. */
#include "boot/loader.h"

#include <string.h>

#include "boot/config.h"
#include "boot/handover.h"
#include "boot/initrd.h"
#include "boot/message.h"
#include "boot/missing.h"
#include "boot/place.h"
#include "boot/secure.h"
#include "ci/mem.h"
#include "ci/phrases.h"
#include "drivers/instance.h"
#include "lib/fmt.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "lib/watch.h"
#include "packages/bootable.h"
#include "packages/disk_args.h"
#include "packages/elf_extent.h"
#include "packages/measure.h"
#include "tree/path.h"
#include "tree/prop.h"

/* The largest script of phrases, in bytes. */
#define LOADER_SCRIPT_MAX 65536u

/* Loading from one target. */
struct load {
	const char *client_args;
	struct node *node;	   /* the device */
	char path[TREE_PATH_MAX];  /* canonical, without arguments */
	char where[TREE_PATH_MAX]; /* with them, for messages; once: scratch */
	bool silent; /* the device no longer answers, or the user stops */
	bool broken; /* the last failure: the device reported an error */
	const struct bootable *boot; /* finds a choice if none is named */
	void *search;		     /* its state; NULL: one is named */
	bool open;		     /* its choice, until it is closed */
	unsigned found;		     /* choices so far */
	struct boot_choice choice;   /* the one being tried or loaded */
	struct instance *inst;	     /* the one the user named, open */
	struct image image;	     /* the bytes */
	struct place place;
};

/* Prints the failure `err`, with reason(). */
static int loader_fail(struct load *load, enum message msg, int err)
{
	load->silent = err == ERR_TIMEOUT || err == ERR_NOMEDIUM ||
		       err == ERR_ABORT;
	load->broken = err == ERR_IO;
	return message_fail(msg, load->where, reason());
}

/* Messages also name the disk's own choice, which the user did not name. */
static void loader_where(struct load *load)
{
	fmt_str(load->where, sizeof(load->where), "%s%s%s", load->path,
		*load->choice.args ? ":" : "", load->choice.args);
}

static int loader_open(struct load *load, struct node *node)
{
	int rc = ERR_NODEV;

	load->open = load->search != NULL;
	if (load->open)
		rc = load->boot->open(load->search, &load->image);
	else if ((load->inst = instance_open_node(node, load->choice.args)))
		rc = image_from_instance(&load->image, load->inst);
	return rc ? loader_fail(load, E3404, rc) : 0;
}

static void loader_close(struct load *load)
{
	stage_free(&load->place.stage);
	if (load->open)
		load->boot->close(load->search);
	load->open = false;
	instance_close(load->inst);
	load->inst = NULL;
}

/* What is loaded has no file's name and no file's end. */
static bool loader_is_partition(const struct load *load, struct disk_args *args)
{
	return !load->boot->takes_args &&
	       !disk_args_parse(load->choice.args, args) && !args->path_len;
}

/* The name under which the program is logged. */
static const char *loader_log_name(const struct load *load,
				   const struct elf_info *info)
{
	struct disk_args args = { .path = load->choice.args };

	if (info->osabi == ELF_OSABI_AIX)
		return "AIX boot image";
	if (load->choice.kernel)
		return "kernel";
	return loader_is_partition(load, &args) ? "BOOTLOADER" : args.path;
}

/* Measures what the choice depends on, and where it comes from. */
static void loader_measure_choice(const struct load *load)
{
	if (measure_is_on() && load->boot->measure)
		load->boot->measure(device_of(load->node));
	measure_later(MEASURE_BOOTING, load->where, NULL, 0);
}

/* May it run? Then it is measured: all that has been staged. */
static int loader_check(struct load *load, const struct elf_info *info)
{
	int rc = info->osabi == ELF_OSABI_AIX
			 ? secure_other(load->where, "an AIX boot image")
			 : secure_program(&load->image);

	if (rc)
		return rc;
	loader_measure_choice(load);
	return measure_image(MEASURE_LOADER, loader_log_name(load, info),
			     &load->image, load->image.size);
}

static int loader_elf(struct load *load, struct elf_entry *entry)
{
	struct elf_place place;
	struct elf_info info;
	int rc = elf_probe(&load->image, &info);

	if (rc)
		return loader_fail(load, message_for_image(rc), rc);
	place_elf(&load->place, &place);
	rc = loader_check(load, &info);
	if (!rc && info.osabi == ELF_OSABI_AIX)
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

/* A file that begins with "\ " is Forth source, here a script of phrases. */
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
	if (!rc)
		rc = secure_other(load->where, "a boot script");
	if (!rc) {
		size_t len = strnlen(text, (size_t)size);

		loader_measure_choice(load);
		measure_later(MEASURE_LOADER, "boot script", text, len);
		measure_enter();
		rc = phrases_run(text, len, &phrase_script, NULL);
	}
	heap_free(text);
	return rc ? loader_fail(load, E3403, rc) : LOADER_SCRIPT;
}

/*
 * A TPM is told what runs, and a signature is of all of it: so all is read once,
 * into memory, and what runs comes from there. In a partition it ends before the
 * partition does; what is no ELF file there is at most a script.
 */
static int loader_stage(struct load *load)
{
	bool keep = measure_is_on() || secure_is_on();
	struct image *img = &load->image;
	struct disk_args args;
	uint64_t size;
	int rc = 0;

	/* Random access needs all of it in memory. */
	if (img->stream || img->size == IMAGE_SIZE_UNKNOWN)
		return stage_image(&load->place.stage, img);
	if (!keep)
		return 0;
	if (loader_is_partition(load, &args)) {
		size = LOADER_SCRIPT_MAX;
		rc = elf_extent(img, &size);
		img->size = MIN(img->size, size);
	}
	if (rc && rc != ERR_FORMAT)
		return rc;
	return stage_image(&load->place.stage, img);
}

static int loader_image(struct load *load, struct elf_entry *entry)
{
	char head[2] = { 0 };
	long got;
	int rc;

	log_debug(LOG_BOOT, "%s: %s%jx bytes", load->where,
		  load->image.size == IMAGE_SIZE_UNKNOWN ? "at most " : "",
		  (uintmax_t)load->image.size);
	load->image.name = load->where;
	rc = loader_stage(load);
	if (rc) {
		/* A network's own message comes first. */
		loader_close(load);
		return loader_fail(load, E3407, rc);
	}
	got = image_read_some(&load->image, 0, head, sizeof(head));
	if (got < 0)
		return loader_fail(load, E3407, (int)got);
	if (!got)
		return loader_fail(load, E3403,
				   reason_fail(ERR_FORMAT,
					       "the file is empty"));
	if (head[0] == '\\' && head[1] == ' ')
		return loader_script(load);
	return loader_elf(load, entry);
}

/*
 * bootpath: the canonical path, with arguments only if a file was named: GRUB
 * in a PReP partition contains its own prefix. A file without a partition gets
 * a leading comma: GRUB reads arguments without a comma as a partition number
 * and prints "error: unrecognized number".
 */
static int loader_chosen(struct load *load)
{
	struct node *chosen = tree_find("/chosen");
	const char *args = load->choice.bare ? "" : load->choice.args;
	size_t len = strlen(load->path);

	if (load->choice.kernel)
		handover_give_kernel();
	if (*load->choice.client_args)
		load->client_args = load->choice.client_args;
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

/*
 * Opens what the choice says itself, or what the client's arguments name beside
 * its file. They do so only if they come from where the file was named: "boot
 * disk initrd=..." does not know what the disk boots, perhaps GRUB.
 */
static int loader_open_initrd(struct load *load, struct node *node,
			      struct initrd *initrd, struct image *img)
{
	if (load->boot->initrd)
		return load->boot->initrd(load->search, img);
	return initrd_open(initrd, node, load->choice.args,
			   load->search ? load->choice.client_args
					: load->client_args,
			   img);
}

/* Reads the open initrd and leaves it in memory for the client. */
static int loader_read_initrd(const struct load *load, struct image *img)
{
	struct stage stage = { 0 };
	uint64_t start, size = 0;
	int rc;

	img->name = load->where;
	rc = stage_image(&stage, img);
	if (!rc)
		rc = stage_keep(&stage, &start, &size);
	if (rc) {
		stage_free(&stage);
		return rc;
	}
	measure_later(MEASURE_INITRD, NULL, ci_ram(start, size), size);
	handover_give_initrd(start, size);
	return 0;
}

/*
 * The client's initrd, if there is one. Without it, a kernel is of no use: its
 * memory is free again for the next choice.
 */
static int loader_initrd(struct load *load, struct node *node)
{
	struct initrd initrd = { 0 };
	struct image img;
	int rc = loader_open_initrd(load, node, &initrd, &img);
	bool open = !rc;

	if (!rc)
		rc = loader_read_initrd(load, &img);
	if (open && load->boot->initrd)
		load->boot->close(load->search);
	initrd_close(&initrd);
	if (!rc || rc == BOOTABLE_END)
		return 0;
	handover_cancel();
	handover_begin();
	return loader_fail(load, E3407, rc);
}

/* Loads the file that the user named, or the search's last choice. */
static int loader_choice(struct load *load, struct node *node,
			 struct elf_entry *entry)
{
	int rc;

	loader_where(load);
	rc = loader_open(load, node);
	if (!rc)
		rc = loader_image(load, entry);
	loader_close(load);
	return rc ? rc : loader_initrd(load, node);
}

/* Loads the first of the device's own choices that loads. */
static int loader_search(struct load *load, struct node *node,
			 struct elf_entry *entry)
{
	int rc = ERR_NODEV;

	while (rc < 0 && !load->silent) {
		int end;

		measure_forget();
		end = load->boot->next(load->search, &load->choice);
		/* That the disk fails has been said. */
		if (end < 0 && !(load->broken && end == ERR_IO))
			message_print(E3404, load->path, reason());
		if (end)
			break;
		if (load->found++)
			print("  Trying to load: %s from: %s:%s ... ",
			      load->client_args, load->path, load->choice.args);
		rc = loader_choice(load, node, entry);
	}
	return rc;
}

static int loader_whole(struct load *load, struct node *node, const char *args,
			struct elf_entry *entry)
{
	int rc = ERR_NOMEM;

	load->search = heap_zalloc(load->boot->size);
	if (load->search)
		rc = load->boot->begin(load->search, device_of(node), args);
	else
		reason_fail(rc, "out of memory");
	if (rc) {
		rc = message_fail(E3404, load->path, reason());
	} else {
		rc = loader_search(load, node, entry);
		load->boot->end(load->search);
	}
	heap_free(load->search);
	return rc;
}

/* Why nothing can be loaded from a node. */
static const char *loader_unfit(const struct node *node)
{
	const struct device *dev = device_of(node);

	if (!dev)
		return "no driver";
	return dev->state == DEVICE_FAILED
		       ? dev->failure
		       : "programs cannot be loaded from it";
}

/* `args`: the text after ':' in the target; it is in load->where. */
static int loader_device(struct load *load, struct node *node, const char *args,
			 struct elf_entry *entry)
{
	const struct package *pkg = node_package(node);
	size_t len = strlen(args);

	if (!pkg || !pkg->boot)
		return message_fail(E3404, load->path, loader_unfit(node));
	load->boot = pkg->boot;
	if (!len || pkg->boot->takes_args)
		return loader_whole(load, node, args, entry);
	if (len >= sizeof(load->choice.args))
		return message_fail(E3404, load->path, "arguments too long");
	memcpy(load->choice.args, args, len + 1);
	return loader_choice(load, node, entry);
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
	load->node = node;
	if (!node) {
		missing_explain(load->where, load->path);
		return message_fail(E3405, NULL, reason());
	}
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
	measure_forget();
	watch_begin("a load");
	rc = loader_run(load, target, entry);
	watch_end();
	if (rc)
		measure_forget();
	if (rc >= 0)
		print("  Successfully loaded\n");
	if (!rc && entry->loaded != entry->linked)
		print("  Moved from %jx to %jx\n", (uintmax_t)entry->linked,
		      (uintmax_t)entry->loaded);
	heap_free(load);
	return rc;
}
