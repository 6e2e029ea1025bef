package unheard

import (
	"testing"
	"time"

	"natstron/bridge/wire"
)

// Each type is for one kind of channel.
func TestKindOf(t *testing.T) {
	nobody := func() bool { return false }
	c := New(time.Now())
	for _, test := range []struct {
		message wire.MsgType
		to      wire.Channel
		want    Kind
	}{
		{wire.StateServerCreateObjectWithRequired, 402000, Control},
		{wire.StateServerCreateObjectWithRequired, 5, Control},
		{wire.StateServerDeleteAIObjects, 402000, Control},
		{wire.DBServerObjectGetAll, 4003, Control},
		{wire.DBServerObjectGetAllResp, 4003, Other},
		{wire.StateServerObjectGetAllResp, 5000, Other},
		{wire.StateServerObjectEnterAIWithRequired, 5000, Other},
		{wire.StateServerObjectLocationAck, 5000, Other},
		{wire.StateServerObjectSetField, 5000, Object},
		{wire.StateServerObjectSetField, 5000 << 32, Broadcast},
		{wire.StateServerObjectGetAI, 1<<32 + 5000, Broadcast},
		{wire.StateServerObjectDeleteRAM, wire.BroadcastStateServers, Broadcast},
		{wire.DBSSObjectActivateWithDefaults, 5000, Object},
		{wire.ClientAgentEject, 5000, Client},
		{wire.ClientAgentEject, wire.BroadcastClients, Broadcast},
		{wire.ClientAgentGetTLVsResp, 5000, Other},
		{12345, 5000, Other},
		{0, 5000, Other},
	} {
		if got := c.KindOf(test.message, test.to, nobody); got != test.want {
			t.Errorf("%v to %d: %v, want %v", test.message, test.to, got, test.want)
		}
	}
	if got := c.KindOf(wire.StateServerObjectSetField, 5000, func() bool { return true }); got != Client {
		t.Errorf("to a client: %v", got)
	}
}

// The first of a kind is logged, then one in a while with how many were not.
func TestLogOnceInAWhile(t *testing.T) {
	now := time.Unix(1000, 0)
	c := New(now)
	for _, step := range []struct {
		after   time.Duration
		message wire.MsgType
		kind    Kind
		others  uint64
		log     bool
	}{
		{0, wire.DBServerCreateObject, Control, 0, true},
		{0, wire.DBServerCreateObject, Control, 0, false},
		{0, wire.DBServerObjectGetAll, Control, 0, true},
		{severeAgain - 1, wire.DBServerCreateObject, Control, 0, false},
		{1, wire.DBServerCreateObject, Control, 2, true},
		{0, wire.StateServerObjectSetField, Object, 0, true},
		{severeAgain, wire.StateServerObjectSetField, Object, 0, false},
		{commonAgain, wire.StateServerObjectSetField, Object, 1, true},
		{0, wire.StateServerObjectSetField, Broadcast, 0, false},
		{commonAgain, wire.StateServerObjectSetField, Broadcast, 0, false},
		{0, 12345, Other, 0, true},
		{0, 12346, Other, 0, false}, // of one counter
	} {
		now = now.Add(step.after)
		c.Tell(now)
		if others, log := c.Add(step.message, step.kind, 1, 2); others != step.others || log != step.log {
			t.Errorf("%v to %v at %v: %d, %v, want %d, %v", step.message, step.kind, now, others, log, step.others, step.log)
		}
	}
}

// All types that are routed have a counter from the start.
func TestCountersFromTheStart(t *testing.T) {
	for i, c := range New(time.Now()).All() {
		if c.Count > 0 || c.Message != 0 && c.Kind != natural(c.Message) || i == 0 && c.Message != 0 {
			t.Errorf("%+v", c)
		}
	}
	if n := len(New(time.Now()).All()); n < 80 {
		t.Errorf("only %d counters", n)
	}
}

// Whether anybody hears a type is asked once a second.
func TestAsk(t *testing.T) {
	c := New(time.Unix(1000, 0))
	ask := func(m wire.MsgType, want bool) {
		t.Helper()
		if got := c.Ask(m); got != want {
			t.Errorf("ask about %v: %v, want %v", m, got, want)
		}
	}
	ask(wire.StateServerObjectSetField, true)
	ask(wire.StateServerObjectSetField, false)
	ask(wire.StateServerObjectSetFields, true)
	c.Tell(time.Unix(1000, 999_000_000))
	ask(wire.StateServerObjectSetField, false)
	c.Tell(time.Unix(1001, 0))
	ask(wire.StateServerObjectSetField, true)
}
