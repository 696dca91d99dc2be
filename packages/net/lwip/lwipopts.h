/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of lwIP that are built, and their sizes; see lwip/opt.h. */
#ifndef PACKAGES_NET_LWIP_LWIPOPTS_H
#define PACKAGES_NET_LWIP_LWIPOPTS_H

/* No threads; netstack.c runs the timers; the firmware's heap. */
#define NO_SYS 1
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_TIMERS 0
#if __has_include(<lwip/acd.h>) /* since 2.2 */
#define MEM_CUSTOM_ALLOCATOR 1
#define MEM_CUSTOM_MALLOC heap_alloc
#define MEM_CUSTOM_CALLOC(count, size) heap_zalloc((count) * (size))
#define MEM_CUSTOM_FREE heap_free
#else
#define MEM_LIBC_MALLOC 1
#define mem_clib_malloc heap_alloc
#define mem_clib_calloc(count, size) heap_zalloc((count) * (size))
#define mem_clib_free heap_free
#endif
#define MEMP_MEM_MALLOC 1
#define MEM_ALIGNMENT 8
#define LWIP_NETCONN 0
#define LWIP_SOCKET 0
#define LWIP_STATS 0

/* One card; each packet leaves in one piece. */
#define LWIP_SINGLE_NETIF 1
#define LWIP_NETIF_TX_SINGLE_PBUF 1
#define LWIP_MULTICAST_TX_OPTIONS 0

/* Fragments and IP options are dropped: nobody needs them, attackers do. */
#define IP_REASSEMBLY 0
#define IP_FRAG 0
#define IP_OPTIONS_ALLOWED 0
/* A DHCP server answers to the address that it is about to give. */
#define LWIP_IP_ACCEPT_UDP_PORT(port) ((port) == PP_HTONS(68))

#define LWIP_IPV6 1
#define LWIP_IPV6_FRAG 0
#define LWIP_IPV6_REASS 0
#define LWIP_IPV6_NUM_ADDRESSES 4
/* Link-local address, one of a router, one of DHCPv6. RFC 4862 5.4 allows it. */
#define LWIP_IPV6_DUP_DETECT_ATTEMPTS 0
#define LWIP_ND6_QUEUEING 0
#define LWIP_ND6_RDNSS_MAX_DNS_SERVERS 2

#define LWIP_DNS 1
#define DNS_MAX_SERVERS 4
/* Seconds; netstack_close() counts them down. */
#define DNS_MAX_TTL 60

#define TCP_MSS 1460
#define LWIP_WND_SCALE 1
#define TCP_RCV_SCALE 3
#define TCP_WND (256 * 1024)
#define TCP_SND_BUF (4 * TCP_MSS)
#define LWIP_TCP_SACK_OUT 1
/* A window of full segments, with some room. */
#define TCP_OOSEQ_MAX_PBUFS 256
/* 1, 2, 4, 8 s. */
#define TCP_SYNMAXRTX 4

#endif
