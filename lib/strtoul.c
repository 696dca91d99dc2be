// SPDX-License-Identifier: BSD-2-Clause
// strtoul (C11 7.22.1.4), which libfdt asks for.
#include <limits.h>
#include <stdlib.h>

#include "lib/types.h"

static unsigned strtoul_digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	c |= 0x20;
	return c >= 'a' && c <= 'z' ? (unsigned)(c - 'a') + 10 : UINT_MAX;
}

/* The base that `s` shows, when the caller leaves it open. Skips "0x". */
static const char *strtoul_prefix(const char *s, int *base)
{
	bool hex = s[0] == '0' && (s[1] | 0x20) == 'x' &&
		   strtoul_digit(s[2]) < 16;

	if (*base == 0)
		*base = hex ? 16 : (s[0] == '0' ? 8 : 10);
	return hex && *base == 16 ? s + 2 : s;
}

unsigned long strtoul(const char *s, char **end, int base)
{
	const char *p = s;
	unsigned long val = 0;
	bool negative, overflow = false;

	while (*p == ' ' || (*p >= '\t' && *p <= '\r'))
		p++;
	negative = *p == '-';
	if (*p == '-' || *p == '+')
		p++;

	const char *digits = p = strtoul_prefix(p, &base);
	unsigned long radix = (unsigned long)base;

	for (; strtoul_digit(*p) < radix; p++) {
		unsigned long digit = strtoul_digit(*p);

		overflow |= val > (ULONG_MAX - digit) / radix;
		val = val * radix + digit;
	}
	if (end)
		*end = (char *)(uintptr_t)(p == digits ? s : p);
	if (overflow)
		return ULONG_MAX;
	return negative ? 0 - val : val;
}
