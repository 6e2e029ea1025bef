package mongo

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/topology"

	"natstron/internal/backoff"
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
// Writes" specification; the last three are of cursors that got lost.
var (
	refusing = []int{10107, 13435, 13436, 10058} // not the primary
	halting  = []int{11600, 11602, 189, 91, 6, 7, 89, 9001, 262, 50, 64, 100, 43, 175, 237}
	toolarge = []int{10334, 17280, 17419, 17420, 15, 2, 9, 52, 55, 56, 57}
	// Unauthorized, AuthenticationFailed
	forbidding = []int{13, 18}
)

// errChanged says that others changed a document between two looks at it. Nothing was
// done.
var errChanged = errors.New("others changed the document")

// readError is the error of a read: it changed nothing, whatever it was.
type readError struct{ error }

func (e readError) Unwrap() error { return e.error }

// fromRead marks the error of a read.
func fromRead(err error) error {
	if err == nil {
		return nil
	}
	return readError{err}
}

func judge(err error) verdict {
	v := judgeWrite(err)
	var read readError
	if v == unclear && errors.As(err, &read) {
		return refused
	}
	return v
}

func judgeWrite(err error) verdict {
	var selection topology.ServerSelectionError
	var queue topology.WaitQueueTimeoutError
	var pool driver.RetryablePoolError
	var connection *net.OpError
	switch {
	case errors.Is(err, errChanged):
		return refused
	case err == nil, ours(err), errors.Is(err, mongo.ErrNoDocuments), mongo.IsDuplicateKeyError(err), errors.Is(err, driver.ErrDocumentTooLarge):
		return final
	case isCode(err, refusing):
		return refused
	case isCode(err, halting):
		return unclear
	case errors.As(err, &selection), errors.As(err, &queue), errors.As(err, &pool):
		return refused // nothing was sent
	case errors.As(err, &connection) && connection.Op == "dial":
		return refused // likewise
	case mongo.IsNetworkError(err), mongo.IsTimeout(err), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), passes(err):
		return unclear
	}
	return final
}

// passes reports whether the error is one that the driver made of a broken connection,
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

// attempts are those of one call.
type attempts struct {
	// open says that an earlier attempt may have had its effect, or may have it yet.
	// A call that has found out that it has not, and will not, clears it.
	open bool
}

// repeat calls f until it succeeds, or fails for good, or the time is over. Its error
// is one of storage's.
func (s *Store) repeat(parent context.Context, f func(ctx context.Context, a *attempts) error) error {
	ctx, cancel := context.WithTimeout(parent, s.timeout)
	defer cancel()
	var a attempts
	pause := backoff.Pause{First: 10 * time.Millisecond, Last: 500 * time.Millisecond}
	for second := false; ; second = true {
		// An attempt leaves time for another one, should no answer come.
		once, cancel := context.WithTimeout(ctx, s.timeout/3)
		err := f(once, &a)
		cancel()
		switch judge(err) {
		case final:
			err = translate(err)
			if a.open && errors.Is(err, storage.ErrUnavailable) {
				// That it is not done any more is no word on whether it was.
				return fmt.Errorf("%w: %w", storage.ErrUnknown, err)
			}
			return err
		case unclear:
			a.open = true
		}
		// There is no pause before the second attempt.
		if ctx.Err() == nil && (!second || pause.Wait(ctx.Done())) {
			continue
		}
		switch over := parent.Err(); {
		case over != nil && a.open:
			return fmt.Errorf("%w: %w: %w", storage.ErrUnknown, over, err)
		case over != nil:
			return over
		case a.open:
			return fmt.Errorf("%w: no answer for %v: %w", storage.ErrUnknown, s.timeout, err)
		}
		return fmt.Errorf("%w: for %v: %w", storage.ErrUnavailable, s.timeout, err)
	}
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
	case isCode(err, toolarge), errors.Is(err, driver.ErrDocumentTooLarge):
		return fmt.Errorf("%w: %w", storage.ErrValue, err)
	case isCode(err, forbidding):
		return fmt.Errorf("%w: %w", storage.ErrPermission, err)
	}
	return fmt.Errorf("%w: %w", storage.ErrUnavailable, err)
}

// ours reports whether an error has one of storage's kinds already.
func ours(err error) bool {
	return slices.ContainsFunc([]error{storage.ErrNotFound, storage.ErrExists, storage.ErrClass, storage.ErrMismatch, storage.ErrTaken, storage.ErrExhausted,
		storage.ErrUnreadable, storage.ErrValue, storage.ErrUnavailable, storage.ErrUnknown}, func(kind error) bool { return errors.Is(err, kind) })
}
