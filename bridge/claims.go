package bridge

import (
	"cmp"
	"slices"

	"natstron/bridge/wire"
)

// A Claim says that a role of this process acts at once on what is sent to the
// channels from Lo to Hi, both included. Nodes tell each other their claims, so that
// each knows who acts on an order of its participants (orders.go).
type Claim struct {
	Service Service      `json:"service"`
	Lo      wire.Channel `json:"lo,string"`
	Hi      wire.Channel `json:"hi,string"`
}

// Service is what a role does with what it is sent.
type Service string

const (
	// ServesClients: a client agent, on the channels of its clients. They may have
	// other channels besides.
	ServesClients Service = "clients"
	// ServesControl: a state server, on its control channel.
	ServesControl Service = "control"
	// ServesObjects: a state server or a database-state server, on the channels of
	// doIds that it has the node listen to as ranges.
	ServesObjects Service = "objects"
	// ServesAnyObject: a state server, on the channels of doIds that nobody knows
	// beforehand; Lo and Hi are 0.
	ServesAnyObject Service = "any object"
)

// maxClaims is how many claims of a service a node tells of, and how many in all it
// takes from another one. Beyond that, a service's claims are told as one that takes
// all of them in.
const maxClaims = 64

// Claim makes claims. The other nodes are told at once.
func (t Turn) Claim(claims ...Claim) {
	n := t.n
	n.claims = append(n.claims, claims...)
	if n.link != nil {
		n.heartbeat()
	}
}

// Unclaim takes one claim back for each that is named.
func (t Turn) Unclaim(claims ...Claim) {
	for _, c := range claims {
		if i := slices.Index(t.n.claims, c); i >= 0 {
			t.n.claims = slices.Delete(t.n.claims, i, i+1)
		}
	}
}

// toldClaims is the node's claims as a heartbeat has them.
func toldClaims(claims []Claim) []Claim {
	if len(claims) <= maxClaims {
		return claims
	}
	hulls := map[Service]Claim{}
	for _, c := range claims {
		h, ok := hulls[c.Service]
		if !ok {
			h = c
		}
		hulls[c.Service] = Claim{c.Service, min(h.Lo, c.Lo), max(h.Hi, c.Hi)}
	}
	var all []Claim
	for _, c := range hulls {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b Claim) int { return cmp.Compare(a.Service, b.Service) })
	return all
}

// claims says whether the peer claims a channel, and for what.
func (p *peer) claimsChannel(c wire.Channel) (Service, bool) {
	for _, claim := range p.claims {
		if claim.Lo <= c && c <= claim.Hi && claim.Service != ServesAnyObject {
			return claim.Service, true
		}
	}
	return "", false
}

func (p *peer) serves(s Service) bool {
	return slices.ContainsFunc(p.claims, func(c Claim) bool { return c.Service == s })
}

// servesObjects says whether the peer has objects.
func (p *peer) servesObjects() bool { return p.serves(ServesAnyObject) || p.serves(ServesObjects) }
