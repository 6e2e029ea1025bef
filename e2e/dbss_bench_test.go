package e2e

import (
	"fmt"
	"testing"

	"natstron/bridge/md/mdtest"
	"natstron/bridge/wire"
	"natstron/storage/mongo/wiretest"
)

// How fast objects of a database become active, and what they cost.

// BenchmarkActivations activates that many objects of a database, a thousand at a
// time, and reports how many become active in a second, and what each costs the daemon,
// database server and all, in memory and processor time. The messages go over TCP; an
// object counts as active when its entry has come back.
//
//	go test ./e2e -run '^$' -bench Activations -benchtime 100000x
func BenchmarkActivations(b *testing.B) {
	b.Run("embedded", func(b *testing.B) { benchmarkActivations(b, "{type: embedded, file: objects.db}") })
	b.Run("yaml", func(b *testing.B) { benchmarkActivations(b, "{type: yaml, directory: objects}") })
	if uri, ok := wiretest.Real(); ok {
		b.Run("mongodb", func(b *testing.B) { benchmarkActivations(b, "{type: mongodb, server: '"+uri(b)+"'}") })
	}
}

const pebbleDC = `dclass Pebble {
  setA(uint32 a) required broadcast db;
  setB(uint16 b) required broadcast db;
  setC(uint8 c) required ram db;
};
`

func benchmarkActivations(b *testing.B, backend string) {
	const game = `
backbone: {embedded: {listen: '127.0.0.1:0'}}
messagedirector: {bind: '127.0.0.1:0'}
general: {dc_files: [game.dc]}
roles:
  - {type: database, control: 402001, generate: {min: 100000000, max: 399999999}, backend: %s}
  - {type: dbss, database: 402001, ranges: [{min: 100000000, max: 399999999}]}
`
	d := run(b, fmt.Sprintf(game, backend), with(b, "game.dc", pebbleDC))
	at := wire.Location{Parent: 5000, Zone: 1}
	a := &pebbles{Client: d.dial(), b: b, n: b.N}
	a.Subscribe(gameAI)
	ids := make([]wire.DoID, 0, b.N)
	a.each(func(w *wire.Writer, _ int) {
		w.Header(gameAI, wire.DBServerCreateObject, gameDatabase).Uint32(1).DClassID(0).
			Uint16(3).FieldID(0).Uint32(1).FieldID(1).Uint16(2).FieldID(2).Uint8(3)
	}, func(m wire.Message) bool {
		m.Payload.Uint32()
		ids = append(ids, m.Payload.DoID())
		return m.Type == wire.DBServerCreateObjectResp && ids[len(ids)-1] != 0
	})

	d = d.killed() // what the objects need begins with an empty process
	a = &pebbles{Client: d.dial(), b: b, n: b.N}
	a.Subscribe(at.Channel())
	a.Settle(d.port(), gameAI)
	memory, used := d.memory(), d.processorTime()
	b.ResetTimer()
	a.each(func(w *wire.Writer, i int) {
		w.Header(gameAI, wire.DBSSObjectActivateWithDefaults, ids[i].Channel()).DoID(ids[i]).Location(at)
	}, func(m wire.Message) bool {
		return m.Type == wire.StateServerObjectEnterLocationWithRequired && m.Sender == m.Payload.DoID().Channel()
	})
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "objects/s")
	b.ReportMetric(float64((d.processorTime()-used).Microseconds())/float64(b.N), "CPU-µs/object")
	b.ReportMetric(float64(d.memory()-memory)/float64(b.N), "B/object")
}

// pebbles is who makes and activates them.
type pebbles struct {
	*mdtest.Client
	b *testing.B
	n int
}

// each sends a message for each pebble, with a thousand unanswered at most, and wants
// an answer to each.
func (p *pebbles) each(message func(w *wire.Writer, i int), right func(m wire.Message) bool) {
	p.b.Helper()
	const open = 1000
	for sent, got := 0, 0; got < p.n; got++ {
		if sent-got <= open/2 {
			var frames []byte
			for ; sent < p.n && sent-got < open; sent++ {
				frames = append(frames, mdtest.Frame(mdtest.Datagram(p.b, func(w *wire.Writer) { message(w, sent) }))...)
			}
			if _, err := p.Conn.Write(frames); err != nil {
				p.b.Fatal(err)
			}
		}
		d, err := p.Receive()
		if err != nil {
			p.b.Fatalf("%d of %d: %v", got, p.n, err)
		}
		if m, err := d.Message(); err != nil || !right(m) {
			p.b.Fatalf("%d of %d: %v came (%v)", got, p.n, m.Type, err)
		}
	}
}
