// Command uberdog is an astrond with a role of its own: a login manager in Go, in the same
// process as the database, the state server and the client agent. See login.go.
//
// A game does the same in its own module, which requires this one.
package main

import (
	"natstron/cmd/astrond/app"
	"natstron/roles/gamerole"
)

func main() {
	app.Main(app.Extensions{Roles: gamerole.Types{"logins": gamerole.TypeOf(newLogins)}})
}
