package dc

import "strconv"

// Param is a name and a type: an argument of a method, a member of a struct, a
// field that is no method.
type Param struct {
	name string
	key  string // what the value is called in a [Record]
	typ  *Type
	id   int // of a field; -1 for all else

	// explicit says that the file sets a default, here or somewhere inside.
	// packed holds it only if it was set right here: settled. Of a field whose
	// class is complete, packed holds whatever its default is: worked.
	explicit, settled, worked bool
	packed                    []byte
}

// Name is the name as written; it may be empty.
func (p *Param) Name() string { return p.name }

// Key is the name under which the value stands in a [Record] and in JSON: the
// parameter's own, or "_" and its place, counted from zero, where it has none
// or shares it with one before.
func (p *Param) Key() string { return p.key }

// Type is the parameter's type.
func (p *Param) Type() *Type { return p.typ }

// nameKeys gives every parameter of a list the key of its value, unless it has
// one from another list.
func nameKeys(params []*Param) {
	taken := make(map[string]bool, len(params))
	for _, p := range params {
		if p.key == "" && p.name != "" && !taken[p.name] {
			p.key = p.name
		}
		taken[p.key] = true
	}
	for i, p := range params {
		if p.key != "" {
			continue
		}
		key := "_" + strconv.Itoa(i)
		for taken[key] {
			key += "_"
		}
		taken[key] = true
		p.key = key
	}
}
