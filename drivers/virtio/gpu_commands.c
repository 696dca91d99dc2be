// SPDX-License-Identifier: BSD-2-Clause
// virtio-gpu: the commands of its 2D protocol (virtio 1.2, 5.7.6).

#include "drivers/virtio/gpu_commands.h"

#include "lib/deadline.h"
#include "lib/reason.h"

/* QEMU's main loop responds; a snapshot may keep it busy. */
#define TIMEOUT_MS 5000u

/* [virtio 1.2, 5.7.6.7] */
enum gpu_type {
	GET_DISPLAY_INFO = 0x100,
	RESOURCE_CREATE_2D = 0x101,
	SET_SCANOUT = 0x103,
	RESOURCE_FLUSH = 0x104,
	TRANSFER_TO_HOST_2D = 0x105,
	RESOURCE_ATTACH_BACKING = 0x106,
	RESOURCE_DETACH_BACKING = 0x107,
	OK_NODATA = 0x1100,
	OK_DISPLAY_INFO = 0x1101,
	ERROR_FIRST = 0x1200,
};

/*
 * Big-endian 0x00RRGGBB; names have the order of bytes in memory.
 * [virtio 1.2, 5.7.6.8; QEMU include/hw/virtio/virtio-gpu-pixman.h]
 */
#define FORMAT_X8R8G8B8 4u

/* Our only resource; 0 means none. */
#define IMAGE 1u

static const char *gpu_name(enum gpu_type command)
{
	static const char *const names[] = {
		"display info", "create",   "",	      "set scanout",
		"flush",	"transfer", "attach", "detach",
	};

	return names[command - GET_DISPLAY_INFO];
}

static const char *gpu_error(uint32_t type)
{
	static const char *const names[] = {
		"unspecified",	    "out of memory",   "invalid scanout",
		"invalid resource", "invalid context", "invalid parameter",
	};
	uint32_t i = type - ERROR_FIRST;

	return i < ARRAY_SIZE(names) ? names[i] : "unknown";
}

static uint32_t gpu_response_len(enum gpu_type command)
{
	return command == GET_DISPLAY_INFO ? sizeof(struct gpu_response)
					   : sizeof(struct gpu_header);
}

/*
 * Queues a command for gpu_run(). Its fields are 32-bit words; of a 64-bit one
 * the low half is first. A response that is not written has type 0.
 */
static int gpu_send(struct gpu_control *gpu, struct gpu_request *req,
		    enum gpu_type type, const uint32_t *words, unsigned n)
{
	const struct virtio_buf bufs[] = {
		{ &req->command, (uint32_t)(sizeof(struct gpu_header) + 4 * n),
		  false },
		{ &req->response, gpu_response_len(type), true },
	};

	assert(n <= ARRAY_SIZE(req->command.body));
	*req = (struct gpu_request){ .command.header.type = le32_make(type) };
	for (unsigned i = 0; i < n; i++)
		req->command.body[i] = le32_make(words[i]);
	return virtio_submit(&gpu->vd, GPU_CONTROL_QUEUE, bufs,
			     ARRAY_SIZE(bufs), req);
}

static bool gpu_answered(void *arg)
{
	struct gpu_control *gpu = arg;
	struct gpu_request *req;
	uint32_t len;

	while ((req = virtio_poll(&gpu->vd, GPU_CONTROL_QUEUE, &len)) != NULL) {
		req->answered = true;
		req->written = len;
	}
	return virtio_broken(&gpu->vd, GPU_CONTROL_QUEUE) ||
	       (gpu->requests[0].answered && gpu->requests[1].answered);
}

/* Waits for all commands that were sent. */
static int gpu_run(struct gpu_control *gpu)
{
	virtio_kick(&gpu->vd, GPU_CONTROL_QUEUE);
	if (deadline_wait(gpu_answered, gpu, TIMEOUT_MS) < 0)
		return reason_fail(ERR_TIMEOUT, "no response in %u ms",
				   TIMEOUT_MS);
	return virtio_broken(&gpu->vd, GPU_CONTROL_QUEUE) ? ERR_IO : 0;
}

