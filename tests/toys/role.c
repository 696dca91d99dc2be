// SPDX-License-Identifier: BSD-2-Clause
/*
 * A toy: a role that does not exist, a counter, and a device that has it. A
 * role is one file; tests/unit/test_drivers_toys.c uses it.
 */
#include "drivers/instance.h"
#include "drivers/vio/vio.h"
#include "lib/fmt.h"
#include "lib/heap.h"
#include "lib/reason.h"
#include "tree/prop.h"

/* The driver's part of the role. */
struct toy_counter {
	struct device_role as;
	/* add - add `n` to the count. Returns 0, or ERR_RANGE: it cannot. */
	int (*add)(struct toy_counter *counter, uint32_t n);
	uint32_t count;
};

/* Each instance also keeps its position. */
struct toy_reader {
	struct toy_counter *counter;
	uint64_t pos;
};

static int counter_open(struct instance *inst, struct device_role *as)
{
	struct toy_reader *reader = heap_zalloc(sizeof(*reader));
	int err;

	if (!reader)
		return reason_fail(ERR_NOMEM, "no memory for a counter");
	reader->counter = container_of(as, struct toy_counter, as);
	err = device_open(as->dev);
	if (err < 0)
		heap_free(reader);
	else
		inst->priv = reader;
	return err;
}

static void counter_close(struct instance *inst)
{
	struct toy_reader *reader = inst->priv;

	device_close(reader->counter->as.dev);
	heap_free(reader);
}

/* The count in decimal, from the position. */
static long counter_read(struct instance *inst, void *buf, size_t len)
{
	struct toy_reader *reader = inst->priv;
	char *out = buf, text[16];
	size_t end = fmt_str(text, sizeof(text), "%u", reader->counter->count);
	size_t n = 0;

	while (n < len && reader->pos < end)
		out[n++] = text[reader->pos++];
	return (long)n;
}

static int counter_seek(struct instance *inst, uint64_t pos)
{
	struct toy_reader *reader = inst->priv;

	reader->pos = pos;
	return 0;
}

/* count ( -- n ) */
static int counter_count(struct instance *inst, const cell_t *args,
			 cell_t *rets)
{
	const struct toy_reader *reader = inst->priv;

	(void)args;
	rets[0] = reader->counter->count;
	return 0;
}

/* add ( n -- ) */
static int counter_add(struct instance *inst, const cell_t *args, cell_t *rets)
{
	struct toy_reader *reader = inst->priv;

	(void)rets;
	return reader->counter->add(reader->counter, args[0]);
}

static const struct instance_ops counter_ops = {
	.read = counter_read,
	.seek = counter_seek,
	.close = counter_close,
};

static const struct method counter_methods[] = {
	{ "count", 0, 1, counter_count },
	{ "add", 1, 0, counter_add },
	{ .name = NULL },
};

static const struct role counter_role = {
	.device_type = "counter",
	.ops = &counter_ops,
	.methods = counter_methods,
	.open = counter_open,
};

/* A device with this role, which counts to a hundred. */
static int abacus_add(struct toy_counter *counter, uint32_t n)
{
	if (n > 100 - counter->count)
		return reason_fail(ERR_RANGE, "it has only a hundred beads");
	counter->count += n;
	return 0;
}

static int abacus_attach(struct device *dev)
{
	struct toy_counter *counter = heap_zalloc(sizeof(*counter));
	int err;

	if (!counter)
		return reason_fail(ERR_NOMEM, "no memory");
	counter->add = abacus_add;
	dev->priv = counter;
	err = device_add_role(dev, &counter->as, &counter_role);
	if (err < 0)
		heap_free(counter);
	return err;
}

static void abacus_detach(struct device *dev)
{
	heap_free(dev->priv);
}

DRIVER(toy_abacus) = {
	.name = "toy-abacus",
	.bus = &vio_bus,
	.match = "toy,abacus",
	.attach = abacus_attach,
	.detach = abacus_detach,
};
