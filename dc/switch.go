package dc

import "slices"

// switchType is a union: a key, and the members that belong to its value.
type switchType struct {
	name  string
	key   *Param
	cases []switchCase
	other *caseSet // of "default:", or nil
	byKey map[string]*caseSet

	// While it is read.
	open   []*caseSet // those that the next field belongs to
	filled bool       // a field came since the last case
}

// switchCase is a value of the key and what follows it.
type switchCase struct {
	value []byte
	set   *caseSet
}

// caseSet is the key and the members of one or more cases, in order.
type caseSet struct {
	members  []*Param
	size     int
	believed believedSize
	explicit bool
}

// begin opens the set for a case or default: the one before, if it has no
// fields yet, or a new one. A set without a break before it stays open, so the
// fields of the next case belong to it, too.
func (s *switchType) begin() *caseSet {
	if len(s.open) == 0 || s.filled {
		set := &caseSet{believed: believedSize{fixed: true}}
		set.addMember(s.key)
		s.open = append(s.open, set)
	}
	s.filled = false
	return s.open[len(s.open)-1]
}

// addCase opens the case of a key's packed value. It returns false, with a case
// open that no value leads to, if there is one of that value.
func (s *switchType) addCase(value []byte) bool {
	if _, twice := s.byKey[string(value)]; twice {
		s.begin()
		return false
	}
	set := s.begin()
	s.byKey[string(value)] = set
	s.cases = append(s.cases, switchCase{value: value, set: set})
	return true
}

// addDefault opens the default. It returns false if there is one.
func (s *switchType) addDefault() bool {
	set := s.begin()
	if s.other != nil {
		return false
	}
	s.other = set
	return true
}

// end closes all open cases.
func (s *switchType) end() { s.open, s.filled = nil, false }

// addField puts a field into the open cases. It returns false if one of them
// has a field of that name.
func (s *switchType) addField(p *Param) bool {
	ok := true
	for _, set := range s.open {
		ok = set.addMember(p) && ok
	}
	s.filled = true
	return ok
}

func (c *caseSet) addMember(p *Param) bool {
	if p.name != "" && slices.ContainsFunc(c.members, func(m *Param) bool { return m.name == p.name }) {
		return false
	}
	c.members = append(c.members, p)
	if c.believed.fixed {
		c.believed.fixed = p.typ.believed.fixed
		c.believed.bytes += p.typ.believed.bytes
	}
	c.size = addSizes(c.size, p.typ.size)
	c.explicit = c.explicit || p.explicit
	return true
}

// choose returns the members for a key's packed value, or nil if there are none.
func (s *switchType) choose(value []byte) *caseSet {
	if set, ok := s.byKey[string(value)]; ok {
		return set
	}
	return s.other
}

// sets calls f for the set of every case and of the default.
func (s *switchType) sets(f func(*caseSet)) {
	for _, c := range s.cases {
		f(c.set)
	}
	if s.other != nil {
		f(s.other)
	}
}

// layOut works out the size of a value of the switch.
func (s *switchType) layOut(t *Type) {
	t.checked = true
	t.include(s.key.typ)
	t.believed = believedSize{fixed: s.key.typ.believed.fixed}
	if len(s.cases) > 0 {
		t.believed.bytes = s.cases[0].set.believed.bytes
	}
	first := true
	t.size = -1
	s.sets(func(set *caseSet) {
		if !set.believed.fixed || set.believed.bytes != t.believed.bytes {
			t.believed.fixed = false
		}
		if first {
			t.size, first = set.size, false
		} else if t.size != set.size {
			t.size = -1
		}
		for _, m := range set.members {
			t.include(m.typ)
		}
	})
}

// explicit reports whether the file sets a default somewhere in the switch.
func (s *switchType) explicit() bool {
	yes := s.key.explicit
	s.sets(func(set *caseSet) { yes = yes || set.explicit })
	return yes
}
