// SPDX-License-Identifier: BSD-2-Clause
/* Two fake consoles: see tests/fake/consoles.h. */
#include "tests/fake/consoles.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/instance.h"

static long fake_read(struct console_input *in, char *buf, size_t len)
{
	struct fake_console *fake = container_of(in, struct fake_console, in);
	size_t n = MIN(MIN(strlen(fake->input), fake->most), len);

	fake->reads++;
	assert_true(len >= 16);
	if (!fake->most)
		return ERR_IO;
	memcpy(buf, fake->input, n);
	fake->input += n;
	return (long)n;
}

static unsigned writes;

static long fake_write(struct console_output *out, const char *buf, size_t len)
{
	struct fake_console *fake = container_of(out, struct fake_console, out);

	assert_true(len < sizeof(fake->text) - strlen(fake->text));
	strncat(fake->text, buf, len);
	fake->order = ++writes;
	return fake->result ? fake->result : (long)len;
}

void fake_console_flush(struct console_output *out)
{
	container_of(out, struct fake_console, out)->flushes++;
}

struct fake_console fake_a, fake_b;

static int attach(struct device *dev)
{
	const char *name = dev->node->name;
	struct fake_console *fake = strchr(name, 'a') ? &fake_a : &fake_b;
	int err = 0;

	if (strncmp(name, "out", 3))
		err = device_add_role(dev, &fake->in.as, &console_input_role);
	if (err == 0 && strncmp(name, "in", 2))
		err = device_add_role(dev, &fake->out.as, &console_output_role);
	return err;
}

DRIVER(fake_console) = {
	.name = "fake-console",
	.bus = &platform_bus,
	.match = "fake,console",
	.attach = attach,
};

void fake_console_add(const char *name)
{
	struct node *node = tree_add_node(tree_root(), name, TREE_QEMU);

	assert_non_null(node);
	assert_int_equal(tree_set_str(node, "compatible", "fake,console"), 0);
	bus_offer(node);
	assert_non_null(device_of(node));
}

int fake_consoles_start(void **state)
{
	(void)state;
	fake_blocks_reset();
	log_reset();
	assert_int_equal(tree_init(), 0);
	device_init();
	fake_a = (struct fake_console){ .in.read = fake_read,
					.out.write = fake_write,
					.input = "",
					.most = 16 };
	fake_b = fake_a;
	return 0;
}

int fake_consoles_stop(void **state)
{
	(void)state;
	instance_close_all();
	while (tree_root()->child)
		tree_remove_node(tree_root()->child);
	tree_free();
	return 0;
}
