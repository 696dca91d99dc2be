// SPDX-License-Identifier: BSD-2-Clause
// The hypervisor's virtual terminals (LoPAR 16.4; QEMU hw/char/spapr_vty.c).
#include "drivers/vio/vty.h"

#include "drivers/console.h"
#include "drivers/vio/vio.h"
#include "hcall/hcall.h"
#include "lib/deadline.h"
#include "lib/heap.h"
#include "lib/reason.h"
#include "tree/path.h"

#define VTY_COMPATIBLE "hvterm1"
/* Longest wait for a terminal whose buffer is full. */
#define VTY_BUSY_MS 1000u

struct vty {
	struct console_input in;
	struct console_output out;
	uint32_t unit;
	bool stuck; /* see vty_put() */
};

static long vty_read(struct console_input *in, char *buf, size_t len)
{
	const struct vty *vty = container_of(in, struct vty, in);
	long n;

	assert(len >= H_TERM_CHARS);
	n = h_get_term_char(vty->unit, buf);
	/* Busy: there may be input the next time. */
	return n == ERR_BUSY ? 0 : n;
}

static int vty_wait(uint32_t unit, const char *buf, size_t len)
{
	struct deadline wait;
	int rc = ERR_BUSY;

	deadline_start(&wait, VTY_BUSY_MS);
	while (rc == ERR_BUSY && !deadline_passed(&wait)) {
		deadline_idle(&wait);
		rc = h_put_term_char(unit, buf, len);
	}
	deadline_stop(&wait);
	return rc;
}

/*
 * One hypercall's worth; KVM and other hypervisors may return "busy". After one
 * wait in vain there are no others until the terminal takes text again.
 */
static int vty_put(uint32_t unit, const char *buf, size_t len, bool *stuck)
{
	int rc = h_put_term_char(unit, buf, len);

	if (rc == ERR_BUSY && !*stuck)
		rc = vty_wait(unit, buf, len);
	*stuck = rc == ERR_BUSY;
	return rc;
}

static long vty_send(uint32_t unit, const char *buf, size_t len, bool *stuck)
{
	size_t done = 0;

	while (done < len) {
		size_t n = MIN(len - done, (size_t)H_TERM_CHARS);
		int rc = vty_put(unit, buf + done, n, stuck);

		if (rc)
			return done ? (long)done : rc;
		done += n;
	}
	return (long)done;
}

long vty_write(uint32_t unit, const char *buf, size_t len)
{
	static bool stuck;

	return vty_send(unit, buf, len, &stuck);
}

static long vty_out_write(struct console_output *out, const char *buf,
			  size_t len)
{
	struct vty *vty = container_of(out, struct vty, out);

	return vty_send(vty->unit, buf, len, &vty->stuck);
}

/* QEMU takes it for unit 0. [hw/char/spapr_vty.c, spapr_vty_get_default] */
static bool vty_is_lowest(const struct device *dev, uint32_t unit)
{
	const struct node *node;
	uint32_t reg;

	for (node = dev->node->parent->child; node; node = node->next) {
		if (tree_has_string(node, "compatible", VTY_COMPATIBLE) &&
		    !tree_get_u32(node, "reg", 0, &reg) && reg < unit)
			return false;
	}
	return true;
}

static int vty_add_roles(struct device *dev, struct vty *vty)
{
	int err = tree_get_u32(dev->node, "reg", 0, &vty->unit);

	if (err < 0)
		return reason_fail(err, "no reg property");
	vty->out.early = vty_is_lowest(dev, vty->unit);
	err = tree_add_alias("hvterm", dev->node);
	if (err < 0)
		return reason_fail(err, "cannot create an alias: %s",
				   err_str(err));
	err = device_add_role(dev, &vty->out.as, &console_output_role);
	if (err < 0)
		return err;
	return device_add_role(dev, &vty->in.as, &console_input_role);
}

static int vty_attach(struct device *dev)
{
	struct vty *vty = heap_zalloc(sizeof(*vty));
	int err;

	if (!vty)
		return reason_fail(ERR_NOMEM, "out of memory");
	vty->in.read = vty_read;
	vty->out.write = vty_out_write;
	dev->priv = vty;
	err = vty_add_roles(dev, vty);
	if (err < 0)
		heap_free(vty);
	return err;
}

static void vty_detach(struct device *dev)
{
	heap_free(dev->priv);
}

DRIVER(vty) = {
	.name = "vty",
	.bus = &vio_bus,
	.match = VTY_COMPATIBLE,
	.attach = vty_attach,
	.detach = vty_detach,
};
