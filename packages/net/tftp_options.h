/* SPDX-License-Identifier: BSD-2-Clause */
/* TFTP's options (RFC 2347-2349, 7440); only for tftp.c. */
#ifndef PACKAGES_NET_TFTP_OPTIONS_H
#define PACKAGES_NET_TFTP_OPTIONS_H

#include "packages/net/tftp.h"

/* Which options a request has; each server rejects the earlier ones or none. */
enum tftp_level {
	TFTP_LEVEL_WINDOW, /* all */
	TFTP_LEVEL_BLOCK,  /* tsize, blksize */
	TFTP_LEVEL_NONE,
};

/*
 * tftp_options_write - append the options of tftp->level to a request, at `to`,
 * which has room for 64 bytes. Returns their length.
 */
size_t tftp_options_write(const struct tftp *tftp, char *to);

/*
 * tftp_options_read - take what an OACK without its opcode says. Absent options
 * get their defaults. Returns 0; ERR_FORMAT: malformed, or not what was asked
 * for, see reason().
 */
must_check int tftp_options_read(struct tftp *tftp, const char *text,
				 size_t len);

#endif
