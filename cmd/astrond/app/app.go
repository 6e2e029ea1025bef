// Package app is the program astrond: the Astron server suite on a NATS backbone, one
// process of a cluster, and the tools around it. The command in cmd/astrond is [Main] and
// nothing else, so that a game can build an astrond of its own.
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

	"natstron/cmd/astrond/internal/command"
	"natstron/roles/clientagent"
)

// Main runs astrond with the arguments of the process, and ends the process with
// its exit code. classes are the client classes that it has besides libastron;
// nil: none.
func Main(classes clientagent.Classes) {
	os.Exit(command.Run(context.Background(), os.Args, os.Stdout, os.Stderr, classes))
}
