# SPDX-License-Identifier: BSD-2-Clause
"""Digests of what quoin measures; see docs/trusted-boot.md."""
