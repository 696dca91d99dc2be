// SPDX-License-Identifier: BSD-2-Clause
/* Virtual terminals of the hypervisor (LoPAR 16.4; QEMU hw/char/spapr_vty.c). */
#include "drivers/vio/vty.h"

#include "drivers/console.h"
#include "drivers/instance.h"
#include "hcall/hcall.h"
#include "lib/deadline.h"
#include "lib/heap.h"
#include "lib/reason.h"
#include "tree/path.h"

/* How long a terminal whose buffer is full is waited for. */
#define VTY_BUSY_MS 1000u

struct vty {
	struct console_device con;
	uint32_t unit;
};

static struct vty *vty_of(struct console_device *con)
{
	return container_of(con, struct vty, con);
}

static long vty_con_read(struct console_device *con, char *buf, size_t len)
{
	long n;

	assert(len >= H_TERM_CHARS);
	n = h_get_term_char(vty_of(con)->unit, buf);
	/* It may have something the next time. */
	return n == ERR_BUSY ? 0 : n;
}

/* One hypercall; KVM and other hypervisors may say "busy". */
static int vty_put(uint32_t unit, const char *buf, size_t len)
{
	struct deadline wait;
	int rc = h_put_term_char(unit, buf, len);

	if (rc != ERR_BUSY)
		return rc;
	deadline_start(&wait, VTY_BUSY_MS);
	while (rc == ERR_BUSY && !deadline_passed(&wait)) {
		deadline_idle(&wait);
		rc = h_put_term_char(unit, buf, len);
	}
	deadline_stop(&wait);
	return rc;
}

long vty_write(uint32_t unit, const char *buf, size_t len)
{
	size_t done = 0;

	while (done < len) {
		size_t n = MIN(len - done, (size_t)H_TERM_CHARS);
		int rc = vty_put(unit, buf + done, n);

		if (rc)
			return done ? (long)done : rc;
		done += n;
	}
	return (long)done;
}

static long vty_con_write(struct console_device *con, const char *buf,
			  size_t len)
{
	return vty_write(vty_of(con)->unit, buf, len);
}

static const struct console_ops vty_console_ops = {
	.read = vty_con_read,
	.write = vty_con_write,
};

static int vty_attach(struct device *dev)
{
	struct vty *vty = heap_zalloc(sizeof(*vty));
	int rc;

	if (!vty)
		return reason_fail(ERR_NOMEM, "out of memory");
	rc = tree_get_u32(dev->node, "reg", 0, &vty->unit);
	if (rc) {
		heap_free(vty);
		return reason_fail(rc, "no reg property");
	}
	rc = tree_add_alias("hvterm", dev->node);
	if (rc) {
		heap_free(vty);
		return reason_fail(rc, "no alias: %s", err_str(rc));
	}
	vty->con.dev = dev;
	vty->con.ops = &vty_console_ops;
	dev->console = &vty->con;
	dev->priv = vty;
	console_add(&vty->con);
	return 0;
}

static void vty_detach(struct device *dev)
{
	console_remove(dev->console);
	heap_free(dev->priv);
}

DRIVER(vty) = {
	.name = "vty",
	.bus = BUS_VIO,
	.compatible = "hvterm1",
	.attach = vty_attach,
	.detach = vty_detach,
};
