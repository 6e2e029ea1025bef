package roles

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// journal notes what happens, in order.
type journal struct {
	mu    sync.Mutex
	lines []string
}

func (j *journal) note(parts ...string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, strings.Join(parts, " "))
}

// script is a role that does what its test says.
type script struct {
	name    string
	journal *journal
	start   error
	run     func(ctx context.Context) error // nil: until ctx is done
}

func (s script) Name() string { return s.name }

func (s script) Start(context.Context) error {
	s.journal.note("start", s.name)
	return s.start
}

func (s script) Run(ctx context.Context) error {
	defer s.journal.note("end of run", s.name)
	if s.run != nil {
		return s.run(ctx)
	}
	<-ctx.Done()
	return nil
}

func (s script) Stop(_ context.Context, cause error) {
	if cause != nil {
		s.journal.note("stop", s.name, "because", cause.Error())
	} else {
		s.journal.note("stop", s.name)
	}
}

func TestGroup(t *testing.T) {
	broken := errors.New("broken")
	for _, test := range []struct {
		name  string
		roles func(j *journal) []Role
		want  error
		lines []string
	}{{
		name: "asked to end",
		roles: func(j *journal) []Role {
			return []Role{script{name: "a", journal: j}, script{name: "b", journal: j}}
		},
		lines: []string{"start a", "start b", "ready", "end of run b", "stop b", "end of run a", "stop a"},
	}, {
		name: "cannot start",
		roles: func(j *journal) []Role {
			return []Role{script{name: "a", journal: j}, script{name: "b", journal: j, start: broken}}
		},
		want:  broken,
		lines: []string{"start a", "start b", "stop a because start b: broken"},
	}, {
		name: "fails",
		roles: func(j *journal) []Role {
			fail := func(context.Context) error { return broken }
			return []Role{script{name: "a", journal: j, run: fail}, script{name: "b", journal: j}}
		},
		want: broken,
		lines: []string{"start a", "start b", "ready", "end of run a", "end of run b",
			"stop b because a: broken", "stop a because a: broken"},
	}, {
		name: "ends by itself",
		roles: func(j *journal) []Role {
			return []Role{script{name: "a", journal: j, run: func(context.Context) error { return nil }}}
		},
		want:  ErrEndedEarly,
		lines: []string{"start a", "ready", "end of run a", "stop a because a: " + ErrEndedEarly.Error()},
	}, {
		name: "fails at the end",
		roles: func(j *journal) []Role {
			return []Role{script{name: "a", journal: j, run: func(ctx context.Context) error {
				<-ctx.Done()
				return broken
			}}}
		},
		want:  broken,
		lines: []string{"start a", "ready", "end of run a", "stop a"},
	}} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				j := &journal{}
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				err := Group{Roles: test.roles(j), Ready: func() { j.note("ready") }}.Run(ctx)
				if !errors.Is(err, test.want) {
					t.Errorf("error is %v, want %v", err, test.want)
				}
				if diff := cmp.Diff(test.lines, j.lines); diff != "" {
					t.Errorf("what happened (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// TestGroupStuck: a role that does not end is named, the others still stop.
func TestGroupStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := &journal{}
		release := make(chan struct{})
		stuck := func(context.Context) error { <-release; return nil }
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		g := Group{Roles: []Role{script{name: "a", journal: j}, script{name: "b", journal: j, run: stuck}}}
		began := time.Now()
		err := g.Run(ctx)
		if !errors.Is(err, ErrStuck) || !strings.Contains(err.Error(), "b: ") {
			t.Errorf("error is %v, want that b is stuck", err)
		}
		if took := time.Since(began); took != time.Minute+DefaultStopTimeout {
			t.Errorf("took %v", took)
		}
		close(release)
		synctest.Wait()
		if strings.Contains(strings.Join(j.lines, "\n"), "stop b") {
			t.Error("b was stopped while it ran")
		}
	})
}

func TestGroupOfNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := (Group{}).Run(ctx); err != nil {
			t.Error(err)
		}
	})
}
