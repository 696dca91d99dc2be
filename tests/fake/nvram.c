// SPDX-License-Identifier: BSD-2-Clause
/* A fake NVRAM. */
#include "tests/fake/nvram.h"

#include <string.h>

uint8_t fake_nvram[FAKE_NVRAM_MAX];
unsigned fake_nvram_written;
static uint32_t fake_nvram_size;
static int fake_nvram_left;

void fake_nvram_reset(uint32_t size)
{
	memset(fake_nvram, 0, sizeof(fake_nvram));
	fake_nvram_size = size;
	fake_nvram_written = 0;
	fake_nvram_left = -1;
}

void fake_nvram_fail_after(int n)
{
	fake_nvram_left = n;
}

/* The checksum and length of chrp_nvram_finish_partition(). */
static void fake_nvram_finish(uint8_t *header, uint32_t size)
{
	unsigned sum = header[0];

	header[2] = (uint8_t)(size / 16 >> 8);
	header[3] = (uint8_t)(size / 16);
	for (int i = 2; i < 16; i++) {
		sum += header[i];
		sum = (sum + (sum >> 8)) & 0xff;
	}
	header[1] = (uint8_t)sum;
}

void fake_nvram_partition(uint32_t off, uint8_t signature, const char *name,
			  uint32_t size, const void *data, uint32_t len)
{
	uint8_t *header = fake_nvram + off;

	memset(header, 0, 16);
	header[0] = signature;
	memcpy(header + 4, name, strnlen(name, 12));
	fake_nvram_finish(header, size);
	if (len)
		memcpy(header + 16, data, len);
}

void fake_nvram_prom_env(const char *strings, uint32_t len)
{
	uint32_t size = (16 + len + 1 + 15) & ~15u;

	if (size < 2048)
		size = 2048;
	fake_nvram_partition(0, 0x70, "system", size, strings, len);
	/* The free space, always here; only 5 bytes of the name are set. */
	fake_nvram[2048] = 0x7f;
	memcpy(fake_nvram + 2048 + 4, "free", 5);
	fake_nvram_finish(fake_nvram + 2048, fake_nvram_size - 2048);
}

uint32_t nvram_raw_size(void)
{
	return fake_nvram_size;
}

static int fake_nvram_access(uint32_t off, uint32_t len)
{
	if (off > fake_nvram_size || len > fake_nvram_size - off)
		return ERR_RANGE;
	if (fake_nvram_left == 0)
		return ERR_IO;
	if (fake_nvram_left > 0)
		fake_nvram_left--;
	return 0;
}

int nvram_raw_read(uint32_t off, void *buf, uint32_t len)
{
	int rc = fake_nvram_access(off, len);

	if (!rc)
		memcpy(buf, fake_nvram + off, len);
	return rc;
}

int nvram_raw_write(uint32_t off, const void *buf, uint32_t len)
{
	int rc = fake_nvram_access(off, len);

	if (rc)
		return rc;
	memcpy(fake_nvram + off, buf, len);
	fake_nvram_written += len;
	return 0;
}
