/* SPDX-License-Identifier: BSD-2-Clause */
/* virtio-gpu: the commands of its 2D protocol (virtio 1.2, 5.7.6). */
#ifndef DRIVERS_VIRTIO_GPU_COMMANDS_H
#define DRIVERS_VIRTIO_GPU_COMMANDS_H

#include "drivers/virtio/virtio.h"
#include "lib/endian.h"

/* The queue of all commands; the other one moves a pointer. [5.7.2] */
#define GPU_CONTROL_QUEUE 0u

#define GPU_PIXEL_BYTES 4u
/* VIRTIO_GPU_MAX_SCANOUTS */
#define GPU_SCANOUTS 16u

struct gpu_rect {
	uint32_t x, y, width, height;
};

/* One of the device's screens, and the size of its image. */
struct gpu_screen {
	uint32_t scanout; /* its number */
	uint32_t width, height;
	bool on; /* someone may look at it */
};

/* struct virtio_gpu_ctrl_hdr, of commands and of responses. */
struct gpu_header {
	le32 type;
	le32 rest[5]; /* flags, fence, context: 0 */
};
static_assert(sizeof(struct gpu_header) == 24, "virtio_gpu_ctrl_hdr");

/* struct virtio_gpu_display_one */
struct gpu_display {
	le32 x, y, width, height;
	le32 enabled;
	le32 flags;
};

/* The longest command, TRANSFER_TO_HOST_2D, has so many words of its own. */
#define GPU_BODY_WORDS 8u

/* A command and its response; the device may write the second at any time. */
struct gpu_request {
	struct {
		struct gpu_header header;
		le32 body[GPU_BODY_WORDS];
	} command;
	/* Most are only a header; struct virtio_gpu_resp_display_info. */
	struct gpu_response {
		struct gpu_header header;
		struct gpu_display displays[GPU_SCANOUTS];
	} response;
	bool answered;
	uint32_t written; /* bytes of the response */
};
static_assert(sizeof(struct gpu_response) == 408, "display info");

/* A device, and memory for as many commands as are in flight at a time. */
struct gpu_control {
	struct virtio_device vd;
	struct gpu_request requests[2];
};

/*
 * All of these wait for the responses, for a limited time, and return 0, or
 * ERR_IO, ERR_TIMEOUT or an error of virtio_submit(), with reason(): the device
 * must then be stopped before the next one. The device has VERSION_1.
 */

/*
 * gpu_find_screen - the device's first screen that is on, and the size that it
 * wants, unchecked. If none is on, it is number 0, of size 0.
 */
must_check int gpu_find_screen(struct gpu_control *gpu,
			       struct gpu_screen *screen);

/*
 * gpu_show_image - let a screen, of less than 4 GiB, show the image at a bus
 * address: big-endian pixels of 32 bits, line after line without gaps.
 */
must_check int gpu_show_image(struct gpu_control *gpu,
			      const struct gpu_screen *screen, uint64_t image);

/* gpu_update - a part of the image, within the screen, has changed. */
must_check int gpu_update(struct gpu_control *gpu,
			  const struct gpu_screen *screen,
			  const struct gpu_rect *part);

/*
 * gpu_forget_image - after gpu_show_image(): the screen shows what it has, the
 * device never again reads the image.
 */
must_check int gpu_forget_image(struct gpu_control *gpu);

#endif
