// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"sort"
	"sync"
	"time"
)

func logf(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "%s "+format+"\n", append([]any{now()}, args...)...)
}

// Objects of `load` carry this label; the players never look at them.
const loadLabel = "flux-arc.test/load"

// store mirrors one kind by list and watch.
type store struct {
	kind kindRef
	mu   sync.Mutex
	objs map[string]object
	wake []chan struct{}
}

// follow starts mirroring; every change pokes all of wake.
func follow(ctx context.Context, c *client, kind kindRef, wake ...chan struct{}) *store {
	s := &store{kind: kind, objs: map[string]object{}, wake: wake}
	go func() {
		for ctx.Err() == nil {
			if err := s.sync(ctx, c); err != nil && ctx.Err() == nil {
				logf("watch %s: %v", kind.plural, err)
			}
			sleep(ctx, 500*time.Millisecond)
		}
	}()
	return s
}

// sync lists once and follows the watch until it ends.
func (s *store) sync(ctx context.Context, c *client) error {
	q := "?labelSelector=" + url.QueryEscape("!"+loadLabel)
	l, err := c.get(ctx, s.kind.path("", "")+q)
	if err != nil {
		return err
	}
	objs := map[string]object{}
	for _, v := range list(l, "items") {
		if o, ok := v.(object); ok {
			o["apiVersion"], o["kind"] = s.kind.apiVersion(), s.kind.kind
			objs[key(o)] = o
		}
	}
	s.mu.Lock()
	s.objs = objs
	s.mu.Unlock()
	s.poke()
	r, err := c.open(ctx, "GET", s.kind.path("", "")+q+"&watch=true&allowWatchBookmarks=true&resourceVersion="+
		str(l, "metadata", "resourceVersion"), "", nil)
	if err != nil {
		return err
	}
	defer r.Close()
	d := json.NewDecoder(r)
	d.UseNumber()
	for {
		var ev struct {
			Type   string
			Object object
		}
		if err := d.Decode(&ev); err != nil {
			return nil // the server ends every watch sooner or later
		}
		switch ev.Type {
		case "ADDED", "MODIFIED":
			s.put(ev.Object)
		case "DELETED":
			s.mu.Lock()
			delete(s.objs, key(ev.Object))
			s.mu.Unlock()
		case "ERROR":
			return fmt.Errorf("%s", str(ev.Object, "message"))
		}
		s.poke()
	}
}

func (s *store) put(o object) {
	s.mu.Lock()
	s.objs[key(o)] = o
	s.mu.Unlock()
}

func (s *store) poke() {
	for _, w := range s.wake {
		select {
		case w <- struct{}{}:
		default:
		}
	}
}

func (s *store) get(namespace, name string) object {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.objs[namespace+"/"+name]
}

// all returns the objects in the order of their names; they must not be changed in place.
func (s *store) all() []object {
	s.mu.Lock()
	defer s.mu.Unlock()
	keys := make([]string, 0, len(s.objs))
	for k := range s.objs {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	out := make([]object, 0, len(keys))
	for _, k := range keys {
		out = append(out, s.objs[k])
	}
	return out
}

// memory says when an object is due: after a change of its spec, on request, at its interval.
type memory struct {
	generation int64
	requested  string
	next       time.Time
	failures   int
}

type memories map[string]*memory

// due also forgets nothing: an object that was deleted and created again has another uid.
func (m memories) due(o object) (*memory, bool) {
	uid := str(o, "metadata", "uid")
	e := m[uid]
	if e == nil {
		e = &memory{generation: -1}
		m[uid] = e
	}
	if e.generation == generation(o) && e.requested == requestedAt(o) && time.Now().Before(e.next) {
		return e, false
	}
	return e, true
}

func (e *memory) done(o object, interval time.Duration) {
	e.generation, e.requested, e.failures = generation(o), requestedAt(o), 0
	e.next = time.Now().Add(interval)
}

// failed plans the retry: 2 s, doubling, at most a minute.
func (e *memory) failed(o object) {
	e.generation, e.requested = generation(o), requestedAt(o)
	wait := 2 * time.Second << min(e.failures, 5)
	e.failures++
	e.next = time.Now().Add(min(wait, time.Minute))
}

// waits plans a retry for what only waits for another object: soon at first.
func (e *memory) waits(o object) {
	e.failed(o)
	if e.failures < 20 {
		e.next = time.Now().Add(300 * time.Millisecond)
	}
}

// finalize adds Flux's finalizer, or, on an object that is being deleted, removes it after
// cleaning up. It reports whether the object may be worked on.
func finalize(ctx context.Context, c *client, kind kindRef, manager string, o object, cleanup func()) bool {
	const finalizer = "finalizers.fluxcd.io"
	old := list(o, "metadata", "finalizers")
	rest := []any{}
	for _, f := range old {
		if f != finalizer {
			rest = append(rest, f)
		}
	}
	has := len(rest) != len(old)
	if has != deleting(o) {
		return has
	}
	if has {
		if cleanup != nil {
			cleanup()
		}
	} else {
		rest = append(rest, finalizer)
	}
	patch := object{"metadata": object{"finalizers": rest,
		"resourceVersion": str(o, "metadata", "resourceVersion")}}
	if _, err := c.merge(ctx, kind.of(o), manager, patch); err != nil && codeOf(err) != 404 && codeOf(err) != 409 {
		logf("finalizer of %s %s: %v", kind.kind, key(o), err)
	}
	return false // the watch brings the changed object
}
