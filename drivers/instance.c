// SPDX-License-Identifier: BSD-2-Clause
// Open instances: opening by path, handles, methods.
#include "drivers/instance.h"

#include <string.h>

#include "lib/fmt.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "tree/path.h"

/* A handle: a tag that no phandle has, and a running number. */
#define HANDLE_TAG 0x40000000u
#define HANDLE_NUMBER_MASK 0x0fffffffu

/*
 * Opening "/.../disk@0:2,\\vmlinux" gives a chain; the client gets the handle of
 * the top, and closing that closes all:
 *
 *	disk-label (interposed, ":2,\\vmlinux")  -- parent -->  disk@0
 *
 * Reads go to the top, a method to the first in the chain that has it. The
 * instance below is `covered`: its handle finds nothing, otherwise a client that
 * guesses it could close it under the top.
 */
static struct list instances = LIST_INIT(instances);
static uint32_t instance_number; /* of the newest */
static bool instance_quiesced;
static const struct node *instance_kept;

static struct instance *instance_find(ihandle_t handle)
{
	struct instance *inst;

	list_for_each(inst, &instances, link) {
		if (inst->handle == handle)
			return inst;
	}
	return NULL;
}

/* A number is reused only after 2^28 others: a stale handle is not found. */
static ihandle_t instance_new_handle(void)
{
	ihandle_t handle;

	do {
		instance_number = (instance_number + 1) & HANDLE_NUMBER_MASK;
		handle = HANDLE_TAG | instance_number;
	} while (instance_find(handle));
	return handle;
}

struct instance *instance_get(ihandle_t handle)
{
	struct instance *inst = instance_find(handle);

	return inst && !inst->covered ? inst : NULL;
}

static struct instance *instance_new(struct node *node, const char *args,
				     struct instance *parent)
{
	struct instance *inst = heap_zalloc(sizeof(*inst));

	if (inst)
		inst->args = heap_strdup(args);
	if (!inst || !inst->args) {
		heap_free(inst);
		reason_fail(ERR_NOMEM, "out of memory for an instance");
		return NULL;
	}
	inst->handle = instance_new_handle();
	inst->node = node;
	inst->parent = parent;
	list_add_tail(&instances, &inst->link);
	return inst;
}

/* Frees one instance without calling ops.close. */
static void instance_free(struct instance *inst)
{
	list_del(&inst->link);
	heap_free(inst->args);
	heap_free(inst);
}

void instance_close(struct instance *inst)
{
	while (inst) {
		struct instance *parent = inst->parent;

		if (inst->ops.close)
			inst->ops.close(inst);
		instance_free(inst);
		inst = parent;
	}
}

const struct package *node_package(const struct node *node)
{
	const struct device *dev = device_of(node);
	const struct package *const *pkg;

	table_for_each(pkg, packages) {
		if (dev && (*pkg)->role && device_role(dev, (*pkg)->role))
			return *pkg;
	}
	return NULL;
}

/* The device of a node that can be opened, or NULL: none, or only a bus. */
static struct device *node_openable(const struct node *node)
{
	struct device *dev = device_of(node);
	bool can = dev && (!dev->driver->children || dev->methods ||
			   !list_empty(&dev->roles));

	return can ? dev : NULL;
}

bool node_ops(const struct node *node, struct instance_ops *ops)
{
	const struct device *dev = node_openable(node);
	const struct package *pkg = node_package(node);

	if (dev)
		*ops = pkg ? *pkg->ops : dev->ops;
	return dev != NULL;
}

/* Opens the roles of the node's device for the bottom instance. */
static int instance_bind(struct instance *inst)
{
	struct device *dev = node_openable(inst->node);
	struct device_role *as;
	int err = 0;

	if (!dev)
		return reason_fail(ERR_NODEV, "no driver for %s",
				   inst->node->name);
	/* Its driver only says what it is. */
	if (dev->state == DEVICE_FAILED && list_empty(&dev->roles))
		return reason_fail(ERR_NODEV, "%s", dev->failure);
	inst->ops = dev->ops;
	list_for_each(as, &dev->roles, link) {
		if (err == 0 && as->role->open)
			err = as->role->open(inst, as);
	}
	return err;
}

/* Opens the matching package on `base`. Returns the topmost instance. */
static struct instance *instance_interpose(struct instance *base)
{
	const struct package *pkg = node_package(base->node);
	struct instance *top;

	if (!pkg)
		return base;
	top = instance_new(base->node, base->args, base);
	if (!top)
		return NULL;
	top->interposed = true;
	top->ops = *pkg->ops;
	if (pkg->open(top)) {
		instance_free(top);
		return NULL;
	}
	base->covered = true;
	return top;
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
		instance_close(base);
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
	const struct package *top = NULL;
	size_t room = len < size ? size - len : 0;
	char none;

	if (interposed && inst->interposed)
		top = node_package(inst->node);
	return len + fmt_str(room ? buf + len : &none, room ? room : 1,
			     "%s%s%s%s", top ? "/%" : "", top ? top->name : "",
			     sep, inst->args);
}

/* After quiesce only the console works. */
static bool instance_alive(const struct instance *inst)
{
	return !instance_quiesced || inst->node == instance_kept;
}

long instance_read(struct instance *inst, void *buf, size_t len)
{
	if (!inst->ops.read)
		return ERR_NOTSUP;
	return instance_alive(inst) ? inst->ops.read(inst, buf, len)
				    : ERR_NODEV;
}

long instance_write(struct instance *inst, const void *buf, size_t len)
{
	if (!inst->ops.write)
		return ERR_NOTSUP;
	return instance_alive(inst) ? inst->ops.write(inst, buf, len)
				    : ERR_NODEV;
}

int instance_seek(struct instance *inst, uint64_t pos)
{
	if (!inst->ops.seek)
		return ERR_NOTSUP;
	return instance_alive(inst) ? inst->ops.seek(inst, pos) : ERR_NODEV;
}

long instance_load(struct instance *inst, void *buf, size_t room)
{
	if (!inst->ops.load)
		return ERR_NOTSUP;
	return instance_alive(inst) ? inst->ops.load(inst, buf, room)
				    : ERR_NODEV;
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

const struct method *node_method(const struct node *node, const char *name)
{
	const struct device *dev = device_of(node);
	const struct package *pkg = node_package(node);
	const struct method *method = NULL;
	const struct device_role *as;

	if (!dev)
		return NULL;
	if (pkg)
		method = method_find(pkg->methods, name);
	if (!method)
		method = method_find(dev->methods, name);
	list_for_each(as, &dev->roles, link) {
		if (!method)
			method = method_find(as->role->methods, name);
	}
	return method;
}

const struct method *instance_method(const struct instance *inst,
				     const char *name)
{
	return node_method(inst->node, name);
}

void instance_remove_node(struct node *node)
{
	struct list *at = instances.prev;

	/* The newest first: an instance comes after the one below it. */
	while (at != &instances) {
		struct instance *inst = container_of(at, struct instance, link);

		at = at->prev;
		if (inst->node != node)
			continue;
		if (inst->ops.close)
			inst->ops.close(inst);
		instance_free(inst);
	}
}

void instance_quiesce(const struct instance *keep)
{
	instance_quiesced = true;
	instance_kept = keep ? keep->node : NULL;
}

void instance_init(void)
{
	list_init(&instances);
	instance_quiesced = false;
	instance_kept = NULL;
}

void instance_close_all(void)
{
	/* The newest is the top of its chain. */
	while (!list_empty(&instances))
		instance_close(
			container_of(instances.prev, struct instance, link));
}
