# SPDX-License-Identifier: BSD-2-Clause
"""Keys and policy of secure boot, in copies of quoin.bin."""


class Failure(Exception):
    """What failed, where, and why; one line for the user."""
