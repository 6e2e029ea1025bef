// Command astrond is the Astron server suite on a NATS backbone: one process of
// a cluster, and the tools around it.
//
// A run reads from top to bottom in these files: app.go (the command line),
// run.go (configuration, signals, exit), daemon.go (what is started, in which
// order, and how it ends), backbone.go and listen.go (from configuration to
// options). The subcommands have a file each: check.go, channel.go, tap.go,
// init.go.
package main

import (
	"context"
	"os"
)

func main() { os.Exit(run(context.Background(), os.Args, os.Stdout, os.Stderr)) }
