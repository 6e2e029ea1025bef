package eventlogger

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"natstron/internal/complaint"
)

// memory is files that are as large, and fail, as a test says. A test looks at
// it while the writer waits.
type memory struct {
	mu       sync.Mutex
	data     map[string]*bytes.Buffer
	room     int   // bytes that may still be written; negative: no limit
	openErr  error // what open says
	writeErr error // what Write says, having written nothing
	opened   []string
	closed   int
}

func newMemory() *memory { return &memory{data: map[string]*bytes.Buffer{}, room: -1} }

func (m *memory) open(name string) (io.WriteCloser, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.openErr != nil {
		return nil, m.openErr
	}
	m.opened = append(m.opened, name)
	if m.data[name] == nil {
		m.data[name] = new(bytes.Buffer)
	}
	if b := m.data[name].Bytes(); len(b) > 0 && b[len(b)-1] != '\n' {
		m.data[name].WriteByte('\n')
	}
	return &memoryFile{m, m.data[name]}, nil
}

type memoryFile struct {
	m *memory
	b *bytes.Buffer
}

func (f *memoryFile) Write(p []byte) (int, error) {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	if f.m.writeErr != nil {
		return 0, f.m.writeErr
	}
	if f.m.room >= 0 && len(p) > f.m.room {
		n := f.m.room
		f.m.room = 0
		f.b.Write(p[:n])
		return n, syscall.ENOSPC
	}
	if f.m.room > 0 {
		f.m.room -= len(p)
	}
	return f.b.Write(p)
}

func (f *memoryFile) Close() error { f.m.closed++; return nil }

// set changes how the files are from now on.
func (m *memory) set(room int, openErr, writeErr error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.room, m.openErr, m.writeErr = room, openErr, writeErr
}

func (m *memory) text(name string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.data[name] == nil {
		return "no file\n"
	}
	return m.data[name].String()
}

// lines are the events in a file, as numbers; log-opened is "-".
func (m *memory) lines(name string) string {
	var got []string
	for line := range strings.Lines(m.text(name)) {
		if strings.Contains(line, `"type": "log-opened", "sender": "EventLogger", "msg": "`) && strings.HasSuffix(line, "}\n") {
			line = "-"
		}
		got = append(got, strings.TrimSuffix(line, "\n"))
	}
	return strings.Join(got, " ")
}

// desk is a writer at work in a bubble of simulated time, which begins at
// midnight of 2000-01-01 UTC.
type desk struct {
	t      *testing.T
	files  *memory
	queue  *queue
	writer *writer
	log    logBook
	end    func()
	next   int
}

func newDesk(t *testing.T, name pattern, every time.Duration) *desk {
	d := &desk{t: t, files: newMemory(), queue: newQueue(4096)}
	d.writer = &writer{files: d.files, name: name, every: every, queue: d.queue,
		log: slog.New(slog.NewTextHandler(&d.log, nil)), written: new(atomic.Uint64), complaints: complaint.Limiter{Every: remindEvery}}
	return d
}

func (d *desk) start() {
	ctx, cancel := context.WithCancel(d.t.Context())
	done := make(chan struct{})
	go func() {
		d.writer.run(ctx)
		close(done)
	}()
	d.end = func() { cancel(); <-done }
	synctest.Wait()
}

// events adds n events and waits until the writer has nothing to do.
func (d *desk) events(n int) {
	for range n {
		d.next++
		d.queue.add(fmt.Appendf(nil, "%d\n", d.next))
	}
	synctest.Wait()
}

func (d *desk) pass(t time.Duration) {
	time.Sleep(t)
	synctest.Wait()
}

func (d *desk) want(name, lines string) {
	d.t.Helper()
	if diff := cmp.Diff(lines, d.files.lines(name)); diff != "" {
		d.t.Errorf("%s:%s", name, diff)
	}
}

// said is how often the log has a text.
func (d *desk) said(text string) int { return strings.Count(d.log.String(), text) }

// logBook is a log to look into.
type logBook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logBook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logBook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func TestWriterWritesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, "a", 0)
		d.start()
		d.want("a", "-")
		d.pass(time.Hour)
		d.events(1)
		d.want("a", "- 1")
		d.events(2) // within the pause after the first
		d.pass(linger)
		d.want("a", "- 1 2 3")
		d.events(1)
		d.end()
		d.want("a", "- 1 2 3 4")
		if got := d.writer.written.Load(); got != 4 || d.files.closed != 1 {
			t.Errorf("%d events written, %d files closed, want 4 and 1", got, d.files.closed)
		}
	})
}

