package database

import (
	"context"
	"errors"
	"fmt"

	"natstron/storage"
)

// Ready implements roles.Checked: nil while the role listens and its store
// answers.
func (r *Role) Ready(ctx context.Context) error {
	if p, _ := r.seat.now(); p == nil {
		return errors.New("it does not listen on its control channel: the backbone was lost, or it ends")
	}
	// No object has the doId 0: the answer is that there is none.
	if _, err := r.store.Get(ctx, 0); err != nil && !errors.Is(err, storage.ErrNotFound) {
		return fmt.Errorf("its storage does not answer: %w", err)
	}
	return nil
}
