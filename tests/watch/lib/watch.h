/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Replaces the firmware's lib/watch.h, whose comments also apply here, in
 * builds that check every store: the Makefile puts this folder first.
 */
#ifndef LIB_WATCH_H
#define LIB_WATCH_H

#include "lib/types.h"

struct dma;

void watch_memory(uintptr_t base, uint64_t size);
void watch_own(const void *ptr, uint64_t size);
void watch_disown(const void *ptr, uint64_t size);
void watch_begin(const char *what);
void watch_end(void);
void watch_allow(const void *ptr, uint64_t size);
void watch_forbid(const void *ptr, uint64_t size);
void watch_map(const struct dma *dma, const void *ptr, uint64_t size,
	       uint64_t bus);
void watch_unmap(const struct dma *dma, uint64_t bus);
void watch_written(const void *ptr, uint64_t size);
void watch_device(uint64_t addr, uint64_t size);
void watch_trace(void);

#endif
