package roles

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"
)

// DefaultStopTimeout is how long all roles of a [Group] together may take to stop, if
// the group does not set another time.
const DefaultStopTimeout = 10 * time.Second

// Errors of roles whose Run returned none.
var (
	// ErrEndedEarly: Run returned nil before the role was told to end.
	ErrEndedEarly = errors.New("ended without being told to")
	// ErrStuck: Run did not return in time after the role was told to end.
	ErrStuck = errors.New("did not end in time")
)

// A Group is the roles of one process. They start in the order of the list, run
// together, and end in the opposite order.
type Group struct {
	Roles []Role
	// StopTimeout bounds the end of all roles together; 0 is
	// [DefaultStopTimeout].
	StopTimeout time.Duration
	// Ready, if set, is called when all roles have started.
	Ready func()
}

// Run starts the roles, runs them, stops them, and returns when all have ended: nil if
// ctx was done and there was no error, otherwise the errors, with the names of the
// roles. A role that ends by itself ends all others.
func (g Group) Run(ctx context.Context) error {
	var started []*life
	for _, r := range g.Roles {
		if err := r.Start(ctx); err != nil {
			err = fmt.Errorf("start %s: %w", r.Name(), err)
			return errors.Join(err, g.end(started, err))
		}
		started = append(started, &life{role: r})
	}
	if g.Ready != nil {
		g.Ready()
	}
	over := make(chan *life, len(started))
	for _, l := range started {
		l.begin(ctx, over)
	}
	var cause error
	if len(started) == 0 {
		<-ctx.Done()
	}
	select {
	case <-ctx.Done():
	case l := <-over:
		if <-l.done; ctx.Err() == nil {
			cause = l.failure()
			if cause == nil {
				cause = fmt.Errorf("%s: %w", l.role.Name(), ErrEndedEarly)
			}
		}
	}
	return errors.Join(cause, g.end(started, cause))
}

// end ends the roles, the last first, with its own deadline. It returns the errors
// other than cause.
func (g Group) end(started []*life, cause error) error {
	ctx, cancel := context.WithTimeout(context.Background(), cmp.Or(g.StopTimeout, DefaultStopTimeout))
	defer cancel()
	var errs []error
	for i := len(started) - 1; i >= 0; i-- {
		err := started[i].end(ctx, cause)
		if err != nil && (cause == nil || err.Error() != cause.Error()) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// life is one role that has started.
type life struct {
	role   Role
	cancel context.CancelFunc // nil before Run is called
	done   chan struct{}      // closed when Run has returned
	err    error              // what Run returned, once done is closed
}

// begin calls Run in a goroutine, and sends l to over when that returns.
func (l *life) begin(ctx context.Context, over chan<- *life) {
	// It does not end with the caller's: the roles end one after the other.
	ctx, l.cancel = context.WithCancel(context.WithoutCancel(ctx))
	l.done = make(chan struct{})
	go func() {
		l.err = l.role.Run(ctx)
		close(l.done)
		over <- l
	}()
}

// end asks Run to return, waits for it, and calls Stop.
func (l *life) end(ctx context.Context, cause error) error {
	if l.cancel != nil {
		l.cancel()
		select {
		case <-l.done:
		case <-ctx.Done():
			return fmt.Errorf("%s: %w", l.role.Name(), ErrStuck) // Stop must not run beside Run
		}
	}
	l.role.Stop(ctx, cause)
	return l.failure()
}

// failure is what Run returned, with the role's name. Run must be over, or never
// have been called.
func (l *life) failure() error {
	if l.err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", l.role.Name(), l.err)
}
