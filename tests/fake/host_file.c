// SPDX-License-Identifier: BSD-2-Clause
// Files of the host in memory, and disks of them.
#include "tests/fake/host_file.h"

#include <stdio.h>
#include <stdlib.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static void give_up(const char *path)
{
	perror(path);
	abort();
}

struct host_file host_file_map(const char *path)
{
	struct host_file file = { 0 };
	int fd = open(path, O_RDONLY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		give_up(path);
	file.size = (size_t)st.st_size;
	if (file.size)
		file.data = mmap(NULL, file.size, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE, fd, 0);
	if (file.data == MAP_FAILED)
		give_up(path);
	close(fd);
	return file;
}

void host_file_unmap(struct host_file *file)
{
	if (file->size)
		munmap(file->data, file->size);
}

void host_file_attach(const struct host_file *file, struct fake_block *disk,
		      uint32_t block_size)
{
	fake_block_init(disk, NULL, 0, block_size);
	free(disk->data);
	disk->data = file->data;
	disk->size = file->size;
}

void host_file_detach(struct fake_block *disk)
{
	disk->data = NULL;
	fake_block_free(disk);
}
