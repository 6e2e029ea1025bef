package clientagent

import (
	"log/slog"
	"maps"
	"slices"

	"natstron/dc"
)

// Get is what makes the class that client.type chooses; false if there is none.
func (c Classes) Get(clientType string) (func(Agent) (Class, error), bool) {
	if clientType == OTP {
		return OTPClients(nil), true
	}
	makeClass, ok := c[clientType]
	return makeClass, ok
}

// Libastron is the client.type of an agent without a [Class].
const Libastron = "libastron"

// Classes are the client classes that a program offers, by the value of client.type
// that chooses them. Each agent makes one of its own.
type Classes map[string]func(Agent) (Class, error)

// Agent is what a [Class] may know of the agent that it is made for.
type Agent struct {
	Name string   // the role's label
	File *dc.File // the DC files
	// Log never waits for its reader: lines that the reader does not take are dropped.
	// So it may be used while the process's traffic waits.
	Log *slog.Logger
	OTP OTPOptions // what the configuration says of that dialect
}

// Names are all that client.type may say, in order.
func (c Classes) Names() []string {
	return append([]string{Libastron, OTP}, slices.Sorted(maps.Keys(c))...)
}
