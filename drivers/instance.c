// SPDX-License-Identifier: BSD-2-Clause
/* Open instances: opening by path, handles with a generation, methods. */
#include "drivers/instance.h"

#include <string.h>

#include "drivers/block.h"
#include "drivers/console.h"
#include "lib/fmt.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "tree/path.h"

/*
 * A handle: a tag that no phandle has, the generation of the slot, the slot.
 * A closed instance's handle stays invalid for 16384 reuses of its slot.
 */
#define HANDLE_TAG 0x40000000u
#define HANDLE_INDEX_BITS 14
#define HANDLE_INDEX_MASK ((1u << HANDLE_INDEX_BITS) - 1)
#define HANDLE_GENERATION_MASK 0x3fffu

struct instance_slot {
	struct instance *inst; /* NULL: free */
	uint32_t generation;
};

/* Methods of nodes that no driver owns. */
struct node_methods {
	struct list link;
	const struct node *node;
	const struct instance_ops *ops;
	const struct method *methods;
};

static struct list instances = LIST_INIT(instances);
static struct list node_tables = LIST_INIT(node_tables);
static struct instance_slot *instance_slots;
static uint32_t instance_slot_count;
static bool instance_quiesced;
static const struct node *instance_kept;

static const struct instance_ops instance_no_ops;

static int instance_grow_slots(void)
{
	uint32_t count = MAX(64u, instance_slot_count * 2);
	struct instance_slot *slots;

	if (count > HANDLE_INDEX_MASK + 1)
		return ERR_NOSPACE;
	slots = heap_realloc(instance_slots, count * sizeof(*slots));
	if (!slots)
		return ERR_NOMEM;
	memset(slots + instance_slot_count, 0,
	       (count - instance_slot_count) * sizeof(*slots));
	instance_slots = slots;
	instance_slot_count = count;
	return 0;
}

static int instance_take_slot(struct instance *inst)
{
	uint32_t i = 0;

	while (i < instance_slot_count && instance_slots[i].inst)
		i++;
	if (i == instance_slot_count) {
		int rc = instance_grow_slots();

		if (rc)
			return rc;
	}
	instance_slots[i].inst = inst;
	inst->handle = HANDLE_TAG |
		       (instance_slots[i].generation << HANDLE_INDEX_BITS) | i;
	return 0;
}

struct instance *instance_get(ihandle_t handle)
{
	uint32_t i = handle & HANDLE_INDEX_MASK;

	if (i >= instance_slot_count || !instance_slots[i].inst ||
	    instance_slots[i].inst->handle != handle ||
	    instance_slots[i].inst->covered)
		return NULL;
	return instance_slots[i].inst;
}

static struct instance *instance_new(struct node *node, const char *args,
				     struct instance *parent)
{
	struct instance *inst = heap_zalloc(sizeof(*inst));

	if (!inst)
		goto err_alloc;
	inst->args = heap_strdup(args);
	if (!inst->args)
		goto err_args;
	if (instance_take_slot(inst))
		goto err_slot;
	inst->node = node;
	inst->parent = parent;
	inst->ops = &instance_no_ops;
	list_add_tail(&instances, &inst->link);
	return inst;

err_slot:
	heap_free(inst->args);
err_args:
	heap_free(inst);
err_alloc:
	reason_fail(ERR_NOMEM, "out of memory for an instance");
	return NULL;
}

/* Frees one instance, whose ops->close has run or must not run. */
static void instance_free(struct instance *inst)
{
	struct instance_slot *slot =
		&instance_slots[inst->handle & HANDLE_INDEX_MASK];

	if (inst->holds_device)
		block_close(device_of(inst->node)->block);
	slot->inst = NULL;
	slot->generation = (slot->generation + 1) & HANDLE_GENERATION_MASK;
	list_del(&inst->link);
	heap_free(inst->args);
	heap_free(inst);
}

void instance_close(struct instance *inst)
{
	while (inst) {
		struct instance *parent = inst->parent;

		if (inst->ops->close)
			inst->ops->close(inst);
		instance_free(inst);
		inst = parent;
	}
}

/* The console role: what has come in, or "nothing yet". */
static long instance_console_read(struct instance *inst, void *buf, size_t len)
{
	long n = console_read(device_of(inst->node)->console, buf, len);

	return n ? n : ERR_AGAIN;
}

static long instance_console_write(struct instance *inst, const void *buf,
				   size_t len)
{
	struct console_device *con = device_of(inst->node)->console;

	return con->ops->write(con, buf, len);
}

static const struct instance_ops instance_console_ops = {
	.read = instance_console_read,
	.write = instance_console_write,
};

static const struct node_methods *node_table(const struct node *node)
{
	struct node_methods *entry;

	list_for_each(entry, &node_tables, link) {
		if (entry->node == node)
			return entry;
	}
	return NULL;
}

static int instance_hold(struct instance *inst, struct block_device *bd)
{
	int rc = block_open(bd);

	inst->holds_device = rc == 0;
	return rc;
}

/* The bottom instance gets the ops of what its node is. */
static int instance_bind(struct instance *inst)
{
	const struct node_methods *table = node_table(inst->node);
	struct device *dev = device_of(inst->node);

	if (dev)
		inst->methods = dev->methods;
	if (dev && dev->console)
		inst->ops = &instance_console_ops;
	else if (dev && dev->block)
		return instance_hold(inst, dev->block);
	else if (table) {
		inst->methods = table->methods;
		if (table->ops)
			inst->ops = table->ops;
	} else if (!dev) {
		return reason_fail(ERR_NODEV, "no driver for %s",
				   inst->node->name);
	}
	return 0;
}

