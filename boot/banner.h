/* SPDX-License-Identifier: BSD-2-Clause */
/* Who we are: the first lines of a start, and the version. */
#ifndef BOOT_BANNER_H
#define BOOT_BANNER_H

/* banner_print - print the two lines that name the firmware. */
void banner_print(void);

/* banner_version - print the version, a line. */
void banner_version(void);

#endif
