# SPDX-License-Identifier: BSD-2-Clause
# Third-party sources: downloaded, never committed. ORIGIN records their origin;
# ci-scripts/fetch-third-party knows where from. Part of the Makefile.

THIRD	:= libfdt spleen lwip bearssl
T	:= $(B)/third-party
FDT	:= $(T)/libfdt
LW	:= $(T)/lwip/src
BEAR	:= $(T)/bearssl
FONT	:= $(T)/spleen
MOCK	:= $(T)/cmocka

THIRD_C	:= $(patsubst %,$(FDT)/fdt%.c,$(addprefix _,addresses check empty_tree \
	ro rw strerror sw wip)) $(FDT)/fdt.c
THIRD_C	+= $(patsubst %,$(LW)/%.c,netif/ethernet $(addprefix core/,def dns \
	inet_chksum init ip mem memp netif pbuf tcp tcp_in tcp_out timeouts udp \
	ipv4/etharp ipv4/icmp ipv4/ip4 ipv4/ip4_addr ipv6/ethip6 ipv6/icmp6 ipv6/ip6 \
	ipv6/ip6_addr ipv6/mld6 ipv6/nd6))
THIRD_C	+= $(patsubst %,$(BEAR)/src/%.c,mac/hmac rand/hmac_drbg \
	$(addprefix codec/,ccopy dec32be dec64be enc32be enc64be) \
	$(addprefix hash/,sha1 sha2big sha2small) int/i32_div32 \
	$(addprefix int/i31_,add bitlen decmod decode encode fmont modpow2 montmul \
	muladd ninv31 rshift sub tmont) \
	$(addprefix rsa/rsa_,i31_pkcs1_vrfy i31_pub pkcs1_sig_unpad))

# With a vTPM, each byte of a kernel goes through these.
$(foreach d,fw claims/fw,$(B)/$d/$(BEAR)/src/hash/sha2%.o): SMALL := -O3
