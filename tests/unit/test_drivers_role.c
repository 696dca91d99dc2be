// SPDX-License-Identifier: BSD-2-Clause
/* Tests of drivers/device.h: what devices play, and what instances get of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/instance.h"
#include "lib/reason.h"
#include "tests/fake/blocks.h"
#include "tests/fake/instances.h"
#include "tests/fake/node_events.h"
#include "tests/fake/tree.h"
#include "tree/path.h"

static int open_error;

/* A role that has everything. */
static int drum_open(struct instance *inst, struct device_role *as)
{
	node_event("open:", inst->node);
	if (open_error)
		return reason_fail(open_error, "no sticks");
	inst->priv = as;
	return device_open(as->dev);
}

static void drum_close(struct instance *inst)
{
	node_event("close:", inst->node);
	device_close(((struct device_role *)inst->priv)->dev);
}

static void drum_sync(struct device_role *as)
{
	node_event("sync:", as->dev->node);
}

static void drum_release(struct device_role *as)
{
	node_event("release:", as->dev->node);
}

static long drum_read(struct instance *inst, void *buf, size_t len)
{
	(void)inst;
	memset(buf, 'd', len);
	return (long)len;
}

static int call(struct instance *inst, const cell_t *args, cell_t *rets)
{
	node_event("call:", inst->node);
	rets[0] = args[0];
	return 0;
}

static const struct instance_ops drum_ops = { .read = drum_read,
					      .close = drum_close };
static const struct method drum_methods[] = { { "beat", 1, 1, call },
					      { "tune", 2, 0, call },
					      { .name = NULL } };

static const struct role drum_role = {
	.device_type = "drum",
	.ops = &drum_ops,
	.methods = drum_methods,
	.open = drum_open,
	.sync = drum_sync,
	.release = drum_release,
};

/* One that has only what it must. */
static const struct role ornament_role = { .device_type = NULL };

/* One on which a package is interposed. */
static const struct role tape_role = { .device_type = NULL };

static int reel_open(struct instance *inst)
{
	node_event("reel:", inst->node);
	assert_non_null(inst->parent);
	return strcmp(inst->args, "torn")
		       ? 0
		       : reason_fail(ERR_IO, "the tape is torn");
}

static long reel_write(struct instance *inst, const void *buf, size_t len)
{
	(void)inst;
	(void)buf;
	return (long)len;
}

static const struct instance_ops reel_ops = { .write = reel_write };
static const struct method reel_methods[] = { { "rewind", 0, 0, call },
					      { "beat", 2, 0, call },
					      { .name = NULL } };

PACKAGE(reel) = {
	.name = "reel",
	.role = &tape_role,
	.ops = &reel_ops,
	.methods = reel_methods,
	.open = reel_open,
};

/* A device plays what `plays` lists. */
static struct device_role parts[8];
static unsigned part_count;

static int play(struct device *dev, const char *name, const struct role *role)
{
	if (!tree_has_string(dev->node, "plays", name))
		return 0;
	assert_true(part_count < ARRAY_SIZE(parts));
	return device_add_role(dev, &parts[part_count++], role);
}

static int attach(struct device *dev)
{
	int err = play(dev, "ornament", &ornament_role);

	if (err == 0)
		err = play(dev, "drum", &drum_role);
	if (err == 0)
		err = play(dev, "tape", &tape_role);
	if (err < 0)
		return reason_fail(err, "%s", err_str(err));
	return 0;
}

static int start_it(struct device *dev)
{
	node_event("start:", dev->node);
	return 0;
}

static void stop_it(struct device *dev)
{
	node_event("stop:", dev->node);
}

static void detach(struct device *dev)
{
	node_event("detach:", dev->node);
}

DRIVER(player) = {
	.name = "fake-player",
	.bus = &platform_bus,
	.match = "fake,player",
	.attach = attach,
	.start = start_it,
	.stop = stop_it,
	.detach = detach,
};

static int start(void **state)
{
	(void)state;
	fake_blocks_reset();
	node_events[0] = '\0';
	open_error = 0;
	part_count = 0;
	assert_int_equal(tree_init(), 0);
	device_init();
	return 0;
}

