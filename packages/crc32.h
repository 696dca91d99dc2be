/* SPDX-License-Identifier: BSD-2-Clause */
/* CRC-32 as GPT uses it (ISO 3309; UEFI 2.10, 5.3.2). */
#ifndef PACKAGES_CRC32_H
#define PACKAGES_CRC32_H

#include "lib/types.h"

/*
 * crc32_update - continue a checksum over `len` bytes at `data`.
 * `crc`: 0 to begin, else the result for the bytes so far.
 * Returns the CRC-32 of all bytes, these included.
 */
must_check uint32_t crc32_update(uint32_t crc, const void *data, size_t len);

#endif
