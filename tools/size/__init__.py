# SPDX-License-Identifier: Apache-2.0
"""What the libraries cost on a Cortex-M: `./dev size`. Knows how to build, link and read
them; what they do is not known here.
"""
