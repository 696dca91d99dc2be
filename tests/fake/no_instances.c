// SPDX-License-Identifier: BSD-2-Clause
/* packages/image.c can read from instances: for tests that have none. */
#include "drivers/instance.h"

long instance_read(struct instance *inst, void *buf, size_t len)
{
	(void)inst;
	(void)buf;
	(void)len;
	return ERR_NODEV;
}

int instance_seek(struct instance *inst, uint64_t to)
{
	(void)inst;
	(void)to;
	return ERR_NODEV;
}
