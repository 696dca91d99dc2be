/* SPDX-License-Identifier: BSD-2-Clause */
/* What a package's devices boot when the user names no file. */
#ifndef PACKAGES_BOOTABLE_H
#define PACKAGES_BOOTABLE_H

#include "packages/image.h"

struct device;

/* Most bytes of a client's arguments, with their NUL. */
#define BOOTABLE_ARGS 4096u

/* One boot choice of a device, as text. */
struct boot_choice {
	char args[256]; /* of the device's path, for the user */
	bool bare;	/* bootpath omits them */
	bool kernel;	/* a Linux kernel; client_args are its arguments */
	/* For the client, from the device; "": none. */
	char client_args[BOOTABLE_ARGS];
};

/* A search for a device's boot choices; `search` is its state. */
struct bootable {
	size_t size; /* bytes of the state; zero-filled before begin */
	/*
	 * The arguments of the device's path say what to search for: begin gets
	 * them. Otherwise a device with arguments is no search: it is opened,
	 * and its instance read.
	 */
	bool takes_args;
	/*
	 * begin - open the device. `args`: see takes_args, valid during the
	 * call. Returns 0, or ERR_* with reason(). On 0 it stays open until
	 * end, because opening takes time.
	 */
	int (*begin)(void *search, struct device *dev, const char *args);
	void (*end)(void *search);
	/*
	 * next - the next choice; call it until one loads. Returns 0;
	 * BOOTABLE_END: no more; or ERR_*, and reason() says why there is
	 * nothing or no more.
	 */
	int (*next)(void *search, struct boot_choice *choice);
	/* open - the last choice's bytes, until close. Returns as begin. */
	int (*open)(void *search, struct image *img);
	void (*close)(void *search);
	/*
	 * initrd - open what belongs into memory beside the last choice, after
	 * that was closed: the initrd of a Linux kernel; optional. Returns as
	 * open; BOOTABLE_END: there is none, nothing is open.
	 */
	int (*initrd)(void *search, struct image *img);
	/*
	 * measure - measure_later() what the choice depends on: the partition
	 * table of `dev`; optional.
	 */
	void (*measure)(struct device *dev);
};
#define BOOTABLE_END IMAGE_CHAIN_END

#endif
