// SPDX-License-Identifier: BSD-2-Clause
// virtio-gpu: a display whose image is in our memory (virtio 1.2, 5.7).

#include <string.h>

#include "drivers/display/display.h"
#include "drivers/pci/pci.h"
#include "drivers/virtio/gpu_commands.h"
#include "drivers/virtio/pci.h"
#include "lib/fmt.h"
#include "lib/heap.h"
#include "lib/reason.h"

/* A display, no VGA. virtio-vga has the same id. [PCI 3.0, D.4] */
#define CLASS_DISPLAY 0x038000u
#define CLASS_MASK 0xffff00u

/* What Linux believes. [Linux drivers/gpu/drm/virtio/virtgpu_display.c] */
#define SIZE_MIN 32u
#define SIZE_MAX_SANE 8192u

/* Text needs no more, and the image is in memory: 9 MiB. */
#define WIDTH_MAX 1920u
#define HEIGHT_MAX 1200u

/* Nobody looks, or not yet: QEMU's default of -g. */
#define WIDTH_OFF 800u
#define HEIGHT_OFF 600u

struct virtio_gpu {
	struct gpu_control control;
	struct display display;
	struct device *dev;
	struct gpu_screen screen;
	uint8_t *image;
	uint64_t image_bus;
	size_t image_len;
	struct gpu_rect dirty; /* drawn, but not flushed; no height: nothing */
	bool running;	       /* it shows the image */
	bool busy;	       /* with commands: the wait for them may draw */
	char why[160];	       /* its failure */
};

static struct virtio_gpu *gpu_of(struct display *d)
{
	return container_of(d, struct virtio_gpu, display);
}

/*
 * A reset would blank the screen, whose text may say why a client fails. But an
 * exception may have ended a command in the middle.
 */
static void gpu_end(struct virtio_gpu *gpu)
{
	bool works = gpu->running && !gpu->busy;

	gpu->busy = true;
	if (works && gpu_forget_image(&gpu->control) == 0)
		virtio_leave(&gpu->control.vd);
	else
		virtio_stop(&gpu->control.vd);
	gpu->running = gpu->busy = false;
	dma_free(&gpu->control.vd.dma, gpu->image, gpu->image_bus,
		 gpu->image_len);
	gpu->image = NULL;
}

/* It stays silent. The display prints why. */
static void gpu_lose(struct virtio_gpu *gpu)
{
	gpu->running = false;
	fmt_str(gpu->why, sizeof(gpu->why), "%s", reason());
	device_fail(gpu->dev, gpu->why);
	gpu_end(gpu);
}

/* Display operations. */

static void gpu_mark_dirty(struct virtio_gpu *gpu, const struct gpu_rect *part)
{
	struct gpu_rect *dirty = &gpu->dirty;
	uint32_t right = part->x + part->width;
	uint32_t bottom = part->y + part->height;

	if (!dirty->height) {
		*dirty = *part;
		return;
	}
	right = MAX(right, dirty->x + dirty->width);
	bottom = MAX(bottom, dirty->y + dirty->height);
	dirty->x = MIN(dirty->x, part->x);
	dirty->y = MIN(dirty->y, part->y);
	dirty->width = right - dirty->x;
	dirty->height = bottom - dirty->y;
}

static void gpu_draw(struct display *d, uint32_t x, uint32_t y, uint32_t width,
		     uint32_t height, const void *pixels)
{
	struct virtio_gpu *gpu = gpu_of(d);
	const struct gpu_rect part = { x, y, width, height };
	size_t len = (size_t)width * GPU_PIXEL_BYTES;
	size_t pitch = (size_t)gpu->screen.width * GPU_PIXEL_BYTES;
	const uint8_t *from = pixels;
	uint8_t *to;

	if (!gpu->running)
		return;
	to = gpu->image + y * pitch + x * GPU_PIXEL_BYTES;
	gpu_mark_dirty(gpu, &part);
	for (; height; height--, from += len, to += pitch)
		memcpy(to, from, len);
}

static void gpu_flush(struct display *d)
{
	struct virtio_gpu *gpu = gpu_of(d);

	if (gpu->busy)
		return;
	gpu->busy = true;
	/* Again, if something was drawn in the meantime. */
	while (gpu->running && gpu->dirty.height) {
		const struct gpu_rect part = gpu->dirty;

		gpu->dirty.height = 0;
		if (gpu_update(&gpu->control, &gpu->screen, &part) < 0)
			gpu_lose(gpu);
	}
	gpu->busy = false;
}