static int gpu_check(const struct gpu_request *req)
{
	enum gpu_type command = le32_get(req->command.header.type);
	uint32_t expected = command == GET_DISPLAY_INFO ? OK_DISPLAY_INFO
							: OK_NODATA;
	/* Read once: the device may change it. */
	uint32_t type = le32_load(&req->response.header.type);

	if (req->written >= gpu_response_len(command) && type == expected)
		return 0;
	if (req->written >= sizeof(struct gpu_header) && type >= ERROR_FIRST)
		return reason_fail(ERR_IO, "command \"%s\": error 0x%x (%s)",
				   gpu_name(command), type, gpu_error(type));
	return reason_fail(ERR_IO, "command \"%s\": response 0x%x of %u bytes",
			   gpu_name(command), type, req->written);
}

/* Runs one command alone. */
static int gpu_run_one(struct gpu_control *gpu, enum gpu_type type,
		       const uint32_t *words, unsigned n)
{
	int err = gpu_send(gpu, &gpu->requests[0], type, words, n);

	gpu->requests[1].answered = true;
	if (err == 0)
		err = gpu_run(gpu);
	return err ? err : gpu_check(&gpu->requests[0]);
}

int gpu_find_screen(struct gpu_control *gpu, struct gpu_screen *screen)
{
	const struct gpu_display *at = gpu->requests[0].response.displays;
	int err = gpu_run_one(gpu, GET_DISPLAY_INFO, NULL, 0);

	*screen = (struct gpu_screen){ 0 };
	for (uint32_t i = 0; err == 0 && i < GPU_SCANOUTS; i++, at++) {
		if (!at->enabled.raw)
			continue;
		screen->scanout = i;
		screen->width = le32_get(at->width);
		screen->height = le32_get(at->height);
		screen->on = true;
		break;
	}
	return err;
}

int gpu_show_image(struct gpu_control *gpu, const struct gpu_screen *screen,
		   uint64_t image)
{
	uint32_t width = screen->width, height = screen->height;
	const uint32_t create[] = { IMAGE, FORMAT_X8R8G8B8, width, height };
	/* One piece of memory. */
	const uint32_t attach[] = {
		IMAGE,
		1,
		(uint32_t)image,
		(uint32_t)(image >> 32),
		width * height * GPU_PIXEL_BYTES,
		0,
	};
	const uint32_t set[] = { 0, 0, width, height, screen->scanout, IMAGE };
	int err;

	err = gpu_run_one(gpu, RESOURCE_CREATE_2D, create, ARRAY_SIZE(create));
	if (err == 0)
		err = gpu_run_one(gpu, RESOURCE_ATTACH_BACKING, attach,
				  ARRAY_SIZE(attach));
	return err ? err : gpu_run_one(gpu, SET_SCANOUT, set, ARRAY_SIZE(set));
}

int gpu_update(struct gpu_control *gpu, const struct gpu_screen *screen,
	       const struct gpu_rect *part)
{
	struct gpu_request *req = gpu->requests;
	uint32_t pixel = part->y * screen->width + part->x;
	/* Also a rectangle, and for a transfer where it starts in the image. */
	const uint32_t transfer[] = {
		part->x,
		part->y,
		part->width,
		part->height,
		pixel * GPU_PIXEL_BYTES,
		0,
		IMAGE,
		0,
	};
	const uint32_t flush[] = {
		part->x, part->y, part->width, part->height, IMAGE, 0,
	};
	int err;

	err = gpu_send(gpu, &req[0], TRANSFER_TO_HOST_2D, transfer,
		       ARRAY_SIZE(transfer));
	if (err == 0)
		err = gpu_send(gpu, &req[1], RESOURCE_FLUSH, flush,
			       ARRAY_SIZE(flush));
	if (err == 0)
		err = gpu_run(gpu);
	if (err == 0)
		err = gpu_check(&req[0]);
	return err ? err : gpu_check(&req[1]);
}

int gpu_forget_image(struct gpu_control *gpu)
{
	const uint32_t detach[] = { IMAGE, 0 };

	return gpu_run_one(gpu, RESOURCE_DETACH_BACKING, detach,
			   ARRAY_SIZE(detach));
}
