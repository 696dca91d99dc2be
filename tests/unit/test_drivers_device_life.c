// SPDX-License-Identifier: BSD-2-Clause
/* Tests of drivers/device.c: a device's life, from off to quiesced. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/device.h"
#include "lib/reason.h"
#include "tests/fake/blocks.h"
#include "tests/fake/log.h"
#include "tests/fake/node_events.h"
#include "tests/fake/tree.h"
#include "tree/path.h"

/* What start() of the device of this name returns, once. */
static const char *fails;
static bool fails_for_good;

/* Offers what is below, as buses do. */
static int attach(struct device *dev)
{
	struct node *node;

	for (node = dev->node->child; node; node = node->next)
		bus_offer(node);
	return 0;
}

static int start_it(struct device *dev)
{
	node_event("start:", dev->node);
	assert_int_equal(dev->state, DEVICE_STARTING);
	/* Its requests need that. */
	assert_true(device_is_up(dev));
	if (!fails || strcmp(fails, dev->node->name))
		return 0;
	fails = NULL;
	if (fails_for_good)
		device_fail(dev, "it smokes");
	return reason_fail(ERR_IO, "%s is broken", dev->node->name);
}

static void stop_it(struct device *dev)
{
	node_event("stop:", dev->node);
	(void)reason_fail(ERR_BUSY, "something that stop() has met");
}

static void detach(struct device *dev)
{
	node_event("detach:", dev->node);
}

BUS(cable) = {
	.name = "cable",
	.match = bus_match_compatible,
};

DRIVER(host) = {
	.name = "fake-host",
	.bus = &platform_bus,
	.match = "fake,host",
	.children = &cable,
	.attach = attach,
	.start = start_it,
	.stop = stop_it,
	.detach = detach,
};

DRIVER(disk) = {
	.name = "fake-disk",
	.bus = &cable,
	.match = "fake,disk",
	.start = start_it,
	.stop = stop_it,
	.detach = detach,
};

/* A switch: there is nothing to be done for it. */
DRIVER(hub) = {
	.name = "fake-hub",
	.bus = &cable,
	.match = "fake,hub",
	.children = &cable,
	.attach = attach,
};

DRIVER(plain) = {
	.name = "fake-plain",
	.bus = &platform_bus,
	.match = "fake,plain",
	.children = &cable,
	.attach = attach,
};

static struct node *add_node(struct node *parent, const char *name,
			     const char *compatible)
{
	struct node *node = tree_add_node(parent, name, TREE_QEMU);

	assert_non_null(node);
	assert_int_equal(tree_set_str(node, "compatible", compatible), 0);
	return node;
}

/* /host/{disk, other, hub/far} and /plain/lone. */
static struct device *host, *disk, *other, *far, *plain, *lone;

static struct device *find(const char *path)
{
	struct device *dev = device_of(tree_find(path));

	assert_non_null(dev);
	return dev;
}

static int start(void **state)
{
	struct node *node;

	(void)state;
	fake_blocks_reset();
	fails = NULL;
	fails_for_good = false;
	assert_int_equal(tree_init(), 0);
	device_init();
	node = add_node(tree_root(), "host", "fake,host");
	add_node(node, "disk", "fake,disk");
	add_node(node, "other", "fake,disk");
	add_node(add_node(node, "hub", "fake,hub"), "far", "fake,disk");
	add_node(add_node(tree_root(), "plain", "fake,plain"), "lone",
		 "fake,disk");
	bus_offer_all(true);
	bus_offer_all(false);
	host = find("/host");
	disk = find("/host/disk");
	other = find("/host/other");
	far = find("/host/hub/far");
	plain = find("/plain");
	lone = find("/plain/lone");
	node_events[0] = '\0';
	return 0;
}

static int stop(void **state)
{
	(void)state;
	while (tree_root()->child)
		tree_remove_node(tree_root()->child);
	tree_free();
	return 0;
}

static void a_device_works_from_the_first_open_to_the_last_close(void **state)
{
	(void)state;
	assert_int_equal(host->state, DEVICE_OFF);
	assert_false(device_is_up(host));
	assert_int_equal(device_open(host), 0);
	assert_int_equal(host->state, DEVICE_READY);
	assert_true(device_is_up(host));
	assert_int_equal(device_open(host), 0);
	assert_int_equal(host->users, 2);
	assert_node_events("start:host ");
	device_close(host);
	assert_node_events("");
	device_close(host);
	assert_node_events("stop:host ");
	assert_int_equal(host->state, DEVICE_OFF);
	/* And again. */
	assert_int_equal(device_open(host), 0);
	device_close(host);
	assert_node_events("start:host stop:host ");
}

