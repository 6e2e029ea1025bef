package stateserver

import (
	"context"
	"errors"
	"log/slog"
	"testing"

	"pgregory.net/rapid"

	"natstron/bridge"
	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/internal/msgtext"
)

// readsBatch reads a batch into a space without a node, and checks what it has then.
func readsBatch(t rapid.TB, file *dc.File, b []byte) (r *restoring, err error) {
	t.Helper()
	var log msgtext.Log
	s := NewSpace(nil, SpaceOptions{File: file, MaxObjects: 3, Log: slog.New(slog.NewTextHandler(&log, nil))})
	r = newRestoring(s)
	err = r.batch(b)
	if len(r.objects) > 3 {
		t.Errorf("there are %d objects", len(r.objects))
	}
	for id, o := range r.objects {
		if o.doID != id || id == 0 || o.location.Parent == id {
			t.Errorf("object %d is at %v, under %d", o.doID, o.location, id)
		}
		if err := o.values.checkRecords(o.class); err != nil {
			t.Errorf("object %d: %v", id, err)
		}
	}
	return r, err
}

// aBatch is one with every kind of record.
func aBatch(t testing.TB) []byte {
	t.Helper()
	file := townFile(t)
	townsman, _ := file.ClassByName("Townsman")
	name, _ := townsman.FieldByName("setName")
	mood, _ := townsman.FieldByName("setMood")
	o := &Object{doID: 6000, class: townsman, ai: 8000, owner: 8001, explicitAI: true, location: wire.Location{Parent: 5000, Zone: 1}}
	must(t, o.values.Set(name, []byte("\x03\x00bob")))
	must(t, o.values.SetDefaults(townsman))
	b := appendBegin(nil, file.Hash())
	b = appendPut(b, o, putSnapshot)
	b = append(b, recordEnd)
	b = appendSet(b, 6000, mood, []byte("\x02\x00ok"))
	o.doID = 6001
	b = appendPut(b, o, 0)
	b = appendDel(b, 6001)
	b = appendLeave(b, bridge.Removal{Origin: "one", Seq: 1, Participant: 2, Sender: 3, Datagram: []byte("datagram")})
	b = appendLeave(b, bridge.Removal{Origin: "one", Seq: 2, Participant: 2, Sender: 3, Datagram: []byte("datagram")})
	return appendClear(b, "one", 1)
}

// TestRecords: what is written is read.
func TestRecords(t *testing.T) {
	r, err := readsBatch(t, townFile(t), aBatch(t))
	must(t, err)
	o := r.objects[6000]
	if o == nil || len(r.objects) != 1 || o.ai != 8000 || o.owner != 8001 || !o.explicitAI || o.location.Zone != 1 {
		t.Fatalf("the objects are %v", r.objects)
	}
	mood, _ := o.class.FieldByName("setMood")
	if v, _ := o.Get(mood); string(v) != "\x02\x00ok" {
		t.Errorf("its mood is %q", v)
	}
	if left := r.removals[removal{"one", 2}]; len(r.removals) != 1 || string(left.Datagram) != "datagram" || left.Participant != 2 || left.Sender != 3 {
		t.Errorf("the post-removes are %v", r.removals)
	}
	if r.damaged != 0 {
		t.Errorf("%d are damaged", r.damaged)
	}
}

// TestRecordsCut: a batch that ends anywhere is read up to there, and is an error unless a
// record ends there.
func TestRecordsCut(t *testing.T) {
	b := aBatch(t)
	whole := 0
	for n := range len(b) {
		if _, err := readsBatch(t, townFile(t), b[:n]); err == nil {
			whole++
		} else if !errors.Is(err, wire.ErrTruncated) {
			t.Errorf("cut at %d: %v", n, err)
		}
	}
	if whole != 9 { // in front of each of the records
		t.Errorf("%d beginnings of the batch are whole", whole)
	}
}

// TestHostileRecords: whatever the bytes are, objects are what objects can be.
func TestHostileRecords(t *testing.T) {
	valid, file := aBatch(t), townFile(t)
	rapid.Check(t, func(t *rapid.T) {
		b := append([]byte(nil), valid...)
		for range rapid.IntRange(1, 5).Draw(t, "faults") {
			at := rapid.IntRange(0, len(b)-1).Draw(t, "at")
			b[at] = rapid.Byte().Draw(t, "byte")
		}
		_, _ = readsBatch(t, file, b) // refused or not
	})
}

// FuzzRecords is TestHostileRecords with bytes of a fuzzer.
func FuzzRecords(f *testing.F) {
	f.Add(aBatch(f))
	f.Fuzz(func(t *testing.T, b []byte) { _, _ = readsBatch(t, townFile(t), b) })
}

// TestOtherFiles: objects of other DC files are not read, and the log begins again.
func TestOtherFiles(t *testing.T) {
	c := keepers(t)
	r := c.survivor(t, "one", Options{Control: 402000})
	c.Say(c.Join("maker", 8000), `402000 CREATE_OBJECT_WITH_REQUIRED do_id=5000 location=0:0 dclass=Street setTitle("Elm")`)
	c.quiet(t, r)
	must(t, r.space.Enter(func() error { // as another process would have begun
		v := r.space.survival
		v.records = appendBegin(v.records, c.File.Hash()+1)
		v.something()
		return nil
	}))
	c.quiet(t, r)
	c.crash(r)
	for range 2 {
		r = c.survivor(t, "one", Options{Control: 402000})
		c.quiet(t, r)
		if n := r.Stats().Objects(); n != 0 {
			t.Errorf("there are %d objects", n)
		}
		c.crash(r)
	}
}

// TestReplaced: a state server that finds another one in its place ends, and has announced
// nothing since.
func TestReplaced(t *testing.T) {
	c := keepers(t)
	first := c.survivor(t, "one", Options{Control: 402000})
	ended := make(chan error, 1)
	go func() { ended <- first.Run(context.Background()) }()
	maker, watcher := c.Join("maker", 8000), c.Join("watcher", wire.Location{Parent: 5000, Zone: 1}.Channel())
	c.Say(maker, `402000 CREATE_OBJECT_WITH_REQUIRED do_id=6000 location=5000:1 dclass=Pebble setA(1) setB(2) setC(3)`)
	c.quiet(t, first)
	watcher.Take()
	j, err := c.Nodes["one"].OpenJournal(t.Context(), "stateserver-402000", 1)
	must(t, err)
	defer j.Close()
	must(t, j.Read(t.Context(), func(bridge.Entry) error { return nil }))
	_, err = j.Append(t.Context(), entriesOf(99, make([]byte, entryHead), maxPart), func(error) {})
	must(t, err)
	c.Say(maker, `6000 SET_FIELD 6000 setA(7)`)
	if err := <-ended; !errors.Is(err, bridge.ErrReplaced) {
		t.Errorf("it ended with %v", err)
	}
	c.sync()
	c.Record()
	if got := watcher.Take(); len(got) > 0 {
		t.Errorf("%d messages were announced", len(got))
	}
}
