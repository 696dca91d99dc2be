// SPDX-License-Identifier: BSD-2-Clause
/* lib/heap.c, which the archive of host code lacks: that has fake/heap.c. */
#include "tests/fake/real_heap.h"

#include "lib/heap.c"
