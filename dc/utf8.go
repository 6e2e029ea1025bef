package dc

import "unicode/utf8"

// ValidUTF8 reports whether all text in b is UTF-8: each string, each char by itself,
// and each array of chars as a whole, since Panda3D makes one string of it. b must be
// exactly one value of the field. It allocates nothing.
func (f *Field) ValidUTF8(b []byte) bool {
	if !f.typ.text || isASCII(b) {
		return true
	}
	if n, err := f.Skip(b); err != nil || n != len(b) {
		return false
	}
	_, ok := f.typ.validUTF8(b, 0)
	return ok
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// validUTF8 finds the end of the value that begins at b[at]; ok is false if there is
// text in it that is not UTF-8.
func (t *Type) validUTF8(b []byte, at int) (end int, ok bool) {
	switch k := t.kind; {
	case !t.text || t.size == 0:
		end, err := t.walk(b, at, false)
		return end, err == nil
	case k == Switch:
		next, ok := t.sw.key.typ.validUTF8(b, at)
		if !ok {
			return 0, false
		}
		set := t.sw.choose(b[at:next])
		if set == nil {
			return 0, false
		}
		return membersValidUTF8(set.members[1:], b, next)
	case k == Struct || k == Method || k == Molecular:
		return membersValidUTF8(t.members, b, at)
	case k == Array && t.elem.typ.kind != Char:
		return t.elementsValidUTF8(b, at)
	}
	end, err := t.walk(b, at, false)
	if err != nil {
		return 0, false
	}
	return end, utf8.Valid(b[at+t.lenBytes : end])
}

func membersValidUTF8(members []*Param, b []byte, at int) (end int, ok bool) {
	for _, m := range members {
		if at, ok = m.typ.validUTF8(b, at); !ok {
			return 0, false
		}
	}
	return at, true
}

// elementsValidUTF8 is validUTF8 for an array of anything but chars.
func (t *Type) elementsValidUTF8(b []byte, at int) (end int, ok bool) {
	if t.lenBytes == 0 {
		for range t.fixed {
			if at, ok = t.elem.typ.validUTF8(b, at); !ok {
				return 0, false
			}
		}
		return at, true
	}
	begin, end, err := t.walkLength(b, at)
	if err != nil {
		return 0, false
	}
	for at = begin; at < end; {
		next, ok := t.elem.typ.validUTF8(b[:end], at)
		if !ok || next == at {
			return 0, false
		}
		at = next
	}
	return at, true
}