func TestWriterRotates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, "%H%M", time.Hour)
		d.start()
		for range 4 { // an event in each half hour
			d.events(1)
			d.pass(30 * time.Minute)
		}
		d.events(1)
		d.end()
		d.want("0000", "- 1 2")
		d.want("0100", "- 3 4")
		d.want("0200", "- 5")
		if d.files.closed != 3 {
			t.Errorf("%d of 3 files were closed", d.files.closed)
		}
	})
}

// A flood goes on all the while that files change; each event is in one of them.
func TestWriterRotatesInAFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, "%S", time.Second)
		d.start()
		const events = 5000
		for range events {
			d.next++
			d.queue.add(fmt.Appendf(nil, "%d\n", d.next))
			time.Sleep(777 * time.Microsecond)
		}
		d.end()
		var got []string
		for _, name := range d.files.opened {
			got = append(got, strings.Fields(strings.ReplaceAll(d.files.lines(name), "-", ""))...)
		}
		var want []string
		for i := range events {
			want = append(want, fmt.Sprint(i+1))
		}
		same(t, want, got)
		same(t, []string{"00", "01", "02", "03"}, d.files.opened)
	})
}

// Intervals do not drift, and those that were missed are left out.
func TestWriterKeepsTheSchedule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, "%H%M%S", time.Hour)
		d.start()
		d.files.set(-1, errors.New("the test says no"), nil)
		d.events(1)
		d.pass(2*time.Hour + 10*time.Minute)
		d.want("000000", "- 1")
		d.events(1)
		d.want("000000", "- 1 2") // the one before goes on
		d.files.set(-1, nil, nil)
		d.pass(retryPause)
		d.events(1)
		d.pass(50*time.Minute - retryPause - time.Second)
		d.events(1)
		d.pass(time.Second)
		d.events(1)
		d.pass(time.Hour)
		d.end()
		same(t, []string{"000000", "021001", "030000", "040000"}, d.files.opened)
		d.want("021001", "- 3 4")
		d.want("030000", "- 5")
		if n := d.said("cannot open the file"); n < 60 || n > 80 {
			t.Errorf("said %d times in 70 minutes that it cannot open the file", n)
		}
	})
}

func TestWriterAppendsToTheSameName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, "a", time.Minute)
		d.files.data["a"] = bytes.NewBufferString("old\ntorn")
		d.start()
		d.events(1)
		d.pass(time.Minute)
		d.events(1)
		d.end()
		d.want("a", "old torn - 1 - 2")
	})
}

func TestWriterOnAFullDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, "a", 0)
		d.start()
		d.events(1)
		d.pass(time.Second)
		d.files.set(3, nil, nil) // of "2\n3\n4\n"
		d.events(3)
		d.want("a", "- 1 2 3")
		if text := d.files.text("a"); !strings.HasSuffix(text, "3") {
			t.Fatalf("the last line is not torn: %q", text)
		}
		if d.said("cannot write to the file") != 1 || d.said("no space left on device") != 1 {
			t.Errorf("the log says %s", &d.log)
		}
		d.pass(10*time.Minute + time.Second)
		if n := d.said("cannot write to the file"); n != 11 {
			t.Errorf("said %d times in 10 minutes that it cannot write", n)
		}
		for range 1000 { // each costs 10 to 13 bytes, in a queue of 4096
			d.events(1)
		}
		d.want("a", "- 1 2 3")
		kept := d.writer.waiting()
		if kept < 4096/13 || kept > 4096/10 || d.queue.lost() != uint64(1000+2-kept) {
			t.Errorf("%d events are kept and %d lost", kept, d.queue.lost())
		}
		d.files.set(-1, nil, nil)
		d.pass(retryPause)
		var want []string
		for i := range 2 + kept {
			want = append(want, fmt.Sprint(i+1))
		}
		d.want("a", "- "+strings.Join(want, " "))
		if d.said("events are written again") != 1 || d.said(fmt.Sprint("lost=", d.queue.lost())) == 0 {
			t.Errorf("the log says %s", &d.log)
		}
		d.next = 9999
		d.events(1)
		d.pass(time.Second)
		if !strings.HasSuffix(d.files.lines("a"), " 10000") {
			t.Error("it does not go on")
		}
		d.end()
		if len(d.files.opened) != 1 {
			t.Errorf("opened %v", d.files.opened)
		}
	})
}

