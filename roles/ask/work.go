package ask

import (
	"context"
	"time"

	"natstron/bridge/wire"
	"natstron/dc"
)

// Do calls work in a goroutine: an HTTP request, a hash that takes its time, whatever must not
// block the node's turn. then gets what work returns, in a turn.
//
// work must not use the asker, the session, nor anything else that belongs to the turn: it gets
// what it needs as values, and returns what it has found. Its context is done when the question
// has ended, because its time was up or its asker has ended. If work goes on after that, what it
// returns is dropped, but its place among [Options.MaxOpen] and [Options.MaxWork] is taken until
// it returns. When MaxWork goroutines are at work, it waits for one of them.
func Do[T any](work func(ctx context.Context) (T, error), then func(T, error)) Question {
	return Question{
		begin: func(o *open) error {
			var ctx context.Context
			ctx, o.stop = context.WithCancel(context.Background())
			o.expire()
			o.working = true
			o.asker.host.Go(func() {
				var v T
				err := o.asker.all.work(ctx, func() (err error) {
					v, err = work(ctx)
					return err
				})
				o.asker.host.Turn(func() {
					o.returned()
					o.end(func() { then(v, err) })
				})
			})
			return nil
		},
		end: func(_ *dc.File, _ *wire.Reader, err error) {
			var none T
			then(none, err)
		},
	}
}

// work does some work, when there is a slot for it.
func (as *Askers) work(ctx context.Context, do func() error) error {
	select {
	case as.slots <- struct{}{}:
		defer func() { <-as.slots }()
		return do()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// returned takes note that work has returned.
func (o *open) returned() {
	o.working = false
	if o.ended {
		o.asker.count--
	}
}

// After calls then after a while, with nil, or at once with [ErrTooMany]. Its Timeout is not
// used.
func After(d time.Duration, then func(err error)) Question {
	return Question{
		begin: func(o *open) error {
			o.alarm(d, func() { o.end(func() { then(nil) }) })
			return nil
		},
		end: func(_ *dc.File, _ *wire.Reader, err error) { then(err) },
	}
}
