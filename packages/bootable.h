/* SPDX-License-Identifier: BSD-2-Clause */
/* What a package's devices boot when the user names no file. */
#ifndef PACKAGES_BOOTABLE_H
#define PACKAGES_BOOTABLE_H

#include "packages/image.h"

struct device;

/* One boot choice of a device, as text. */
struct boot_choice {
	char args[256];	       /* of the device's path, for the user */
	bool bare;	       /* bootpath omits them */
	char client_args[256]; /* for the client, from the device; "": none */
};

/* A search for a device's boot choices; `search` is its state. */
struct bootable {
	size_t size; /* bytes of the state; zero-filled before begin */
	/*
	 * begin - open the device. Returns 0, or ERR_* with reason(). On 0 it
	 * stays open until end, because opening takes time.
	 */
	int (*begin)(void *search, struct device *dev);
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
};
#define BOOTABLE_END 1

#endif
