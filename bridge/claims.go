package bridge

import (
	"time"

	"natstron/bridge/internal/membership"
	"natstron/bridge/wire"
)

// A Claim says that a role of this process acts at once on what is sent to the
// channels from Lo to Hi, both included. Nodes tell each other their claims, so that
// each knows which one acts on an order of its participants.
type Claim struct {
	Service Service
	Lo, Hi  wire.Channel
	// For is how long the others keep objects that survive when their process has ended.
	For time.Duration
}

// Service is what a role does with what it is sent.
type Service string

const (
	// ServesClients: a client agent, on the channels of its clients. They may have
	// other channels besides.
	ServesClients = Service(membership.Clients)
	// ServesAdopted: a client agent, on channels of another one, some of whose clients it
	// has taken over.
	ServesAdopted = Service(membership.Adopted)
	// ServesControl: a state server, on its control channel.
	ServesControl = Service(membership.Control)
	// ServesObjects: a state server or a database-state server, on the channels of
	// doIds that it has the node listen to as ranges.
	ServesObjects = Service(membership.Objects)
	// ServesAnyObject: a state server, on the channels of doIds that nobody knows
	// beforehand; Lo and Hi are 0.
	ServesAnyObject = Service(membership.AnyObject)
	// Survives: the objects of the state server with this control channel outlive its
	// process. The others keep them until another process makes this claim, for a time.
	// What is for them waits meanwhile.
	Survives = Service(membership.Survives)
	// ObjectsSurvive: so do those with these channels.
	ObjectsSurvive = Service(membership.ObjectsSurvive)
	// ServesRequests: a database server, on its control channel. What it is sent is not ordered
	// with what others do.
	ServesRequests = Service(membership.Requests)
)

// Claim makes claims. The other nodes are told at once.
func (t Turn) Claim(claims ...Claim) {
	t.n.perform(t.n.members.Claim(time.Now(), tell(claims)...))
	for _, c := range tell(claims) {
		if c.Survives() {
			t.n.goOn(c, nil)
		}
	}
}

// Unclaim takes one claim back for each that is named.
func (t Turn) Unclaim(claims ...Claim) { t.n.members.Unclaim(tell(claims)...) }

// ClientElsewhere reports whether a client agent of another process claims a channel.
func (t Turn) ClientElsewhere(c wire.Channel) bool {
	return t.n.members.Exists(func(p *membership.Peer) bool { return p.ClaimsClient(c) })
}

// AgentsElsewhere reports whether another process has a client agent.
func (t Turn) AgentsElsewhere() bool {
	return t.n.members.Exists(func(p *membership.Peer) bool { return p.Serves(membership.Clients) })
}

// Adopters is how many other processes have taken over clients with channels from lo to hi.
func (t Turn) Adopters(lo, hi wire.Channel) int { return t.n.members.Adopters(lo, hi) }

// Withdraw tells the others at once that a role whose objects survive is about to end, by
// those of its claims that say so: they keep the objects, and hold what is for it. It closes
// heard when they know, and what they had sent before has arrived.
func (t Turn) Withdraw(heard chan struct{}, claims ...Claim) {
	n := t.n
	n.members.Leaving(tell(claims)...)
	n.perform(n.members.Announce(time.Now()))
	t.WhenHeard(func() { close(heard) })
}

// tell is claims as the other nodes are told of them.
func tell(claims []Claim) (all []membership.Claim) {
	for _, c := range claims {
		all = append(all, membership.Claim{Service: membership.Service(c.Service), Lo: c.Lo, Hi: c.Hi, For: c.For.Milliseconds()})
	}
	return all
}

// Claims are those of this process.
func (n *Node) Claims() (all []Claim) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, c := range n.members.Claims() {
		all = append(all, Claim{Service: Service(c.Service), Lo: c.Lo, Hi: c.Hi, For: time.Duration(c.For) * time.Millisecond})
	}
	return all
}
