/* SPDX-License-Identifier: BSD-2-Clause */
/* Booting from a card: from the arguments of its path to the bytes of a file. */
#ifndef PACKAGES_NET_NETBOOT_H
#define PACKAGES_NET_NETBOOT_H

#include "packages/bootable.h"

/* netboot_bootable - how to boot from cards; see bootable.h. */
extern const struct bootable netboot_bootable;

/*
 * netboot_load - load what a card boots, by the arguments `args` of its path, to
 * `buf`, which has room for `room` bytes. Returns the file's size; ERR_NOSPACE:
 * it is larger; or errors as those of netboot_bootable, printed.
 */
must_check long netboot_load(struct device *dev, const char *args, void *buf,
			     size_t room);

/*
 * netboot_ping - ping a host from a card, printing the outcome. `args`:
 * "[bootp|dhcp|ipv6,]server[,client[,router[,timeout]]]", the timeout in
 * seconds. Returns 0: it has answered; ERR_TIMEOUT, ERR_ABORT, ERR_INVAL or as
 * netboot_bootable, with reason().
 */
must_check int netboot_ping(struct device *dev, const char *args);

#endif
