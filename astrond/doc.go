// Package astrond is the program astrond: the Astron server suite on a NATS
// backbone, one process of a cluster, and the tools around it. The command in
// cmd/astrond is [Main] and nothing else, so that a game can build an astrond of
// its own.
//
// A run reads from top to bottom in these files: app.go (the command line),
// run.go (configuration, log, exit), validate.go (what can be known before
// anything runs), daemon.go (what is started, in which order, and how it ends),
// roles.go, backbone.go and address.go (from configuration to options, and from
// failures to words). The commands have a file each: check.go, channel.go,
// tap.go, dc.go, init.go.
package astrond

import (
	"context"
	"os"
)

// Main runs astrond with the arguments of the process, and ends the process with
// its exit code.
func Main() { os.Exit(run(context.Background(), os.Args, os.Stdout, os.Stderr)) }