static struct instance *instance_interpose(struct instance *base)
{
	const struct device *dev = device_of(base->node);
	const struct package *const *pkg;

	table_for_each(pkg, packages) {
		struct instance *top;

		if (!dev || !(*pkg)->match || !(*pkg)->match(dev))
			continue;
		top = instance_new(base->node, base->args, base);
		if (!top)
			return NULL;
		top->interposed = true;
		if ((*pkg)->open(top)) {
			instance_free(top);
			return NULL;
		}
		base->covered = true;
		return top;
	}
	return base;
}

struct instance *instance_open_node(struct node *node, const char *args)
{
	struct instance *base, *top;

	if (instance_quiesced) {
		reason_fail(ERR_NODEV, "the firmware is quiesced");
		return NULL;
	}
	base = instance_new(node, args ? args : "", NULL);
	if (!base)
		return NULL;
	if (instance_bind(base)) {
		instance_free(base);
		return NULL;
	}
	top = instance_interpose(base);
	if (!top)
		instance_free(base);
	return top;
}

struct instance *instance_open(const char *path)
{
	char *buf = heap_alloc(TREE_PATH_MAX);
	struct instance *inst = NULL;
	const char *args;
	struct node *node;

	if (!buf) {
		reason_fail(ERR_NOMEM, "out of memory");
		return NULL;
	}
	node = tree_resolve(path, buf, &args);
	if (node)
		inst = instance_open_node(node, args);
	heap_free(buf);
	return inst;
}

size_t instance_path(const struct instance *inst, bool interposed, char *buf,
		     size_t size)
{
	size_t len = tree_path(inst->node, buf, size);
	const char *sep = *inst->args ? ":" : "";
	const char *mark = interposed && inst->interposed ? "/%disk-label" : "";
	size_t room = len < size ? size - len : 0;
	char none;

	return len + fmt_str(room ? buf + len : &none, room ? room : 1,
			     "%s%s%s", mark, sep, inst->args);
}

/* After quiesce only the console goes on. */
static bool instance_alive(const struct instance *inst)
{
	return !instance_quiesced || inst->node == instance_kept;
}

long instance_read(struct instance *inst, void *buf, size_t len)
{
	if (!inst->ops->read)
		return ERR_NOTSUP;
	return instance_alive(inst) ? inst->ops->read(inst, buf, len)
				    : ERR_NODEV;
}

long instance_write(struct instance *inst, const void *buf, size_t len)
{
	if (!inst->ops->write)
		return ERR_NOTSUP;
	return instance_alive(inst) ? inst->ops->write(inst, buf, len)
				    : ERR_NODEV;
}

int instance_seek(struct instance *inst, uint64_t pos)
{
	if (!inst->ops->seek)
		return ERR_NOTSUP;
	return instance_alive(inst) ? inst->ops->seek(inst, pos) : ERR_NODEV;
}

static const struct method *method_find(const struct method *table,
					const char *name)
{
	for (; table && table->name; table++) {
		if (!strcmp(table->name, name))
			return table;
	}
	return NULL;
}

const struct method *instance_method(const struct instance *inst,
				     const char *name)
{
	const struct method *method = NULL;

	for (; inst && !method; inst = inst->parent)
		method = method_find(inst->methods, name);
	return method;
}

/* Methods of a node that goes: another one may get its address. */
static void node_methods_remove(const struct node *node)
{
	struct node_methods *entry, *next;

	list_for_each_safe(entry, next, &node_tables, link) {
		if (entry->node == node) {
			list_del(&entry->link);
			heap_free(entry);
		}
	}
}

void instance_remove_node(struct node *node)
{
	struct list *at = instances.prev;

	/* The last first: what is opened upon others, then those. */
	while (at != &instances) {
		struct instance *inst = container_of(at, struct instance, link);

		at = at->prev;
		if (inst->node != node)
			continue;
		if (inst->ops->close)
			inst->ops->close(inst);
		instance_free(inst);
	}
	node_methods_remove(node);
}

void instance_quiesce(const struct instance *keep)
{
	instance_quiesced = true;
	instance_kept = keep ? keep->node : NULL;
}

void instance_reset(void)
{
	list_init(&instances);
	list_init(&node_tables);
	instance_slots = NULL;
	instance_slot_count = 0;
	instance_quiesced = false;
	instance_kept = NULL;
}

void instance_close_all(void)
{
	/* The last one is opened upon by nobody: chains close from the top. */
	while (!list_empty(&instances))
		instance_close(
			container_of(instances.prev, struct instance, link));
}

size_t instance_count(void)
{
	struct instance *inst;
	size_t n = 0;

	list_for_each(inst, &instances, link)
		n++;
	return n;
}

int node_methods_register(const char *path, const struct instance_ops *ops,
			  const struct method *methods)
{
	struct node *node = tree_find(path);
	struct node_methods *entry;

	if (!node)
		return ERR_NOENT;
	entry = heap_alloc(sizeof(*entry));
	if (!entry)
		return ERR_NOMEM;
	entry->node = node;
	entry->ops = ops;
	entry->methods = methods;
	list_add_tail(&node_tables, &entry->link);
	return 0;
}

const struct instance_ops *node_ops(const struct node *node)
{
	const struct node_methods *table = node_table(node);

	return table ? table->ops : NULL;
}

const struct method *node_methods(const struct node *node)
{
	const struct node_methods *table = node_table(node);
	const struct device *dev = device_of(node);

	if (dev && dev->methods)
		return dev->methods;
	return table ? table->methods : NULL;
}
