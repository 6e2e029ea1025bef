package md

import (
	"testing"

	"natstron/bridge"
	"natstron/bridge/md/mdtest"
	"natstron/internal/wire"
)

// Whoever sends more than a role of this process can do is slowed down: the
// role's inbox, which would end the role when it is full, is never full.
func TestSendersWaitForACrowdedInbox(t *testing.T) {
	node := startNode(t, bridge.Options{})
	s := startServer(t, node, Options{})
	inbox := bridge.NewInbox(512 << 10)
	role, err := node.Join("role", inbox, func(cause error) { t.Errorf("dropped: %v", cause) })
	if err != nil {
		t.Fatal(err)
	}
	defer role.Leave()
	if err := role.Subscribe(5000); err != nil {
		t.Fatal(err)
	}
	const count = 50_000
	clients := []*mdtest.Client{dial(t, s), dial(t, s)}
	sent := make(chan error, len(clients))
	for _, c := range clients {
		go func() {
			frame := mdtest.Frame(mdtest.Datagram(t, func(w *wire.Writer) { w.Header(1, 1234, 5000).Raw(make([]byte, 180)) }))
			var err error
			for i := 0; i < count && err == nil; i++ {
				_, err = c.Conn.Write(frame)
			}
			sent <- err
		}()
	}
	crowded := 0
	for got := 0; got < count*len(clients); {
		<-inbox.Ready
		if inbox.Crowded() != nil {
			crowded++
		}
		got += len(inbox.Take())
	}
	for range clients {
		if err := <-sent; err != nil {
			t.Error(err)
		}
	}
	if crowded == 0 {
		t.Error("the inbox was never crowded, so nothing was tested")
	}
}

// A connection that waits for a crowded inbox can be ended all the same.
func TestEndWhileAnInboxIsCrowded(t *testing.T) {
	node := startNode(t, bridge.Options{})
	s := startServer(t, node, Options{})
	inbox := bridge.NewInbox(64 << 20)
	role, err := node.Join("role", inbox, func(error) {})
	if err != nil {
		t.Fatal(err)
	}
	defer role.Leave()
	if err := role.Subscribe(5000); err != nil {
		t.Fatal(err)
	}
	c := dial(t, s)
	go func() {
		frame := mdtest.Frame(mdtest.Datagram(t, func(w *wire.Writer) { w.Header(1, 1234, 5000).Raw(make([]byte, 10_000)) }))
		for {
			if _, err := c.Conn.Write(frame); err != nil {
				return
			}
		}
	}()
	for inbox.Crowded() == nil {
		<-inbox.Ready
	}
	// The cleanup of startServer closes the server, and waits for the connection.
}
