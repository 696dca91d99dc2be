// SPDX-License-Identifier: BSD-2-Clause
/* The claim checker in the firmware: gcc's calls at each store, the report. */
#include "entry/image.h"
#include "hcall/rtas.h"
#include "lib/log.h"
#include "tests/watch/watch.h"

/* The deepest back-trace that is printed. */
#define TRACE_MAX 16

/* -fsanitize=kernel-address calls these when it does not check inline. */
#define STORE(name, bytes)                                                     \
	void name(const void *ptr);                                            \
	void name(const void *ptr)                                             \
	{                                                                      \
		watch_store(ptr, bytes, __builtin_return_address(0));          \
	}

STORE(__asan_store1_noabort, 1)
STORE(__asan_store2_noabort, 2)
STORE(__asan_store4_noabort, 4)
STORE(__asan_store8_noabort, 8)
STORE(__asan_store16_noabort, 16)

void __asan_storeN_noabort(const void *ptr, size_t size);
void __asan_storeN_noabort(const void *ptr, size_t size)
{
	watch_store(ptr, size, __builtin_return_address(0));
}

/* gcc calls it before functions that do not return; only stacks need it. */
void __asan_handle_no_return(void);
void __asan_handle_no_return(void)
{
}

/* An address as in build/claims/quoin.elf and .map. */
static uintmax_t guest_linked(uint64_t addr)
{
	return addr - (uintptr_t)image_start;
}

/* Return addresses are 16 bytes above a frame's back chain (ELFv2 2.2.2). */
static void guest_trace(void)
{
	const uint64_t *frame = __builtin_frame_address(0);

	print("claims: called from");
	for (int i = 0; i < TRACE_MAX && frame[0]; i++) {
		frame = (const uint64_t *)(uintptr_t)frame[0];
		print(" %jx", guest_linked(frame[2]));
	}
	print("\n");
}

void watch_report(const struct watch_fault *fault)
{
	static bool reporting;

	if (reporting)
		return;
	reporting = true;
	log_resume();
	print("\nclaims: write to %jx, %ju bytes, by %jx in %s: %s\n",
	      (uintmax_t)fault->addr, (uintmax_t)fault->size,
	      guest_linked(fault->pc), fault->what, fault->why);
	guest_trace();
	rtas_power_off();
	for (;;)
		;
}

void watch_print_range(uint64_t start, uint64_t end)
{
	print(" [%jx+%jx]", (uintmax_t)start, (uintmax_t)(end - start));
}
