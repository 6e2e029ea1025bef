// Package journal keeps an ordered log in a stream of JetStream. One process at a time
// appends to it: each append says behind which entry it belongs, and JetStream refuses it
// if another process has appended meanwhile.
package journal

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"natstron/internal/backoff"
)

// Errors of a [Journal].
var (
	// ErrReplaced says that another process has appended to the journal.
	ErrReplaced = errors.New("another process has taken over the journal")
	// ErrNoJetStream says that the NATS server has no JetStream, or not for this user.
	ErrNoJetStream = errors.New("the NATS server has no JetStream for this user")
)

// Options say where a journal is.
type Options struct {
	Stream   string // its name
	Subject  string // of its entries
	Replicas int    // how many servers keep it; 0: three where there are three, else one
}

// A Journal is a log that outlives the process that writes it. Its methods must not be
// called at the same time.
type Journal struct {
	options Options
	nc      *nats.Conn
	end     func() // ends the connection
	js      jetstream.JetStream
	stream  jetstream.Stream
	last    uint64 // the sequence of the last entry that was read or appended
}

const (
	// apiTimeout bounds one question to JetStream.
	apiTimeout = 5 * time.Second
	// ackTimeout bounds the wait for what was appended, and for how far the stream is. Then
	// one looks whether it is there: the server that was asked may be gone.
	ackTimeout = time.Second
	// consumerTimeout bounds the wait for a consumer: a cluster may have placed it at a server
	// that is gone, and places the next one elsewhere.
	consumerTimeout = time.Second
	// settleFor bounds the wait for servers of a cluster that have just lost one of them: to
	// answer at all, and to have what was appended before.
	settleFor = 15 * time.Second
	// lastPause is the longest pause between two attempts.
	lastPause = 250 * time.Millisecond
)

// Open opens a journal on a connection, which end ends. A stream that does not exist is
// created.
func Open(ctx context.Context, nc *nats.Conn, end func(), o Options) (*Journal, error) {
	j := &Journal{options: o, nc: nc, end: end}
	if err := j.open(ctx); err != nil {
		end()
		return nil, fmt.Errorf("journal %s: %w", o.Stream, err)
	}
	return j, nil
}

func (j *Journal) open(ctx context.Context) (err error) {
	if j.js, err = jetstream.New(j.nc, jetstream.WithDefaultTimeout(apiTimeout)); err != nil {
		return err
	}
	err = settle(ctx, apiTimeout, j.find)
	if errors.Is(err, nats.ErrNoResponders) || errors.Is(err, jetstream.ErrJetStreamNotEnabled) ||
		errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount) {
		return ErrNoJetStream
	}
	return err
}

// find finds or creates the stream, and has as many servers keep it as are wanted, or as
// there are, but never fewer than before in that case.
func (j *Journal) find(ctx context.Context) (err error) {
	asMany, want := j.options.Replicas == 0, cmp.Or(j.options.Replicas, manyReplicas)
	j.stream, err = j.js.Stream(ctx, j.options.Stream)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		c := jetstream.StreamConfig{
			Name:        j.options.Stream,
			Description: "what a state server of natstron must not forget; do not write to it",
			Subjects:    []string{j.options.Subject},
			Storage:     jetstream.FileStorage,
			Replicas:    want,
		}
		if j.stream, err = j.js.CreateStream(ctx, c); asMany && tooFew(err) {
			c.Replicas = 1
			j.stream, err = j.js.CreateStream(ctx, c)
		}
		return err
	}
	if err != nil {
		return err
	}
	c := j.stream.CachedInfo().Config
	if c.Replicas == want || asMany && c.Replicas > want {
		return nil
	}
	c.Replicas = want
	switch stream, err := j.js.UpdateStream(ctx, c); {
	case err == nil:
		j.stream = stream
	case !asMany || !tooFew(err):
		return err
	}
	return nil
}

// tooFew reports whether there are fewer servers with JetStream than were asked for.
func tooFew(err error) bool {
	return isAPI(err, codeNoPeers, codeNotClustered, codeNoResources, codeNoStorage)
}

// manyReplicas are as many as survive the loss of one of them.
const manyReplicas = 3

