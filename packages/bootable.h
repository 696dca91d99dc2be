/* SPDX-License-Identifier: BSD-2-Clause */
/* How a package's devices are booted when nobody names what. */
#ifndef PACKAGES_BOOTABLE_H
#define PACKAGES_BOOTABLE_H

#include "packages/image.h"

struct device;

/* One thing that a device may boot, in words. */
struct boot_choice {
	char args[256];	       /* of the device's path, for the user */
	bool bare;	       /* bootpath does not have them */
	char client_args[256]; /* for the client, from the device; "": none */
};

/* A search for what a device boots; `search`: its state. */
struct bootable {
	size_t size; /* bytes of a search, which begins with zeros */
	/*
	 * begin - open the device. Returns 0, or ERR_* with reason(). After a 0,
	 * end closes it: it stays open meanwhile, as to open it takes time.
	 */
	int (*begin)(void *search, struct device *dev);
	void (*end)(void *search);
	/*
	 * next - what it may boot, one after the other: as long as it does not
	 * load, ask for the next. Returns 0; BOOTABLE_END: no more; or ERR_*,
	 * and reason() says why there is nothing or no more.
	 */
	int (*next)(void *search, struct boot_choice *choice);
	/* open - the bytes of the last choice, until close. As begin. */
	int (*open)(void *search, struct image *img);
	void (*close)(void *search);
};
#define BOOTABLE_END 1

#endif
