/* SPDX-License-Identifier: BSD-2-Clause */
/* The number of open instances. */
#ifndef TESTS_FAKE_INSTANCES_H
#define TESTS_FAKE_INSTANCES_H

#include "drivers/instance.h"

/* fake_instance_count - open instances, including parent instances. */
size_t fake_instance_count(void);

#endif
