/* SPDX-License-Identifier: BSD-2-Clause */
/* Linux system calls and a few string helpers, so that init needs no libc.
 * Numbers: Linux arch/powerpc/kernel/syscalls/syscall.tbl. */
#ifndef TESTS_GUEST_INIT_SYS_H
#define TESTS_GUEST_INIT_SYS_H

#define SYS_O_RDONLY 0
#define SYS_O_WRONLY 1
#define SYS_O_RDWR 2
#define SYS_O_DIRECTORY 040000 /* arch/powerpc uapi fcntl.h */
#define SYS_DT_DIR 4
#define SYS_S_IFCHR 020000
#define SYS_REBOOT_RESTART 0x01234567 /* uapi/linux/reboot.h */
#define SYS_REBOOT_POWER_OFF 0x4321fedc

/* struct linux_dirent64 */
struct sys_dirent {
	unsigned long inode;
	long next;
	unsigned short size;
	unsigned char type;
	char name[];
};

/* Returns the result, or a value below 0 when the kernel reports an error. */
static inline long sys_call(long number, long a, long b, long c, long d, long e)
{
	register long r0 __asm__("r0") = number;
	register long r3 __asm__("r3") = a;
	register long r4 __asm__("r4") = b;
	register long r5 __asm__("r5") = c;
	register long r6 __asm__("r6") = d;
	register long r7 __asm__("r7") = e;

	__asm__ volatile(
		"sc\n\tbns+ 1f\n\tneg %1, %1\n1:"
		: "+r"(r0), "+r"(r3), "+r"(r4), "+r"(r5), "+r"(r6), "+r"(r7)
		:
		: "r8", "r9", "r10", "r11", "r12", "ctr", "cc", "memory");
	return r3;
}

static inline long sys_open(const char *path, long flags)
{
	return sys_call(5, (long)path, flags, 0, 0, 0);
}

static inline long sys_close(long fd)
{
	return sys_call(6, fd, 0, 0, 0, 0);
}

static inline long sys_read(long fd, void *to, unsigned long n)
{
	return sys_call(3, fd, (long)to, (long)n, 0, 0);
}

static inline long sys_write(long fd, const void *from, unsigned long n)
{
	return sys_call(4, fd, (long)from, (long)n, 0, 0);
}

static inline long sys_seek(long fd, long offset)
{
	return sys_call(19, fd, offset, 0, 0, 0);
}

static inline long sys_mknod(const char *path, long mode, long device)
{
	return sys_call(14, (long)path, mode, device, 0, 0);
}

static inline long sys_getdents(long fd, void *to, unsigned long n)
{
	return sys_call(202, fd, (long)to, (long)n, 0, 0);
}

static inline long sys_mount(const char *what, const char *where,
			     const char *type)
{
	return sys_call(21, (long)what, (long)where, (long)type, 0, 0);
}

/* tcdrain(): ioctl TCSBRK with a non-zero argument. */
static inline long sys_drain(long fd)
{
	return sys_call(54, fd, 0x2000741d, 1, 0, 0);
}

static inline long sys_reboot(unsigned int command)
{
	return sys_call(88, (int)0xfee1dead, 672274793, (int)command, 0, 0);
}

static inline unsigned long length(const char *s)
{
	unsigned long n = 0;

	while (s[n])
		n++;
	return n;
}

static inline void copy(char *to, const char *from, unsigned long n)
{
	while (n--)
		*to++ = *from++;
}

static inline int starts(const char *s, const char *with)
{
	while (*with && *s == *with) {
		s++;
		with++;
	}
	return !*with;
}

static inline int same(const char *a, const char *b)
{
	return starts(a, b) && starts(b, a);
}

/* Writes all of the text; the console may take it in pieces. */
static inline void put(const char *s)
{
	unsigned long n = length(s);
	long done;

	while (n) {
		done = sys_write(1, s, n);
		if (done <= 0)
			return;
		s += done;
		n -= (unsigned long)done;
	}
}

#endif /* TESTS_GUEST_INIT_SYS_H */
