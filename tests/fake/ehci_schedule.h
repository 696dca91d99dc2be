/* SPDX-License-Identifier: BSD-2-Clause */
/* The part of tests/fake/ehci.h that walks the schedules. */
#ifndef TESTS_FAKE_EHCI_SCHEDULE_H
#define TESTS_FAKE_EHCI_SCHEDULE_H

/*
 * fake_ehci_wake - a device is ready: look at the asynchronous schedule, as a
 * timer or an event makes QEMU do, unless the doorbell's answer is set.
 * fake_ehci_frame - a frame of the periodic schedule.
 */
void fake_ehci_wake(void);
void fake_ehci_frame(unsigned frame);

#endif
