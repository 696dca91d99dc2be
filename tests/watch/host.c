// SPDX-License-Identifier: BSD-2-Clause
/* The claim checker on the host: clang's calls at each store, the report. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/watch/memory.h"
#include "tests/watch/watch.h"

/* The calls that -fsanitize-coverage=trace-stores makes. (clang 14) */
#define STORE(name, bytes)                                                     \
	void name(const void *ptr);                                            \
	void name(const void *ptr)                                             \
	{                                                                      \
		watch_store(ptr, bytes, __builtin_return_address(0));          \
	}

STORE(__sanitizer_cov_store1, 1)
STORE(__sanitizer_cov_store2, 2)
STORE(__sanitizer_cov_store4, 4)
STORE(__sanitizer_cov_store8, 8)
STORE(__sanitizer_cov_store16, 16)

/* In the sanitizers' run-time library; coverage builds lack it. */
void __sanitizer_print_stack_trace(void) __attribute__((weak));

static void (*watch_handler)(const struct watch_fault *fault);

void watch_set_handler(void (*handler)(const struct watch_fault *fault))
{
	watch_handler = handler;
}

void watch_report(const struct watch_fault *fault)
{
	if (watch_handler) {
		watch_handler(fault);
		return;
	}
	fprintf(stderr, "claims: write to %#llx, %llu bytes, in %s: %s\n",
		(unsigned long long)fault->addr,
		(unsigned long long)fault->size, fault->what, fault->why);
	if (__sanitizer_print_stack_trace)
		__sanitizer_print_stack_trace();
	abort();
}

void watch_print_range(uint64_t start, uint64_t end)
{
	(void)start;
	(void)end;
}

void *watch_memcpy(void *restrict dst, const void *restrict src, size_t len)
{
	watch_store(dst, len, __builtin_return_address(0));
	return memcpy(dst, src, len);
}

void *watch_memmove(void *dst, const void *src, size_t len)
{
	watch_store(dst, len, __builtin_return_address(0));
	return memmove(dst, src, len);
}

void *watch_memset(void *dst, int c, size_t len)
{
	watch_store(dst, len, __builtin_return_address(0));
	return memset(dst, c, len);
}
