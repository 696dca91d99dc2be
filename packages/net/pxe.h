/* SPDX-License-Identifier: BSD-2-Clause */
/* The pxelinux.cfg of a server: finding and loading it. */
#ifndef PACKAGES_NET_PXE_H
#define PACKAGES_NET_PXE_H

#include "packages/net/pxelinux.h"
#include "packages/net/session.h"

struct pxe {
	char prefix[PXELINUX_PATH];
	char path[PXELINUX_PATH]; /* of the configuration file */
	struct pxelinux px;
	bool told; /* pxe_find() failed, and its message has been printed */
};

/*
 * pxe_find - load the first configuration file that the server has, and read it.
 * Returns 0; ERR_NOENT: it has none, or one without a kernel; or an error of the
 * transfer; see reason() and `told`.
 */
must_check int pxe_find(const struct session *s, struct pxe *pxe);

/* pxe_url - the URL of a file that the configuration names, as session_url(). */
must_check int pxe_url(const struct session *s, const struct pxe *pxe,
		       const char *file, struct url *url);

/* pxe_args - the kernel's arguments. Returns 0 or ERR_NOSPACE, see reason(). */
must_check int pxe_args(const struct session *s, const struct pxe *pxe,
			char *buf, size_t size);

#endif