static int stop(void **state)
{
	(void)state;
	fake_blocks_fail_after(-1);
	while (tree_root()->child)
		tree_remove_node(tree_root()->child);
	tree_free();
	return 0;
}

/* `plays`: strings, with a NUL after each. */
static struct node *add_node(const char *name, const char *plays, size_t len)
{
	struct node *node = tree_add_node(tree_root(), name, TREE_QEMU);

	assert_non_null(node);
	assert_int_equal(tree_set_str(node, "compatible", "fake,player"), 0);
	assert_int_equal(tree_setprop(node, "plays", plays, (uint32_t)len,
				      TREE_QEMU),
			 0);
	return node;
}

static struct device *add(const char *name, const char *plays)
{
	struct node *node = add_node(name, plays, strlen(plays) + 1);

	bus_offer(node);
	assert_non_null(device_of(node));
	return device_of(node);
}

static void a_device_plays_the_roles_that_its_driver_adds(void **state)
{
	struct device *none = add("none", "");
	struct node *both = add_node("both", "drum\0ornament", 14);

	(void)state;
	bus_offer(both);
	assert_null(device_role(none, &drum_role));
	assert_ptr_equal(device_role(device_of(both), &ornament_role),
			 &parts[0]);
	assert_ptr_equal(device_role(device_of(both), &drum_role), &parts[1]);
	assert_null(device_role(device_of(both), &tape_role));
	assert_ptr_equal(parts[0].dev, device_of(both));
	assert_ptr_equal(parts[0].role, &ornament_role);
}

static void a_role_sets_the_device_type_of_its_nodes(void **state)
{
	struct device *drum = add("drum", "drum"), *other;
	struct node *node = add_node("other", "ornament", 9);

	(void)state;
	assert_string_equal(tree_get_str(drum->node, "device_type"), "drum");
	assert_int_equal(tree_set_str(node, "device_type", "vase"), 0);
	bus_offer(node);
	other = device_of(node);
	assert_non_null(other);
	assert_string_equal(tree_get_str(other->node, "device_type"), "vase");
}

static void a_role_without_memory_is_an_error(void **state)
{
	struct node *node = add_node("x", "drum", 5);
	size_t live = fake_blocks_live();
	long n = 0;

	(void)state;
	for (; !device_of(node); n++) {
		assert_int_equal(fake_blocks_live(), live);
		assert_null(device_next_role(NULL, &drum_role));
		part_count = 0;
		fake_blocks_fail_after(n);
		bus_offer(node);
		fake_blocks_fail_after(-1);
	}
	assert_true(n > 1);
}

static void players_come_in_the_order_of_devices(void **state)
{
	struct device_role *as;

	(void)state;
	assert_null(device_next_role(NULL, &drum_role));
	add("a", "drum");
	add("b", "ornament");
	add("c", "drum");
	as = device_next_role(NULL, &drum_role);
	assert_ptr_equal(as, &parts[0]);
	as = device_next_role(as, &drum_role);
	assert_ptr_equal(as, &parts[2]);
	assert_null(device_next_role(as, &drum_role));
	/* Who plays something else marks a place, too. */
	assert_ptr_equal(device_next_role(&parts[1], &drum_role), &parts[2]);
	tree_remove_node(tree_find("/a"));
	assert_ptr_equal(device_next_role(NULL, &drum_role), &parts[2]);
	add("d", "drum");
	assert_ptr_equal(device_next_role(&parts[2], &drum_role), &parts[3]);
}

static void what_was_written_is_synced_before_a_device_goes(void **state)
{
	struct node *node = add("a", "drum")->node;

	(void)state;
	add("b", "ornament");
	add("c", "drum");
	device_sync_all();
	assert_node_events("sync:a sync:c ");
	device_quiesce_all(NULL);
	assert_node_events("sync:c stop:c stop:b sync:a stop:a ");
	tree_remove_node(node);
	assert_node_events("sync:a stop:a release:a detach:a ");
}

