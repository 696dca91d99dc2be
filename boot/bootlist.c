// SPDX-License-Identifier: BSD-2-Clause
/* The order in which devices are tried. */
#include "boot/bootlist.h"

#include <string.h>

#include "boot/config.h"
#include "drivers/device.h"
#include "lib/fmt.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "tree/path.h"
#include "tree/prop.h"

/* The list under construction. */
struct bootlist {
	struct list *targets;
	const char *args;
	bool ended; /* HALT was seen: add nothing more */
};

static void bootlist_free_target(struct boot_target *target)
{
	heap_free(target->device);
	heap_free(target->path);
	heap_free(target->args);
	heap_free(target);
}

void bootlist_free(struct list *targets)
{
	struct boot_target *target, *next;

	list_for_each_safe(target, next, targets, link) {
		list_del(&target->link);
		bootlist_free_target(target);
	}
}

/* The canonical path of a device, or its text; the caller frees it. */
static char *bootlist_path(const char *device)
{
	char *path = heap_alloc(TREE_PATH_MAX);
	long len;

	if (!path)
		return NULL;
	len = tree_canon(device, path, TREE_PATH_MAX);
	if (len >= 0 && len < TREE_PATH_MAX)
		return path;
	heap_free(path);
	return heap_strdup(device);
}

/*
 * A device that failed once fails again, and a disk that bootindex names by
 * path also has the alias disk. SLOF tries such a disk twice.
 */
static bool bootlist_is_listed(const struct list *targets, const char *path)
{
	const struct boot_target *target;

	list_for_each(target, targets, link) {
		if (!strcmp(target->path, path))
			return true;
	}
	return false;
}

static int bootlist_add(struct bootlist *bl, const char *device, size_t len)
{
	struct boot_target *target = heap_zalloc(sizeof(*target));

	if (!target)
		return ERR_NOMEM;
	target->device = heap_strndup(device, len);
	target->args = heap_strdup(bl->args);
	if (target->device)
		target->path = bootlist_path(target->device);
	if (!target->path || !target->args) {
		bootlist_free_target(target);
		return ERR_NOMEM;
	}
	if (bootlist_is_listed(bl->targets, target->path)) {
		log_debug(LOG_BOOT, "listed already: %s (%s)", target->device,
			  target->path);
		bootlist_free_target(target);
		return 0;
	}
	log_debug(LOG_BOOT, "listed: %s (%s)", target->device,
		  *target->path == '/' ? target->path : "not there");
	list_add_tail(bl->targets, &target->link);
	return 0;
}

/*
 * The words of a list, separated by blanks. Returns the next one and its length,
 * or NULL; `text` moves on to what follows it.
 */
static const char *bootlist_next_word(const char **text, const char *end,
				      size_t *len)
{
	const char *word = *text, *blank;

	while (word < end && *word == ' ')
		word++;
	if (word == end)
		return NULL;
	blank = memchr(word, ' ', (size_t)(end - word));
	*text = blank ? blank : end;
	*len = (size_t)(*text - word);
	return word;
}

/* QEMU puts it last with -boot strict=on. */
static bool bootlist_is_halt(const char *word, size_t len)
{
	return len == 4 && !memcmp(word, "HALT", len);
}

/* Is a node the device of one of the words, by a path of its own? */
static bool bootlist_has_node(const char *text, const char *end,
			      const struct node *node)
{
	const char *word;
	bool has = false;
	size_t len;

	while (!has && (word = bootlist_next_word(&text, end, &len))) {
		char *device = heap_strndup(word, len);

		has = device && !bus_next_disk(word, len, NULL) &&
		      tree_find(device) == node;
		heap_free(device);
	}
	return has;
}

/*
 * A word, which may mean several disks. One that has its own place in the list,
 * `all`, keeps it.
 */
static int bootlist_add_word(struct bootlist *bl, const char *word, size_t len,
			     const char *all, const char *end)
{
	const struct node *node = NULL;
	char *path = heap_alloc(TREE_PATH_MAX);
	bool any = false;
	int rc = path ? 0 : ERR_NOMEM;

	while (!rc && (node = bus_next_disk(word, len, node))) {
		any = true;
		if (bootlist_has_node(all, end, node))
			continue;
		tree_path(node, path, TREE_PATH_MAX);
		rc = bootlist_add(bl, path, strlen(path));
	}
	heap_free(path);
	return rc || any ? rc : bootlist_add(bl, word, len);
}

/*
 * Words up to a NUL or `len`. The word HALT ends the search. SLOF continues
 * with the variable boot-device; that is not strict, so we stop.
 */
static int bootlist_add_words(struct bootlist *bl, const char *text, size_t len)
{
	const char *all = text, *end = text + strnlen(text, len), *word;
	int rc = 0;

	while (!rc && !bl->ended &&
	       (word = bootlist_next_word(&text, end, &len))) {
		if (bootlist_is_halt(word, len))
			bl->ended = true;
		else
			rc = bootlist_add_word(bl, word, len, all, end);
	}
	return rc;
}

/* The number of an alias: "disk" 0, "disk12" 12; false: another family. */
static bool bootlist_alias_number(const char *name, const char *family,
				  uint64_t *num)
{
	size_t len = strlen(family);

	*num = 0;
	if (strncmp(name, family, len))
		return false;
	return !name[len] ||
	       !fmt_parse_dec(name + len, strlen(name + len), num);
}

