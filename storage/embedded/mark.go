package embedded

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"natstron/bridge/wire"
	"natstron/storage"
	"natstron/storage/internal/folder"
)

// The files beside the database's.
const (
	markSuffix   = ".mark"
	acceptSuffix = ".accept-loss"
)

// state is what a mark tells: how many transactions were answered, and the next id of
// each range.
type state struct {
	commits int64
	next    map[wire.DoID]int64 // by the least id of the range
}

// mark is a small file beside the database's that says how far it has come. SQLite
// takes a log that was cut, damaged or removed for one that ends there; the mark knows
// better. It is written over in place behind each commit, and synced now and then: so
// it is exact when the process is killed, and never ahead of the database.
type mark struct {
	path string
	file *os.File
	text []byte // of the latest
	state
}

const (
	markBegin = "natstron mark 1\n"
	markEnd   = "end\n"
)

// append writes the text of a mark. It has a fixed length for each range, so that no text
// leaves a rest of another.
func (s state) append(b []byte) []byte {
	b = append(b, markBegin+"commits "...)
	b = appendPadded(b, s.commits, 20)
	b = append(b, '\n')
	for _, low := range slices.Sorted(maps.Keys(s.next)) {
		b = appendPadded(append(b, "range "...), int64(low), 10)
		b = appendPadded(append(b, " next "...), s.next[low], 10)
		b = append(b, '\n')
	}
	return append(b, markEnd...)
}

func appendPadded(b []byte, n int64, width int) []byte {
	digits := strconv.AppendInt(nil, n, 10)
	for range width - len(digits) {
		b = append(b, '0')
	}
	return append(b, digits...)
}

// readMark reads a mark; nothing if there is none, or it is torn, as by a power cut.
func readMark(path string) (s state, err error) {
	s.next = map[wire.DoID]int64{}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	text, whole := strings.CutSuffix(string(data), markEnd)
	text, ours := strings.CutPrefix(text, markBegin)
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	var read state
	read.next = map[wire.DoID]int64{}
	if _, err := fmt.Sscanf(lines[0], "commits %d", &read.commits); err != nil || !whole || !ours {
		return s, nil
	}
	for _, line := range lines[1:] {
		var low wire.DoID
		var next int64
		if _, err := fmt.Sscanf(line, "range %d next %d", &low, &next); err != nil {
			return s, nil
		}
		read.next[low] = next
	}
	return read, nil
}

// openMark begins to keep a mark.
func openMark(path string, s state) (*mark, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	m := &mark{path: path, file: f, state: s}
	err = m.write()
	if err == nil {
		err = f.Truncate(int64(len(m.text)))
	}
	if err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = folder.Sync(filepath.Dir(path))
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return m, nil
}

func (m *mark) write() error {
	m.text = m.append(m.text[:0])
	_, err := m.file.WriteAt(m.text, 0)
	return err
}

// lost is the error of a database that is behind its mark.
func lost(name string, changes, objects int64, highest wire.DoID) error {
	return fmt.Errorf("%w: the last %d changes are missing: %s-wal was removed, cut or damaged, "+
		"or %s is an older copy, or a new file. It has %d objects, up to id %d. Restore the right files; or, to go on "+
		"with what is left, create an empty file %s: no id is given a second time. To start with an empty database, remove %s",
		storage.ErrLost, changes, name, name, objects, highest, name+acceptSuffix, name+markSuffix)
}