static void an_instance_has_what_the_role_can(void **state)
{
	struct device *dev = add("a", "drum");
	struct instance *inst = instance_open("/a"), *second;
	char buf[2];

	(void)state;
	assert_non_null(inst);
	assert_node_events("open:a start:a ");
	assert_false(inst->interposed);
	assert_ptr_equal(inst->priv, &parts[0]);
	assert_int_equal(instance_read(inst, buf, 2), 2);
	assert_memory_equal(buf, "dd", 2);
	assert_int_equal(instance_write(inst, buf, 2), ERR_NOTSUP);
	assert_int_equal(instance_seek(inst, 0), ERR_NOTSUP);
	assert_int_equal(instance_method(inst, "tune")->nargs, 2);
	assert_null(instance_method(inst, "rewind"));
	second = instance_open("/a");
	assert_int_equal(dev->users, 2);
	instance_close(second);
	assert_node_events("open:a close:a ");
	instance_close(inst);
	assert_node_events("close:a stop:a ");
}

static void what_is_the_drivers_comes_before_the_roles(void **state)
{
	static const struct method own[] = { { "beat", 3, 0, call },
					     { .name = NULL } };
	static const struct instance_ops ops = { .write = reel_write };
	struct device *dev = add("a", "drum");
	struct instance_ops have;

	(void)state;
	dev->methods = own;
	dev->ops.write = ops.write;
	assert_ptr_equal(node_method(dev->node, "beat"), own);
	assert_int_equal(node_method(dev->node, "tune")->nargs, 2);
	assert_true(node_ops(dev->node, &have));
	assert_ptr_equal(have.write, reel_write);
	assert_ptr_equal(have.read, drum_read);
	assert_null(have.seek);
}

static void a_role_that_cannot_be_opened_leaves_nothing(void **state)
{
	struct device *dev = add("a", "drum");
	size_t live;

	(void)state;
	instance_close(instance_open("/a"));
	live = fake_blocks_live();
	open_error = ERR_IO;
	node_events[0] = '\0';
	assert_null(instance_open("/a"));
	assert_string_equal(reason(), "no sticks");
	assert_node_events("open:a ");
	assert_int_equal(dev->users, 0);
	assert_int_equal(fake_instance_count(), 0);
	assert_int_equal(fake_blocks_live(), live);
}

static void a_package_is_interposed_on_its_role(void **state)
{
	struct instance *inst;
	struct instance_ops have;
	struct node *node;
	char path[64];

	(void)state;
	add("a", "tape");
	inst = instance_open("/a:7");
	assert_non_null(inst);
	assert_true(inst->interposed);
	assert_int_equal(instance_write(inst, path, 5), 5);
	assert_int_equal(instance_path(inst, true, path, sizeof(path)), 10);
	assert_string_equal(path, "/a/%reel:7");
	assert_int_equal(instance_path(inst, false, path, sizeof(path)), 4);
	assert_string_equal(path, "/a:7");
	instance_close(inst);
	/* Its methods and ops count, before those of other roles. */
	bus_offer(node = add_node("b", "drum\0tape", 10));
	assert_int_equal(node_method(node, "beat")->nargs, 2);
	assert_int_equal(node_method(node, "tune")->nargs, 2);
	assert_true(node_ops(node, &have));
	assert_ptr_equal(have.write, reel_write);
	assert_null(have.read);
	/* What cannot be interposed closes what it was to be on. */
	node_events[0] = '\0';
	assert_null(instance_open("/b:torn"));
	assert_string_equal(reason(), "the tape is torn");
	assert_node_events("open:b start:b reel:b close:b stop:b ");
	assert_int_equal(fake_instance_count(), 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_device_plays_the_roles_that_its_driver_adds),
		T(a_role_sets_the_device_type_of_its_nodes),
		T(a_role_without_memory_is_an_error),
		T(players_come_in_the_order_of_devices),
		T(what_was_written_is_synced_before_a_device_goes),
		T(an_instance_has_what_the_role_can),
		T(what_is_the_drivers_comes_before_the_roles),
		T(a_role_that_cannot_be_opened_leaves_nothing),
		T(a_package_is_interposed_on_its_role),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
