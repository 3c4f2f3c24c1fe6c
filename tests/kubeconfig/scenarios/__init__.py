# SPDX-License-Identifier: Apache-2.0
"""Scenarios of client-go's behaviour, by group; importing a module registers them."""