// A new file is due while a line is half in the old one: the whole line is in
// the new one.
func TestWriterRotatesOnAFullDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, "%M", time.Minute)
		d.start()
		d.files.set(1, nil, nil)
		d.events(1)
		d.pass(3 * time.Minute)
		d.files.set(-1, nil, nil)
		d.events(1)
		d.pass(retryPause)
		d.end()
		d.want("00", "- 1")
		if !strings.HasSuffix(d.files.text("00"), "1") {
			t.Error("the line was not torn")
		}
		d.want("01", "")
		d.want("02", "")
		d.want("03", "- 1 2")
	})
}

// Another error than a full disk: the file is opened again, since it may be
// another one now.
func TestWriterOpensAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, "a", time.Hour)
		d.start()
		d.files.set(-1, nil, syscall.EIO)
		d.events(1)
		d.pass(3 * time.Second)
		d.files.set(-1, nil, nil)
		d.pass(retryPause)
		d.events(1)
		d.end()
		d.want("a", "- - 1 2")
		if n := d.said("cannot write to the file"); n != 1 {
			t.Errorf("said %d times within a minute that it cannot write", n)
		}
	})
}

func TestWriterWithoutAFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, "a", 0)
		d.files.set(-1, errors.New("the test says no"), nil)
		d.start()
		d.events(2)
		d.pass(time.Minute)
		if n := d.said("cannot open the file"); n < 1 || n > 2 {
			t.Errorf("said %d times in a minute that it cannot open the file", n)
		}
		d.files.set(-1, nil, nil)
		d.pass(retryPause)
		d.want("a", "- 1 2")
		d.end()
	})
}

func TestWriterSaysWhatIsLostInTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, "a", 0)
		d.start()
		d.files.set(2, nil, nil)
		d.events(3)
		d.end()
		d.writer.finish(time.Now())
		d.want("a", "- 1")
		if d.said("events are lost") != 1 || d.said("events=2") != 1 {
			t.Errorf("the log says %s", &d.log)
		}
		if d.files.closed != 1 || len(d.files.opened) != 1 {
			t.Errorf("opened %v, closed %d", d.files.opened, d.files.closed)
		}
	})
}

// Whatever the disk does, in the files together each event is there once as a
// whole line, in order, but for what the queue had no room for.
func TestWriterLosesNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		synctest.Test(t, func(t *testing.T) {
			d := newDesk(t, "%M%S", 5*time.Second)
			d.start()
			for range rapid.IntRange(1, 40).Draw(rt, "steps") {
				switch rapid.IntRange(0, 6).Draw(rt, "step") {
				case 0:
					d.files.set(rapid.IntRange(0, 100).Draw(rt, "room"), nil, nil)
				case 1:
					d.files.set(-1, errors.New("the test says no"), nil)
				case 2:
					d.files.set(-1, nil, syscall.EIO)
				case 3:
					d.files.set(-1, nil, nil)
				case 4:
					d.events(rapid.IntRange(1, 5).Draw(rt, "events"))
				case 5:
					d.pass(time.Duration(rapid.IntRange(1, 3000).Draw(rt, "milliseconds")) * time.Millisecond)
				case 6:
					d.pass(6 * time.Second)
				}
			}
			d.files.set(-1, nil, nil)
			d.pass(retryPause)
			d.end()
			seen := map[string]bool{}
			last := 0
			for _, name := range d.files.opened {
				if seen[name] {
					continue
				}
				seen[name] = true
				for line := range strings.Lines(d.files.text(name)) {
					var n int
					if _, err := fmt.Sscanf(line, "%d\n", &n); err != nil || !strings.HasSuffix(line, "\n") || n != last+1 {
						continue // the beginning of a file, or the torn rest of a line
					}
					last = n
				}
			}
			if last != d.next || d.queue.lost() > 0 {
				rt.Fatalf("%d of %d events in order, %d dropped\n%v", last, d.next, d.queue.lost(), d.files.data)
			}
		})
	})
}
