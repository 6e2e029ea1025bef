package clientagent

import (
	"natstron/bridge/wire"
	"natstron/dc"
)

// known is why a client knows an object.
type known uint8

const (
	visible  known = 1 << iota // shown through an interest
	owned                      // the client owns it
	declared                   // by CLIENTAGENT_DECLARE_OBJECT
)

// object is what a session knows of an object.
type object struct {
	class    *dc.Class
	declared *dc.Class // as CLIENTAGENT_DECLARE_OBJECT said
	location wire.Location
	known    known
}

// maxPast bounds the objects that a session remembers to have known.
const maxPast = 4096

// past is the objects that a client used to know, at least the last maxPast of
// them: what it still sends to them is ignored, not punished.
type past struct{ new, old map[wire.DoID]struct{} }

func (p *past) add(do wire.DoID) {
	if p.new == nil {
		p.new = map[wire.DoID]struct{}{}
	}
	p.new[do] = struct{}{}
	if len(p.new) >= maxPast {
		p.new, p.old = nil, p.new
	}
}

func (p *past) has(do wire.DoID) bool {
	if _, ok := p.new[do]; ok {
		return true
	}
	_, ok := p.old[do]
	return ok
}

// classOf is the class of an object that the client may know of; nil if it knows
// no such object.
func (s *session) classOf(do wire.DoID) *dc.Class {
	if u, ok := s.role.uberdogs[do]; ok {
		return u.class
	}
	return s.objects[do].class
}

// knows says whether updates of an object are for the client.
func (s *session) knows(do wire.DoID) bool {
	if s.objects[do].known != 0 {
		return true
	}
	_, ok := s.role.uberdogs[do]
	return ok
}

// learn notes that the client knows an object for one more reason.
func (s *session) learn(do wire.DoID, why known, class *dc.Class, at wire.Location) {
	o := s.objects[do]
	o.known |= why
	if why == declared {
		o.declared = class
		if o.class == nil {
			o.class = class
		}
	} else {
		o.class, o.location = class, at
	}
	if s.objects == nil {
		s.objects = map[wire.DoID]object{}
	}
	s.objects[do] = o
}

// forget notes that a reason to know an object is gone.
func (s *session) forget(do wire.DoID, why known) {
	o := s.objects[do]
	o.known &^= why
	if o.known&(visible|owned) == 0 {
		o.class = o.declared
	}
	if why != declared {
		s.past.add(do)
	}
	if o.known == 0 {
		delete(s.objects, do)
		delete(s.moving, do)
		return
	}
	s.objects[do] = o
}
