package membership

import (
	"cmp"
	"slices"
	"time"

	"natstron/bridge/wire"
)

// A Claim says that a role of a process acts at once on what is sent to the channels from
// Lo to Hi, both included.
type Claim struct {
	Service Service      `json:"service"`
	Lo      wire.Channel `json:"lo,string"`
	Hi      wire.Channel `json:"hi,string"`
	// For is how long, in milliseconds, objects that survive are kept when their process has
	// ended. Away says that it is about to end, and does not serve them any more.
	For  int64 `json:"for_ms,omitempty"`
	Away bool  `json:"away,omitempty"`
}

// Service is what a role does with what it is sent.
type Service string

// The services, see package bridge.
const (
	Clients        Service = "clients"
	Adopted        Service = "adopted clients"
	Control        Service = "control"
	Objects        Service = "objects"
	AnyObject      Service = "any object"
	Survives       Service = "survives"        // the objects of a control channel outlive the process
	ObjectsSurvive Service = "objects survive" // those with the channels do
	Requests       Service = "requests"        // of a database: they are not orders
)

// maxClaims is how many claims of a service a node tells of, and how many in all it
// takes from another one. Beyond that, a service's claims are told as one that takes
// all of them in.
const maxClaims = 64

// Claim makes claims. The other nodes are told at once.
func (m *Members) Claim(now time.Time, claims ...Claim) []Effect {
	m.now = now
	m.claims = slices.DeleteFunc(m.claims, func(have Claim) bool {
		return have.Away && slices.ContainsFunc(claims, have.SameObjects) // it is served here again
	})
	m.claims = append(m.claims, claims...)
	m.heartbeat()
	return m.take()
}

// Unclaim takes one claim back for each that is named.
func (m *Members) Unclaim(claims ...Claim) {
	for _, c := range claims {
		if i := slices.Index(m.claims, c); i >= 0 {
			m.claims = slices.Delete(m.claims, i, i+1)
		}
	}
}

// Disclaim takes all claims back: the participants of the roles are gone. Those that come
// back claim again.
func (m *Members) Disclaim() { m.claims = nil }

// Claims are those of this node, in the order made.
func (m *Members) Claims() []Claim { return m.claims }

// summary is claims as a heartbeat has them.
func summary(claims []Claim) []Claim {
	if len(claims) <= maxClaims {
		return claims
	}
	hulls := map[Claim]Claim{}
	for _, c := range claims {
		kind := Claim{Service: c.Service, Away: c.Away}
		h, ok := hulls[kind]
		if !ok {
			h = c
		}
		h.Lo, h.Hi, h.For = min(h.Lo, c.Lo), max(h.Hi, c.Hi), max(h.For, c.For)
		hulls[kind] = h
	}
	var all []Claim
	for _, c := range hulls {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b Claim) int {
		return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.Lo, b.Lo))
	})
	return all
}

// Claims reports whether the peer claims a channel, and acts on orders there.
func (p *Peer) Claims(c wire.Channel) bool {
	return slices.ContainsFunc(p.claims, func(claim Claim) bool {
		return claim.Service != AnyObject && claim.Service != Requests && claim.Has(c)
	})
}

// Answers reports whether the peer claims a channel in any way.
func (p *Peer) Answers(c wire.Channel) bool {
	return slices.ContainsFunc(p.claims, func(claim Claim) bool { return claim.Service != AnyObject && claim.Has(c) })
}

// ClaimsClient reports whether the peer claims a channel as a client's, whatever else of it
// may have the channel, too.
func (p *Peer) ClaimsClient(c wire.Channel) bool { return claimsClient(p.claims, c) }

func claimsClient(claims []Claim, c wire.Channel) bool {
	return slices.ContainsFunc(claims, func(claim Claim) bool {
		return (claim.Service == Clients || claim.Service == Adopted) && claim.Has(c)
	})
}

// Has reports whether a channel is one of those claimed.
func (claim Claim) Has(c wire.Channel) bool { return claim.Lo <= c && c <= claim.Hi }

// Survives reports whether it claims objects that outlive the process.
func (claim Claim) Survives() bool {
	return claim.Service == Survives || claim.Service == ObjectsSurvive
}

// SameObjects reports whether two claims are of the same objects that survive, or of some.
func (claim Claim) SameObjects(o Claim) bool {
	return claim.Service == o.Service && claim.Lo <= o.Hi && o.Lo <= claim.Hi
}

// ClaimedByClients reports whether a client agent of any node claims a channel.
func (m *Members) ClaimedByClients(c wire.Channel) bool {
	return claimsClient(m.claims, c) || m.Exists(func(p *Peer) bool { return p.ClaimsClient(c) })
}

// Adopters are how many peers have clients of a range that is another one's.
func (m *Members) Adopters(lo, hi wire.Channel) (count int) {
	for _, p := range m.peers {
		if slices.ContainsFunc(p.claims, func(c Claim) bool { return c.Service == Adopted && c.Lo <= hi && lo <= c.Hi }) {
			count++
		}
	}
	return count
}

// ClaimsAnything reports whether the peer acts on orders at all.
func (p *Peer) ClaimsAnything() bool {
	return slices.ContainsFunc(p.claims, func(claim Claim) bool { return claim.Service != Requests })
}

// Serves reports whether the peer offers a service.
func (p *Peer) Serves(s Service) bool { return serves(p.claims, s) }

func serves(claims []Claim, s Service) bool {
	return slices.ContainsFunc(claims, func(c Claim) bool { return c.Service == s })
}

// Survivors are what the peer claims of objects that outlive its process: those that it
// serves, and those that it does not serve any more.
func (p *Peer) Survivors() (serves, away []Claim) {
	for _, c := range p.claims {
		switch {
		case !c.Survives():
		case c.Away:
			away = append(away, c)
		default:
			serves = append(serves, c)
		}
	}
	return serves, away
}

// Serving is which peer serves objects that survive, and has been heard since a process that is gone
// and that had them; nil, if this one does.
func (m *Members) Serving(c Claim, gone *Peer) (at *Peer, served bool) {
	serves := func(o Claim) bool { return !o.Away && o.SameObjects(c) }
	if slices.ContainsFunc(m.claims, serves) {
		return nil, true
	}
	for _, p := range m.peers {
		if p.met == m.origin && p.heard.After(gone.heard) && slices.ContainsFunc(p.claims, serves) {
			return p, true
		}
	}
	return nil, false
}

// ClaimsObjects reports whether the peer claims a channel as an object's.
func (p *Peer) ClaimsObjects(c wire.Channel) bool {
	return slices.ContainsFunc(p.claims, func(claim Claim) bool { return claim.Service == Objects && claim.Has(c) })
}

// OutliveIt reports whether any objects of the peer outlive its process.
func (p *Peer) OutliveIt() bool { return slices.ContainsFunc(p.claims, Claim.Survives) }

// Leaving notes that objects that survive are not served here any more: this process is
// about to end.
func (m *Members) Leaving(claims ...Claim) {
	for i, c := range m.claims {
		if c.Survives() && slices.ContainsFunc(claims, c.SameObjects) {
			m.claims[i].Away = true
		}
	}
}

// ServesObjects reports whether the peer has objects.
func (p *Peer) ServesObjects() bool { return p.objects }

func servesObjects(claims []Claim) bool { return serves(claims, AnyObject) || serves(claims, Objects) }

// ObjectServers is how many processes have objects, this one included.
func (m *Members) ObjectServers() (count int) {
	if servesObjects(m.claims) {
		count++
	}
	for _, p := range m.peers {
		if p.objects {
			count++
		}
	}
	return count
}