// Errors of JetStream's API, by their codes in nats-server's errors.json.
const (
	codeNoPeers      jetstream.ErrorCode = 10005
	codeNotAvailable jetstream.ErrorCode = 10008
	codeNotLeader    jetstream.ErrorCode = 10009
	codeNoResources  jetstream.ErrorCode = 10023
	codeNoStorage    jetstream.ErrorCode = 10047
	codeNotClustered jetstream.ErrorCode = 10074
)

// isAPI reports whether an error is one of the API with one of the codes.
func isAPI(err error, codes ...jetstream.ErrorCode) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && slices.Contains(codes, api.ErrorCode)
}

// settle asks JetStream something, again and again while a cluster has nobody to answer.
func settle(ctx context.Context, limit time.Duration, ask func(context.Context) error) error {
	pause := backoff.Pause{First: 20 * time.Millisecond, Last: lastPause}
	for began := time.Now(); ; {
		asking, cancel := context.WithTimeout(ctx, limit)
		err := ask(asking)
		cancel()
		wait := isAPI(err, codeNotAvailable, codeNotLeader) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, errBehind)
		if !wait || ctx.Err() != nil || time.Since(began) > settleFor {
			return err
		}
		backoff.Wait(ctx.Done(), pause.Next())
	}
}

// errBehind says that a server has not got all that was appended.
var errBehind = errors.New("what was appended is not there")

// MaxEntry is the longest entry that the server takes, in bytes.
func (j *Journal) MaxEntry() int {
	return int(j.nc.MaxPayload()) - headerRoom
}

// headerRoom is more than the headers of an entry take.
const headerRoom = 1 << 10

// readAhead is how many bytes the server sends before they are read.
const readAhead = 32 << 20

// An Entry is one of the log.
type Entry struct {
	Data []byte    // valid until the next one is taken
	At   time.Time // when the server took it
	// First says that it does not stand behind the one that was taken before: what stood
	// before it has been removed, see [Journal.Forget].
	First bool
}

// Read hands all entries behind the last one that was read, in order, to take, up to the
// one that is the last when it begins. An error of take ends it.
func (j *Journal) Read(ctx context.Context, take func(Entry) error) error {
	info, err := j.info(ctx)
	if err != nil {
		return err
	}
	end := info.State.LastSeq
	if info.State.Msgs == 0 || end == j.last {
		j.last = end
		return nil
	}
	return j.readTo(ctx, end, take)
}

// Follow is Read, and goes on as entries are appended, until ctx is done: it returns nil
// then.
func (j *Journal) Follow(ctx context.Context, take func(Entry) error) error {
	err := j.readTo(ctx, math.MaxUint64, take)
	if ctx.Err() != nil {
		return nil
	}
	return err
}

func (j *Journal) readTo(ctx context.Context, end uint64, take func(Entry) error) error {
	var consumer jetstream.Consumer
	err := settle(ctx, consumerTimeout, func(ctx context.Context) (err error) {
		consumer, err = j.stream.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{
			DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: j.last + 1,
		})
		return err
	})
	if err != nil {
		return fmt.Errorf("journal %s: %w", j.options.Stream, err)
	}
	all, err := consumer.Messages(jetstream.PullMaxBytes(readAhead), jetstream.PullExpiry(apiTimeout))
	if err != nil {
		return fmt.Errorf("journal %s: %w", j.options.Stream, err)
	}
	defer all.Stop()
	for j.last < end {
		m, err := all.Next(jetstream.NextContext(ctx))
		if err != nil {
			return fmt.Errorf("journal %s: behind %d: %w", j.options.Stream, j.last, err)
		}
		meta, err := m.Metadata()
		if err != nil {
			return fmt.Errorf("journal %s: %w", j.options.Stream, err)
		}
		if err := take(Entry{m.Data(), meta.Timestamp, meta.Sequence.Stream != j.last+1}); err != nil {
			return err
		}
		j.last = meta.Sequence.Stream
	}
	return nil
}

