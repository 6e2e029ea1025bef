package bridge

import (
	"cmp"
	"context"
	"time"

	"natstron/bridge/internal/membership"
	"natstron/bridge/wire"
)

// A Greeting is what a process tells the others of itself.
type Greeting struct {
	Process  string // host:pid
	Version  string
	DCHash   string // empty: it has no DC file
	Holdings []Holding
	// Tolerant says that another DC hash is only told, not refused.
	Tolerant bool
}

// A Holding is something that one process of a cluster alone may serve, or, for the class
// of an UberDOG, that all processes must agree about. Of more than 100 the others are told
// the first ones.
type Holding struct {
	Kind   string       // one of those below
	Lo, Hi wire.Channel // both included
	By     string       // the role, in words; the class of an UberDOG
	Key    string       // what to change in the configuration
}

// Kinds of a [Holding].
const (
	HoldsControl  = membership.HoldsControl  // a state server or a database server
	HoldsClients  = membership.HoldsClients  // a client agent
	HoldsObjects  = membership.HoldsObjects  // a dbss
	HoldsRanges   = membership.HoldsRanges   // a state server; several may have the same
	HoldsGenerate = membership.HoldsGenerate // a database server: the doIds that it gives
	HoldsUberdog  = membership.HoldsUberdog  // a client agent
	HoldsOwn      = membership.HoldsOwn      // a role of a game's own
	HoldsGiven    = membership.HoldsGiven    // a state server: the doIds that it gives
)

// A Clash is something that another process has, and this one cannot have as well.
type Clash struct {
	Text  string // who has what, and what to change
	DC    bool   // it is the DC files
	Waits bool   // this process serves nothing because of it
}

// ErrGivesWay says that another process serves the same, and has done so for longer.
var ErrGivesWay = membership.ErrGivesWay

// Reserve tells the other nodes what this process is going to serve, and returns when no
// other process holds that: at once, as a rule, or when that process has ended.
// [Node.Clashes] tells what it waits for. It is called once, before roles start. If ctx is
// done, or the node has ended, it returns an error.
//
// Of two processes that both serve the same, because a partition of the network has
// healed, one must end: see [Node.GivesWay].
func (n *Node) Reserve(ctx context.Context, g Greeting) error {
	told := membership.Greeting{Process: g.Process, Version: g.Version, DCHash: g.DCHash, Tolerant: g.Tolerant}
	for _, h := range g.Holdings {
		told.Holdings = append(told.Holdings, membership.Holding(h))
	}
	t := n.Begin()
	n.perform(n.members.Reserve(told, time.Now()))
	t.End()
	select {
	case <-n.reserved:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-n.ended:
		return cmp.Or(n.Err(), ErrStopped)
	}
}

// Clashes are what this process and others cannot have both, at the moment.
func (n *Node) Clashes() []Clash {
	n.mu.Lock()
	defer n.mu.Unlock()
	var all []Clash
	for _, c := range n.members.Clashes() {
		all = append(all, Clash{c.Text, c.DC, c.Waits})
	}
	return all
}

// GivesWay has a value, an [ErrGivesWay], when this process must end, because another one
// serves the same. Of two, the one goes that has served for less time: since it began, or
// came back to a lost backbone, by its own clock.
func (n *Node) GivesWay() <-chan error { return n.givesWay }
