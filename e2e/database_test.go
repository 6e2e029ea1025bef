package e2e

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"natstron/bridge/md/mdtest"
	"natstron/bridge/wire"
)

// A database that is killed again and again, has a rival, or more to do than it can.

// accounts is a database alone, with objects of one class.
const accounts = `
backbone: {embedded: {listen: none}}
messagedirector: {bind: '127.0.0.1:0'}
general: {dc_files: [accounts.dc]}
roles:
  - {type: database, control: 4003, generate: {min: 1000, max: 999999}, backend: %s}
`

// The ids of what accounts.dc declares.
const (
	accountsDC = "dclass Account { setLeft(uint32 n) db; setRight(uint32 n) db; };"

	accountClass = wire.DClassID(0)
	fieldLeft    = wire.FieldID(0)
	fieldRight   = wire.FieldID(1)
)

// killRounds is how often TestDatabaseKilled kills the daemon. The store alone is
// killed far more often, in storage/embedded.
var killRounds = func() int {
	n, err := strconv.Atoi(os.Getenv("NATSTRON_CRASH_ROUNDS"))
	if err != nil {
		return 2
	}
	return n
}()

// TestDatabaseKilled kills a daemon while 32 askers create objects and change two
// fields of them at once: whatever was answered is there afterwards, the two fields
// are the same, and no id was given twice.
func TestDatabaseKilled(t *testing.T) {
	t.Parallel()
	for name, backend := range map[string]string{
		"embedded": "{type: embedded, file: objects.db}",
		"yaml":     "{type: yaml, directory: objects}",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := run(t, fmt.Sprintf(accounts, backend), with(t, "accounts.dc", accountsDC))
			answered := map[wire.DoID]uint32{} // the number that was set last
			for round := range killRounds {
				before := len(answered)
				d = killedAmong(t, d, round, answered)
				verify(t, d, answered)
				t.Logf("round %d: %d objects more, and all are as answered", round, len(answered)-before)
			}
		})
	}
}

// killedAmong kills the daemon among the askers' changes, once some have been answered,
// notes what was, and returns the daemon that was started in its place.
func killedAmong(t *testing.T, d *daemon, round int, answered map[wire.DoID]uint32) *daemon {
	t.Helper()
	const askers, enough = 32, 600
	var mu sync.Mutex
	changes, now := 0, make(chan struct{})
	var all sync.WaitGroup
	for i := range askers {
		a := &account{Client: d.dial(), me: wire.Channel(10_000 + round*askers + i)}
		a.Subscribe(a.me)
		all.Go(func() {
			for {
				id, ok := a.create()
				if !ok {
					return
				}
				mu.Lock()
				if _, twice := answered[id]; twice {
					t.Errorf("%d was given twice", id)
				}
				answered[id] = 0
				mu.Unlock()
				for n := range uint32(20) {
					if !a.change(id, n, n+1) {
						return
					}
					mu.Lock()
					answered[id] = n + 1
					if changes++; changes == enough {
						close(now)
					}
					mu.Unlock()
				}
			}
		})
	}
	select {
	case <-now:
	case <-time.After(mdtest.Patience):
		t.Error("the askers do not come on")
	}
	again := d.killed()
	all.Wait()
	return again
}

// verify looks for all that was answered. A change that was under way may be there.
func verify(t *testing.T, d *daemon, answered map[wire.DoID]uint32) {
	t.Helper()
	a := &account{Client: d.dial(), me: 9000}
	a.Subscribe(a.me)
	for id, n := range answered {
		left, right, ok := a.read(id)
		if !ok || left != right || left < n || left > n+1 {
			t.Errorf("object %d: %d and %d, %v; %d was answered", id, left, right, ok, n)
		}
		answered[id] = left
	}
}

// account is an asker with one request under way. It ends when the daemon does.
type account struct {
	*mdtest.Client
	me wire.Channel
	w  wire.Writer
}

func (a *account) ask(msg wire.MsgType, fill func(w *wire.Writer)) (wire.Reader, bool) {
	a.w.Reset()
	fill(a.w.Header(a.me, msg, 4003).Uint32(1))
	d, err := a.w.Datagram()
	if err != nil {
		return wire.Reader{}, false
	}
	if _, err := a.Conn.Write(mdtest.Frame(d)); err != nil {
		return wire.Reader{}, false
	}
	got, err := a.Receive()
	if err != nil {
		return wire.Reader{}, false
	}
	m, err := got.Message()
	return m.Payload, err == nil && m.Payload.Uint32() == 1
}

