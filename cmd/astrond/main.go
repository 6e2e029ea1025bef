// Command astrond is the Astron server suite on a NATS backbone: one process of
// a cluster, and the tools around it.
//
// A run reads from top to bottom in these files: app.go (the command line),
// run.go (configuration, log, exit), validate.go (what can be known before
// anything runs), daemon.go (what is started, in which order, and how it ends),
// backbone.go and address.go (from configuration to options, and from failures to
// words). The commands have a file each: check.go, channel.go, tap.go, dc.go,
// init.go.
package main

import (
	"context"
	"os"
)

func main() { os.Exit(run(context.Background(), os.Args, os.Stdout, os.Stderr)) }
