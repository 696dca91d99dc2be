/* SPDX-License-Identifier: BSD-2-Clause */
/* The Internet checksum. */
#ifndef PACKAGES_NET_CHECKSUM_H
#define PACKAGES_NET_CHECKSUM_H

#include "lib/types.h"

/*
 * checksum_add - the one's complement sum of `len` bytes as 16-bit words in
 * memory order, not inverted; a last odd byte is the first half of a word.
 * Spec: RFC 1071.
 */
uint16_t checksum_add(const void *data, int len);

#endif
