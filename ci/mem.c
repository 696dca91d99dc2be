// SPDX-License-Identifier: BSD-2-Clause
/* Client addresses: bounds, protection, strings. */
#include "ci/mem.h"

#include <string.h>

#include "ci/claim.h"
#include "lib/watch.h"

/*
 * What a client's address may refer to:
 *
 *	0 ... [window: ours | client's stack | ours] ... end of the RMA, <= 4 GiB
 *
 * and not what claim_keep() took for our heap. An address inside ours is either
 * a mistake or an attack; both get NULL, and the service fails. Only ci_buf()
 * allows writes, and tells the claim checker.
 */
static uintptr_t mem_base;
static uint64_t mem_limit;
static struct {
	uint64_t start, end, open_start, open_end;
} mem_own;

void ci_mem_init(uintptr_t base, uint64_t limit)
{
	mem_base = base;
	mem_limit = MIN(limit, 4 * GiB);
	memset(&mem_own, 0, sizeof(mem_own));
	watch_memory(base, limit);
}

void ci_mem_protect(uint64_t start, uint64_t end, uint64_t open_start,
		    uint64_t open_end)
{
	mem_own.start = start;
	mem_own.end = end;
	mem_own.open_start = open_start;
	mem_own.open_end = open_end;
}

/* True if any of [addr, end) belongs to the firmware. */
static bool mem_is_own(uint64_t addr, uint64_t end)
{
	if (claim_is_kept(addr, end))
		return true;
	return addr < mem_own.end && end > mem_own.start &&
	       (addr < mem_own.open_start || end > mem_own.open_end);
}

void *ci_ram(uint64_t addr, uint64_t len)
{
	if (len > mem_limit || addr > mem_limit - len)
		return NULL;
	return (void *)(mem_base + addr);
}

static void *mem_client(uint64_t addr, uint64_t len)
{
	static char nothing;

	if (!len)
		return &nothing;
	if (mem_is_own(addr, addr + len))
		return NULL;
	return ci_ram(addr, len);
}

const void *ci_mem(uint64_t addr, uint64_t len)
{
	return mem_client(addr, len);
}

void *ci_buf(uint64_t addr, uint64_t len)
{
	void *buf = mem_client(addr, len);

	if (buf && len)
		watch_allow(buf, len);
	return buf;
}

uint64_t ci_room(uint64_t addr)
{
	uint64_t end = MIN(mem_limit, claim_own_after(addr));

	if (addr < mem_own.end)
		end = MIN(end, mem_own.start);
	return addr < end ? end - addr : 0;
}

const char *ci_str(uint64_t addr)
{
	uint64_t max, len;

	if (!addr || addr >= mem_limit)
		return NULL;
	max = MIN(mem_limit - addr, (uint64_t)CI_STR_MAX);
	len = strnlen(ci_ram(addr, max), max);
	return len == max ? NULL : ci_mem(addr, len + 1);
}
