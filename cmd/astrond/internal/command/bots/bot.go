package bots

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"syscall"
	"time"

	"natstron/bridge/wire"
	client "natstron/clients/go"
	"natstron/dc"
	"natstron/internal/fieldlist"
)

// bot is one client. One goroutine connects, logs in and reads; timers play.
type bot struct {
	*fleet
	number int
	c      *client.Client // set once, before it plays

	out            sync.Mutex // what it sends is noted and sent in one order
	random         *rand.Rand // under out
	count          int        // of updates, under out
	interestsAsked uint32     // under out

	mu        sync.Mutex
	sight     map[wire.DoID]*sight
	owned     []ownObject
	interests []interest
	timers    []*time.Timer
	ended     bool

	awaited *dc.Field // that the login waits for; only the reader has it
	answer  []string  // the values of the field that came, under out
}

type ownObject struct {
	*object
	class *dc.Class
}

// interest is one that the bot has asked for, or that was opened for it.
type interest struct {
	id     uint16
	parent wire.DoID
	zones  []wire.Zone
	since  time.Time
	asked  uint32 // the context of the bot's request; 0: it is open
}

// event is what a message was, for what the login waits for.
type event struct {
	what  waitFor
	class *dc.Class
	field *dc.Field
	id    uint16 // of an interest
}

var nothing = event{what: 255}

// run is the bot's life.
func (b *bot) run(ctx context.Context) {
	defer b.tally.ended.Add(1)
	arrived := sync.OnceFunc(b.arriving.Done)
	defer arrived()
	began := time.Now()
	b.connecting.Add(1)
	c, err := client.Dial(ctx, client.Options{
		Addresses: b.o.Addresses[b.number%len(b.o.Addresses):][:1], TLS: b.o.TLS,
		Hash: b.hash, Version: b.o.Script.Version, Patience: b.o.Patience,
	})
	if err != nil {
		b.failed(fmt.Errorf("connect: %w", err))
		return
	}
	b.c = c
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	defer stop()
	defer c.Close()
	err = b.logIn()
	if err == nil {
		b.loggedIn.Add(1)
		b.login.Observe(time.Since(began))
		b.lastLogin.Store(b.now())
		arrived()
		b.play()
		for err == nil {
			_, err = b.receive()
		}
	}
	b.end(err)
}

// end takes note that the bot has gone.
func (b *bot) end(err error) {
	b.mu.Lock()
	b.ended = true
	timers, owned := b.timers, b.owned
	b.timers, b.sight = nil, nil
	b.mu.Unlock()
	for _, t := range timers {
		t.Stop()
	}
	if !b.o.Script.Stay {
		for _, o := range owned {
			o.mu.Lock()
			if o.owner == b {
				o.gone, o.moved = true, time.Now()
			}
			o.mu.Unlock()
		}
	}
	b.failed(err)
}

// failed counts why a bot has ended, if it is not the end of all.
func (b *bot) failed(err error) {
	var ejected *client.Ejected
	switch {
	case b.over.Load():
	case errors.As(err, &ejected):
		b.eject(ejected.Code, ejected.Reason)
	default:
		b.fail(b.explain(err))
	}
}

// explain is an error without what differs from bot to bot, and with what to do about it.
func (b *bot) explain(err error) string {
	var op *net.OpError
	switch {
	case errors.Is(err, syscall.EMFILE):
		return "connect: this process may open no more files: raise ulimit -n"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return "connect: there is no free port left on this machine: name the agent by several addresses, such as 127.0.0.1, 127.0.0.2, …"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "the server ended the connection without a word"
	case errors.As(err, &op) && op.Op != "dial":
		return "the connection is lost: " + op.Err.Error()
	}
	return err.Error()
}

var (
	errTooMany   = fmt.Errorf("the server shows more than %d objects to a bot", maxSight)
	errMalformed = errors.New("the server sent a message that is malformed")
)

// receive reads and takes note of one message.
func (b *bot) receive() (event, error) {
	t, r, err := b.c.Receive()
	if err != nil {
		return nothing, err
	}
	b.messages.Add(1)
	b.bytes.Add(int64(wire.FrameHeader + 2 + r.Len()))
	if t == wire.ClientEject {
		return nothing, &client.Ejected{Code: wire.EjectCode(r.Uint16()), Reason: r.Text()}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	e, err := b.handle(t, &r)
	if err == nil {
		err = r.Err()
	}
	var value *dc.ValueError
	switch {
	case errors.As(err, &value), errors.Is(err, errUnknown):
		b.invalid.Add(1) // the rest of the message cannot be read
		return nothing, nil
	case err != nil && !errors.Is(err, errTooMany):
		return nothing, fmt.Errorf("%w: %v: %v", errMalformed, t, err)
	}
	return e, err
}

var errUnknown = errors.New("not in the DC files")

func (b *bot) handle(t wire.ClientMsgType, r *wire.Reader) (event, error) {
	switch t {
	case wire.ClientObjectSetField:
		return b.receiveFields(r.DoID(), r, 1)
	case wire.ClientObjectSetFields:
		do := r.DoID()
		return b.receiveFields(do, r, r.Uint16())
	case wire.ClientEnterObjectRequired, wire.ClientEnterObjectRequiredOther:
		return b.receiveObject(r, t == wire.ClientEnterObjectRequiredOther, false)
	case wire.ClientEnterObjectRequiredOwner, wire.ClientEnterObjectRequiredOtherOwner:
		return b.receiveObject(r, t == wire.ClientEnterObjectRequiredOtherOwner, true)
	case wire.ClientObjectLeaving:
		if do := r.DoID(); b.sight[do] != nil {
			delete(b.sight, do)
			b.left.Add(1)
		} else if r.Err() == nil && b.ledger.get(do) != nil {
			b.strays.Add(1)
		}
	case wire.ClientObjectLeavingOwner:
		do := r.DoID()
		b.owned = slices.DeleteFunc(b.owned, func(o ownObject) bool {
			if o.do != do {
				return false
			}
			o.mu.Lock()
			defer o.mu.Unlock()
			if o.owner == b {
				o.owner = nil
			}
			return true
		})
	case wire.ClientObjectLocation:
		do, at := r.DoID(), r.Location()
		if s := b.sight[do]; s != nil {
			s.at = at
		}
		for _, o := range b.owned {
			if o.do == do {
				o.goes(at)
			}
		}
	case wire.ClientAddInterest, wire.ClientAddInterestMultiple:
		b.opened(t, r)
	case wire.ClientRemoveInterest:
		r.Uint32()
		id := r.Uint16()
		b.interests = slices.DeleteFunc(b.interests, func(i interest) bool { return i.id == id })
	case wire.ClientDoneInterestResp:
		return b.interestDone(r), nil
	}
	return nothing, nil
}

// goes notes that the object is somewhere else.
func (o *object) goes(at wire.Location) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.at != at {
		o.at, o.moved = at, time.Now()
	}
}

