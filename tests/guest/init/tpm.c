// SPDX-License-Identifier: BSD-2-Clause
// What Linux knows of measured boot: the TPM's PCRs and the firmware's log.

#include "tests/guest/init/sys.h"
#include "tests/guest/init/tpm.h"

#define SECURITY "/sys/kernel/security"

/* Prints a file in hexadecimal, with a name in front. */
static void show_hex(const char *name, const char *path)
{
	char buffer[1024], hex[2 * sizeof(buffer) + 1];
	long fd = sys_open(path, SYS_O_RDONLY), n, i;

	if (fd < 0)
		return;
	put(name);
	put(" ");
	while ((n = sys_read(fd, buffer, sizeof(buffer))) > 0) {
		for (i = 0; i < n; i++) {
			hex[2 * i] = "0123456789abcdef"[buffer[i] >> 4 & 15];
			hex[2 * i + 1] = "0123456789abcdef"[buffer[i] & 15];
		}
		hex[2 * n] = 0;
		put(hex);
	}
	put("\n");
	sys_close(fd);
}

#define PATH "/sys/class/tpm/tpm0/pcr-"

/* PCRs 0 to 15 of a bank, each with the line end that Linux prints. */
static void show_bank(const char *bank)
{
	char path[64] = PATH, text[256];
	unsigned long at = sizeof(PATH) - 1 + length(bank);
	long fd, n, pcr;

	copy(path + sizeof(PATH) - 1, bank, length(bank));
	path[at++] = '/';
	for (pcr = 0; pcr < 16; pcr++) {
		path[at] = (char)(pcr < 10 ? '0' + pcr : '1');
		path[at + 1] = (char)(pcr < 10 ? 0 : '0' + pcr % 10);
		fd = sys_open(path, SYS_O_RDONLY);
		if (fd < 0)
			return;
		n = sys_read(fd, text, sizeof(text) - 1);
		text[n > 0 ? n : 0] = 0;
		sys_close(fd);
		put("pcr ");
		put(bank);
		put(" ");
		put(path + at);
		put(" ");
		put(text);
	}
}

void show_tpm(void)
{
	put("QUOIN-TEST: begin tpm\n");
	sys_mount("securityfs", SECURITY, "securityfs");
	show_bank("sha1");
	show_bank("sha256");
	show_bank("sha384");
	show_bank("sha512");
	show_hex("log", SECURITY "/tpm0/binary_bios_measurements");
	put("QUOIN-TEST: end tpm\n");
}
