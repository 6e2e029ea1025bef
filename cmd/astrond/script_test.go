package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// The command line, as scripts: testdata/script. What needs a running daemon is
// in the package e2e.

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"astrond": main})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: false,
		Setup: func(e *testscript.Env) error {
			e.Setenv("NATS_URL", "")
			return nil
		},
	})
}
