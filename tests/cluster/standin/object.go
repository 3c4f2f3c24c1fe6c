// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"strings"
	"time"
)

// object is one Kubernetes object, or any JSON object inside one.
type object = map[string]any

func dig(o object, path ...string) any {
	var v any = o
	for _, p := range path {
		m, ok := v.(object)
		if !ok {
			return nil
		}
		v = m[p]
	}
	return v
}

func str(o object, path ...string) string {
	s, _ := dig(o, path...).(string)
	return s
}

func sub(o object, path ...string) object {
	m, _ := dig(o, path...).(object)
	return m
}

func list(o object, path ...string) []any {
	l, _ := dig(o, path...).([]any)
	return l
}

func num(o object, path ...string) int64 {
	switch n := dig(o, path...).(type) {
	case json.Number:
		i, _ := n.Int64()
		return i
	case int64:
		return n
	case int:
		return int64(n)
	case float64:
		return int64(n)
	}
	return 0
}

func flagSet(o object, path ...string) bool {
	b, _ := dig(o, path...).(bool)
	return b
}

func name(o object) string      { return str(o, "metadata", "name") }
func namespace(o object) string { return str(o, "metadata", "namespace") }
func key(o object) string       { return namespace(o) + "/" + name(o) }
func generation(o object) int64 { return num(o, "metadata", "generation") }
func deleting(o object) bool    { return str(o, "metadata", "deletionTimestamp") != "" }
func suspended(o object) bool   { return flagSet(o, "spec", "suspend") }
func requestedAt(o object) string {
	return str(o, "metadata", "annotations", "reconcile.fluxcd.io/requestedAt")
}

func clone(o object) object {
	b, _ := json.Marshal(o)
	return decode(b)
}

func decode(b []byte) object {
	var o object
	d := json.NewDecoder(strings.NewReader(string(b)))
	d.UseNumber()
	if d.Decode(&o) != nil || o == nil {
		return object{}
	}
	return o
}

func now() string { return time.Now().UTC().Format(time.RFC3339) }

// duration reads a Go duration of a spec; anything else gives the fallback.
func duration(o object, fallback time.Duration, path ...string) time.Duration {
	d, err := time.ParseDuration(str(o, path...))
	if err != nil || d <= 0 {
		return fallback
	}
	return d
}

// The order in which Flux's controllers write their conditions.
var condOrder = []string{"Reconciling", "Stalled", "Ready", "FetchFailed", "StorageOperationFailed",
	"ArtifactInStorage", "Released"}

// conditions builds a new list out of the old one; a condition keeps its transition time while
// its status, reason and message stay the same, as fluxcd/pkg/runtime does it.
type conditions struct {
	old map[string]object
	new map[string]object
	gen int64
}

func newConditions(o object) *conditions {
	c := &conditions{old: map[string]object{}, new: map[string]object{}, gen: generation(o)}
	for _, v := range list(o, "status", "conditions") {
		if m, ok := v.(object); ok {
			c.old[str(m, "type")] = m
		}
	}
	return c
}

func (c *conditions) set(kind, status, reason, message string) {
	when := now()
	if p := c.old[kind]; p != nil && str(p, "status") == status && str(p, "reason") == reason &&
		str(p, "message") == message {
		when = str(p, "lastTransitionTime")
	}
	c.new[kind] = object{"type": kind, "status": status, "reason": reason, "message": message,
		"lastTransitionTime": when, "observedGeneration": c.gen}
}

// keep carries a condition over as it stands.
func (c *conditions) keep(kind string) {
	if p := c.old[kind]; p != nil {
		c.new[kind] = p
	}
}

func (c *conditions) list() []any {
	out := []any{}
	for _, k := range condOrder {
		if m := c.new[k]; m != nil {
			out = append(out, m)
		}
	}
	return out
}

func condition(o object, kind string) object {
	for _, v := range list(o, "status", "conditions") {
		if m, ok := v.(object); ok && str(m, "type") == kind {
			return m
		}
	}
	return nil
}

func ready(o object) bool { return str(condition(o, "Ready"), "status") == "True" }

// equal compares two JSON trees by what they would be written as.
func equal(a, b any) bool {
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	return string(x) == string(y)
}
