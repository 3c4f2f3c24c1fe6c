// SPDX-License-Identifier: Apache-2.0

// Standin plays what cannot be had as a Go module in the test cluster: Flux's source-controller
// and helm-controller, Azure's agents, and the person who installs the extension. It uses the
// standard library and the git program alone.
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

type command struct {
	name, args, help string
	run              func(ctx context.Context, args []string) error
}

var commands = []command{
	{"ports", "N", "print N free loopback ports, one a line", cmdPorts},
	{"crds", "--flux VERSION <JSON", "create the CRDs: those of standard input, open ones for the rest", cmdCRDs},
	{"world", "--flux VERSION --data DIR", "create the objects of the installation", cmdWorld},
	{"heal", "--data DIR --git-url URL", "undo what tests did to the world", cmdHeal},
	{"kinds", "--flux VERSION [--remove]", "one object of every kind in namespace samples", cmdKinds},
	{"run", "…", "play the controllers until a signal", cmdRun},
	{"wait", "--timeout D", "wait until everything is ready; say what is not", cmdWait},
	{"load", "N", "N more HelmReleases in 50 namespaces; 0 removes them", cmdLoad},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if len(os.Args) >= 2 {
		for _, c := range commands {
			if c.name != os.Args[1] {
				continue
			}
			if err := c.run(ctx, os.Args[2:]); err != nil {
				fmt.Fprintf(os.Stderr, "standin %s: %v\n", c.name, err)
				os.Exit(1)
			}
			return
		}
	}
	for _, c := range commands {
		fmt.Fprintf(os.Stderr, "standin %s %s: %s\n", c.name, c.args, c.help)
	}
	os.Exit(2)
}

// apiFlags adds the flags of every command that talks to the API server. They come from one file
// (--env, lines NAME=VALUE), so that no process carries paths of keys in a long command line.
func apiFlags(fs *flag.FlagSet) func() (*client, error) {
	env := fs.String("env", "", "file with SERVER, CA, CERT and KEY")
	return func() (*client, error) {
		v, err := readEnv(*env)
		if err != nil {
			return nil, err
		}
		return newClient(v["SERVER"], v["CA"], v["CERT"], v["KEY"])
	}
}

func readEnv(path string) (map[string]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	v := map[string]string{}
	for s := bufio.NewScanner(f); s.Scan(); {
		if name, value, ok := strings.Cut(s.Text(), "="); ok {
			v[name] = value
		}
	}
	return v, nil
}

func cmdPorts(_ context.Context, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("how many?")
	}
	n, err := strconv.Atoi(args[0])
	if err != nil || n < 1 || n > 64 {
		return fmt.Errorf("%q is no number from 1 to 64", args[0])
	}
	// Below the range out of which systems take the ports of outgoing connections: one of those
	// would else get a port between now and the start of its server. All are held open until the
	// last is known, so that none is given twice.
	for tries := 0; n > 0; tries++ {
		if tries > 10000 {
			return fmt.Errorf("no free port")
		}
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 15000+rand.IntN(15000)))
		if err != nil {
			continue
		}
		defer l.Close()
		fmt.Println(l.Addr().(*net.TCPAddr).Port)
		n--
	}
	return nil
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
