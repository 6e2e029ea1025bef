// Command clientclass is an astrond with its own client class: the chat of a small
// park. Players log in with the accounts of a database and get their avatars without an
// UberDOG, and the class filters what they say. See park.go.
//
// A game does the same in its own module, which requires this one.
package main

import (
	"natstron/cmd/astrond/app"
	"natstron/roles/clientagent"
)

func main() { app.Main(app.Extensions{Classes: clientagent.Classes{"park": newPark}}) }
