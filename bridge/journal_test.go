package bridge

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// keeper is a node whose NATS server has JetStream.
func keeper(t *testing.T, listen string) *Node {
	t.Helper()
	o := Options{Name: "keeper"}
	o.Embedded.Listen, o.Embedded.StoreDir = listen, t.TempDir()
	n, err := Start(t.Context(), o)
	must(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		n.Stop(ctx)
	})
	return n
}

func never(t *testing.T) func(error) {
	return func(err error) { t.Errorf("JetStream is late: %v", err) }
}

// What is appended to a journal is read from it, in order; a process that opens it shuts
// out the one before.
func TestJournal(t *testing.T) {
	n := keeper(t, "none")
	ctx := t.Context()
	first, err := n.OpenJournal(ctx, "test", 1)
	must(t, err)
	defer first.Close()
	must(t, first.Read(ctx, func(Entry) error { return errors.New("it is not empty") }))
	var want [][]byte
	for i := range 20 {
		var entries [][]byte
		for k := range i%3 + 1 {
			entries = append(entries, fmt.Appendf(nil, "entry %d of %d", k, i))
		}
		last, err := first.Append(ctx, entries, never(t))
		must(t, err)
		if want = append(want, entries...); last != uint64(len(want)) {
			t.Fatalf("the last entry is %d, want %d", last, len(want))
		}
	}
	must(t, first.Forget(ctx, 6))
	second, err := n.OpenJournal(ctx, "test", 1)
	must(t, err)
	defer second.Close()
	var got [][]byte
	must(t, second.Read(ctx, func(e Entry) error {
		got = append(got, bytes.Clone(e.Data))
		return nil
	}))
	same(t, fmt.Sprintf("%q", want[5:]), fmt.Sprintf("%q", got), "what is read")
	_, err = second.Append(ctx, [][]byte{[]byte("mine")}, never(t))
	must(t, err)
	if _, err := first.Append(ctx, [][]byte{[]byte("late")}, never(t)); !errors.Is(err, ErrReplaced) {
		t.Errorf("the process before appends: %v", err)
	}
	must(t, second.Read(ctx, func(Entry) error { return errors.New("there is more") }))
}

// Without JetStream there is no journal.
func TestNoJournal(t *testing.T) {
	o := Options{Name: "plain"}
	o.Embedded.Listen = "none"
	plain, err := Start(t.Context(), o)
	must(t, err)
	defer plain.Stop(context.Background())
	if _, err := plain.OpenJournal(t.Context(), "test", 1); !errors.Is(err, ErrNoJetStream) {
		t.Errorf("the journal: %v", err)
	}
}

// A journal is nobody who listens; a stream that another program has made is, also when that
// program is gone.
func TestStreamsListen(t *testing.T) {
	n := keeper(t, "127.0.0.1:0")
	alone := func() bool {
		turn := n.Begin()
		defer turn.End()
		return n.outbox.Alone(n.turn)
	}
	if !alone() {
		t.Error("somebody listens to a new node")
	}
	j, err := n.OpenJournal(t.Context(), "test", 1)
	must(t, err)
	defer j.Close()
	if !alone() {
		t.Error("a journal listens")
	}
	nc, err := nats.Connect(n.URL())
	must(t, err)
	if alone() {
		t.Error("another client does not listen")
	}
	js, err := jetstream.New(nc)
	must(t, err)
	_, err = js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "everything", Subjects: []string{"astron.>"}, NoAck: true})
	must(t, err)
	nc.Close()
	for range 100 { // as long as the server takes to notice
		if alone() {
			t.Fatal("a stream does not listen")
		}
		time.Sleep(time.Millisecond)
	}
}