static void gpu_keep(struct display *d)
{
	gpu_end(gpu_of(d));
}

static const struct display_ops gpu_ops = {
	.draw = gpu_draw,
	.flush = gpu_flush,
	.keep = gpu_keep,
};

/* Life cycle. */

static bool gpu_is_sane(uint32_t size)
{
	return size >= SIZE_MIN && size <= SIZE_MAX_SANE;
}

/* The size that the device wants; QEMU: its xres and yres, or the window's. */
static int gpu_choose_screen(struct virtio_gpu *gpu)
{
	struct gpu_screen *screen = &gpu->screen;
	int err = gpu_find_screen(&gpu->control, screen);

	if (err < 0)
		return err;
	if (!screen->on) {
		screen->width = WIDTH_OFF;
		screen->height = HEIGHT_OFF;
	}
	if (!gpu_is_sane(screen->width) || !gpu_is_sane(screen->height))
		return reason_fail(ERR_IO, "screen %u of %u by %u pixels",
				   screen->scanout, screen->width,
				   screen->height);
	screen->width = MIN(screen->width, WIDTH_MAX);
	screen->height = MIN(screen->height, HEIGHT_MAX);
	return 0;
}

static int gpu_make_image(struct virtio_gpu *gpu)
{
	const struct gpu_screen *screen = &gpu->screen;

	gpu->image_len =
		(size_t)screen->width * screen->height * GPU_PIXEL_BYTES;
	gpu->image = dma_alloc(&gpu->control.vd.dma, gpu->image_len,
			       &gpu->image_bus);
	if (!gpu->image)
		return ERR_NOMEM;
	gpu->dirty = (struct gpu_rect){ 0, 0, screen->width, screen->height };
	return gpu_show_image(&gpu->control, screen, gpu->image_bus);
}

static void gpu_set_mode(struct virtio_gpu *gpu)
{
	gpu->display.mode = (struct display_mode){
		.width = gpu->screen.width,
		.height = gpu->screen.height,
		.depth = 8 * GPU_PIXEL_BYTES,
		.lines = gpu->screen.height,
		.blank = gpu->screen.height,
	};
}

static int gpu_start(struct device *dev)
{
	struct virtio_gpu *gpu = dev->priv;
	int err = virtio_pci_start(&gpu->control.vd, pci_function_of(dev), 0,
				   1u << GPU_CONTROL_QUEUE);

	/* There is no other kind of device. [virtio 1.2, 5.7.1] */
	if (err == 0 && !(gpu->control.vd.features & VIRTIO_F_VERSION_1))
		err = reason_fail(ERR_NOTSUP, "no modern virtio registers");
	if (err == 0)
		err = gpu_choose_screen(gpu);
	if (err == 0)
		err = gpu_make_image(gpu);
	if (err < 0)
		return err;
	gpu_set_mode(gpu);
	err = display_describe(dev, &gpu->display.mode);
	gpu->running = err == 0;
	return err;
}

static void gpu_stop(struct device *dev)
{
	struct virtio_gpu *gpu = dev->priv;

	display_halt(&gpu->display);
	gpu_end(gpu);
}

static int gpu_attach(struct device *dev)
{
	struct virtio_gpu *gpu = heap_zalloc(sizeof(*gpu));
	int err;

	if (!gpu)
		return reason_fail(ERR_NOMEM, "no memory");
	gpu->dev = dev;
	gpu->display.ops = &gpu_ops;
	dev->priv = gpu;
	err = display_add(&gpu->display, dev);
	if (err < 0)
		heap_free(gpu);
	return err;
}

static void gpu_detach(struct device *dev)
{
	heap_free(dev->priv);
}

static const struct pci_match gpu_ids[] = {
	{ VIRTIO_PCI_VENDOR, 0x1050, CLASS_DISPLAY, CLASS_MASK },
	{ .vendor = 0 },
};

DRIVER(virtio_gpu) = {
	.name = "virtio-gpu",
	.bus = &pci_bus,
	.match = gpu_ids,
	.attach = gpu_attach,
	.start = gpu_start,
	.stop = gpu_stop,
	.detach = gpu_detach,
};
