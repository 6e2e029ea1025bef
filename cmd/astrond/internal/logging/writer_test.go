package logging

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// slowReader is an output that takes nothing until it is told to.
type slowReader struct {
	ready chan struct{} // closed when it reads again

	mu   sync.Mutex
	text bytes.Buffer
	err  error // instead of taking anything
}

func newSlowReader() *slowReader { return &slowReader{ready: make(chan struct{})} }

func (r *slowReader) Write(b []byte) (int, error) {
	<-r.ready
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		return 0, r.err
	}
	return r.text.Write(b)
}

func (r *slowReader) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err = err
}

func (r *slowReader) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}

// logTo is a logger for an output, and how often it was said to be stuck.
func logTo(t *testing.T, o Options) (log *slog.Logger, outputs *Outputs, stuck *int) {
	t.Helper()
	stuck = new(int)
	o.Stuck = func(output string) {
		if output != "console" {
			t.Errorf("%s is stuck", output)
		}
		*stuck++
	}
	log, outputs, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	return log, outputs, stuck
}

// settle waits until all is written that an output takes: Flush alone waits for a second, which
// a busy machine may need longer than.
func settle(t *testing.T, outputs *Outputs) {
	t.Helper()
	l := outputs.console
	writing := func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		return l.writing
	}
	for until := time.Now().Add(time.Minute); writing(); outputs.Flush() {
		if time.Now().After(until) {
			t.Fatal("not everything is written")
		}
	}
}

// Logging does not wait for a reader that is blocked. What is dropped is counted,
// and told where it is missing.
func TestLogReaderStandsStill(t *testing.T) {
	for _, json := range []bool{false, true} {
		t.Run(fmt.Sprint("json ", json), func(t *testing.T) {
			reader := newSlowReader()
			log, outputs, stuck := logTo(t, Options{Console: reader, JSON: json})
			const many = 10_000   // of at least 400 bytes: so much can be neither on its way nor waiting
			for i := range many { // it would block here
				log.Info("a line", "number", i, "text", strings.Repeat("x", 400))
			}
			lost := outputs.Lost()["console"]
			if lost == 0 || lost >= many || *stuck == 0 {
				t.Fatalf("%d of %d lines are lost, and that was told %d times", lost, many, *stuck)
			}
			close(reader.ready)
			settle(t, outputs)
			checkLines(t, reader.String(), many)

			log.Info("a line", "number", many)
			settle(t, outputs)
			checkLines(t, reader.String(), many+1)
			if outputs.Lost()["console"] != lost {
				t.Error("lines are lost though they are read")
			}
		})
	}
}

var (
	numberPattern  = regexp.MustCompile(`number"?[=:](\d+)`)
	missingPattern = regexp.MustCompile(`Log.* lines"?[=:](\d+)|"component":"Log".*"lines":(\d+)`)
)

// checkLines looks whether lines numbered from 0 are all there, or told to be missing
// where they are missing.
func checkLines(t *testing.T, text string, many int) {
	t.Helper()
	next := 0
	for line := range strings.Lines(text) {
		if m := missingPattern.FindStringSubmatch(line); m != nil {
			n, _ := strconv.Atoi(m[1] + m[2])
			next += n
			continue
		}
		m := numberPattern.FindStringSubmatch(line)
		if m == nil {
			t.Fatalf("line %q", line)
		}
		if n, _ := strconv.Atoi(m[1]); n != next {
			t.Fatalf("line %d comes where %d should", n, next)
		}
		next++
	}
	if next != many {
		t.Errorf("%d lines are accounted for, of %d", next, many)
	}
}

// Lines that cannot be written are counted, too, and told once the output works again.
func TestLogOutputFails(t *testing.T) {
	disk := newSlowReader()
	close(disk.ready)
	disk.fail(errors.New("no space left"))
	log, outputs, stuck := logTo(t, Options{Console: disk})
	for i := range 3 {
		log.Info("a line", "number", i)
		settle(t, outputs)
	}
	disk.fail(nil)
	log.Info("a line", "number", 3)
	settle(t, outputs)
	if !strings.Contains(disk.String(), "lines are missing here") || !strings.Contains(disk.String(), "number=3") {
		t.Errorf("the log is %q", disk)
	}
	if lost := outputs.Lost()["console"]; lost < 3 || *stuck == 0 {
		t.Errorf("%d lines are lost, and that was told %d times", lost, *stuck)
	}
}

// The end does not wait for a reader that stands still.
func TestLogEndIsBounded(t *testing.T) {
	reader := newSlowReader()
	defer close(reader.ready)
	log, outputs, _ := logTo(t, Options{Console: reader})
	log.Info("a line")
	done := make(chan struct{})
	go func() {
		defer close(done)
		outputs.Close()
		InTime(func() { _, _ = reader.Write([]byte("faults")) })
	}()
	select {
	case <-done:
	case <-time.After(20 * flushTimeout):
		t.Fatal("it waits")
	}
}
