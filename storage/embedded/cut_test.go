package embedded

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"natstron/bridge/wire"
	"natstron/storage"
	"natstron/storage/storagetest"
)

const (
	walHeader   = 32
	frameHeader = 24
)

// answer is a value that was answered when the log was so long.
type answer struct {
	id    wire.DoID
	value int64
	log   int
}

// written is a database in use, and what it answered.
type written struct {
	main, log []byte
	page      int
	answers   []answer
}

// write has 32 goroutines create and change objects, and copies the files before
// anything is moved from the log to the file.
func write(t *testing.T) written {
	t.Helper()
	path := filepath.Join(t.TempDir(), "objects.db")
	s := opened(t, path, wide)
	var w written
	var mu sync.Mutex
	note := func(id wire.DoID, v int64) {
		info, err := os.Stat(path + "-wal")
		if err != nil {
			t.Error(err)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		w.answers = append(w.answers, answer{id, v, int(info.Size())})
	}
	var done sync.WaitGroup
	for range 32 {
		done.Go(func() {
			id, err := s.Create(t.Context(), "Toon", twins(0))
			if err != nil {
				t.Error(err)
				return
			}
			note(id, 0)
			for v := int64(1); v < 4; v++ {
				if err := s.Update(t.Context(), id, storage.Update{Set: twins(v)}); err != nil {
					t.Error(err)
				}
				note(id, v)
			}
		})
	}
	done.Wait()
	w.main, w.log = read(t, path), read(t, path+"-wal")
	w.page = int(binary.BigEndian.Uint32(w.log[8:]))
	if frames := (len(w.log) - walHeader) / (frameHeader + w.page); frames < 20 || frames > 900 {
		t.Fatalf("the log has %d frames: the test is of no use", frames)
	}
	return w
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	storagetest.Must(t, err)
	return b
}

// holds opens a database of these files and looks for all that was answered while
// the log was not longer than given.
func (w written) holds(t *testing.T, main, log []byte, until int) error {
	t.Helper()
	path := filepath.Join(t.TempDir(), "objects.db")
	for name, data := range map[string][]byte{path: main, path + "-wal": log} {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			return err
		}
	}
	s, err := Open(path, wide)
	if err != nil {
		return err
	}
	values := map[wire.DoID]int64{}
	for o, err := range s.All(t.Context(), 0) {
		if err != nil {
			return errors.Join(err, s.Close())
		}
		if values[o.ID], err = twin(o); err != nil {
			return errors.Join(err, s.Close())
		}
	}
	for _, a := range w.answers {
		v, ok := values[a.id]
		if a.log <= until && (!ok || v < a.value) {
			return errors.Join(fmt.Errorf("object %d was answered with %d, but has %d (%v)", a.id, a.value, v, ok), s.Close())
		}
	}
	// It goes on as if nothing had been.
	id, err := s.Create(t.Context(), "Toon", twins(0))
	if _, taken := values[id]; err == nil && taken {
		err = fmt.Errorf("%d was given twice", id)
	}
	return errors.Join(err, s.Close())
}

// TestCutLog cuts the log anywhere, as a power cut does with what was not yet
// synced. What was answered before is there, and nothing is torn.
func TestCutLog(t *testing.T) {
	t.Parallel()
	w := write(t)
	rng := rand.New(rand.NewPCG(1, 2))
	var cuts []int
	for at := 0; at <= len(w.log); at += w.page + frameHeader {
		cuts = append(cuts, at, at+walHeader)
	}
	rng.Shuffle(len(cuts), func(i, j int) { cuts[i], cuts[j] = cuts[j], cuts[i] })
	cuts = append([]int{0, 1, walHeader - 1, walHeader, len(w.log) - 1, len(w.log)}, cuts[:min(len(cuts), 20)]...)
	for range 20 {
		cuts = append(cuts, rng.IntN(len(w.log)))
	}
	for _, at := range cuts {
		at = min(at, len(w.log))
		tails := map[string][]byte{"nothing": nil, "zeros": make([]byte, len(w.log)-at), "garbage": make([]byte, len(w.log)-at)}
		for i := range tails["garbage"] {
			tails["garbage"][i] = byte(rng.Uint32())
		}
		for name, tail := range tails {
			if err := w.holds(t, w.main, append(bytes.Clone(w.log[:at]), tail...), at); err != nil {
				t.Errorf("log of %d bytes cut at %d, then %s: %v", len(w.log), at, name, err)
			}
		}
	}
}

// TestCutCheckpoint cuts the power while pages are moved from the log to the file:
// any of them may be old, new, or torn there.
func TestCutCheckpoint(t *testing.T) {
	w := write(t)
	rng := rand.New(rand.NewPCG(3, 4))
	for round := range 20 {
		main := bytes.Clone(w.main)
		for at := walHeader; at+frameHeader+w.page <= len(w.log); at += frameHeader + w.page {
			number := int(binary.BigEndian.Uint32(w.log[at:])) // from 1
			begin := (number - 1) * w.page
			if rng.IntN(2) == 0 {
				continue
			}
			for len(main) < begin+w.page {
				main = append(main, 0)
			}
			torn := rng.IntN(w.page + 1)
			copy(main[begin:begin+torn], w.log[at+frameHeader:])
		}
		if round%4 == 0 {
			main = main[:w.page+rng.IntN(len(main)-w.page)] // its length was not synced either
		}
		if err := w.holds(t, main, w.log, len(w.log)); err != nil {
			t.Errorf("round %d: %v", round, err)
		}
	}
}
