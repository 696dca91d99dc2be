// SPDX-License-Identifier: BSD-2-Clause
// The terminal on top of all consoles: every input, every output.
#include "drivers/console.h"

#include <string.h>

#include "drivers/instance.h"
#include "lib/deadline.h"

/*
 * In the order of devices, except that an input moves to the end when all that
 * it had is read: one that always has something does not drown the others.
 */
static struct list inputs = LIST_INIT(inputs);
/* The same, after the `early` one: no other output delays it. */
static struct list outputs = LIST_INIT(outputs);

/* An output is showing its text, which may wait for a device. */
static bool showing;

/* How the last byte of console_getchar() came. */
static enum console_burst burst;

static void console_show_soon(void)
{
	console_show(false);
}

void console_init(void)
{
	list_init(&inputs);
	list_init(&outputs);
	showing = false;
	burst = CONSOLE_ALONE;
	deadline_set_poll(NULL);
}

static struct console_input *input_as(struct device_role *as)
{
	return container_of(as, struct console_input, as);
}

static struct console_output *output_as(struct device_role *as)
{
	return container_of(as, struct console_output, as);
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

/* A vty still works after quiesce: it is no device that could be shut down. */
static bool console_works(const struct device_role *as)
{
	return as->dev->state != DEVICE_QUIESCED || !as->dev->driver->stop;
}

/* Output. */

static long output_write(struct console_output *out, const char *text,
			 size_t len)
{
	return console_works(&out->as) ? out->write(out, text, len) : ERR_NODEV;
}

static void output_sink_write(struct log_sink *sink, const char *text,
			      size_t len)
{
	struct console_output *out =
		container_of(sink, struct console_output, sink);

	/* Nothing to do: a failure would be printed here, too. */
	if (output_write(out, text, len) < 0)
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

void console_follow_all(void)
{
	struct console_output *out;

	list_for_each(out, &outputs, link) {
		if (!out->early && !out->spare)
			console_follow(out, true);
	}
	/* One that failed says so now, not at the prompt. */
	console_show(false);
}

void console_show(bool waits)
{
	struct console_output *out;

	if (showing)
		return;
	showing = true;
	list_for_each(out, &outputs, link) {
		if (out->show && console_works(&out->as))
			out->show(out, waits);
	}
	showing = false;
}

void console_abandon(void)
{
	showing = false;
}

void console_keep(const struct node *node)
{
	const struct device *dev = node ? device_of(node) : NULL;
	struct console_output *out = dev ? console_output_of(dev) : NULL;

	if (out && out->keep)
		out->keep(out);
}

/* Input. */

long console_read(struct console_input *in, char *buf, size_t len)
{
	size_t n;

	if (in->ahead_pos == in->ahead_len) {
		long got = in->read(in, in->ahead, CONSOLE_READ);

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

/*
 * Moves an input that was read: to the end, or, so that an escape sequence is
 * not torn by a key from elsewhere, to the start.
 */
static void input_turn(struct console_input *in)
{
	bool more = in->ahead_pos != in->ahead_len;

	burst = CONSOLE_ALONE;
	if (in->ahead_len > 1)
		burst = more ? CONSOLE_MORE : CONSOLE_LAST;
	list_del(&in->link);
	list_insert_before(more ? inputs.next : &inputs, &in->link);
}

/*
 * Reads from the first input that has something. `own`: the terminal's; others
 * are left alone while a client has them open. NULL, false: all of them.
 */
static long input_read_any(const struct console_input *own, bool leave,
			   char *buf, size_t len)
{
	struct console_input *in;

	console_show(true);
	list_for_each(in, &inputs, link) {
		long n;

		if ((leave && in->opened && in != own) ||
		    !console_works(&in->as))
			continue;
		n = console_read(in, buf, len);
		if (n > 0) {
			input_turn(in);
			return n;
		}
	}
	return 0;
}

int console_getchar(void)
{
	char c;

	return input_read_any(NULL, false, &c, 1) ? (unsigned char)c : -1;
}

enum console_burst console_burst(void)
{
	return burst;
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

/* Reads on after the start of a key, which a slow line has torn. */
static void input_complete(struct console_input *in)
{
	uint8_t have = (uint8_t)(in->ahead_len - in->ahead_pos);
	long n;

	assert(have < CONSOLE_KEY_MAX);
	memmove(in->ahead, in->ahead + in->ahead_pos, have);
	n = in->read(in, in->ahead + have, CONSOLE_READ);
	in->ahead_pos = 0;
	in->ahead_len = (uint8_t)(have + MAX(n, 0));
}

/* Does an input have `key` next? */
static bool input_has(struct console_input *in, const char *key)
{
	size_t len = strlen(key), have;
	char c;

	if (console_read(in, &c, 1) != 1)
		return false;
	in->ahead_pos--;
	have = (size_t)(in->ahead_len - in->ahead_pos);
	if (have < len && !memcmp(in->ahead + in->ahead_pos, key, have)) {
		input_complete(in);
		have = in->ahead_len;
	}
	return have >= len && !memcmp(in->ahead + in->ahead_pos, key, len);
}

bool console_take_key(const char *key)
{
	struct console_input *in;

	list_for_each(in, &inputs, link) {
		if (!input_has(in, key))
			continue;
		in->ahead_pos = (uint8_t)(in->ahead_pos + strlen(key));
		return true;
	}
	return false;
}

/* The terminal of a client. */

static long terminal_read(struct instance *inst, void *buf, size_t len)
{
	long n = input_read_any(console_input_of(device_of(inst->node)), true,
				buf, len);

	return n ? n : ERR_AGAIN;
}

static long terminal_write(struct instance *inst, const void *buf, size_t len)
{
	const struct console_output *own =
		console_output_of(device_of(inst->node));
	struct console_output *out;
	long n = (long)len;

	list_for_each(out, &outputs, link) {
		long rc;

		if (out != own &&
		    (out->opened || (out->spare && !out->follows)))
			continue;
		rc = output_write(out, buf, len);
		if (out == own)
			n = rc;
	}
	return n;
}

/*
 * An instance takes a console for itself at once, except that of a screen, which
 * does so when it is written to: Linux opens every screen, and most clients'
 * text is still the terminal's.
 */
static bool console_is_taken(const struct instance *inst)
{
	return inst->priv || console_input_of(device_of(inst->node));
}

/* Ends that, also if it becomes a terminal. */
static void console_give_back(struct instance *inst)
{
	struct console_input *in = console_input_of(device_of(inst->node));
	struct console_output *out = console_output_of(device_of(inst->node));

	if (in)
		in->opened--;
	if (out && console_is_taken(inst))
		out->opened--;
	inst->priv = NULL;
}

void console_merge(struct instance *inst)
{
	static const struct instance_ops ops = {
		.read = terminal_read,
		.write = terminal_write,
	};

	console_give_back(inst);
	inst->ops = ops;
}

/* The roles. */

static int input_open(struct instance *inst, struct device_role *as)
{
	(void)inst;
	input_as(as)->opened++;
	return 0;
}

static int output_open(struct instance *inst, struct device_role *as)
{
	if (console_is_taken(inst))
		output_as(as)->opened++;
	return 0;
}

static long input_read(struct instance *inst, void *buf, size_t len)
{
	long n;

	console_show(true);
	n = console_read(console_input_of(device_of(inst->node)), buf, len);
	return n ? n : ERR_AGAIN;
}

static long output_instance_write(struct instance *inst, const void *buf,
				  size_t len)
{
	struct console_output *out = console_output_of(device_of(inst->node));

	if (!console_is_taken(inst)) {
		inst->priv = out;
		out->opened++;
	}
	return output_write(out, buf, len);
}

static void input_added(struct device_role *as)
{
	struct console_input *in = input_as(as);

	in->opened = 0;
	list_add_tail(&inputs, &in->link);
}

static void output_added(struct device_role *as)
{
	struct console_output *out = output_as(as);

	out->opened = 0;
	if (out->show)
		deadline_set_poll(console_show_soon);
	list_insert_before(out->early ? outputs.next : &outputs, &out->link);
}

static void output_sync(struct device_role *as)
{
	struct console_output *out = output_as(as);

	if (out->flush)
		out->flush(out);
}

static void input_release(struct device_role *as)
{
	list_del(&input_as(as)->link);
}

static void output_release(struct device_role *as)
{
	console_follow(output_as(as), false);
	list_del(&output_as(as)->link);
}

static const struct instance_ops input_ops = {
	.read = input_read,
	.close = console_give_back,
};
static const struct instance_ops output_ops = {
	.write = output_instance_write,
	.close = console_give_back,
};

const struct role console_input_role = {
	.ops = &input_ops,
	.added = input_added,
	.open = input_open,
	.release = input_release,
};

const struct role console_output_role = {
	.ops = &output_ops,
	.added = output_added,
	.open = output_open,
	.sync = output_sync,
	.release = output_release,
};
