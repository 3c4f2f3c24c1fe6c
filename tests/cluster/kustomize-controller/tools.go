// SPDX-License-Identifier: Apache-2.0

//go:build tools

// Package tools pins Flux's kustomize-controller.
package tools

import _ "github.com/fluxcd/kustomize-controller"