static void a_close_too_much_is_harmless(void **state)
{
	(void)state;
	device_close(host);
	assert_node_events("");
	assert_int_equal(host->users, 0);
}

static void where_there_is_nothing_to_start_opening_works(void **state)
{
	(void)state;
	assert_int_equal(device_open(plain), 0);
	assert_int_equal(plain->state, DEVICE_READY);
	device_close(plain);
	assert_int_equal(plain->state, DEVICE_OFF);
	assert_int_equal(device_open(lone), 0);
	assert_int_equal(plain->users, 0);
	assert_false(lone->holds_host);
	device_close(lone);
	assert_node_events("start:lone stop:lone ");
}

static void what_it_sits_on_is_started_first_and_stopped_last(void **state)
{
	(void)state;
	assert_int_equal(device_open(disk), 0);
	assert_true(disk->holds_host);
	assert_int_equal(host->users, 1);
	assert_int_equal(device_open(other), 0);
	assert_int_equal(host->users, 2);
	assert_node_events("start:host start:disk start:other ");
	device_close(disk);
	assert_node_events("stop:disk ");
	assert_false(disk->holds_host);
	device_close(other);
	assert_node_events("stop:other stop:host ");
	assert_int_equal(host->users, 0);
}

/* With what needs no start in between. */
static void what_it_sits_on_may_be_farther_up(void **state)
{
	(void)state;
	assert_int_equal(device_open(far), 0);
	assert_node_events("start:host start:far ");
	assert_int_equal(host->users, 1);
	device_stop(host);
	assert_false(device_is_up(far));
	assert_int_equal(device_start(far), 0);
	assert_node_events("stop:host start:host start:far ");
	device_close(far);
	assert_node_events("stop:far stop:host ");
}

static void a_start_that_fails_stops(void **state)
{
	(void)state;
	fails = "disk";
	assert_int_equal(device_open(disk), ERR_IO);
	assert_string_equal(reason(), "disk is broken");
	assert_node_events("start:host start:disk stop:disk stop:host ");
	assert_int_equal(disk->state, DEVICE_OFF);
	assert_int_equal(disk->users + host->users, 0);
	/* The next one may succeed. */
	assert_int_equal(device_open(disk), 0);
	device_close(disk);
}

static void what_sits_on_a_broken_host_is_not_started(void **state)
{
	(void)state;
	fails = "host";
	assert_int_equal(device_open(disk), ERR_IO);
	assert_string_equal(reason(), "host is broken");
	assert_null(strstr(node_events, "start:disk"));
	assert_int_equal(disk->state, DEVICE_OFF);
	assert_false(disk->holds_host);
	assert_int_equal(host->users, 0);
}

static void a_device_is_off_when_its_host_was_stopped(void **state)
{
	(void)state;
	assert_int_equal(device_open(disk), 0);
	assert_int_equal(device_open(other), 0);
	device_stop(host);
	assert_int_equal(host->state, DEVICE_OFF);
	assert_int_equal(host->users, 2);
	assert_false(device_is_up(disk));
	assert_int_equal(disk->state, DEVICE_OFF);
	node_events[0] = '\0';
	assert_int_equal(device_start(disk), 0);
	assert_node_events("start:host start:disk ");
	/* It was not for the other's sake. */
	assert_true(device_is_up(host));
	assert_false(device_is_up(other));
	assert_int_equal(device_start(other), 0);
	assert_node_events("start:other ");
	assert_int_equal(host->users, 2);
	device_close(disk);
	device_close(other);
	assert_node_events("stop:disk stop:other stop:host ");
}

static void a_device_is_off_when_its_host_was_restarted(void **state)
{
	(void)state;
	assert_int_equal(device_open(disk), 0);
	device_stop(host);
	assert_int_equal(device_start(host), 0);
	assert_node_events("start:host start:disk stop:host start:host ");
	assert_false(device_is_up(disk));
	assert_int_equal(device_start(disk), 0);
	assert_true(device_is_up(disk));
	assert_node_events("start:disk ");
}

static void what_is_stopped_while_open_keeps_its_host(void **state)
{
	(void)state;
	assert_int_equal(device_open(disk), 0);
	node_events[0] = '\0';
	device_stop(disk);
	assert_node_events("stop:disk ");
	assert_int_equal(disk->state, DEVICE_OFF);
	assert_int_equal(host->users, 1);
	assert_int_equal(device_start(disk), 0);
	assert_node_events("start:disk ");
	device_stop(disk);
	device_close(disk);
	assert_node_events("stop:disk stop:disk stop:host ");
}

