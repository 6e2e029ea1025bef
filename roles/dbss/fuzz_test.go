package dbss

import (
	"fmt"
	"testing"

	"natstron/bridge/wire"
	"natstron/internal/msgtext"
)

// FuzzMessages throws bytes at a database-state server with an active and a loading
// object. Whatever they are, it does not panic, its books agree, nothing is left open,
// and what is active can say all of what it keeps.
//
// The input is datagrams, each behind a uint16 length.
func FuzzMessages(f *testing.F) {
	file := townFile(f)
	parse := func(line string) wire.Datagram {
		d, err := msgtext.Parse(file, databaseChannel, line)
		if err != nil {
			f.Fatal(err)
		}
		return d
	}
	start := []wire.Datagram{
		parse(`9001 ACTIVATE_WITH_DEFAULTS 9001 5000:1`),
		parse(`9001 DBSERVER_OBJECT_GET_ALL_RESP 1 1 dclass=Citizen setName("Flo") setCoins(7) setMood("sad") setSecret(9)`),
		parse(`9002 ACTIVATE_WITH_DEFAULTS 9002 9001:1`),
	}
	for i, line := range lines {
		var seed []byte
		for _, id := range []wire.DoID{9001, 9002, 9003} {
			d := parse(fmt.Sprintf(line+"%[3]s", id, 1+i%4, ""))
			seed = append(seed, byte(len(d)), byte(len(d)>>8))
			seed = append(seed, d...)
		}
		f.Add(seed)
	}
	c := newCluster(f)
	f.Fuzz(func(t *testing.T, input []byte) {
		c.T, c.context = t, 0
		r := c.server(Options{Ranges: []wire.DoIDRange{{Min: 9000, Max: 9099}}, MaxWaiting: 4000, MaxQuestions: 100})
		a := c.Join("fuzzer", databaseChannel)
		defer func() {
			c.leave()
			c.Log.Take()
		}()
		for _, d := range start {
			if err := a.Send(d); err != nil {
				t.Fatal(err)
			}
			c.settle()
		}
		c.Feed(a, input)
		c.settle()
		for range 3 {
			c.wait(defaultTimeout)
		}
		if len(r.loading) > 0 || len(r.questions.byContext) > 0 || r.echoes.any() {
			t.Fatalf("%d are loading, %d questions are open, echoes %v", len(r.loading), len(r.questions.byContext), r.echoes.any())
		}
		a.Take()
		for id := wire.DoID(9000); id <= 9099; id++ {
			if _, ok := r.space.Object(id); !ok {
				continue
			}
			var w wire.Writer
			d, _ := w.Header(databaseChannel, wire.StateServerObjectGetAll, id.Channel()).Uint32(77).DoID(id).Datagram()
			if err := a.Send(d); err != nil {
				t.Fatal(err)
			}
			c.settle()
			got := a.Take()
			if len(got) != 1 {
				t.Fatalf("object %d answers %d times", id, len(got))
			}
			m, _ := got[0].Message()
			layout, _ := wire.LayoutOf(m.Type)
			if err := layout.Decode(&m.Payload, msgtext.Values{File: file}, func(wire.Arg) {}); err != nil {
				t.Fatal(err)
			}
		}
	})
}
