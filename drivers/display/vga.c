// SPDX-License-Identifier: BSD-2-Clause
/*
 * QEMU's VGA, secondary-vga, bochs-display and virtio-vga: a frame buffer and
 * the mode registers of Bochs. [QEMU docs/specs/standard-vga.rst,
 * hw/display/vga-pci.c, vga.c, bochs-display.c, virtio-vga.c]
 */
#include "drivers/display/display.h"
#include "drivers/pci/pci.h"
#include "hcall/hcall.h"
#include "lib/heap.h"
#include "lib/reason.h"

/* BAR 0 is the memory; BAR 2 has the registers, all little-endian. */
#define BAR_MEMORY 0u
#define BAR_REGISTERS 2u

/* VGA's ports 0x3c0 to 0x3df; bochs-display has none: they read as ones. */
enum vga_port {
	PORT_ATTRIBUTE = 0x400,
	PORT_MISC_WRITE = 0x402,
	PORT_DAC_INDEX = 0x408,
	PORT_DAC_DATA = 0x409,
	PORT_MISC_READ = 0x40c,
	PORT_STATUS = 0x41a,
};
#define MISC_COLOUR 0x01u    /* PORT_STATUS exists */
#define ATTRIBUTE_SHOW 0x20u /* not blanked */

/* The registers of Bochs, 16 bits each. */
enum vga_reg {
	REG_ID = 0x500,
	REG_WIDTH = 0x502,
	REG_HEIGHT = 0x504,
	REG_DEPTH = 0x506,
	REG_ENABLE = 0x508,
	REG_LINE = 0x50c, /* pixels from line to line */
	REG_X = 0x510,
	REG_Y = 0x512,
	REG_MEMORY = 0x514, /* in 64 KiB */
};
#define ID_MASK 0xfff0u
#define ID_BOCHS 0xb0c0u
#define ENABLE_OFF 0u
#define ENABLE_ON 0x61u /* linear memory, a DAC of 8 bits; clears the screen */
#define ENABLE_KEEP 0x80u /* clears nothing */
/* The largest mode of all versions: what it clears, the device clears fast. */
#define CLEAR_WIDTH 2560u
#define CLEAR_HEIGHT 1200u
#define Y_MAX 0xffffu

/* QEMU's own registers, 32 bits each; old machine types have none. */
enum vga_own {
	OWN_SIZE = 0x600,
	OWN_BYTE_ORDER = 0x604,
	REGISTERS_END = 0x608,
};
#define OWN_BIG_ENDIAN 0xbebebebeu

/* bochs-display shows nothing smaller; the registers take nothing larger. */
#define SIDE_MIN 64u
#define SIDE_MAX 0xffffu

struct vga {
	struct display display;
	const struct pci_function *fn;
	uint64_t memory, registers; /* real addresses */
	uint64_t size;		    /* bytes of memory */
	bool ports;		    /* it has VGA's ports */
};

static struct vga *vga_of(struct display *d)
{
	return container_of(d, struct vga, display);
}

static uint32_t vga_get(const struct vga *v, enum vga_reg reg)
{
	return pci_io_read(v->registers + reg, 2);
}

static void vga_set(const struct vga *v, enum vga_reg reg, uint32_t value)
{
	pci_io_write(v->registers + reg, 2, value);
}

static void vga_port(const struct vga *v, enum vga_port port, uint32_t value)
{
	pci_io_write(v->registers + port, 1, value);
}

/* Elements as large as possible: each takes the hypervisor the same time. */
static void vga_copy(uint64_t to, uint64_t from, uint64_t len)
{
	uint64_t unaligned = to | from | len | 1u << H_MEMOP_SHIFT_MAX;
	unsigned shift = (unsigned)__builtin_ctzll(unaligned);

	/* As on a bus, a write to a failing device is lost. */
	if (h_memop_copy(to, from, shift, len >> shift))
		return;
}

static void vga_draw(struct display *d, uint32_t x, uint32_t y, uint32_t width,
		     uint32_t height, const void *pixels)
{
	uint32_t bytes = display_pixel_bytes(d->mode.depth);
	uint64_t line = (uint64_t)d->mode.width * bytes;
	uint64_t len = (uint64_t)width * bytes;
	uint64_t to = vga_of(d)->memory + y * line + (uint64_t)x * bytes;
	uint64_t from = (uintptr_t)pixels;

	/* Whole lines have no gaps. */
	if (len == line) {
		len *= height;
		height = 1;
	}
	for (; height; height--) {
		vga_copy(to, from, len);
		to += line;
		from += len;
	}
}

