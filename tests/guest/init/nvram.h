/* SPDX-License-Identifier: BSD-2-Clause */
/* An attack on the firmware's variables. */
#ifndef TESTS_GUEST_INIT_NVRAM_H
#define TESTS_GUEST_INIT_NVRAM_H

/* Rewrites the variables, and says whether that worked. */
void attack_nvram(void);

#endif /* TESTS_GUEST_INIT_NVRAM_H */
