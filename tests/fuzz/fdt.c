// SPDX-License-Identifier: BSD-2-Clause
/* Flattened trees made of a fuzzer's bytes: tokens, names from a list. */
#include "tests/fuzz/fdt.h"

/* So that all of it fits the fake's buffer. */
#define TOKENS_MAX 250u
#define DEPTH_MAX 80u

static const char *const names[] = {
	"chosen",
	"cpus",
	"PowerPC,POWER9@0",
	"PowerPC,POWER9@8",
	"memory@0",
	"memory@40000000",
	"vdevice",
	"vty@71000000",
	"vty@71000005",
	"v-scsi@71000003",
	"disk@71000002",
	"pci@800000020000000",
	"pci@1",
	"scsi@1,1",
	"scsi@2",
	"ethernet@3",
	"interrupt-controller",
	"interrupt-controller@0",
	"rtas",
	"aliases",
	"options",
	"packages",
	"openprom",
	"client-made",
};

static const char *const props[] = {
	"name",	       "reg",	      "phandle",	  "linux,phandle",
	"compatible",  "device_type", "status",		  "#address-cells",
	"vendor-id",   "ibm,new",     "interrupt-map",	  "bootargs",
	"ibm,phandle", "available",   "interrupt-parent", "stdout-path",
};

/* One of the list, or text of the input's own. */
static const char *fuzz_name(struct fuzz_input *in, const char *const *list,
			     size_t n, char *buf, size_t size)
{
	uint8_t pick = fuzz_u8(in);

	return pick < 0xe0 ? list[pick % n] : fuzz_str(in, buf, size);
}

static void fuzz_fdt_prop(struct fuzz_input *in)
{
	char own[40];
	const char *name =
		fuzz_name(in, props, ARRAY_SIZE(props), own, sizeof(own));
	uint8_t value[64] = { 0 };
	uint8_t kind = fuzz_u8(in);

	if (kind < 0x80)
		fake_fdt_u32(name,
			     kind < 0x40 ? 0x1111u + kind % 4 : fuzz_u32(in));
	else
		fake_fdt_prop(name, value,
			      fuzz_take(in, value, kind % sizeof(value)));
}

void *fuzz_fdt(struct fuzz_input *in, size_t *size)
{
	unsigned depth = 0;
	char own[72];
	uint8_t *blob;

	fake_fdt_start();
	for (unsigned n = fuzz_u8(in) % TOKENS_MAX; n && in->left; n--) {
		uint8_t token = fuzz_u8(in) % 8;

		if (token < 3 && depth < DEPTH_MAX) {
			fake_fdt_node(fuzz_name(in, names, ARRAY_SIZE(names),
						own, sizeof(own)));
			depth++;
		} else if (token < 6) {
			fuzz_fdt_prop(in);
		} else if (depth) {
			fake_fdt_end();
			depth--;
		}
	}
	while (depth--)
		fake_fdt_end();
	blob = fake_fdt_finish(size);
	fuzz_patch(in, blob, *size);
	return blob;
}
