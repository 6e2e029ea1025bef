// Package app is the program astrond: the Astron server suite on a NATS backbone, one
// process of a cluster, and the tools around it. The command in cmd/astrond is [Main] and
// nothing else, so that a game can build an astrond of its own.
//
// A game makes its own client classes and roles known with [Main], see packages clientagent
// and gamerole:
//
//	func main() {
//		app.Main(app.Extensions{
//			Classes: clientagent.Classes{"park": newPark},
//			Roles:   gamerole.Types{"logins": gamerole.TypeOf(newLogins)},
//		})
//	}
//
// A client agent with client.type park in the configuration then uses the class, and a role
// with type logins is one of that type.
package app

import (
	"context"
	"os"

	"natstron/cmd/astrond/internal/command"
	"natstron/cmd/astrond/internal/daemon"
	"natstron/roles/clientagent"
	"natstron/roles/gamerole"
)

// Extensions are what an astrond has besides what is built in. The zero value is nothing.
type Extensions struct {
	Classes clientagent.Classes // for client.type of client agents
	Roles   gamerole.Types      // for type of roles
}

// Main runs astrond with the arguments of the process, and ends the process with
// its exit code.
func Main(e Extensions) {
	os.Exit(command.Run(context.Background(), os.Args, os.Stdout, os.Stderr, daemon.Extensions(e)))
}
