# SPDX-License-Identifier: BSD-2-Clause
"""The conformance suite on several firmwares, as a table."""
