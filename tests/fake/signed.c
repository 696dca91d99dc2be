// SPDX-License-Identifier: BSD-2-Clause
// Signed files and public keys of tests/data/signed.
#include "tests/fake/signed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/endian.h"

#define SIGNED_MAX 8192u

struct signed_file signed_read(const char *name)
{
	struct signed_file file = { 0 };
	uint8_t data[SIGNED_MAX];
	char path[128];
	FILE *f;
	size_t size;

	snprintf(path, sizeof(path), "tests/data/signed/%s", name);
	f = fopen(path, "rb");
	if (!f) {
		perror(path);
		abort();
	}
	size = fread(data, 1, sizeof(data), f);
	fclose(f);
	signed_append(&file, data, size);
	return file;
}

void signed_append(struct signed_file *file, const void *more, size_t size)
{
	uint8_t *data = realloc(file->data, file->size + size);

	if (!data)
		abort();
	memcpy(data + file->size, more, size);
	file->data = data;
	file->size += size;
}

void signed_trailer(struct signed_file *file, size_t len)
{
	uint8_t trailer[41] =
		"\0\0\2\0\0\0\0\0LLLL~Module signature appended~\n";

	be32_store(trailer + 8, (uint32_t)len);
	signed_append(file, trailer, 40);
}

struct signed_file signed_kernel(const char *signature)
{
	struct signed_file file = signed_read("kernel"), message;
	char name[64];

	snprintf(name, sizeof(name), "kernel.%s.p7s", signature);
	message = signed_read(name);
	signed_append(&file, message.data, message.size);
	signed_trailer(&file, message.size);
	signed_free(&message);
	return file;
}

void signed_free(struct signed_file *file)
{
	free(file->data);
	*file = (struct signed_file){ 0 };
}

struct rsa_key signed_key(const char *name)
{
	static const uint8_t e[] = { 1, 0, 1 }, e3[] = { 3 };
	static struct {
		char name[16];
		struct signed_file n;
	} kept[8];
	bool is_e3 = strstr(name, "e3");
	size_t i = 0;
	char file[32];

	while (kept[i].n.size && strcmp(kept[i].name, name))
		i++;
	if (!kept[i].n.size) {
		snprintf(kept[i].name, sizeof(kept[i].name), "%s", name);
		snprintf(file, sizeof(file), "%s.n", name);
		kept[i].n = signed_read(file);
	}
	return (struct rsa_key){ kept[i].n.data, kept[i].n.size, is_e3 ? e3 : e,
				 is_e3 ? 1 : 3 };
}