const char *bootlist_next_alias(const char *family, uint64_t *num)
{
	struct node *aliases = tree_find("/aliases");
	const struct prop *prop;
	const char *name = NULL;
	uint64_t best = UINT64_MAX, n;

	if (!aliases)
		return NULL;
	list_for_each(prop, &aliases->props, link) {
		if (!bootlist_alias_number(prop->name, family, &n) ||
		    n <= *num || n >= best)
			continue;
		best = n;
		name = prop->name;
	}
	*num = best;
	return name;
}

/*
 * "disk", "disk1", "disk2"... The plain name is added even without such an
 * alias, so that it is reported as missing when there is nothing to boot.
 */
static int bootlist_add_family(struct bootlist *bl, const char *family)
{
	int rc = bootlist_add(bl, family, strlen(family));
	const char *name;
	uint64_t num = 0;

	while (!rc && (name = bootlist_next_alias(family, &num)))
		rc = bootlist_add(bl, name, strlen(name));
	return rc;
}

/* QEMU's -boot letters; a and b are floppy disks, which this machine lacks. */
static int bootlist_add_letters(struct bootlist *bl, const char *letters,
				size_t len)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < len; i++) {
		if (letters[i] == 'c')
			rc = bootlist_add_family(bl, "disk");
		else if (letters[i] == 'd')
			rc = bootlist_add_family(bl, "cdrom");
		else if (letters[i] == 'n')
			rc = bootlist_add_family(bl, "net");
	}
	return rc;
}

/* The value of the variable for normal or diagnostic mode. */
static const char *bootlist_variable(const char *normal, const char *diag)
{
	return config_str(config_flag("diag-switch?") ? diag : normal);
}

static int bootlist_add_variable(struct bootlist *bl)
{
	const char *text = bootlist_variable("boot-device", "diag-device");

	log_debug(LOG_BOOT, "boot-device: %s%s", *text ? text : "none",
		  bl->ended ? ", after HALT" : "");
	return bootlist_add_words(bl, text, strlen(text));
}

/*
 * The user's most specific choice is first. bootindex (qemu,boot-list) is per
 * device and may be strict: then nothing follows. The -boot letters
 * (qemu,boot-device) select classes of devices. The variable boot-device in
 * NVRAM, which bootlist_build() adds, is last, as in SLOF. The aliases are the
 * fallback if there are neither letters nor the variable, also after a list
 * that is not strict.
 * [QEMU hw/ppc/spapr.c, spapr_dt_chosen()]
 */
static int bootlist_add_policy(struct bootlist *bl)
{
	const struct node *chosen = tree_find("/chosen");
	const char *text;
	uint32_t len;
	int rc = 0;

	text = chosen ? tree_getprop(chosen, "qemu,boot-list", &len) : NULL;
	log_debug(LOG_BOOT, "qemu,boot-list: %.*s", text ? (int)len : 4,
		  text ? text : "none");
	if (text)
		rc = bootlist_add_words(bl, text, len);
	if (rc || bl->ended)
		return rc;
	text = chosen ? tree_getprop(chosen, "qemu,boot-device", &len) : NULL;
	log_debug(LOG_BOOT, "qemu,boot-device: %.*s", text ? (int)len : 4,
		  text ? text : "none");
	if (text)
		return bootlist_add_letters(bl, text, len);
	if (!*bootlist_variable("boot-device", "diag-device"))
		return bootlist_add_letters(bl, "cdn", 3);
	return 0;
}

int bootlist_build(struct list *targets, const char *device, const char *args)
{
	struct bootlist bl = {
		.targets = targets,
		.args = args ? args
			     : bootlist_variable("boot-file", "diag-file"),
	};
	int rc = device ? bootlist_add(&bl, device, strlen(device))
			: bootlist_add_policy(&bl);

	return rc ? rc : bootlist_add_variable(&bl);
}

/* Is each of the words a device of the tree? */
static bool bootlist_has_all(const char *text, size_t len)
{
	const char *end = text + strnlen(text, len), *word;
	bool ok = true;

	while (ok && (word = bootlist_next_word(&text, end, &len))) {
		char *device = heap_strndup(word, len);

		ok = device &&
		     (bootlist_is_halt(word, len) || tree_find(device) ||
		      bus_next_disk(word, len, NULL));
		heap_free(device);
	}
	return ok;
}

bool bootlist_wants_rest(const char *device)
{
	const struct node *chosen = tree_find("/chosen");
	const char *text;
	uint32_t len;

	if (device)
		return !tree_find(device);
	text = chosen ? tree_getprop(chosen, "qemu,boot-list", &len) : NULL;
	return !text || !bootlist_has_all(text, len);
}

struct boot_target *bootlist_first(const struct list *targets)
{
	if (list_empty(targets))
		return NULL;
	return container_of(targets->next, struct boot_target, link);
}

void bootlist_forget(struct list *targets, const struct list *tried)
{
	struct boot_target *target, *next;

	list_for_each_safe(target, next, targets, link) {
		if (!bootlist_is_listed(tried, target->path))
			continue;
		list_del(&target->link);
		bootlist_free_target(target);
	}
}