static void vga_show(struct display *d, uint32_t line)
{
	vga_set(vga_of(d), REG_Y, line);
}

static void vga_colour(struct display *d, unsigned index, uint32_t rgb)
{
	const struct vga *v = vga_of(d);

	if (!v->ports)
		return;
	vga_port(v, PORT_DAC_INDEX, index & 0xff);
	for (unsigned shift = 24; shift > 0; shift -= 8)
		vga_port(v, PORT_DAC_DATA, rgb >> (shift - 8) & 0xff);
}

static const struct display_ops vga_ops = {
	.draw = vga_draw,
	.show = vga_show,
	.colour = vga_colour,
};

/*
 * The mode to ask for. The width is a multiple of 8, as old QEMU versions round
 * it. bochs-display has 32 bits, and 16 only in the host's byte order.
 */
static void vga_wanted(const struct vga *v, struct display_mode *mode,
		       uint64_t memory)
{
	display_wanted(mode, memory);
	mode->width &= ~7u;
	if (!v->ports)
		mode->depth = 32;
	if (mode->width - SIDE_MIN > SIDE_MAX - SIDE_MIN ||
	    mode->height - SIDE_MIN > SIDE_MAX - SIDE_MIN ||
	    (!v->ports && (uint64_t)mode->width * mode->height > memory / 4))
		display_wanted(mode, 0);
}

/* Bytes of its memory that it can show. It is asked once: it may lie. */
static uint64_t vga_memory(const struct vga *v)
{
	uint64_t says = (uint64_t)vga_get(v, REG_MEMORY) * 64 * KiB;

	return MIN(v->size, says);
}

/* Is it what it should be, and which? */
static int vga_identify(struct vga *v)
{
	uint32_t id = vga_get(v, REG_ID);

	if ((id & ID_MASK) != ID_BOCHS)
		return reason_fail(ERR_IO,
				   "no display of Bochs: its id is 0x%x", id);
	vga_port(v, PORT_MISC_WRITE, MISC_COLOUR);
	v->ports = pci_io_read(v->registers + PORT_MISC_READ, 1) == MISC_COLOUR;
	return 0;
}

static void vga_set_size(const struct vga *v, uint32_t width, uint32_t height,
			 uint32_t depth, uint32_t enable)
{
	vga_set(v, REG_ENABLE, ENABLE_OFF);
	vga_set(v, REG_WIDTH, width);
	vga_set(v, REG_HEIGHT, height);
	vga_set(v, REG_DEPTH, depth);
	vga_set(v, REG_LINE, width);
	vga_set(v, REG_X, 0);
	vga_set(v, REG_Y, 0);
	vga_set(v, REG_ENABLE, enable);
}

/* Clears memory to scroll through; returns bytes. bochs-display clears none. */
static uint64_t vga_clear(const struct vga *v)
{
	if (!v->ports)
		return 0;
	vga_set_size(v, CLEAR_WIDTH, CLEAR_HEIGHT, 32, ENABLE_ON);
	return 4ull * vga_get(v, REG_LINE) * vga_get(v, REG_HEIGHT);
}

static void vga_set_mode(const struct vga *v, const struct display_mode *mode)
{
	vga_set_size(v, mode->width, mode->height, mode->depth,
		     ENABLE_ON | ENABLE_KEEP);
	/* The read makes the next write of the port one of an index. */
	if (v->ports && pci_io_read(v->registers + PORT_STATUS, 1) <= 0xff)
		vga_port(v, PORT_ATTRIBUTE, ATTRIBUTE_SHOW);
}

/*
 * The byte order was changed if a little-endian kernel ran before; without the
 * register it is that of the machine. bochs-display starts little-endian.
 */
static int vga_set_byte_order(const struct vga *v)
{
	uint32_t size = pci_io_read(v->registers + OWN_SIZE, 4);
	uint64_t reg = v->registers + OWN_BYTE_ORDER;

	if (size == UINT32_MAX || size < REGISTERS_END - OWN_SIZE)
		return 0;
	pci_io_write(reg, 4, OWN_BIG_ENDIAN);
	if (pci_io_read(reg, 4) != OWN_BIG_ENDIAN)
		return reason_fail(ERR_IO, "its pixels are little-endian");
	return 0;
}

/*
 * Take what the device made of the mode: with little memory it has fewer lines.
 * `mode`: the one asked for, corrected. `cleared`: bytes of memory.
 */
