// SPDX-License-Identifier: Apache-2.0

//go:build tools

// Package tools pins kwok, which plays the nodes of the test cluster.
package tools

import _ "sigs.k8s.io/kwok/cmd/kwok"
