// SPDX-License-Identifier: BSD-2-Clause
// /init of the test initrd: shows that Linux reached user space and, by the
// word quoin.test= of the kernel command line, dumps what the tests compare.

#include "tests/guest/init/nvram.h"
#include "tests/guest/init/sys.h"
#include "tests/guest/init/tpm.h"

static char cmdline[4096];

// Copies a file to standard output as it is.
static void show_file(const char *path)
{
	char buffer[1024];
	long fd = sys_open(path, SYS_O_RDONLY), n;

	if (fd < 0)
		return;
	while ((n = sys_read(fd, buffer, sizeof(buffer))) > 0)
		sys_write(1, buffer, n);
	sys_close(fd);
}

// One line for each property: path, blank, the value in hexadecimal.
static void show_property(const char *path)
{
	char buffer[512], hex[2 * sizeof(buffer)];
	long fd = sys_open(path, SYS_O_RDONLY), n, i;

	if (fd < 0)
		return;
	put(path + sizeof("/proc/device-tree") - 1);
	put(" ");
	while ((n = sys_read(fd, buffer, sizeof(buffer))) > 0) {
		for (i = 0; i < n; i++) {
			hex[2 * i] = "0123456789abcdef"[buffer[i] >> 4 & 15];
			hex[2 * i + 1] = "0123456789abcdef"[buffer[i] & 15];
		}
		sys_write(1, hex, 2 * n);
	}
	put("\n");
	sys_close(fd);
}

// Depth first; the path grows and shrinks in one buffer. The tree comes from
// the firmware under test, so depth and length are bounded.
#define PATH_SIZE 1024
#define DEPTH 24

struct level {
	long fd;
	unsigned long path_length;
	long at, filled;
	char entries[4096];
};

static struct level levels[DEPTH];
static char path[PATH_SIZE] = "/proc/device-tree";

static int enter(int depth)
{
	struct level *l = &levels[depth];

	l->fd = sys_open(path, SYS_O_RDONLY | SYS_O_DIRECTORY);
	l->path_length = length(path);
	l->at = l->filled = 0;
	return l->fd >= 0;
}

static struct sys_dirent *next_entry(struct level *l)
{
	struct sys_dirent *entry;

	if (l->at == l->filled) {
		l->filled = sys_getdents(l->fd, l->entries, sizeof(l->entries));
		l->at = 0;
		if (l->filled <= 0)
			return 0;
	}
	entry = (struct sys_dirent *)(void *)(l->entries + l->at);
	l->at += entry->size;
	return entry;
}

static int append(struct level *l, const char *name)
{
	unsigned long n = length(name);

	if (same(name, ".") || same(name, ".."))
		return 0;
	if (n + 2 > PATH_SIZE - l->path_length) {
		put("QUOIN-TEST: path too long\n");
		return 0;
	}
	path[l->path_length] = '/';
	copy(path + l->path_length + 1, name, n + 1);
	return 1;
}

static void show_device_tree(void)
{
	struct sys_dirent *entry;
	struct level *l;
	int depth = 0;

	put("QUOIN-TEST: begin devtree\n");
	if (!enter(0))
		put("QUOIN-TEST: no device tree\n");
	while (depth >= 0) {
		l = &levels[depth];
		path[l->path_length] = 0;
		entry = next_entry(l);
		if (!entry) {
			sys_close(l->fd);
			depth--;
			continue;
		}
		if (!append(l, entry->name))
			continue;
		if (entry->type != SYS_DT_DIR) {
			show_property(path);
			continue;
		}
		put(path + sizeof("/proc/device-tree") - 1);
		put("/\n");
		if (depth + 1 < DEPTH && enter(depth + 1))
			depth++;
		else
			put("QUOIN-TEST: tree too deep\n");
	}
	put("QUOIN-TEST: end devtree\n");
}

static void show_iomem(void)
{
	put("QUOIN-TEST: begin iomem\n");
	show_file("/proc/iomem");
	put("QUOIN-TEST: end iomem\n");
}

// Is the word "quoin.test=WHAT" on the command line?
static int asked(const char *what)
{
	static const char key[] = "quoin.test=";
	const char *at;
	unsigned long n = length(what);

	for (at = cmdline; *at; at++) {
		if (!starts(at, key))
			continue;
		at += sizeof(key) - 1;
		while (*at && *at != ' ' && *at != '\n') {
			if (starts(at, what) && (!at[n] || at[n] == ' ' ||
						 at[n] == '\n' || at[n] == ','))
				return 1;
			at++;
		}
	}
	return 0;
}

static void read_cmdline(void)
{
	long fd = sys_open("/proc/cmdline", SYS_O_RDONLY), n;

	if (fd < 0)
		return;
	n = sys_read(fd, cmdline, sizeof(cmdline) - 1);
	cmdline[n > 0 ? n : 0] = 0;
	sys_close(fd);
}

// Has Linux switch each PCI device's decoders on, so QEMU shows its BARs.
static void enable_pci_devices(void)
{
	static const char folder[] = "/sys/bus/pci/devices";
	struct sys_dirent *entry;
	struct level *l = &levels[0];
	long fd;

	copy(path, folder, sizeof(folder));
	if (!enter(0))
		return;
	while ((entry = next_entry(l))) {
		path[l->path_length] = 0;
		if (!append(l, entry->name))
			continue;
		copy(path + length(path), "/enable", sizeof("/enable"));
		fd = sys_open(path, SYS_O_WRONLY);
		if (fd < 0)
			continue;
		if (sys_write(fd, "1", 1) != 1) {
			put("QUOIN-TEST: cannot enable ");
			put(entry->name);
			put("\n");
		}
		sys_close(fd);
	}
	sys_close(l->fd);
}

static void wait_for_line(void)
{
	char byte;

	put("QUOIN-TEST: waiting for a line\n");
	sys_read(0, &byte, 1);
}

static void finish(int reboot)
{
	put(reboot ? "QUOIN-TEST: rebooting\n" : "QUOIN-TEST: powering off\n");
	sys_drain(1);
	sys_reboot(reboot ? SYS_REBOOT_RESTART : SYS_REBOOT_POWER_OFF);
	for (;;)
		;
}

void init_main(void)
{
	sys_mount("proc", "/proc", "proc");
	sys_mount("sysfs", "/sys", "sysfs");
	read_cmdline();
	put("QUOIN-TEST: user space reached\n");
	put("QUOIN-TEST: cmdline ");
	put(cmdline);
	if (asked("devtree"))
		show_device_tree();
	if (asked("iomem"))
		show_iomem();
	if (asked("tpm"))
		show_tpm();
	if (asked("nvram"))
		attack_nvram();
	if (asked("enable"))
		enable_pci_devices();
	if (asked("wait"))
		wait_for_line();
	finish(asked("reboot"));
}