static int vga_take_mode(const struct vga *v, struct display_mode *mode,
			 uint64_t memory, uint64_t cleared)
{
	uint32_t depth = vga_get(v, REG_DEPTH), line = vga_get(v, REG_LINE);
	uint64_t bytes;

	mode->width = vga_get(v, REG_WIDTH);
	mode->height = vga_get(v, REG_HEIGHT);
	bytes = (uint64_t)mode->width * display_pixel_bytes(mode->depth);
	if (mode->width < SIDE_MIN || mode->height < SIDE_MIN ||
	    depth != mode->depth || line != mode->width ||
	    mode->height > memory / bytes)
		return reason_fail(
			ERR_IO,
			"no mode that fits: %ux%ux%u, %u pixels in a "
			"line, %u KiB of memory",
			mode->width, mode->height, depth, line,
			(unsigned)(memory / KiB));
	mode->lines = (uint32_t)MIN(memory / bytes, (uint64_t)Y_MAX);
	/* It shows memory from a multiple of 4 bytes. */
	if (bytes % 4)
		mode->lines = mode->height;
	mode->blank = (uint32_t)MIN(cleared / bytes, mode->lines);
	return 0;
}

/*
 * Linux's offb takes pixels in its own byte order if neither property
 * `big-endian` nor `little-endian` is there: QEMU changes that of the device
 * with the kernel's. [QEMU hw/ppc/spapr_pci.c, spapr_pci_switch_vga] There is
 * no `address`, which has 32 bits: Linux finds the BAR.
 */
static int vga_describe(struct device *dev, const struct display_mode *mode)
{
	/* Linux knows its palette by that name. [offb.c] */
	int err = tree_set_str(dev->node, "compatible", "qemu,std-vga");

	if (err == 0)
		err = display_describe(dev, mode);
	if (err < 0)
		return reason_fail(err, "cannot describe it: %s", err_str(err));
	return 0;
}

/* No bus mastering: the device does no DMA. */
static int vga_start(struct device *dev)
{
	struct vga *v = dev->priv;
	struct display_mode mode;
	uint64_t memory, cleared;
	int err;

	pci_enable_decoding(v->fn);
	err = vga_identify(v);
	if (err < 0)
		return err;
	memory = vga_memory(v);
	vga_wanted(v, &mode, memory);
	cleared = vga_clear(v);
	vga_set_mode(v, &mode);
	err = vga_set_byte_order(v);
	if (err == 0)
		err = vga_take_mode(v, &mode, memory, cleared);
	if (err < 0)
		return err;
	v->display.mode = mode;
	return vga_describe(dev, &mode);
}

/* Decoding stays on: Linux's offb uses the memory, and enables nothing. */
static void vga_stop(struct device *dev)
{
	struct vga *v = dev->priv;

	display_halt(&v->display);
}

static int vga_init(struct device *dev, struct vga *v)
{
	uint64_t size = 0;
	int err;

	v->fn = pci_function_of(dev);
	v->display.ops = &vga_ops;
	v->memory = pci_bar_address(v->fn, BAR_MEMORY, &v->size);
	v->registers = pci_bar_address(v->fn, BAR_REGISTERS, &size);
	if (!v->memory || !v->registers || size < REGISTERS_END)
		return reason_fail(ERR_NODEV, "BAR %u has no address",
				   v->memory ? BAR_REGISTERS : BAR_MEMORY);
	v->ports = true;
	vga_wanted(v, &v->display.mode, v->size);
	v->display.mode.lines = v->display.mode.height;
	err = vga_describe(dev, &v->display.mode);
	return err < 0 ? err : display_add(&v->display, dev);
}

static int vga_attach(struct device *dev)
{
	struct vga *v = heap_zalloc(sizeof(*v));
	int err;

	if (!v)
		return reason_fail(ERR_NOMEM, "out of memory");
	dev->priv = v;
	err = vga_init(dev, v);
	if (err < 0)
		heap_free(v);
	return err;
}

static void vga_detach(struct device *dev)
{
	heap_free(dev->priv);
}

/* virtio-gpu without VGA is not of class 0300. [PCI Code and ID 1.11, 1.4] */
static const struct pci_match vga_match[] = {
	{ 0x1234, 0x1111, 0, 0 },
	{ 0x1af4, 0x1050, 0x030000, 0xffff00 },
	{ 0 },
};

DRIVER(vga) = {
	.name = "vga",
	.bus = &pci_bus,
	.match = vga_match,
	.attach = vga_attach,
	.start = vga_start,
	.stop = vga_stop,
	.detach = vga_detach,
};
