/* SPDX-License-Identifier: BSD-2-Clause */
/* What lwIP wants to know of the compiler and the firmware around it. */
#ifndef PACKAGES_NET_LWIP_ARCH_CC_H
#define PACKAGES_NET_LWIP_ARCH_CC_H

#include "lib/heap.h"
#include "packages/net/checksum.h"
#include "packages/net/drbg.h"

#define LWIP_NO_INTTYPES_H 1
#define LWIP_NO_CTYPE_H 1

#ifndef BYTE_ORDER
#define BYTE_ORDER __BYTE_ORDER__
#endif

#define LWIP_CHKSUM checksum_add
#define LWIP_RAND() drbg_u32()
#define LWIP_HOOK_TCP_ISN(local_ip, local_port, remote_ip, remote_port)        \
	drbg_u32()

/*
 * A failed assertion names file and line, not lwIP's message. One function per
 * file, so that each of the many assertions costs two instructions.
 */
void netstack_assert_failed(const char *file, int line)
	__attribute__((__noreturn__));
static inline void
	__attribute__((__noinline__, __cold__, __noreturn__, __unused__))
	cc_assert_failed(int line)
{
	netstack_assert_failed(__BASE_FILE__, line);
}
#define LWIP_PLATFORM_ASSERT(message) cc_assert_failed(__LINE__)
#define LWIP_PLATFORM_DIAG(message)

#endif
