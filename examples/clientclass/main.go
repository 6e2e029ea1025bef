// Command clientclass is an astrond with a client class of its own: the chat of a
// small park. Players log in and get their avatars with no UberDOG at all, and
// what they say is filtered. See park.go.
//
// A game does the same in a module of its own, which needs this one.
package main

import (
	"natstron/cmd/astrond/app"
	"natstron/roles/clientagent"
)

func main() { app.Main(clientagent.Classes{"park": newPark}) }
