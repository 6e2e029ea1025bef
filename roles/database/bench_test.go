package database

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"natstron/bridge"
	"natstron/bridge/wire"
	"natstron/storage"
)

// BenchmarkRole measures requests a second, from a message to its answer, with 1 and
// with 32 askers, each of whom waits for the answer before it asks again.
func BenchmarkRole(b *testing.B) {
	for _, backend := range backends() {
		for _, op := range []string{"create", "compareset", "getall"} {
			for _, callers := range []int{1, 32} {
				b.Run(fmt.Sprintf("%s/%s/callers=%d", backend.name, op, callers), func(b *testing.B) {
					benchmark(b, backend, op, callers)
				})
			}
		}
	}
}

func benchmark(b *testing.B, backend backend, op string, callers int) {
	c := newCluster(b)
	place := backend.place(b)
	c.serve(Options{Control: control, Broadcast: true, Open: func(context.Context) (storage.Store, error) {
		return backend.open(place, storage.Range{Min: 1000, Max: 1 << 31}, c.File)
	}})
	var askers []*asker
	for i := range callers {
		askers = append(askers, newAsker(b, c, wire.Channel(10_000+i)))
	}
	b.ReportAllocs()
	b.ResetTimer()
	var done sync.WaitGroup
	for i, a := range askers {
		n := b.N / callers
		if i < b.N%callers {
			n++
		}
		done.Go(func() {
			for k := range n {
				switch op {
				case "create":
					a.create()
				case "compareset":
					a.compareAndSet(uint32(k))
				case "getall":
					a.getAll()
				}
			}
		})
	}
	done.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "ops/s")
}

// asker has an object of its own, and one request under way.
type asker struct {
	b     *testing.B
	inbox *bridge.Inbox
	p     *bridge.Participant
	me    wire.Channel
	id    wire.DoID
	class wire.DClassID
	name  wire.FieldID
	money wire.FieldID
	w     wire.Writer
}

func newAsker(b *testing.B, c *cluster, me wire.Channel) *asker {
	member := c.Join("asker", me)
	class, _ := c.File.ClassByName("Avatar")
	id, _ := class.ID()
	name, _ := class.FieldByName("setName")
	money, _ := class.FieldByName("setMoney")
	a := &asker{b: b, inbox: member.Inbox, p: member.Participant, me: me, class: wire.DClassID(id),
		name: wire.FieldID(name.ID()), money: wire.FieldID(money.ID())}
	a.id = a.create()
	return a
}

// ask sends what fill writes, and returns the answer's payload, behind its context.
func (a *asker) ask(msg wire.MsgType, fill func(w *wire.Writer)) wire.Reader {
	a.w.Reset()
	fill(a.w.Header(a.me, msg, control).Uint32(1))
	d, err := a.w.Datagram()
	if err == nil {
		err = a.p.Send(d)
	}
	if err != nil {
		a.b.Error(err)
		return wire.Reader{}
	}
	for range a.inbox.Ready {
		if all := a.inbox.Take(); len(all) > 0 {
			m, err := all[0].Datagram.Message()
			if err != nil || m.Payload.Uint32() != 1 {
				a.b.Error("not the answer", err)
			}
			return m.Payload
		}
	}
	return wire.Reader{}
}

func (a *asker) create() wire.DoID {
	r := a.ask(wire.DBServerCreateObject, func(w *wire.Writer) {
		w.DClassID(a.class).Uint16(2).FieldID(a.name).Text("Flo").FieldID(a.money).Uint32(0)
	})
	id := r.DoID()
	if id == 0 {
		a.b.Error("nothing was created")
	}
	return id
}

func (a *asker) compareAndSet(n uint32) {
	r := a.ask(wire.DBServerObjectSetFieldIfEquals, func(w *wire.Writer) { w.DoID(a.id).FieldID(a.money).Uint32(n).Uint32(n + 1) })
	if !r.Bool() {
		a.b.Errorf("%d is not there", n)
	}
}

func (a *asker) getAll() {
	r := a.ask(wire.DBServerObjectGetAll, func(w *wire.Writer) { w.DoID(a.id) })
	if !r.Bool() {
		a.b.Error("the object is not there")
	}
}
