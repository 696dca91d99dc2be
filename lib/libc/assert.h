/* SPDX-License-Identifier: BSD-2-Clause */
/* <assert.h> of the freestanding firmware: always on, reports file and line. */
#ifndef LIB_LIBC_ASSERT_H
#define LIB_LIBC_ASSERT_H

void assert_failed(const char *expr, const char *file, int line)
	__attribute__((noreturn));

#define assert(expr)                                                           \
	((expr) ? (void)0 : assert_failed(#expr, __FILE__, __LINE__))

#undef static_assert
#define static_assert _Static_assert

#endif
