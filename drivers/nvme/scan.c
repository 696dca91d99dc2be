// SPDX-License-Identifier: BSD-2-Clause
// NVMe: finding namespaces; their nodes and aliases.
#include "drivers/nvme/nvme.h"
#include "lib/fmt.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "tree/path.h"
#include "tree/prop.h"

/*
 * All controllers are enabled before the first is asked: a drive may need
 * seconds until it is ready. The scan needs only the admin queue.
 */
static int scan_take_controller(struct nvme *nv)
{
	nvme_take_controller(nv);
	return 0;
}

static const struct {
	enum nvme_cns cns;
	int (*take)(struct nvme *nv);
} scan_steps[] = {
	{ NVME_CNS_CONTROLLER, scan_take_controller },
	{ NVME_CNS_LIST, nvme_take_list },
};

static void scan_complain(const struct nvme *nv)
{
	log_err("nvme %s: %s", device_path(nv->dev), reason());
}

static void scan_fail(struct nvme *nv)
{
	scan_complain(nv);
	nv->scan_failed = true;
	nv->scan_step = ARRAY_SIZE(scan_steps);
}

static void scan_done(struct request *rq);

static void scan_send(struct nvme *nv)
{
	struct nvme_command *cmd = &nv->scan_command;

	nvme_identify_fill(nv, cmd, scan_steps[nv->scan_step].cns, 0);
	cmd->rq.done = scan_done;
	nvme_admin_add(nv, cmd);
}

static void scan_done(struct request *rq)
{
	struct nvme_command *cmd = nvme_command_of(rq);
	struct nvme *nv = container_of(cmd, struct nvme, scan_command);
	int err = nvme_admin_result(nv, cmd, "Identify");

	if (err == 0)
		err = scan_steps[nv->scan_step].take(nv);
	if (err < 0)
		scan_fail(nv);
	else if (++nv->scan_step < ARRAY_SIZE(scan_steps))
		scan_send(nv);
}

static void scan_begin(struct nvme *nv)
{
	nv->scanning = true;
	nv->scan_step = 0;
	if (device_open(nv->dev) == 0) {
		scan_send(nv);
		return;
	}
	scan_fail(nv);
	nv->scanning = false;
}

bool nvme_scan(struct device *dev)
{
	struct nvme *nv = dev->priv;

	if (!nv->scanning)
		scan_begin(nv);
	if (!nv->scanning || nv->scan_step < ARRAY_SIZE(scan_steps))
		return nv->scanning;
	nv->scanning = false;
	device_close(dev);
	return false;
}

static int found_describe(struct node *node, uint32_t id)
{
	int err = tree_set_u32(node, "reg", id);

	return err < 0 ? err : tree_add_alias("disk", node);
}

/* PowerVM's name, that of powerpc-utils: namespace@<id>. */
static int found_namespace(struct nvme *nv, uint32_t id)
{
	struct nvme_namespace *ns = heap_zalloc(sizeof(*ns));
	struct node *node;
	char name[32];

	fmt_str(name, sizeof(name), "namespace@%x", id);
	node = ns ? tree_add_node(nv->dev->node, name, TREE_QUOIN) : NULL;
	if (!node || found_describe(node, id) < 0) {
		heap_free(ns);
		return reason_fail(ERR_NOMEM, "no memory for %s", name);
	}
	ns->nv = nv;
	ns->id = id;
	/* Prints errors; the node stays. */
	if (!device_add(nv->dev, &nvme_bus, node, ns))
		heap_free(ns);
	return 0;
}

/* The others: the controller's node is the first one's, too. */
static int found_rest(struct nvme *nv)
{
	int err = 0;

	if (nv->n_ids > 1)
		err = tree_set_u32(nv->dev->node, "#address-cells", 1);
	if (nv->n_ids > 1 && err == 0)
		err = tree_set_u32(nv->dev->node, "#size-cells", 0);
	for (unsigned i = 1; i < nv->n_ids && err == 0; i++)
		err = found_namespace(nv, nv->ids[i]);
	return err;
}

/*
 * A controller that could not be asked is a disk all the same: whoever opens it
 * gets the reason. But it is no default.
 */
void nvme_found(struct device *dev)
{
	struct nvme *nv = dev->priv;
	int err;

	/* It was abandoned: nothing is known. */
	nv->scan_failed |= nv->scanning;
	nv->scanning = false;
	if (!nv->n_ids && !nv->scan_failed) {
		device_fail(dev, "no active namespace");
		return;
	}
	err = device_add_role(dev, &nv->first.bd.as, &block_role);
	if (err == 0 && nv->n_ids)
		err = tree_add_alias("disk", dev->node);
	if (err == 0)
		err = found_rest(nv);
	if (err == 0)
		return;
	reason_fail(err, "no memory for its nodes");
	scan_complain(nv);
}

/* The units of QEMU's and powerpc-utils' names for namespaces are ids. */
static struct node *resolve_id(const struct nvme *nv, uint64_t id)
{
	char name[32];

	if (nv->n_ids && id == nv->ids[0])
		return nv->dev->node;
	fmt_str(name, sizeof(name), "namespace@%llx", (unsigned long long)id);
	return tree_child_named(nv->dev->node, name);
}

/*
 * "nvme-ns" is QEMU's, without an id; "disk@1" is what GRUB's grub-ofpathname
 * writes for each namespace: both mean the first. [GRUB util/ieee1275/
 * ofpath.c, of_path_of_nvme; QEMU hw/nvme/ns.c, nvme_ns_realize]
 */
struct node *nvme_resolve(struct device *dev, const char *part, size_t len)
{
	static const char *const names[] = { "nvme-ns", "namespace", "disk" };
	const char *at = memchr(part, '@', len);
	size_t name = at ? (size_t)(at - part) : len;
	uint64_t id;

	for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
		if (strlen(names[i]) != name || memcmp(names[i], part, name))
			continue;
		if (!at)
			return dev->node;
		if (fmt_parse_hex(at + 1, len - name - 1, &id) < 0)
			return NULL;
		return *part == 'd' && id == 1 ? dev->node
					       : resolve_id(dev->priv, id);
	}
	return NULL;
}
