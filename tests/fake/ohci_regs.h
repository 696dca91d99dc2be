/* SPDX-License-Identifier: BSD-2-Clause */
/* The registers of a fake OHCI function, linked in place of drivers/pci. */
#ifndef TESTS_FAKE_OHCI_REGS_H
#define TESTS_FAKE_OHCI_REGS_H

/* Where they are, for pci_io_*(). */
#define FAKE_OHCI_REGS 0x210000000000ULL

/* HostControllerFunctionalState of HcControl; 0: reset. */
#define FAKE_OHCI_STATE(control) ((control) >> 6 & 3)

#endif
