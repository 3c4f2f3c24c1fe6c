// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// etcd speaks etcd's JSON gateway, for mass data only.
type etcd struct{ base string }

func newEtcd(env string) (*etcd, error) {
	v, err := readEnv(env)
	if err != nil {
		return nil, err
	}
	if v["ETCD"] == "" {
		return nil, errors.New("no address of etcd")
	}
	return &etcd{v["ETCD"]}, nil
}

// registryPrefix is where the API server keeps the objects of a custom resource.
func registryPrefix(k kindRef) string { return "/registry/" + k.group + "/" + k.plural + "/" }

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// prefixEnd is the first key after all that begin with prefix.
func prefixEnd(prefix string) string { return prefix[:len(prefix)-1] + string(prefix[len(prefix)-1]+1) }

func (e *etcd) call(ctx context.Context, path string, body, out any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, "POST", e.base+path, bytes.NewReader(b))
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(res.Body, 4096))
		return fmt.Errorf("etcd: %s: %s", res.Status, text)
	}
	return json.NewDecoder(res.Body).Decode(out)
}

func (e *etcd) keys(ctx context.Context, prefix string) (map[string]bool, error) {
	var r struct{ KVs []struct{ Key []byte } }
	err := e.call(ctx, "/v3/kv/range", object{"key": b64(prefix), "range_end": b64(prefixEnd(prefix)), "keys_only": true}, &r)
	out := map[string]bool{}
	for _, kv := range r.KVs {
		out[string(kv.Key)] = true
	}
	return out, err
}

// put writes objects in one transaction, of at most 128.
func (e *etcd) put(ctx context.Context, pairs map[string]object) error {
	ops := []any{}
	for k, o := range pairs {
		v, err := json.Marshal(o)
		if err != nil {
			return err
		}
		ops = append(ops, object{"requestPut": object{"key": b64(k), "value": b64(string(v))}})
	}
	if len(ops) == 0 {
		return nil
	}
	var r object
	return e.call(ctx, "/v3/kv/txn", object{"success": ops}, &r)
}

func (e *etcd) remove(ctx context.Context, prefix string) error {
	var r object
	return e.call(ctx, "/v3/kv/deleterange", object{"key": b64(prefix), "range_end": b64(prefixEnd(prefix))}, &r)
}

func newUID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
