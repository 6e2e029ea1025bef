package mongo

import (
	"context"
	"errors"
	"iter"
	"testing"
	"time"

	"natstron/storage"
)

// Who readies the objects for an index may stop at any of them, also because the time is over
// or the server is gone, so that the cursor cannot be closed either.
func TestIndexIsNotPrepared(t *testing.T) {
	s, st := start(t, false, 5*time.Second)
	for range 200 { // more than come at once
		mustCreate(t, st, 1)
	}
	for name, stop := range map[string]func(context.CancelFunc){
		"cancelled": func(cancel context.CancelFunc) { cancel() },
		"gone":      func(context.CancelFunc) { s.Down(true) },
	} {
		ctx, cancel := context.WithCancel(t.Context())
		stopped := errors.New("stopped")
		err := st.SetIndexes(ctx, []storage.Index{{Class: "Toon", Field: "hp"}}, func(_ []storage.Index, objects iter.Seq2[storage.Object, error]) error {
			for _, err := range objects {
				stop(cancel)
				return errors.Join(stopped, err)
			}
			return nil
		})
		if !errors.Is(err, stopped) {
			t.Errorf("%s: %v, want %v", name, err, stopped)
		}
		cancel()
		s.Down(false)
	}
}
