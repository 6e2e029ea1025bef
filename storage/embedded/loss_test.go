package embedded

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"natstron/bridge/wire"
	"natstron/storage"
	"natstron/storage/storagetest"
)

var lossIDs = storage.Range{Min: 1000, Max: 9999}

// fill creates 40 objects, and deletes the first.
func fill(t *testing.T, s *Store) (next wire.DoID) {
	t.Helper()
	for want := wire.DoID(1000); want < 1040; want++ {
		storagetest.Creates(t, s, want, twins(1))
	}
	storagetest.Must(t, s.Delete(t.Context(), 1000))
	return 1040
}

// objects counts the objects in a file of its own.
func objects(t *testing.T, main []byte) int64 {
	t.Helper()
	path := filepath.Join(t.TempDir(), "copy.db")
	storagetest.Must(t, os.WriteFile(path, main, 0o600))
	r, err := OpenForReading(path, lossIDs)
	if err != nil {
		return 0
	}
	n, _, err := r.(*Store).Count(t.Context())
	storagetest.Must(t, errors.Join(err, r.Close()))
	return n
}

// TestEndTakesTheLogIn copies the one file after an end in order: it is all there is.
func TestEndTakesTheLogIn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "objects.db")
	s := opened(t, path, lossIDs)
	fill(t, s)
	storagetest.Must(t, s.Close())
	if n := objects(t, read(t, path)); n != 39 {
		t.Errorf("the file has %d objects by itself, want 39", n)
	}
	if info, err := os.Stat(path + "-wal"); err == nil && info.Size() > 0 {
		t.Errorf("the log has %d bytes", info.Size())
	}
}

// TestLogIsTakenInNowAndThen copies the file of a database in use.
func TestLogIsTakenInNowAndThen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "objects.db")
	s, err := open(path, lossIDs, time.Millisecond)
	storagetest.Must(t, err)
	fill(t, s)
	for begin := time.Now(); objects(t, read(t, path)) != 39; {
		if time.Since(begin) > 30*time.Second {
			t.Fatal("the log is never taken in")
		}
	}
	storagetest.Must(t, s.Close())
}

// TestLostLog has the log of a killed process cut, damaged and removed, the database's
// file removed, and an older one put in its place.
func TestLostLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "objects.db")
	s := opened(t, path, lossIDs)
	next := fill(t, s)
	main, log, kept := read(t, path), read(t, path+"-wal"), read(t, path+markSuffix)
	storagetest.Must(t, s.Close())
	damaged := bytes.Clone(log)
	damaged[len(log)/2] ^= 1
	for name, c := range map[string]struct{ main, log []byte }{
		"removed": {main, nil}, "empty": {main, []byte{}}, "cut": {main, log[:len(log)/2]}, "cut a little": {main, log[:len(log)-1]},
		"damaged": {main, damaged}, "all": {nil, nil}, "file": {nil, log}, "file emptied": {[]byte{}, log},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "objects.db")
			for file, data := range map[string][]byte{path: c.main, path + "-wal": c.log, path + markSuffix: kept} {
				if data != nil {
					storagetest.Must(t, os.WriteFile(file, data, 0o600))
				}
			}
			for range 2 {
				if s, err := Open(path, lossIDs); !errors.Is(err, storage.ErrLost) || !strings.Contains(err.Error(), "objects.db.accept-loss") {
					t.Fatalf("opened %v, %v", s, err)
				}
				if r, err := OpenForReading(path, lossIDs); !errors.Is(err, storage.ErrLost) && !(c.main == nil && errors.Is(err, fs.ErrNotExist)) {
					t.Fatalf("opened for reading %v, %v", r, err)
				}
				for file, data := range map[string][]byte{path: c.main, path + "-wal": c.log, path + markSuffix: kept} {
					now, err := os.ReadFile(file)
					if err != nil && !errors.Is(err, fs.ErrNotExist) {
						t.Fatal(err)
					}
					if !bytes.Equal(data, now) {
						t.Errorf("%s was changed: %d bytes are %d", filepath.Base(file), len(data), len(now))
					}
				}
			}
			storagetest.Must(t, os.WriteFile(path+acceptSuffix, nil, 0o600))
			s := opened(t, path, lossIDs)
			storagetest.Creates(t, s, next, twins(1))
			if _, err := os.Stat(path + acceptSuffix); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the next loss is accepted, too: %v", err)
			}
			storagetest.Must(t, s.Close())
			opened(t, path, lossIDs)
		})
	}
}

// TestMarkThatIsNone has no mark, or one that the disk did not keep whole.
func TestMarkThatIsNone(t *testing.T) {
	for name, text := range map[string]string{
		"none": "", "empty": " ", "cut": "natstron mark 1\ncommits 000000000000000", "no end": "natstron mark 1\ncommits 99999\n",
		"no number": "natstron mark 1\ncommits x\nend\n", "no range": "natstron mark 1\ncommits 99999\nrange x\nend\n",
		"older": "natstron mark 1\ncommits 1\nrange 1000 next 1001\nend\n", "other ranges": "natstron mark 1\ncommits 3\nrange 5 next 6\nrange 70000 next 70001\nend\n",
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "objects.db")
			s := opened(t, path, lossIDs)
			next := fill(t, s)
			storagetest.Must(t, s.Close())
			storagetest.Must(t, os.Remove(path+markSuffix))
			if text != "" {
				storagetest.Must(t, os.WriteFile(path+markSuffix, []byte(text), 0o600))
			}
			s = opened(t, path, lossIDs)
			storagetest.Creates(t, s, next, nil)
			storagetest.Must(t, s.Close())
			if name == "other ranges" && !strings.Contains(string(read(t, path+markSuffix)), "range 0000070000 next 0000070001") {
				t.Errorf("another range was forgotten: %s", read(t, path+markSuffix))
			}
		})
	}
}

// TestRemovedWhileInUse takes the files away from under a store.
func TestRemovedWhileInUse(t *testing.T) {
	t.Parallel()
	away := func(t *testing.T, name string) {
		if err := os.Rename(name, name+".away"); err != nil {
			t.Skip("this system does not let a file in use be removed:", err)
		}
	}
	for name, damage := range map[string]func(t *testing.T, path string){
		"file":   away,
		"log":    func(t *testing.T, path string) { away(t, path+"-wal") },
		"folder": func(t *testing.T, path string) { away(t, filepath.Dir(path)) },
		"replaced": func(t *testing.T, path string) {
			copied := read(t, path)
			away(t, path)
			storagetest.Must(t, os.WriteFile(path, copied, 0o600))
		},
	} {
		for _, writes := range []bool{true, false} {
			path := filepath.Join(t.TempDir(), "folder", "objects.db")
			s := opened(t, path, lossIDs)
			fill(t, s)
			damage(t, path)
			if writes {
				if _, err := s.Create(t.Context(), "Toon", nil); err == nil {
					t.Errorf("%s: answered what is lost", name)
				}
				if _, err := s.Create(t.Context(), "Toon", nil); !errors.Is(err, storage.ErrUnavailable) || errors.Is(err, storage.ErrUnknown) {
					t.Errorf("%s: then %v", name, err)
				}
			}
			for begin := time.Now(); ; time.Sleep(10 * time.Millisecond) {
				_, err := s.Get(t.Context(), 1001)
				if errors.Is(err, storage.ErrUnavailable) {
					break
				}
				if writes || time.Since(begin) > 30*time.Second {
					t.Errorf("%s: still reads: %v", name, err)
					break
				}
			}
			if err := s.Close(); err != nil {
				t.Logf("%s: close: %v", name, err) // the file may be missed there, too
			}
		}
	}
}