// info is how far the stream is. It is ErrReplaced if what was appended is not there any
// more: the stream has been made again.
func (j *Journal) info(ctx context.Context) (info *jetstream.StreamInfo, err error) {
	err = settle(ctx, ackTimeout, func(ctx context.Context) error {
		info, err = j.stream.Info(ctx)
		if err == nil && info.State.LastSeq < j.last {
			err = fmt.Errorf("%w: it ends with %d, and ended with %d before: %w", errBehind, info.State.LastSeq, j.last, ErrReplaced)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("journal %s: %w", j.options.Stream, err)
	}
	return info, nil
}

// Append appends entries behind the last one that was read or appended, all of them, and
// returns when JetStream has them: a number of servers, if the stream has replicas. While
// JetStream does not answer, it tries again until ctx is done, and calls late with each
// error. It returns [ErrReplaced] if another process has appended something, and then some
// of the entries may be there and some not.
func (j *Journal) Append(ctx context.Context, entries [][]byte, late func(error)) (last uint64, err error) {
	pause := backoff.Pause{First: 10 * time.Millisecond, Last: lastPause}
	err = j.publish(ctx, entries)
	for err != nil {
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
		if !wrongSequence(err) {
			late(err)
		}
		var there int
		if there, err = j.compare(ctx, entries); err == nil {
			j.last += uint64(there)
			entries = entries[there:]
			if err = j.publish(ctx, entries); err == nil {
				break
			}
		}
		if errors.Is(err, ErrReplaced) {
			return 0, err
		}
		backoff.Wait(ctx.Done(), pause.Next())
	}
	j.last += uint64(len(entries))
	return j.last, nil
}

// publish publishes entries, and waits until the server has all of them.
func (j *Journal) publish(ctx context.Context, entries [][]byte) error {
	if len(entries) == 1 { // as a rule
		ctx, cancel := context.WithTimeout(ctx, ackTimeout)
		defer cancel()
		_, err := j.js.PublishMsg(ctx, j.message(entries[0]), jetstream.WithExpectLastSequence(j.last), jetstream.WithRetryAttempts(0))
		return err
	}
	var acks []jetstream.PubAckFuture
	for i, entry := range entries {
		ack, err := j.js.PublishMsgAsync(j.message(entry), jetstream.WithExpectLastSequence(j.last+uint64(i)), jetstream.WithRetryAttempts(0))
		if err != nil {
			return err
		}
		acks = append(acks, ack)
	}
	timer := time.NewTimer(ackTimeout)
	defer timer.Stop()
	for _, ack := range acks {
		select {
		case <-ack.Ok():
			timer.Reset(ackTimeout)
		case err := <-ack.Err():
			return err
		case <-timer.C:
			return context.DeadlineExceeded
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (j *Journal) message(entry []byte) *nats.Msg {
	return &nats.Msg{Subject: j.options.Subject, Data: entry}
}

// compare is how many of the entries the stream has behind the last one: an answer may have
// been lost.
func (j *Journal) compare(ctx context.Context, entries [][]byte) (there int, err error) {
	info, err := j.info(ctx)
	if err != nil {
		return 0, err
	}
	if info.State.LastSeq > j.last+uint64(len(entries)) {
		return 0, fmt.Errorf("journal %s: it ends with %d, and should end with %d: %w", j.options.Stream, info.State.LastSeq, j.last, ErrReplaced)
	}
	there = int(info.State.LastSeq - j.last)
	for i, entry := range entries[:there] {
		m, err := j.stream.GetMsg(ctx, j.last+1+uint64(i))
		if err != nil {
			return 0, err
		}
		if !bytes.Equal(m.Data, entry) {
			return 0, fmt.Errorf("journal %s: entry %d: %w", j.options.Stream, m.Sequence, ErrReplaced)
		}
	}
	return there, nil
}

func wrongSequence(err error) bool {
	return isAPI(err, jetstream.JSErrCodeStreamWrongLastSequence, jetstream.JSErrCodeStreamWrongLastSequenceConstant)
}

// Forget removes all entries before one.
func (j *Journal) Forget(ctx context.Context, before uint64) error {
	ctx, cancel := context.WithTimeout(ctx, apiTimeout)
	defer cancel()
	if err := j.stream.Purge(ctx, jetstream.WithPurgeSequence(before)); err != nil {
		return fmt.Errorf("journal %s: %w", j.options.Stream, err)
	}
	return nil
}

// Last is the sequence of the last entry that was read or appended.
func (j *Journal) Last() uint64 { return j.last }

// Close ends the connection. What was appended stays.
func (j *Journal) Close() { j.end() }
