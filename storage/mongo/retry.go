package mongo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/topology"

	"natstron/storage"
)

// verdict is what an error of the driver says of the write that it is about.
type verdict int

const (
	final   verdict = iota // it says what it is about; repeating does not help
	refused                // not done; repeating helps
	unclear                // done or not
)

// The codes of errors that pass, by what they say. MongoDB names them in its "Retryable
// Writes" specification.
var (
	refusing = []int{10107, 13435, 13436, 10058} // not the primary
	halting  = []int{11600, 11602, 189, 91, 6, 7, 89, 9001, 262, 50, 64, 100}
	toolarge = []int{10334, 17280, 17419, 17420, 15, 2, 9, 52, 55, 56, 57}
)

func judge(err error) verdict {
	var selection topology.ServerSelectionError
	var queue topology.WaitQueueTimeoutError
	switch {
	case err == nil, ours(err), errors.Is(err, mongo.ErrNoDocuments), mongo.IsDuplicateKeyError(err):
		return final
	case isCode(err, refusing):
		return refused
	case isCode(err, halting):
		return unclear
	case errors.As(err, &selection), errors.As(err, &queue):
		return refused // nothing was sent
	case mongo.IsNetworkError(err), mongo.IsTimeout(err), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), passes(err):
		return unclear
	}
	return final
}

// passes says whether the error is one that the driver made of a broken connection,
// or that the server says may pass.
func passes(err error) bool {
	var command mongo.CommandError
	if errors.As(err, &command) && command.Code == 0 {
		return true // no server said that
	}
	var server mongo.ServerError
	return errors.As(err, &server) && (server.HasErrorLabel("RetryableWriteError") || server.HasErrorLabel("TransientTransactionError"))
}

func isCode(err error, codes []int) bool {
	var server mongo.ServerError
	return errors.As(err, &server) && slices.ContainsFunc(codes, server.HasErrorCode)
}

// The pauses between attempts. There is none before the second.
const (
	firstPause = 10 * time.Millisecond
	lastPause  = 500 * time.Millisecond
)

// repeat calls f until it succeeds, or fails for good, or the time is over. f learns
// whether an earlier call of it may have had its effect. Its error is one of
// storage's, or the driver's.
func (s *Store) repeat(parent context.Context, f func(ctx context.Context, again bool) error) error {
	ctx, cancel := context.WithTimeout(parent, s.timeout)
	defer cancel()
	again := false
	for pause := time.Duration(0); ; pause = min(max(2*pause, firstPause), lastPause) {
		err := s.attempt(ctx, func(ctx context.Context) error { return f(ctx, again) })
		switch judge(err) {
		case final:
			return translate(err)
		case unclear:
			again = true
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
			continue
		case <-ctx.Done():
			timer.Stop()
		}
		switch kind, over := storage.ErrUnknown, parent.Err(); {
		case over != nil && again:
			return fmt.Errorf("%w: %w: %w", kind, over, err)
		case over != nil:
			return over
		case again:
			return fmt.Errorf("%w: no answer for %v: %w", kind, s.timeout, err)
		}
		return fmt.Errorf("%w: for %v: %w", storage.ErrUnavailable, s.timeout, err)
	}
}

// attempt leaves time for another one, should no answer come.
func (s *Store) attempt(ctx context.Context, f func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, s.timeout/3)
	defer cancel()
	return f(ctx)
}

// translate gives the driver's errors their kind.
func translate(err error) error {
	switch {
	case err == nil:
		return nil
	case ours(err):
		return err
	case errors.Is(err, mongo.ErrNoDocuments):
		return storage.ErrNotFound
	case mongo.IsDuplicateKeyError(err):
		return fmt.Errorf("%w: %w", storage.ErrExists, err)
	case isCode(err, toolarge):
		return fmt.Errorf("%w: %w", storage.ErrValue, err)
	}
	return fmt.Errorf("%w: %w", storage.ErrUnavailable, err)
}

// ours says whether an error has one of storage's kinds already.
func ours(err error) bool {
	for _, kind := range []error{storage.ErrNotFound, storage.ErrExists, storage.ErrClass, storage.ErrMismatch, storage.ErrExhausted,
		storage.ErrUnreadable, storage.ErrValue, storage.ErrUnavailable, storage.ErrUnknown} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}
