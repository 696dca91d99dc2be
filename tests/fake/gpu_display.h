/* SPDX-License-Identifier: BSD-2-Clause */
/* A virtio-gpu with its driver, and a display role that draws on demand. */
#ifndef TESTS_FAKE_GPU_DISPLAY_H
#define TESTS_FAKE_GPU_DISPLAY_H

#include "drivers/display/display.h"
#include "tests/fake/heap.h"
#include "tests/fake/log.h"
#include "tests/fake/timebase.h"
#include "tests/fake/tree.h"
#include "tests/fake/virtio_gpu.h"
#include "tree/node.h"

struct gpu_machine {
	struct node *node; /* /display@2 */
	struct device *dev;
	struct display *display; /* the driver's; NULL: was not added */
	/* What the role's functions return. */
	int add_err, describe_err;
	unsigned halts;	      /* calls of display_halt() */
	uint32_t halt_colour; /* what it draws at the upper left corner */
};
extern struct gpu_machine gpu;

/* gpu_plug - fixture: a fake display, attached. gpu_plug_nothing: only there. */
int gpu_plug(void **state);
int gpu_plug_nothing(void **state);

/* gpu_unplug - fixture: detach it; assert that nothing is left. */
int gpu_unplug(void **state);

/* gpu_set_screen - what the device says of its first screen. */
void gpu_set_screen(uint32_t width, uint32_t height, uint32_t enabled);

/* gpu_start - start the device, which must succeed. */
void gpu_start(void);

/* gpu_fill, gpu_flush - call the driver's operations. */
void gpu_fill(uint32_t x, uint32_t y, uint32_t width, uint32_t height,
	      uint32_t colour);
void gpu_flush(void);

/* gpu_expect_mode - start, draw in the last corner, and stop. */
void gpu_expect_mode(uint32_t width, uint32_t height);

/* gpu_assert_off - nothing runs, and nothing is left. */
void gpu_assert_off(void);

/*
 * gpu_assert_left - as a client gets it: no bus master, and what it showed.
 * `resets`: that it has seen.
 */
void gpu_assert_left(unsigned resets);

#endif
