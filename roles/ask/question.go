package ask

import (
	"errors"
	"fmt"
	"time"

	"natstron/bridge/wire"
	"natstron/dc"
)

// Question is something to be asked, see [Asker.Ask]. It may be asked several times. The zero
// Question is none.
type Question struct {
	// Timeout is how long the answer may take; 0: as the asker's options say.
	Timeout time.Duration

	begin func(o *open) error
	end   func(file *dc.File, answer *wire.Reader, err error) // answer is nil if there is an error
}

// Raw is any question of the protocol: a message of that kind whose answer begins with the same
// context and comes from the channel that is asked. write appends what follows the context, and
// may be nil; the reader that then gets is at what follows the context of the answer, and is
// valid until then returns.
func Raw(to wire.Channel, kind, answer wire.MsgType, write func(w *wire.Writer), then func(r *wire.Reader, err error)) Question {
	return question(to, kind, answer, func(b *body) {
		if write != nil {
			write(&b.Writer)
		}
	}, func(_ *dc.File, r *wire.Reader, err error) { then(r, err) })
}

// question is Raw with names of the DC files.
func question(to wire.Channel, kind, answer wire.MsgType, write func(b *body), end func(*dc.File, *wire.Reader, error)) Question {
	m := Message{to: to, kind: kind, write: func(b *body) {
		b.Uint32(b.context)
		write(b)
	}}
	return Question{end: end, begin: func(o *open) error {
		if err := o.asker.send(m, o.context); err != nil {
			return err
		}
		o.kind, o.answer, o.from = kind, answer, to
		o.expire()
		return nil
	}}
}

// answer makes of a function that reads an answer one that takes it. The answer must be whole,
// with nothing left over, unless it is itself an error.
func answer[T any](read func(*dc.File, *wire.Reader) (T, error), then func(T, error)) func(*dc.File, *wire.Reader, error) {
	return func(file *dc.File, r *wire.Reader, err error) {
		var v T
		if err == nil {
			v, err = read(file, r)
			if bad := r.Done(); bad != nil {
				err = bad
			}
			if err != nil && !errors.As(err, new(refusal)) {
				err = fmt.Errorf("ask: the answer makes no sense: %w", err)
			}
		}
		then(v, err)
	}
}
