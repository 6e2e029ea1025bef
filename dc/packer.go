package dc

// packer packs values from text, step by step, by the rules of Panda3D's
// DCPacker: where a file's defaults and cases are accepted, and which bytes they
// become, follows from them. A step packs one number or string, or enters or
// leaves something with parts.
//
// Faults do not stop it; they are remembered, and asked for at the end.
type packer struct {
	buf    []byte
	stack  []packFrame
	cur    node // what the next step packs; the zero node where nothing may follow
	parent node // what cur is a part of
	index  int  // of cur in parent
	num    int  // how many parts parent has, or -1 where that varies
	start  int  // where parent's bytes begin in buf, its length included

	bad        bool // the steps do not fit the type
	outOfRange bool // a value does not fit its type or range
	exact      bool // see number
	notation   Notation
	budget     *budget
}

type packFrame struct {
	parent       node
	index, start int
}

// budget bounds what packing may cost.
type budget struct{ steps, bytes int }

const (
	maxPackSteps = 1 << 22 // of all defaults of a list of files together
	maxPackBytes = 1 << 26
	maxDefault   = 1 << 20 // bytes of one
	maxImplied   = 1 << 18 // steps of one that no file writes out
)

func newBudget() budget { return budget{steps: maxPackSteps, bytes: maxPackBytes} }

// node is a place that a value is packed for: a parameter, or the chosen
// members of a switch.
type node struct {
	p   *Param
	set *caseSet
}

func (n node) none() bool { return n.p == nil && n.set == nil }

// hasParts reports whether the value is entered, and its parts are packed.
func (n node) hasParts() bool {
	return n.set != nil || n.p != nil && n.p.typ.kind >= String
}

// parts is the number of parts, or -1 where it varies.
func (n node) parts() int {
	if n.set != nil {
		return len(n.set.members)
	}
	switch t := n.p.typ; t.kind {
	case Array:
		return t.fixed
	case Struct, Method, Molecular:
		return len(t.members)
	case Switch:
		return 1
	}
	return -1
}

// part is the part of that index.
func (n node) part(i int) node {
	switch {
	case n.set != nil:
		return node{p: n.set.members[i]}
	case n.p.typ.elem != nil:
		return node{p: n.p.typ.elem}
	case n.p.typ.kind == Switch:
		return node{p: n.p.typ.sw.key}
	}
	return node{p: n.p.typ.members[i]}
}

func (n node) lenBytes() int {
	if n.set != nil {
		return 0
	}
	return n.p.typ.lenBytes
}

// newPacker begins to pack a value for p.
func newPacker(p *Param, b *budget) *packer {
	return &packer{cur: node{p: p}, budget: b}
}

// done reports whether one whole value was packed, without a fault.
func (p *packer) done() bool {
	if len(p.stack) > 0 || !p.cur.none() || !p.parent.none() {
		p.bad = true
	}
	return !p.bad && !p.outOfRange
}

// step pays for one step. It returns false if there is nothing to pack for, or
// if it all has become too much.
func (p *packer) step() bool {
	p.budget.steps--
	if p.cur.none() || p.budget.steps < 0 || len(p.buf) > maxDefault {
		p.bad = true
		return false
	}
	return true
}

// enter begins the parts of the current place.
func (p *packer) enter() {
	if !p.step() || !p.cur.hasParts() {
		p.bad = true
		return
	}
	p.stack = append(p.stack, packFrame{p.parent, p.index, p.start})
	p.parent, p.index, p.start = p.cur, 0, len(p.buf)
	p.num = p.parent.parts()
	p.buf = append(p.buf, make([]byte, p.parent.lenBytes())...)
	p.cur = node{}
	if p.num != 0 {
		p.cur = p.parent.part(0)
	}
}

// leave ends the parts, and fills in the length in front of them.
func (p *packer) leave() {
	if !p.cur.none() && p.num >= 0 || len(p.stack) == 0 {
		p.bad = true
	}
	if len(p.stack) == 0 {
		return
	}
	if t := p.parent.p; t != nil && t.typ.kind == Array && !t.typ.count.allow(uint64(p.index)) {
		p.bad = true
	}
	lenBytes := p.parent.lenBytes()
	length := len(p.buf) - p.start - lenBytes
	p.outOfRange = p.outOfRange || lenBytes == 2 && length > 0xffff
	appendInt(p.buf[:p.start], lenBytes, uint64(length))
	frame := p.stack[len(p.stack)-1]
	p.stack = p.stack[:len(p.stack)-1]
	p.cur, p.parent, p.index, p.start = p.parent, frame.parent, frame.index, frame.start
	p.num = 0
	if !p.parent.none() {
		p.num = p.parent.parts()
	}
	p.advance()
}

// advance goes on to the next part.
func (p *packer) advance() {
	p.index++
	if p.num < 0 || p.index < p.num {
		p.cur = p.parent.part(p.index)
		return
	}
	p.cur = node{}
	if parent := p.parent.p; parent != nil && parent.typ.kind == Switch {
		p.choose(parent.typ.sw)
	}
}

// choose goes on with the members that belong to the key packed just now.
func (p *packer) choose(sw *switchType) {
	set := sw.choose(p.buf[p.start:])
	if set == nil {
		p.outOfRange = true
		return
	}
	p.parent, p.num = node{set: set}, len(set.members)
	if p.index < p.num {
		p.cur = p.parent.part(p.index)
	}
}

// literal packs bytes as they are, for whatever the current place is.
func (p *packer) literal(b string) {
	if p.step() {
		p.buf = append(p.buf, b...)
		p.advance()
	}
}

// text packs a string for a string, a blob, a character, or an array of bytes.
func (p *packer) text(s string) {
	if p.step() {
		p.appendText(s)
		p.advance()
	}
}

func (p *packer) appendText(s string) {
	t := p.cur.p.typ
	n := uint64(len(s))
	switch {
	case t.kind == Char || t.kind == Uint8 || t.kind == Int8:
		if n == 0 {
			p.bad = true
			return
		}
		// A character above 127 is negative for Panda3D, so outside any range.
		code := uint64(uint32(int8(s[0])))
		p.outOfRange = p.outOfRange || n != 1 || !t.uints.allow(code)
		p.buf = append(p.buf, s[0])
		return
	case t.kind.textual():
		p.outOfRange = p.outOfRange || !t.uints.allow(n) || t.kind != Blob32 && n > 0xffff
	case t.kind == Array && t.elem.typ.byteSized():
		p.outOfRange = p.outOfRange || !t.count.allow(n) || t.lenBytes == 2 && n > 0xffff
	default:
		p.bad = true
		return
	}
	p.buf = append(appendInt(p.buf, t.lenBytes, n), s...)
}

// byteSized reports whether the type is a single byte, so that a string can stand
// for an array of it.
func (t *Type) byteSized() bool { return t.kind == Char || t.kind == Uint8 || t.kind == Int8 }
