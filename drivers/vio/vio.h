/* SPDX-License-Identifier: BSD-2-Clause */
/* The virtual I/O bus (LoPAR 17.2). */
#ifndef DRIVERS_VIO_VIO_H
#define DRIVERS_VIO_VIO_H

#include "drivers/device.h"

/* vio_bus - the children of /vdevice; match: their `compatible`. */
extern const struct bus vio_bus;

#endif
