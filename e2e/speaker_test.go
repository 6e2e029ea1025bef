package e2e

import (
	"path/filepath"
	"testing"

	"natstron/bridge/md/mdtest"
	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/internal/msgtext"
)

// townPath is where the DC file of the state server's tests is; townFile has read it.
func townPath(t testing.TB) string {
	t.Helper()
	path, err := filepath.Abs(stateServerTests + "town.dc")
	must(t, err)
	return path
}

func townFile(t testing.TB) (path string, file *dc.File) {
	t.Helper()
	path = townPath(t)
	file, err := dc.ParseFiles(path)
	must(t, err)
	return path, file
}

// speaker is a participant that sends and receives datagrams as text.
type speaker struct {
	*mdtest.Client
	t    testing.TB
	file *dc.File
	as   wire.Channel
}

// say sends all of the lines in one write.
func (s speaker) say(lines ...string) {
	s.t.Helper()
	var frames []byte
	for _, line := range lines {
		d, err := msgtext.Parse(s.file, s.as, line)
		must(s.t, err)
		frames = append(frames, mdtest.Frame(d)...)
	}
	if _, err := s.Conn.Write(frames); err != nil {
		s.t.Fatal(err)
	}
}

// hear returns the next datagram.
func (s speaker) hear() string {
	s.t.Helper()
	d, err := s.Receive()
	must(s.t, err)
	return msgtext.Text(s.file, d)
}

// wantLines waits for exactly these datagrams, in order.
func (s speaker) wantLines(lines ...string) {
	s.t.Helper()
	for _, want := range lines {
		if got := s.hear(); got != want {
			s.t.Fatalf("received %s, want %s", got, want)
		}
	}
}
