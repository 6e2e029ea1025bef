package clientagent_test

import (
	"bytes"
	"fmt"

	"natstron/bridge/wire"
	"natstron/roles/clientagent"
)

// filter is a game's own client class: it takes a word out of what clients say,
// and counts what each of them is told.
type filter struct{}

// counter is what filter remembers of a client.
type counter struct{ messages int }

func (filter) Connected(s *clientagent.Session) { s.Value = new(counter) }

func (filter) FromClient(s *clientagent.Session, message []byte) []byte {
	r := wire.NewReader(message)
	if r.ClientMsgType() != wire.ClientObjectSetField {
		return message
	}
	// The same length, so that the lengths before it stay right.
	return bytes.ReplaceAll(message, []byte("darn"), []byte("****"))
}

func (filter) ToClient(s *clientagent.Session, message []byte) []byte {
	s.Value.(*counter).messages++
	return message
}

func (filter) Disconnected(s *clientagent.Session) {
	fmt.Println("a client got", s.Value.(*counter).messages, "messages")
}

// A game's own code is a Class in the options of its client agent.
func ExampleClass() {
	options := clientagent.Options{Class: filter{}}
	fmt.Println(options.Class != nil)
	said := []byte("\x78\x00 well, darn it")
	fmt.Printf("%s\n", options.Class.FromClient(nil, said)[2:])
	// Output:
	// true
	//  well, **** it
}
