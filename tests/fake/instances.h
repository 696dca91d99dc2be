/* SPDX-License-Identifier: BSD-2-Clause */
/* How many instances are open. */
#ifndef TESTS_FAKE_INSTANCES_H
#define TESTS_FAKE_INSTANCES_H

#include "drivers/instance.h"

/* fake_instance_count - open instances, those that are opened upon, too. */
size_t fake_instance_count(void);

#endif
