package dc

import (
	"slices"
	"sync"
)

// maxHashed is how many numbers the hash of a file may take. A struct counts
// each time it is used, so a few lines can make very many.
const maxHashed = 1 << 23

// numPrimes is how many primes the hash uses before it starts over.
const numPrimes = 10000

// hasher computes Panda3D's legacy hash: a stream of integers, each multiplied
// by the next prime number, added up, with 32 bits kept.
type hasher struct {
	sum    uint32
	next   int // index of the next prime
	count  int
	primes []uint32
	single bool // numbers of fields do not count
}

// hashFile returns the hash, or false if it takes too many numbers.
func hashFile(f *File) (uint32, bool) {
	how := f.inheritance
	h := &hasher{primes: primes(), single: how.Single}
	switch {
	case how.Plain:
	case how.Unsorted:
		h.int(2)
	default:
		h.int(1)
	}
	h.int(len(f.classes))
	for _, c := range f.classes {
		h.class(c)
	}
	return h.sum, h.count <= maxHashed
}

// primes returns the first prime numbers, which it finds out once.
var primes = sync.OnceValue(func() []uint32 {
	list := make([]uint32, 0, numPrimes)
candidates:
	for c := uint32(2); len(list) < numPrimes; c++ {
		for _, p := range list {
			if p*p > c {
				break
			}
			if c%p == 0 {
				continue candidates
			}
		}
		list = append(list, c)
	}
	return list
})

// full says that enough was hashed to give up.
func (h *hasher) full() bool { return h.count > maxHashed }

func (h *hasher) int(n int) {
	h.count++
	h.sum += h.primes[h.next] * uint32(n)
	h.next++
	if h.next == numPrimes {
		h.next = 0
	}
}

func (h *hasher) string(s string) {
	h.int(len(s))
	for i := range len(s) {
		h.int(int(int8(s[i])))
	}
}

func (h *hasher) blob(b []byte) {
	h.int(len(b))
	for _, c := range b {
		h.int(int(c))
	}
}

func (h *hasher) class(c *Class) {
	if h.full() {
		return
	}
	h.string(c.name)
	if c.isStruct {
		h.int(1)
	}
	h.int(len(c.bases))
	for _, b := range c.bases {
		h.int(b.number)
	}
	if c.constructor != nil {
		h.field(c.constructor)
	}
	h.int(len(c.own))
	for _, f := range c.own {
		h.field(f)
	}
}

func (h *hasher) field(f *Field) {
	switch {
	case f.IsMolecular():
		h.name(f.name, f.id)
		h.int(len(f.atomics))
		for _, a := range f.atomics {
			h.field(a)
		}
	case f.IsMethod():
		h.method(&f.Param)
		h.keywords(&f.keywords)
	default:
		if len(f.keywords.names) > 0 {
			h.keywords(&f.keywords)
		}
		h.typ(f.typ)
	}
}

// name hashes what fields begin with.
func (h *hasher) name(name string, id int) {
	h.string(name)
	if !h.single {
		h.int(id)
	}
}

func (h *hasher) method(p *Param) {
	h.name(p.name, p.id)
	h.int(len(p.typ.members))
	for _, m := range p.typ.members {
		h.typ(m.typ)
	}
}

func (h *hasher) keywords(l *keywordList) {
	if l.flags != customHash {
		h.int(int(l.flags))
		return
	}
	h.int(len(l.names))
	for _, name := range slices.Sorted(slices.Values(l.names)) {
		h.string(name)
	}
}

func (h *hasher) typ(t *Type) {
	if h.full() {
		return
	}
	switch t.kind {
	case Array:
		h.typ(t.elem.typ)
		hashLimits(h, t.count, func(n uint64) int { return int(n) })
	case Struct:
		h.class(t.class)
	case Switch:
		h.switchType(t.sw)
	default:
		h.int(int(kinds[t.kind].hash))
		h.int(int(t.divisor))
		if t.modulus.set {
			h.int(int(toInt32(t.modulus.scaled)))
		}
		hashLimits(h, t.ints, func(n int64) int { return int(n) })
		hashLimits(h, t.uints, func(n uint64) int { return int(n) })
		hashLimits(h, t.floats, func(f float64) int { return int(toInt32(f)) })
	}
}

func hashLimits[N int64 | uint64 | float64](h *hasher, l limits[N], toInt func(N) int) {
	if len(l) == 0 {
		return
	}
	h.int(len(l))
	for _, s := range l {
		h.int(toInt(s.low))
		h.int(toInt(s.high))
	}
}

func (h *hasher) switchType(s *switchType) {
	h.string(s.name)
	h.member(s.key)
	h.int(len(s.cases))
	for _, c := range s.cases {
		h.blob(c.value)
		h.set(c.set)
	}
	if s.other != nil {
		h.set(s.other)
	}
}

func (h *hasher) set(s *caseSet) {
	h.int(len(s.members))
	for _, m := range s.members {
		h.member(m)
	}
}

// member hashes a part of a switch; its key may be a method.
func (h *hasher) member(p *Param) {
	if p.typ.kind != Method {
		h.typ(p.typ)
		return
	}
	h.method(p)
	h.int(0) // its keywords: none
}
