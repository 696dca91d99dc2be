// SPDX-License-Identifier: BSD-2-Clause
// The firmware's terminal: input from and output to all console devices.
#include "drivers/console.h"

#include <string.h>

#include "drivers/instance.h"
#include "lib/deadline.h"

static struct console_input *input_as(struct device_role *as)
{
	return container_of(as, struct console_input, as);
}

static struct console_output *output_as(struct device_role *as)
{
	return container_of(as, struct console_output, as);
}

static void output_sink_write(struct log_sink *sink, const char *text,
			      size_t len)
{
	struct console_output *out =
		container_of(sink, struct console_output, sink);

	/* Nothing to do: a failure would be printed here, too. */
	if (out->write(out, text, len) < 0)
		return;
}

void console_follow(struct console_output *out, bool on)
{
	if (!out || out->follows == on)
		return;
	out->follows = on;
	out->sink.write = output_sink_write;
	if (on)
		log_add_sink(&out->sink);
	else
		log_remove_sink(&out->sink);
}

struct console_input *console_input_of(const struct device *dev)
{
	struct device_role *as = device_role(dev, &console_input_role);

	return as ? input_as(as) : NULL;
}

struct console_output *console_output_of(const struct device *dev)
{
	struct device_role *as = device_role(dev, &console_output_role);

	return as ? output_as(as) : NULL;
}

long console_read(struct console_input *in, char *buf, size_t len)
{
	size_t n;

	if (in->ahead_pos == in->ahead_len) {
		long got = in->read(in, in->ahead, sizeof(in->ahead));

		if (got <= 0)
			return got;
		in->ahead_pos = 0;
		in->ahead_len = (uint8_t)got;
	}
	n = MIN(len, (size_t)(in->ahead_len - in->ahead_pos));
	memcpy(buf, in->ahead + in->ahead_pos, n);
	in->ahead_pos = (uint8_t)(in->ahead_pos + n);
	return (long)n;
}

/* `from`: receives the input that had the byte. */
static int console_take(struct console_input **from)
{
	struct device_role *as = NULL;
	char c;

	while ((as = device_next_role(as, &console_input_role)) != NULL) {
		*from = input_as(as);
		if (console_read(*from, &c, 1) == 1)
			return (unsigned char)c;
	}
	return -1;
}

int console_getchar(void)
{
	struct console_input *in;

	return console_take(&in);
}

int console_wait_char(const struct deadline *until)
{
	struct deadline own;
	bool over = false;
	int c;

	deadline_forever(&own);
	/* The last try comes after the deadline. */
	while ((c = console_getchar()) < 0 && !over) {
		deadline_idle(until ? until : &own);
		over = until && deadline_passed(until);
	}
	if (!until)
		deadline_stop(&own);
	return c;
}

int console_peekchar(void)
{
	struct console_input *in;
	int c = console_take(&in);

	if (c >= 0)
		in->ahead_pos--;
	return c;
}

static long input_read(struct instance *inst, void *buf, size_t len)
{
	long n =
		console_read(console_input_of(device_of(inst->node)), buf, len);

	return n ? n : ERR_AGAIN;
}

static long output_write(struct instance *inst, const void *buf, size_t len)
{
	struct console_output *out = console_output_of(device_of(inst->node));

	return out->write(out, buf, len);
}

static void output_release(struct device_role *as)
{
	console_follow(output_as(as), false);
}

static const struct instance_ops input_ops = { .read = input_read };
static const struct instance_ops output_ops = { .write = output_write };

const struct role console_input_role = {
	.ops = &input_ops,
};

const struct role console_output_role = {
	.ops = &output_ops,
	.release = output_release,
};
