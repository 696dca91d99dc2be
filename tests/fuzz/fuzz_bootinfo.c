// SPDX-License-Identifier: BSD-2-Clause
// bootinfo.txt of a disc.
#include <stdlib.h>

#include "packages/bootinfo.h"
#include "tests/fuzz/input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct bootinfo_names names = {
		.device = "/pci@800000020000000/scsi@1/disk@8000",
		.partition = "1",
		.directory = "\\ppc\\",
		.filename = "bootinfo.txt",
	};
	struct bootinfo info;
	char *text = malloc(size ? size : 1);

	memcpy(text, data, size);
	if (!bootinfo_parse(text, size, &names, &info)) {
		assert(strnlen(info.open_args, sizeof(info.open_args)) <
		       sizeof(info.open_args));
		assert(strnlen(info.client_args, sizeof(info.client_args)) <
		       sizeof(info.client_args));
		for (const char *c = info.open_args; *c; c++)
			assert((unsigned char)*c >= ' ');
	}
	free(text);
	return 0;
}
