/* SPDX-License-Identifier: BSD-2-Clause */
/* A fake virtio-gpu: screens, images, and responses that can lie. */
#ifndef TESTS_FAKE_VIRTIO_GPU_H
#define TESTS_FAKE_VIRTIO_GPU_H

#include "tests/fake/virtio.h"
#include "tests/fake/virtio_dma.h"

/* Commands. [virtio 1.2, 5.7.6.7] */
enum fake_gpu_command {
	GPU_DISPLAY_INFO = 0x100,
	GPU_CREATE = 0x101,
	GPU_SET_SCANOUT = 0x103,
	GPU_FLUSH = 0x104,
	GPU_TRANSFER = 0x105,
	GPU_ATTACH = 0x106,
	GPU_DETACH = 0x107,
};

struct fake_gpu_screen {
	uint32_t width, height, enabled;
};

struct fake_gpu {
	struct fake_gpu_screen screens[16];

	/* The command that it answers with a lie, if `lies`; 0: every one. */
	bool lies;
	uint32_t lie_to;
	uint32_t lie_type; /* the type of the response; 0: honest */
	uint32_t lie_len;  /* bytes that it writes, at most the buffer */

	/* What it saw since its last reset: "info create attach ". */
	char commands[256];
	unsigned transfers, flushes;
	/* The last transfer's and flush's rectangle. */
	uint32_t x, y, width, height;
	uint64_t pixels; /* transferred */
	uint64_t backing;
	uint32_t scanout; /* that shows the image */

	/* Internal. */
	unsigned resets;
	uint32_t image_width, image_height, backing_len;
	uint8_t *host;	  /* its copy of the image */
	uint8_t *picture; /* what the screen shows */
};
extern struct fake_gpu fake_gpu;

/* fake_gpu_plug - an honest function with one screen of 1280 by 800. */
void fake_gpu_plug(void);

/* fake_gpu_unplug - free its memory. */
void fake_gpu_unplug(void);

/* fake_gpu_answer - the fake's fake_virtio.handle. */
uint32_t fake_gpu_answer(unsigned queue, struct fake_buf *bufs, unsigned n);

/* fake_gpu_shows - does a screen show an image? Not after a reset. */
bool fake_gpu_shows(void);

/* fake_gpu_pixel - 0xRRGGBB that the screen shows there. */
uint32_t fake_gpu_pixel(uint32_t x, uint32_t y);

#endif