func (a *account) create() (wire.DoID, bool) {
	r, ok := a.ask(wire.DBServerCreateObject, func(w *wire.Writer) {
		w.DClassID(accountClass).Uint16(2).FieldID(fieldLeft).Uint32(0).FieldID(fieldRight).Uint32(0)
	})
	id := r.DoID()
	return id, ok && id != 0
}

func (a *account) change(id wire.DoID, from, to uint32) bool {
	r, ok := a.ask(wire.DBServerObjectSetFieldsIfEquals, func(w *wire.Writer) {
		w.DoID(id).Uint16(2).FieldID(fieldLeft).Uint32(from).Uint32(to).FieldID(fieldRight).Uint32(from).Uint32(to)
	})
	return ok && r.Bool()
}

func (a *account) read(id wire.DoID) (left, right uint32, ok bool) {
	r, ok := a.ask(wire.DBServerObjectGetFields, func(w *wire.Writer) { w.DoID(id).Uint16(2).FieldID(fieldLeft).FieldID(fieldRight) })
	ok = ok && r.Bool() && r.Uint16() == 2
	r.FieldID()
	left = r.Uint32()
	r.FieldID()
	right = r.Uint32()
	return left, right, ok && r.Done() == nil
}

// TestDatabaseRival: a database server of another program on the same control channel keeps
// this one from starting, which says why at the place in its configuration.
func TestDatabaseRival(t *testing.T) {
	t.Parallel()
	hub := run(t, "backbone: {embedded: {listen: '127.0.0.1:0'}}\nmessagedirector: {bind: '127.0.0.1:0'}\n")
	rival := hub.dial()
	rival.Subscribe(4003)
	rival.Settle(hub.port(), 5999)
	go func() {
		d, err := rival.Receive()
		if err != nil {
			return // told by the process that is not refused
		}
		if m, err := d.Message(); err == nil {
			rival.Send(mdtest.Datagram(t, func(w *wire.Writer) {
				w.Header(m.Sender, wire.DBServerObjectGetAllResp, 4003).Uint32(m.Payload.Uint32()).Bool(false)
			}))
		}
	}()
	d := prepare(t, fmt.Sprintf(`
backbone: {urls: ['%s']}
general: {dc_files: [accounts.dc]}
roles:
  - {type: database, control: 4003, generate: {min: 1000, max: 999999}, backend: {type: embedded, file: objects.db}}
`, hub.nats()))
	write(t, filepath.Join(d.dir, "accounts.dc"), accountsDC)
	d.launch()
	d.waitFor("astrond.yml:5:")
	d.waitFor("another database server answers there")
	if code := d.wait(); code != 1 {
		t.Errorf("it ended with %d", code)
	}
}

// TestDatabaseFlood: who sends more than the database does is slowed down, and nothing
// is refused.
func TestDatabaseFlood(t *testing.T) {
	t.Parallel()
	d := run(t, fmt.Sprintf(accounts, "{type: embedded, file: objects.db}"), with(t, "accounts.dc", accountsDC))
	a := &account{Client: d.dial(), me: 10_000}
	a.Subscribe(a.me)
	ids := make([]wire.DoID, 100)
	for i := range ids {
		var ok bool
		if ids[i], ok = a.create(); !ok {
			t.Fatal("nothing was created")
		}
	}
	const sets = 10_000 // far more than wait before senders are slowed down
	began := time.Now()
	out := bufio.NewWriterSize(a.Conn, 1<<20)
	for n := range uint32(sets) {
		set := mdtest.Datagram(t, func(w *wire.Writer) {
			w.Header(a.me, wire.DBServerObjectSetFields, 4003).DoID(ids[n%100]).
				Uint16(2).FieldID(fieldLeft).Uint32(n).FieldID(fieldRight).Uint32(n)
		})
		if _, err := out.Write(mdtest.Frame(set)); err != nil {
			t.Fatal(err)
		}
	}
	must(t, out.Flush())
	for i, id := range ids {
		if left, right, ok := a.read(id); !ok || left != right || left != uint32(sets-100+i) {
			t.Errorf("object %d: %d and %d, %v", id, left, right, ok)
		}
	}
	t.Logf("%d sets took %v", sets, time.Since(began).Round(time.Millisecond))
	if strings.Contains(d.text(), "a request failed") {
		t.Error("a request failed")
	}
}
