/* SPDX-License-Identifier: BSD-2-Clause */
/* The live tree, which can be freed, so that tests can find leaks. */
#ifndef TESTS_FAKE_TREE_H
#define TESTS_FAKE_TREE_H

#include "tree/node.h"

/* tree_free - free all nodes and handles; tree_init() begins anew. */
void tree_free(void);

#endif
