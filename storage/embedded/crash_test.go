package embedded

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"natstron/bridge/wire"
	"natstron/storage"
	"natstron/storage/document"
	"natstron/storage/storagetest"
)

// crashEnv has the test binary write with 32 goroutines into the file that it names, until it is
// killed.
const crashEnv = "NATSTRON_TEST_CRASH_FILE"

// crashIDs is small, so that ids are given again all the time.
var crashIDs = storage.Range{Min: 1000, Max: 1199}

func TestMain(m *testing.M) {
	if path := os.Getenv(crashEnv); path != "" {
		if err := writeUntilKilled(path); err != nil {
			fmt.Println("failed", err)
			os.Exit(1)
		}
	}
	if path := os.Getenv(storagetest.KillEnv); path != "" {
		st, err := Open(path, nameIDs)
		if err == nil {
			err = storagetest.ClaimNames(st)
		}
		fmt.Println("failed", err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// nameIDs are the ids of the objects with names.
var nameIDs = storage.Range{Min: 1000, Max: 100000}

// TestKillNames kills a process that gives names away.
func TestKillNames(t *testing.T) {
	path := filepath.Join(t.TempDir(), "objects.db")
	storagetest.Kill(t, path, func() (storage.Store, error) { return Open(path, nameIDs) })
}

// twins are two fields that are always set to the same value.
func twins(v int64) document.Document {
	return document.Document{{Name: "a", Value: v}, {Name: "padding", Value: make([]byte, 200)}, {Name: "b", Value: v}}
}

func twin(o storage.Object) (int64, error) {
	a, _ := o.Fields.Get("a")
	b, _ := o.Fields.Get("b")
	if !document.Equal(a, b) {
		return 0, fmt.Errorf("object %d is torn: a is %v, b is %v", o.ID, a, b)
	}
	n, ok := a.(int32)
	if !ok {
		return 0, fmt.Errorf("object %d holds %v", o.ID, a)
	}
	return int64(n), nil
}

// writeUntilKilled creates, counts up, and deletes. Each line it prints was
// answered before; "deleting" is printed before it is asked for.
func writeUntilKilled(path string) error {
	st, err := Open(path, crashIDs)
	if err != nil {
		return err
	}
	return storagetest.WriteUntilKilled(32, func(say storagetest.Say) error { return oneLife(context.Background(), st, say) })
}

func oneLife(ctx context.Context, st *Store, say storagetest.Say) error {
	id, err := st.Create(ctx, "Toon", twins(0))
	if errors.Is(err, storage.ErrExhausted) {
		time.Sleep(time.Millisecond) // others will delete
		return nil
	}
	if err != nil {
		return err
	}
	say("created %d", id)
	for v := range int64(rand.IntN(6)) {
		err := st.Update(ctx, id, storage.Update{If: []storage.Condition{{Name: "a", Want: v}, {Name: "b", Want: v}}, Set: twins(v + 1)})
		if err != nil {
			return err
		}
		say("set %d %d", id, v+1)
	}
	if rand.IntN(10) == 0 {
		return nil // it stays for good
	}
	say("deleting %d", id)
	if err := st.Delete(ctx, id); err != nil {
		return err
	}
	say("deleted %d", id)
	return nil
}

// model is what must be in the file: the value of each object, which may be one
// more after a crash.
type model struct {
	values   map[wire.DoID]int64
	deleting map[wire.DoID]bool
	answered int
}

func (m *model) line(line string) error {
	var what string
	var id wire.DoID
	var v int64
	if n, err := fmt.Sscanf(line, "%s %d %d", &what, &id, &v); n < 2 {
		return fmt.Errorf("the writer says %q: %v", line, err)
	}
	_, alive := m.values[id]
	if alive == (what == "created") {
		return fmt.Errorf("%q, but the object is alive: %v", line, alive)
	}
	m.answered++
	switch what {
	case "created":
		m.values[id] = 0
	case "set":
		m.values[id] = v
	case "deleting":
		m.deleting[id] = true
	case "deleted":
		delete(m.values, id)
		delete(m.deleting, id)
	default:
		return fmt.Errorf("the writer says %q", line)
	}
	return nil
}

// check compares the model with the file, and takes over what was under way.
func (m *model) check(s *Store) error {
	found := map[wire.DoID]bool{}
	unanswered := 0
	for o, err := range s.All(context.Background(), 0) {
		if err != nil {
			return err
		}
		v, err := twin(o)
		if err != nil {
			return err
		}
		found[o.ID] = true
		want, known := m.values[o.ID]
		if !known || v != want {
			unanswered++ // created or set, but not answered
		}
		if known && v != want && v != want+1 || !known && v != 0 {
			return fmt.Errorf("object %d has %d, was answered %d", o.ID, v, want)
		}
		m.values[o.ID] = v
	}
	for id := range m.values {
		if !found[id] {
			if !m.deleting[id] {
				return fmt.Errorf("object %d is gone, though it was answered", id)
			}
			delete(m.values, id)
		}
	}
	clear(m.deleting)
	if unanswered > 32 {
		return fmt.Errorf("%d changes were not answered: more than there are writers", unanswered)
	}
	ids, err := s.IDs(context.Background())
	if err != nil {
		return err
	}
	for _, id := range ids.Free {
		if found[id] {
			return fmt.Errorf("%d is free, but has an object", id)
		}
	}
	if lost := int(ids.Next-uint64(crashIDs.Min)) - len(ids.Free) - len(found); lost != 0 {
		return fmt.Errorf("%d ids got lost", lost)
	}
	return nil
}

// TestKill kills the writing process again and again.
func TestKill(t *testing.T) {
	rounds := storagetest.KillRounds(t)
	path := filepath.Join(t.TempDir(), "objects.db")
	m := &model{values: map[wire.DoID]int64{}, deleting: map[wire.DoID]bool{}}
	for round := range rounds {
		storagetest.KillWriter(t, crashEnv, path, 100+rand.IntN(700), m.line)
		s, err := Open(path, crashIDs)
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		if err := m.check(s); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		// Make room again: objects that stay for good fill the range up.
		for id := range m.values {
			if len(m.values) < 100 {
				break
			}
			storagetest.Must(t, s.Delete(t.Context(), id))
			delete(m.values, id)
		}
		storagetest.Must(t, s.Close())
	}
	t.Logf("%d rounds, %d answers", rounds, m.answered)
}
