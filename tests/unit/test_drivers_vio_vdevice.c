// SPDX-License-Identifier: BSD-2-Clause
/* Tests of drivers/vio/vdevice.c: which nodes are offered to drivers. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/instance.h"
#include "drivers/vio/vio.h"
#include "hcall/rtas.h"
#include "lib/reason.h"
#include "tests/fake/blocks.h"
#include "tests/fake/log.h"
#include "tests/fake/table.h"
#include "tests/fake/tree.h"
#include "tree/path.h"

TABLE_LINK(drivers, driver_vdevice);

static char offered[128];

static int attach(struct device *dev)
{
	assert_ptr_equal(dev->bus, &vio_bus);
	assert_ptr_equal(dev->parent, device_of(tree_find("/vdevice")));
	assert_null(dev->bus_data);
	strcat(offered, dev->node->name);
	strcat(offered, " ");
	/* A driver may add children of its own. */
	assert_non_null(tree_add_node(dev->node, "lun", TREE_QUOIN));
	return 0;
}

DRIVER(fake_unit) = {
	.name = "fake-unit",
	.bus = &vio_bus,
	.match = "fake,unit",
	.attach = attach,
};

static int start(void **state)
{
	(void)state;
	fake_blocks_reset();
	offered[0] = '\0';
	assert_int_equal(tree_init(), 0);
	device_init();
	return 0;
}

static int stop(void **state)
{
	(void)state;
	tree_free();
	return 0;
}

static struct node *add_node(struct node *parent, const char *name,
			     const char *compatible)
{
	struct node *node = tree_add_node(parent, name, TREE_QEMU);

	assert_non_null(node);
	assert_int_equal(tree_set_str(node, "compatible", compatible), 0);
	return node;
}

static struct node *add_bus(void)
{
	struct node *bus = add_node(tree_root(), "vdevice", "IBM,vdevice");

	add_node(bus, "vty@1", "fake,unit");
	add_node(bus, "nvram@2", "fake,unit");
	return bus;
}

static void each_child_is_offered_once_in_order(void **state)
{
	struct node *bus = add_bus();

	(void)state;
	/* What is not known, or elsewhere, is no device of it. */
	add_node(bus, "other@3", "fake,other");
	add_node(tree_root(), "pci@4", "fake,unit");
	add_node(bus->child, "lun@5", "fake,unit");
	bus_offer_all(true);
	bus_offer_all(false);
	assert_string_equal(offered, "vty nvram ");
	assert_null(device_of(tree_find("/vdevice/other")));
}

static void a_machine_without_the_bus_has_none(void **state)
{
	(void)state;
	bus_offer_all(true);
	bus_offer_all(false);
	assert_string_equal(offered, "");
	add_node(tree_root(), "vdevice", "IBM,vdevice");
	bus_offer_all(true);
	bus_offer_all(false);
	assert_string_equal(offered, "");
	assert_non_null(device_of(tree_find("/vdevice")));
}

/* As CAS shows new nodes: the bus first, then its children. */
static void a_bus_that_comes_later_brings_its_children_once(void **state)
{
	struct node *bus, *node;

	(void)state;
	bus_offer_all(true);
	bus_offer_all(false);
	bus = add_bus();
	bus_offer(bus);
	for (node = bus->child; node; node = node->next)
		bus_offer(node);
	assert_string_equal(offered, "vty nvram ");
	bus_offer(add_node(bus, "disk@3", "fake,unit"));
	assert_string_equal(offered, "vty nvram disk ");
}

static void the_bus_itself_cannot_be_opened(void **state)
{
	struct instance_ops ops;

	(void)state;
	add_bus();
	bus_offer_all(true);
	bus_offer_all(false);
	assert_false(node_ops(tree_find("/vdevice"), &ops));
	assert_null(instance_open("/vdevice"));
}

/* RTAS's ibm,set-tce-bypass. */
static bool bypass;
static int bypass_result;

int rtas_set_tce_bypass(uint32_t unit, bool on)
{
	assert_int_equal(unit, 0x71000002);
	if (!bypass_result)
		bypass = on;
	return bypass_result;
}

static struct device *add_unit(void)
{
	static const uint32_t window[] = { 0x71000002, 0, 0x1000, 0, 1 << 28 };
	struct device *dev;

	add_bus();
	bus_offer_all(true);
	dev = device_of(tree_find("/vdevice/vty"));
	assert_int_equal(
		tree_set_cells(dev->node, "ibm,my-dma-window", window, 5), 0);
	bypass_result = 0;
	return dev;
}

static void bypass_is_used_where_it_is_allowed_until_the_end(void **state)
{
	const struct device *dev = add_unit();
	struct dma dma;

	(void)state;
	assert_int_equal(vio_dma_start(dev, 0x71000002, &dma), 0);
	assert_true(bypass && dma.bypass);
	vio_dma_stop(dev, 0x71000002, &dma);
	assert_false(bypass || dma.bypass);
	/* Once: a client may have set it since. */
	bypass = true;
	vio_dma_stop(dev, 0x71000002, &dma);
	assert_true(bypass);
}

static void a_bypass_that_stays_on_is_told(void **state)
{
	const struct device *dev = add_unit();
	struct dma dma;

	(void)state;
	fake_log_start();
	assert_int_equal(vio_dma_start(dev, 0x71000002, &dma), 0);
	bypass_result = ERR_IO;
	vio_dma_stop(dev, 0x71000002, &dma);
	assert_true(fake_log_has("Warning: fake-unit /vdevice/vty@1: TCE "
				 "bypass stays on"));
}

static void without_bypass_there_is_the_window(void **state)
{
	const struct device *dev = add_unit();
	struct dma dma;

	(void)state;
	bypass_result = ERR_NOTSUP;
	assert_int_equal(vio_dma_start(dev, 0x71000002, &dma), 0);
	assert_false(dma.bypass);
	assert_non_null(dma.window);
	vio_dma_stop(dev, 0x71000002, &dma);
}

static void without_both_there_is_a_reason(void **state)
{
	const struct device *dev = add_unit();
	struct dma dma;

	(void)state;
	bypass_result = ERR_NOTSUP;
	tree_delprop(dev->node, "ibm,my-dma-window");
	assert_int_equal(vio_dma_start(dev, 0x71000002, &dma), ERR_NOTSUP);
	assert_string_equal(reason(), "neither TCE bypass nor a DMA window");
}

#define T(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(each_child_is_offered_once_in_order),
		T(a_machine_without_the_bus_has_none),
		T(a_bus_that_comes_later_brings_its_children_once),
		T(the_bus_itself_cannot_be_opened),
		T(bypass_is_used_where_it_is_allowed_until_the_end),
		T(a_bypass_that_stays_on_is_told),
		T(without_bypass_there_is_the_window),
		T(without_both_there_is_a_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
