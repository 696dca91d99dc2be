// SPDX-License-Identifier: BSD-2-Clause
// Measuring: one hook for all code that loads or runs bytes.
#include "packages/measure.h"

static measure_hook hook;

void measure_set_hook(measure_hook new_hook)
{
	hook = new_hook;
}

void measure(enum measure_kind kind, const char *name, const void *data,
	     size_t len)
{
	if (hook && len)
		hook(kind, name, data, len);
}