static void a_failed_device_is_not_started_any_more(void **state)
{
	(void)state;
	assert_int_equal(device_open(disk), 0);
	device_fail(host, "its interrupt melted");
	assert_int_equal(host->state, DEVICE_FAILED);
	assert_false(device_is_up(host));
	assert_false(device_is_up(disk));
	node_events[0] = '\0';
	assert_int_equal(device_start(host), ERR_NODEV);
	assert_string_equal(reason(), "its interrupt melted");
	reason_clear();
	assert_int_equal(device_start(disk), ERR_NODEV);
	assert_string_equal(reason(), "its interrupt melted");
	assert_null(strstr(node_events, "start:"));
	/* Nothing makes it well. */
	device_close(disk);
	device_abandon_all();
	assert_int_equal(host->state, DEVICE_FAILED);
}

/* Those with a role have had their chance to say why. */
static void a_failed_device_without_a_role_is_explained(void **state)
{
	static const struct role role;
	static struct device_role as;

	(void)state;
	fake_log_start();
	device_explain();
	assert_string_equal(fake_printed, "");
	device_fail(disk, "its interrupt melted");
	device_fail(plain, "it smokes");
	assert_int_equal(device_add_role(disk, &as, &role), 0);
	device_explain();
	assert_string_equal(fake_printed, "fake-plain /plain: it smokes\r\n");
}

static void a_start_may_fail_for_good(void **state)
{
	(void)state;
	fails = "host";
	fails_for_good = true;
	assert_int_equal(device_open(host), ERR_IO);
	assert_string_equal(reason(), "host is broken");
	assert_node_events("start:host stop:host ");
	assert_int_equal(device_open(host), ERR_NODEV);
	assert_string_equal(reason(), "it smokes");
	assert_node_events("");
}

static void after_quiesce_nothing_starts(void **state)
{
	(void)state;
	assert_int_equal(device_open(disk), 0);
	node_events[0] = '\0';
	device_quiesce_all(NULL);
	/* The host again, after its last user. */
	assert_node_events(
		"stop:lone stop:far stop:other stop:disk stop:host ");
	assert_int_equal(disk->state, DEVICE_QUIESCED);
	assert_int_equal(device_open(disk), ERR_NODEV);
	assert_string_equal(reason(), "the device is shut down");
	device_fail(disk, "too late");
	assert_int_equal(device_start(disk), ERR_NODEV);
	assert_string_equal(reason(), "the device is shut down");
	device_close(disk);
	assert_node_events("");
}

static void quiesce_leaves_what_the_console_sits_on(void **state)
{
	(void)state;
	assert_int_equal(device_open(disk), 0);
	assert_int_equal(device_open(other), 0);
	node_events[0] = '\0';
	device_quiesce_all(disk->node);
	assert_node_events("stop:lone stop:far stop:other ");
	assert_true(device_is_up(disk));
	assert_int_equal(host->users, 1);
}

static void what_is_abandoned_can_be_opened_again(void **state)
{
	(void)state;
	assert_int_equal(device_open(disk), 0);
	assert_int_equal(device_open(disk), 0);
	node_events[0] = '\0';
	device_abandon_all();
	assert_node_events(
		"stop:lone stop:far stop:other stop:disk stop:host ");
	assert_int_equal(disk->state, DEVICE_OFF);
	assert_int_equal(disk->users + host->users, 0);
	/* Its users close it late. */
	device_close(disk);
	assert_node_events("");
	assert_int_equal(device_open(disk), 0);
	assert_node_events("start:host start:disk ");
	assert_int_equal(host->users, 1);
	device_close(disk);
	assert_node_events("stop:disk stop:host ");
}

static void a_node_that_goes_gives_up_its_host(void **state)
{
	(void)state;
	assert_int_equal(device_open(disk), 0);
	node_events[0] = '\0';
	tree_remove_node(disk->node);
	assert_node_events("stop:disk stop:host detach:disk ");
	assert_int_equal(host->users, 0);
	assert_int_equal(host->state, DEVICE_OFF);
}

#define T(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_device_works_from_the_first_open_to_the_last_close),
		T(a_close_too_much_is_harmless),
		T(where_there_is_nothing_to_start_opening_works),
		T(what_it_sits_on_is_started_first_and_stopped_last),
		T(what_it_sits_on_may_be_farther_up),
		T(a_start_that_fails_stops),
		T(what_sits_on_a_broken_host_is_not_started),
		T(a_device_is_off_when_its_host_was_stopped),
		T(a_device_is_off_when_its_host_was_restarted),
		T(what_is_stopped_while_open_keeps_its_host),
		T(a_failed_device_is_not_started_any_more),
		T(a_failed_device_without_a_role_is_explained),
		T(a_start_may_fail_for_good),
		T(after_quiesce_nothing_starts),
		T(quiesce_leaves_what_the_console_sits_on),
		T(what_is_abandoned_can_be_opened_again),
		T(a_node_that_goes_gives_up_its_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
