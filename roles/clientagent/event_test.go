package clientagent

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tinylib/msgp/msgp"

	"natstron/bridge/wire"
	"natstron/roles/clientagent/internal/listen"
)

// eventLog is an event logger that remembers.
type eventLog struct {
	t  testing.TB
	mu sync.Mutex
	// events have the keys and values that were sent, but for ports.
	events []map[string]string
}

func (e *eventLog) take(event []byte) {
	var text bytes.Buffer
	if _, err := msgp.UnmarshalAsJSON(&text, event); err != nil {
		e.t.Errorf("%x is no event: %v", event, err)
	}
	var all map[string]string
	if err := json.Unmarshal(text.Bytes(), &all); err != nil {
		e.t.Errorf("%s: %v", &text, err)
	}
	for key, value := range all {
		if at, err := netip.ParseAddrPort(value); err == nil {
			all[key] = at.Addr().String()
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.events = append(e.events, all)
}

// expect waits for the events and forgets them.
func (e *eventLog) expect(want ...map[string]string) {
	e.t.Helper()
	var got []map[string]string
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		e.mu.Lock()
		got = e.events
		if len(got) >= len(want) {
			e.events = nil
		}
		e.mu.Unlock()
		if len(got) >= len(want) {
			break
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		e.t.Errorf("events (-want +got):\n%s", diff)
	}
}

// What the event logger is told has the reference's names and keys.
func TestEvents(t *testing.T) {
	e := &eventLog{t: t}
	s := newStage(t, func(o *Options) {
		o.Event = e.take
		o.Pool = NewChannelPool(firstClient, firstClient+3)
		o.Limits.DatagramRate = 10
	})
	const local = "127.0.0.1"
	next := 0
	connected := func() (*client, string) {
		t.Helper()
		c := s.dial()
		sender := fmt.Sprintf("Client:%d", firstClient+wire.Channel(next))
		next++
		e.expect(map[string]string{"type": "client-connected", "sender": sender, "remote_address": local, "local_address": local})
		return c, sender
	}
	ejected := func(kind, sender string, code wire.EjectCode, reason string) map[string]string {
		return map[string]string{"type": kind, "sender": sender, "reason_code": fmt.Sprint(uint16(code)), "reason_msg": reason}
	}

	c, sender := connected()
	c.Conn.Close()
	e.expect(map[string]string{"type": "client-lost", "sender": sender, "remote_address": local, "local_address": local, "reason": "EOF"})

	c, sender = connected()
	c.hello()
	c.Send(wire.ClientDisconnect, nil)
	e.expect(map[string]string{"type": "client-disconnected", "sender": sender})

	c, sender = connected()
	c.hello()
	c.Send(4711, nil)
	e.expect(ejected("client-ejected-security", sender, wire.EjectInvalidMsgType, "The client may not send 4711 before it has logged in."))

	c, sender = connected()
	c.hello()
	c.heartbeats(20 * listen.Burst)
	e.expect(ejected("client-ejected", sender, wire.EjectGeneric, "The client sends more than 10 datagrams a second."))

	// The channels are those that were given back, now.
	for range 4 {
		s.dial().hello()
	}
	e.mu.Lock()
	e.events = nil
	e.mu.Unlock()
	s.dial().ExpectEject(wire.EjectGeneric)
	full := ejected("client-ejected", "Client:0", wire.EjectGeneric, "The server cannot serve you: all channels are taken.")
	full["remote_address"], full["local_address"] = local, local
	e.expect(full)
}
