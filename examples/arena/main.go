// Command arena is a game in the browser, in one process: astrond with two roles of the game's own,
// one for logins and players (players.go), and one for what flies around (fireflies.go).
//
// A game does the same in its own module, which requires this one.
package main

import (
	"os"

	"natstron/cmd/astrond/app"
	"natstron/roles/gamerole"
)

//go:generate go run natstron/cmd/astrond dc gen ts -o web/src/arena.dc.ts arena.dc
//go:generate node web/build.mjs

func main() {
	// In the project's folder, go run ./examples/arena needs no more than that.
	const here = "examples/arena/astrond.yml"
	if _, err := os.Stat(here); err == nil && len(os.Args) == 1 {
		os.Args = append(os.Args, here)
	}
	app.Main(app.Extensions{Roles: gamerole.Types{
		"players":   gamerole.TypeOf(newPlayers),
		"fireflies": gamerole.TypeOf(newFireflies),
	}})
}
