// SPDX-License-Identifier: BSD-2-Clause
// drivers/instance.c with access to its state.
#include "tests/fake/instances.h"

#include "drivers/instance.c"

size_t fake_instance_count(void)
{
	struct instance *inst;
	size_t n = 0;

	list_for_each(inst, &instances, link)
		n++;
	return n;
}
