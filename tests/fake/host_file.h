/* SPDX-License-Identifier: BSD-2-Clause */
/* A file of the host in memory, such as an image that a tool has made. */
#ifndef TESTS_FAKE_HOST_FILE_H
#define TESTS_FAKE_HOST_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "tests/fake/block.h"

struct host_file {
	uint8_t *data; /* NULL if it is empty */
	size_t size;
};

/* host_file_map - map a file; writes to the memory do not get into it. */
struct host_file host_file_map(const char *path);

/* host_file_unmap - the opposite. */
void host_file_unmap(struct host_file *file);

/* host_file_attach - make disk one of that file, which stays mapped until it is detached. */
void host_file_attach(const struct host_file *file, struct fake_block *disk,
		      uint32_t block_size);

/* host_file_detach - remove the disk; the file is still to be unmapped. */
void host_file_detach(struct fake_block *disk);

#endif
