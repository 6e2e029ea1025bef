// Package app is the program astrond: the Astron server suite on a NATS
// backbone, one process of a cluster, and the tools around it. The command in
// cmd/astrond is [Main] and nothing else, so that a game can build an astrond of
// its own.
//
// A run reads from top to bottom in these files: app.go (the command line),
// run.go (configuration, log, exit), validate.go (what can be known before
// anything runs), daemon.go (what is started, in which order, and how it ends),
// roles.go, backbone.go and address.go (from configuration to options, and from
// failures to words). What can be seen of a run is in board.go (what the daemon
// puts up), boardroles.go, roster.go and snapshot.go (what is read off it), and
// web.go. The commands have a file each: check.go, channel.go, tap.go (with decode.go,
// tapfilter.go, tapsummary.go), top.go (topview.go), object.go (inquiry.go), health.go,
// draincommand.go, dc.go (dcshow.go, dcvalue.go), db.go (dbget.go, dbcheck.go, dbcopy.go),
// init.go; the ones that need a cluster find it with reach.go, those that need a database
// with dbopen.go.
//
// # An astrond of one's own
//
// A game that has client classes of its own, see package clientagent, makes them
// known with [Main]:
//
//	func main() {
//		app.Main(clientagent.Classes{"park": newPark})
//	}
//
// A client agent with client.type park in the configuration then uses them.
package app

import (
	"context"
	"os"

	"natstron/roles/clientagent"
)

// Main runs astrond with the arguments of the process, and ends the process with
// its exit code. classes are the client classes that it has besides libastron;
// nil: none.
func Main(classes clientagent.Classes) {
	os.Exit(run(context.Background(), os.Args, os.Stdout, os.Stderr, classes))
}