// receiveFields takes updates. The bot notes each of them; the event is the one that the login
// waits for, if it is among them.
func (b *bot) receiveFields(do wire.DoID, r *wire.Reader, n uint16) (e event, err error) {
	e = nothing
	for range n {
		v, err := fieldlist.Next(r, b.field)
		if err != nil {
			return e, err
		}
		b.updated(do, v.Field, v.Packed)
		if v.Field == b.awaited {
			e = event{what: waitField, field: v.Field}
			if err := b.answered(v); err != nil {
				return e, err
			}
		}
	}
	return e, r.Done()
}

// answered keeps what came of the field that the login waits for.
func (b *bot) answered(v dc.FieldValue) error {
	value, err := v.Field.Unpack(v.Packed)
	if err != nil {
		return err
	}
	b.out.Lock()
	defer b.out.Unlock()
	b.answer = texts(v.Field, value)
	return nil
}

func (b *bot) field(id wire.FieldID) (*dc.Field, error) {
	f, ok := b.o.File.FieldByID(uint16(id))
	if !ok {
		return nil, fmt.Errorf("field %d is %w", id, errUnknown)
	}
	return f, nil
}

// receiveObject takes an object that enters, as one to see or one to own.
func (b *bot) receiveObject(r *wire.Reader, other, owner bool) (event, error) {
	do, at, id := r.DoID(), r.Location(), r.DClassID()
	if err := r.Err(); err != nil {
		return nothing, err
	}
	class, ok := b.o.File.ClassByID(uint16(id))
	if !ok || class.IsStruct() {
		return nothing, fmt.Errorf("dclass %d is %w", id, errUnknown)
	}
	seen := dc.Broadcast | dc.Clrecv
	if owner {
		seen |= dc.Ownrecv
	}
	var values []dc.FieldValue
	for _, f := range class.RequiredFields() {
		if !f.HasAny(seen) {
			continue
		}
		packed, err := fieldlist.Value(r, f)
		if err != nil {
			return nothing, err
		}
		values = append(values, dc.FieldValue{Field: f, Packed: packed})
	}
	if other {
		var err error
		if values, err = fieldlist.Append(values, r, r.Uint16(), b.field); err != nil {
			return nothing, err
		}
	}
	if err := r.Done(); err != nil {
		return nothing, err
	}
	if len(b.sight)+len(b.owned) >= maxSight {
		return nothing, errTooMany
	}
	if !owner {
		b.entered.Add(1)
		b.enters(do, at, values)
		return event{what: waitObject, class: class}, nil
	}
	if !b.owns(do) {
		b.owned = append(b.owned, ownObject{b.ledger.own(do, b, at), class})
	}
	return event{what: waitOwner, class: class}, nil
}

func (b *bot) owns(do wire.DoID) bool {
	return slices.ContainsFunc(b.owned, func(o ownObject) bool { return o.do == do })
}

// opened takes note of an interest that was opened for the client.
func (b *bot) opened(t wire.ClientMsgType, r *wire.Reader) {
	r.Uint32()
	i := interest{id: r.Uint16(), parent: r.DoID(), since: time.Now()}
	n := 1
	if t == wire.ClientAddInterestMultiple {
		n = int(r.Uint16())
	}
	for range n {
		if i.zones = append(i.zones, r.Zone()); r.Err() != nil {
			return
		}
	}
	b.setInterest(i)
}

// maxInterests bounds the interests that a server can open for a bot.
const maxInterests = 1000

func (b *bot) setInterest(i interest) {
	b.interests = slices.DeleteFunc(b.interests, func(old interest) bool { return old.id == i.id })
	if len(b.interests) < maxInterests {
		b.interests = append(b.interests, i)
	}
}

func (b *bot) interestDone(r *wire.Reader) event {
	context, id := r.Uint32(), r.Uint16()
	for k := range b.interests {
		if i := &b.interests[k]; i.id == id && context != 0 && i.asked == context {
			b.openInterest.Observe(time.Since(i.since))
			i.asked = 0
			return event{what: waitDone, id: id}
		}
	}
	return nothing
}

// now is the fleet's clock, in nanoseconds.
func (f *fleet) now() int64 { return int64(time.Since(f.began)) }
