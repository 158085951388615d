#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`./dev size`: what the libraries cost on a Cortex-M (the package beside it)."""
import sys

from size.cli import main

if __name__ == "__main__":
    sys.exit(main())
