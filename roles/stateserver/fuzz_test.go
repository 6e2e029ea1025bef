package stateserver

import (
	"bytes"
	"testing"

	"natstron/bridge/wire"
	"natstron/internal/msgtext"
)

// FuzzMessages throws bytes at a state server with a small family of objects.
// Whatever they are, it does not panic, its books agree, and it can say all of
// what it keeps.
//
// The input is datagrams, each behind a uint16 length.
func FuzzMessages(f *testing.F) {
	file := townFile(f)
	const family = `402000 CREATE_OBJECT_WITH_REQUIRED do_id=20001 location=0:0 dclass=Street setTitle("Elm")
402000 CREATE_OBJECT_WITH_REQUIRED_OTHER do_id=20002 location=20001:1 dclass=Townsman setName("Flo") setHealth(20) setSecret(7) setX(3) setY(4) setMood("glad")
402000 CREATE_OBJECT_WITH_REQUIRED do_id=20003 location=20002:1 dclass=Library setFirst("x")
402000 CREATE_OBJECT_WITH_REQUIRED do_id=20004 location=5000:1 dclass=Street setTitle("Oak")
20002 SET_OWNER 7000
20001 SET_AI 6000`
	datagrams := func(lines string) []wire.Datagram {
		var all []wire.Datagram
		for line := range bytes.Lines([]byte(lines)) {
			d, err := msgtext.Parse(file, 8000, string(bytes.TrimSpace(line)))
			if err != nil {
				f.Fatal(err)
			}
			all = append(all, d)
		}
		return all
	}
	for _, lines := range []string{
		`20002 SET_FIELD 20002 setXY(1, 2)`,
		`20002 SET_FIELDS 20002 setName("x") setLook(1, 2) setTrail([{1, 2}])`,
		`20002 DELETE_FIELDS_RAM 20002 setMood setXY`,
		`20002 GET_FIELDS 1 20002 setXY setMood
20002 GET_ALL 1 20002
20002 GET_FIELD 1 20002 setLook`,
		`20001 SET_LOCATION 20003:1
20003 SET_LOCATION 1:20002
20003 SET_AI 4294987298`,
		`20001 GET_ZONES_OBJECTS 1 20001 1 2 3
1:20001 GET_CHILDREN 1 20001
20001 GET_ACTIVE_ZONES 1`,
		`20001 DELETE_ZONES 20001 1 2
20001 DELETE_CHILDREN 20001
20001 DELETE_RAM 20001`,
		`12 DELETE_AI_OBJECTS 6000
402000 CREATE_OBJECT_WITH_REQUIRED do_id=20001 location=0:0 dclass=Street setTitle("Elm")`,
		`20001 CHANGING_LOCATION 20009 20001:5 0:0
20001 GET_LOCATION_RESP 1001 20010 20001:5
20002 LOCATION_ACK 20001:1
20002 GET_AI_RESP 1 20001 6001
20002 CHANGING_AI 20001 6002 6001`,
		`402000 CREATE_OBJECT_WITH_REQUIRED do_id=402000 location=0:0 dclass=Street setTitle("Elm")
402000 CREATE_OBJECT_WITH_REQUIRED do_id=12 location=1:1 dclass=Street setTitle("Elm")`,
	} {
		var seed []byte
		for _, d := range datagrams(lines) {
			seed = append(seed, byte(len(d)), byte(len(d)>>8))
			seed = append(seed, d...)
		}
		f.Add(seed)
	}
	c := newCluster(f, "one")
	start := datagrams(family)
	f.Fuzz(func(t *testing.T, input []byte) {
		c.T = t
		r := c.server("one", 402000)
		a := c.Join("fuzzer", 8000, 6000, 7000)
		defer func() {
			r.Stop(t.Context(), nil)
			c.Leave()
			c.servers = nil
			if n := len(r.space.objects) + len(r.space.families); n != 0 {
				t.Errorf("%d are left", n)
			}
			c.Log.Take()
		}()
		for _, d := range start {
			if err := a.Send(d); err != nil {
				t.Fatal(err)
			}
		}
		c.Feed(a, input)
		c.settle()
		a.Take()
		for id := range r.space.objects {
			var w wire.Writer
			d, _ := w.Header(8000, wire.StateServerObjectGetAll, id.Channel()).Uint32(77).DoID(id).Datagram()
			if err := a.Send(d); err != nil {
				t.Fatal(err)
			}
			c.settle()
			if id == 8000 || id == 6000 || id == 7000 {
				a.Take()
				continue // the fuzzer has its channel, too
			}
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
