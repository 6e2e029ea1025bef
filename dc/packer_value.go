package dc

import "natstron/dc/internal/syntax"

// value packs a value and all in it. A value with a name must be for the
// parameter of that name: misnamed reports it.
func (p *packer) value(v *syntax.Value, misnamed func(at syntax.Span, wanted string)) {
	if v.Name.Text != "" {
		wanted := ""
		if p.cur.p != nil {
			wanted = p.cur.p.name
		}
		if v.Name.Text != wanted {
			misnamed(v.Name.Span, quotedName(wanted))
		}
	}
	if v.Open == 0 {
		times := uint64(1)
		if v.Repeat != nil {
			times = v.Repeat.Uint
		}
		p.bad = p.bad || times > 1<<32-1
		for ; times > 0 && !p.bad; times-- {
			p.constant(v.Literal)
		}
		return
	}
	p.enter()
	for _, part := range v.List {
		if p.bad {
			break
		}
		p.value(part, misnamed)
	}
	p.leave()
}

func quotedName(name string) string {
	if name == "" {
		return "a parameter without a name"
	}
	return "'" + name + "'"
}

func (p *packer) constant(l syntax.Literal) {
	switch l.Kind {
	case syntax.StringLiteral:
		p.text(l.Bytes)
	case syntax.HexLiteral:
		p.literal(l.Bytes)
	case syntax.NoLiteral:
		p.bad = true
	default:
		p.number(l)
	}
}

// number packs a number: as Panda3D does where it stands in a file, or exactly,
// where it comes from somebody who has not got to agree with clients' bits.
func (p *packer) number(l syntax.Literal) {
	switch {
	case p.exact:
		p.decimal(l.Source)
	case l.Kind == syntax.IntLiteral:
		p.signed(l.Int)
	case l.Kind == syntax.UintLiteral:
		p.unsigned(l.Uint)
	default:
		p.real(l.Real)
	}
}
