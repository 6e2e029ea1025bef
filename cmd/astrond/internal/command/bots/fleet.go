package bots

import (
	"context"
	"crypto/tls"
	"hash/maphash"
	"math/rand/v2"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"natstron/bridge/wire"
	"natstron/dc"
)

// Options say what bots to run.
type Options struct {
	File      *dc.File
	Script    *Script
	Clients   int
	Addresses []string // of client agents, as [client.Options] has them; bots take them in turns
	TLS       *tls.Config
	Patience  time.Duration // for a connection and its hello; default 60 s
	// In is called when all bots have logged in, or failed to. May be nil.
	In func()
	// Stopped is called when the bots do nothing any more. May be nil.
	Stopped func()
	// Progress is called once a second. May be nil.
	Progress func(Progress)
}

// fleet is all bots of a run, and what they have in common.
type fleet struct {
	o        Options
	hash     uint32
	word     string // of this run
	began    time.Time
	ledger   ledger
	sendable map[*dc.Class][]*dc.Field // that the owner may send, of each class
	numbers  map[uint16]*Sequence      // by field

	arriving  sync.WaitGroup // bots that have not logged in yet
	stopped   atomic.Bool    // no bot begins anything more
	over      atomic.Bool    // the bots are being disconnected
	lastLogin atomic.Int64

	tally
	bots []*bot
}

func newFleet(o Options) *fleet {
	if o.Patience == 0 {
		o.Patience = time.Minute
	}
	f := &fleet{o: o, hash: o.Script.Hash, began: time.Now(), word: strconv.FormatUint(rand.Uint64N(36*36*36*36*36*36), 36)}
	if f.hash == 0 {
		f.hash = o.File.Hash()
	}
	f.ledger.seed = maphash.MakeSeed()
	f.ejects, f.failures = map[wire.EjectCode]*ejects{}, map[string]int{}
	f.sendable, f.numbers = map[*dc.Class][]*dc.Field{}, map[uint16]*Sequence{}
	for i := range o.Script.Sequences {
		q := &o.Script.Sequences[i]
		f.numbers[q.field.ID()] = q
	}
	random := rand.New(rand.NewPCG(1, 1))
	for _, c := range o.File.Classes() {
		for _, field := range c.Fields() {
			if _, err := field.AppendRandom(nil, random); err == nil && field.HasAny(dc.Ownsend|dc.Clsend) && f.numbers[field.ID()] == nil {
				f.sendable[c] = append(f.sendable[c], field)
			}
		}
	}
	for i := range o.Clients {
		f.bots = append(f.bots, &bot{fleet: f, number: i, sight: map[wire.DoID]*sight{}, random: rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))})
	}
	return f
}

// sequence is what the script says of a field; nil: nothing.
func (f *fleet) sequence(id uint16) *Sequence { return f.numbers[id] }

// Run runs bots to their end, or until ctx is done, and tells what came of it.
func Run(ctx context.Context, o Options) *Report {
	f := newFleet(o)
	before := UsageOf("self")
	life, end := context.WithCancel(context.Background())
	defer end()
	var living sync.WaitGroup
	done := make(chan struct{})
	var watching sync.WaitGroup
	if o.Progress != nil {
		watching.Go(func() { f.watch(done) })
	}
	pause := func(d time.Duration) bool {
		t := time.NewTimer(d)
		defer t.Stop()
		select {
		case <-t.C:
			return true
		case <-ctx.Done():
			return false
		}
	}
	going := true
	for i, b := range f.bots {
		if due := f.began.Add(time.Duration(float64(i) / float64(o.Script.Ramp) * float64(time.Second))); going && time.Until(due) > 0 {
			going = pause(time.Until(due))
		}
		if !going {
			break
		}
		f.arriving.Add(1)
		living.Go(func() { b.run(life) })
	}
	if going {
		in := make(chan struct{})
		go func() {
			f.arriving.Wait()
			close(in)
		}()
		select {
		case <-in:
			if o.In != nil {
				o.In()
			}
		case <-ctx.Done():
			going = false
		}
	}
	if going {
		going = pause(o.Script.Duration)
	}
	f.stopped.Store(true)
	played := time.Since(f.began)
	cores := (UsageOf("self").CPU - before.CPU).Seconds() / played.Seconds()
	if o.Stopped != nil {
		o.Stopped()
	}
	if going {
		stopped := time.Now()
		pause(o.Script.Settle)
		f.judge(stopped)
	}
	debug.FreeOSMemory() // what is garbage is not the bots'
	r := &Report{Clients: o.Clients, Memory: perBot(UsageOf("self").Resident-before.Resident, o.Clients), Cores: cores}
	f.over.Store(true)
	f.report(r, played)
	end()
	living.Wait()
	close(done)
	watching.Wait()
	return r
}

// judge has each bot count what is wrong with what it sees. Nothing has been sent since a time.
func (f *fleet) judge(since time.Time) {
	places := map[wire.Location][]*object{}
	f.ledger.objects.Range(func(_, v any) bool {
		o := v.(*object)
		o.mu.Lock()
		if o.owner != nil && !o.gone && !o.moved.After(since) {
			places[o.at] = append(places[o.at], o)
		}
		o.mu.Unlock()
		return true
	})
	for _, b := range f.bots {
		b.judge(since, places)
	}
}
