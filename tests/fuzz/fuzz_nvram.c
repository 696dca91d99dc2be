// SPDX-License-Identifier: BSD-2-Clause
// NVRAM: partitions and variables as anything may have left them.
#include "boot/nvram.h"
#include "tests/fake/nvram.h"
#include "tests/fake/terminal.h"
#include "tests/fuzz/input.h"

/* The last value of a variable, or NULL. */
static const char *value_of(const char *name)
{
	const char *found = NULL;
	struct nvram_var var;
	size_t pos = 0;

	while (nvram_next(&pos, &var)) {
		assert(var.name_len && !memchr(var.name, '=', var.name_len));
		if (var.name_len == strlen(name) &&
		    !memcmp(var.name, name, var.name_len))
			found = var.value;
	}
	return found;
}

/* Partitions with sound checksums, then any bytes. */
static void fill(struct fuzz_input *in, uint32_t size)
{
	static const char *const names[] = { "common", "system", "free",
					     "ibm,setupcfg" };
	uint32_t at = 0;

	for (unsigned n = fuzz_u8(in) % 4; n; n--) {
		uint8_t sig = fuzz_u8(in), text[255];
		uint32_t len = fuzz_u16(in) * 16u;
		uint32_t have = (uint32_t)fuzz_take(in, text, fuzz_u8(in));

		if (at + 16 + have > size)
			break;
		fake_nvram_partition(at, sig & 0x80 ? 0x70 : sig,
				     names[sig % 4], len, text, have);
		at += MAX(len, 16u);
	}
	fuzz_patch(in, fake_nvram, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint32_t sizes[] = { 65536, 4096, 16, 0, 31, 131072 };
	static const char initial[] = "a=1\0b=2";
	struct fuzz_input in = { data, size };
	uint32_t nvram = sizes[fuzz_u8(&in) % ARRAY_SIZE(sizes)];
	char name[16], value[256];

	fake_terminal_reset();
	fake_nvram_reset(nvram);
	fill(&in, nvram);
	if (!nvram_open(initial, sizeof(initial))) {
		(void)value_of("");
		fuzz_str(&in, name, sizeof(name));
		fuzz_str(&in, value, sizeof(value));
		if (!nvram_set(name, value)) {
			assert(!strcmp(value_of(name), value));
			/* It is there after a reset, too. */
			assert(!nvram_open(initial, sizeof(initial)));
			assert(!strcmp(value_of(name), value));
		}
	}
	return 0;
}
