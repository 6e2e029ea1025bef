package command

import (
	"context"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"natstron/cmd/astrond/internal/daemon"
)

// The command line, as scripts: testdata/script. What needs a running daemon is
// in the package e2e.

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"astrond": func() { os.Exit(Run(context.Background(), os.Args, os.Stdout, os.Stderr, daemon.Extensions{})) }})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("NATS_URL", "")
			e.Setenv("GORACE", "atexit_sleep_ms=0") // else each end of astrond takes a second there
			return nil
		},
	})
}
