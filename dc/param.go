package dc

import "strconv"

// Param is a name and a type: an argument of a method, a member of a struct, or a
// field that is not a method.
type Param struct {
	name string
	key  string // the name of the value in a [Record]
	typ  *Type
	id   int // of a field; -1 for anything else

	// explicit says that the file sets a default, for the parameter (ownDefault) or
	// for something inside it. packed is the default if ownDefault is set; if
	// classDone is set, which says that a field's class is complete, in any case.
	explicit, ownDefault, classDone bool
	packed                          []byte
}

// Name is the name as written; it may be empty.
func (p *Param) Name() string { return p.name }

// Key is the name of the value in a [Record] and in JSON: the parameter's own, or
// "_" and its index if it has none or an earlier parameter has the same.
func (p *Param) Key() string { return p.key }

// Type is the parameter's type.
func (p *Param) Type() *Type { return p.typ }

// nameKeys sets the keys of all parameters of a list that have none yet.
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
