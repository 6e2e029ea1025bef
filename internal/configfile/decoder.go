package configfile

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

const (
	// maxFaults is where a reading stops to list faults.
	maxFaults = 100
	// maxNodes bounds what the aliases of a file expand to.
	maxNodes = 100_000
	// maxAliasChain bounds how often an alias may lead to another.
	maxAliasChain = 16
)

// node is a part of the YAML tree.
type node = ast.Node

// decoder walks the YAML tree along the tables and gathers faults.
type decoder struct {
	file    *File
	anchors map[string]node
	faults  []Fault
	bad     map[string]bool // paths with a fault, and all above them
	nodes   int
	over    bool // the aliases expand to too much
	// formed are the lines whose form is wrong: what they mean is not judged.
	formed map[int]bool
}

func newDecoder(f *File, root node) *decoder {
	d := &decoder{file: f, anchors: map[string]node{}, bad: map[string]bool{}, formed: map[int]bool{}}
	ast.Walk(anchorCollector(d.anchors), root)
	return d
}

// anchorCollector notes what each anchor of the file stands for; of two with one
// name, the later counts.
type anchorCollector map[string]node

func (c anchorCollector) Visit(n node) ast.Visitor {
	if a, ok := n.(*ast.AnchorNode); ok {
		c[a.Name.GetToken().Value] = a.Value
	}
	return c
}

// fault reports what is wrong at path, at the place of path.
func (d *decoder) fault(path, problem, fix string) {
	d.faultAt(d.file.at(path), path, problem, fix)
}

func (d *decoder) faultAt(at Pos, path, problem, fix string) {
	for p := path; ; p = parentPath(p) {
		d.bad[p] = true
		if p == "" {
			break
		}
	}
	switch {
	case d.formed[at.Line]:
	case len(d.faults) < maxFaults:
		d.faults = append(d.faults, d.file.fault(at, path, wrong{problem, fix}))
	case len(d.faults) == maxFaults:
		d.faults = append(d.faults, Fault{Pos: Pos{File: d.file.name},
			Problem: fmt.Sprintf("there are more than %d faults", maxFaults), Fix: "correct these first"})
	}
}

// sound reports whether nothing was wrong at any of the paths or below, so that they can
// be judged together.
func (d *decoder) sound(paths ...string) bool {
	for _, p := range paths {
		if d.bad[p] {
			return false
		}
	}
	return true
}

// section reads a map into a section's struct, then checks the section as a whole.
func (d *decoder) section(n node, path string, keys []*key, t *table, into reflect.Value) {
	if d.pairs(n, path, keys, into) {
		d.check(path, t, into)
	}
}

// check asks a section, and the structs in it whose keys it has, what is wrong.
func (d *decoder) check(path string, t *table, into reflect.Value) {
	given := func(key string) bool { return d.file.Given(join(path, key)) }
	shallow := table{owners: t.owners}
	shallow.walk(path, into, visitor{section: func(path string, s any) {
		if c, ok := s.(Checker); ok {
			c.CheckKeys(given, d.reporter(path))
		}
	}})
}

// reporter is what a [Checker] of the section at path reports with.
func (d *decoder) reporter(path string) func(problem, fix string, keys ...string) {
	return func(problem, fix string, keys ...string) {
		for _, k := range keys {
			if k != "" && !d.sound(join(path, k)) {
				return
			}
		}
		d.fault(join(path, keys[0]), problem, fix)
	}
}

// pairs reads a map's keys. It returns false where there is no map to read.
func (d *decoder) pairs(n node, path string, keys []*key, into reflect.Value) bool {
	m, ok := d.resolve(n).(*ast.MappingNode)
	if !ok {
		d.fault(path, "must be a section with keys, not "+d.kindOf(n), sectionHint(d.resolve(n))+"known here: "+strings.Join(names(keys), ", "))
		return false
	}
	seen, renamed := map[string]Pos{}, map[string]bool{}
	for _, pair := range m.Values {
		if d.exhausted(path) {
			return false
		}
		name, at := keyText(pair.Key), d.nodePos(pair.Key)
		if first, twice := seen[name]; twice {
			d.faultAt(at, join(path, clipName(name)), fmt.Sprintf("is given twice, first on line %d", first.Line), "keep one of them")
			continue
		}
		seen[name] = at
		k := find(keys, name)
		if k == nil {
			if k := d.unknown(keys, name, path, at); k != nil {
				renamed[k.name] = true
			}
			continue
		}
		d.one(k, pair.Value, join(path, k.name), at, k.at(into, true))
	}
	for _, k := range keys {
		if _, given := seen[k.name]; k.required && !given && !renamed[k.name] {
			d.fault(join(path, k.name), "is missing", fmt.Sprintf("add %s: %s", k.name, k.doc))
		}
	}
	return true
}

// unknown reports a key that is not known, or not any more: then it returns the one of
// today.
func (d *decoder) unknown(keys []*key, name, path string, at Pos) *key {
	for _, k := range keys {
		if slices.Contains(k.old.names, name) {
			problem, fix := "is the old name of "+k.name, "write "+k.name+" instead"
			if k.now != "" {
				problem, fix = "is a key of older releases of Astron", k.now
			}
			d.faultAt(at, join(path, clipName(name)), problem, fix)
			return k
		}
	}
	d.faultAt(at, join(path, clipName(name)), "is not a known key", didYouMean(name, names(keys)))
	return nil
}

// hasOnly reports whether n is a section with this one key.
func (d *decoder) hasOnly(n node, name string) bool {
	m, ok := d.resolve(n).(*ast.MappingNode)
	return ok && len(m.Values) == 1 && keyText(m.Values[0].Key) == name
}

// one reads the value of one key.
func (d *decoder) one(k *key, n node, path string, keyPos Pos, into reflect.Value) {
	switch d.resolve(n).(type) {
	case *ast.MappingNode, *ast.SequenceNode:
		d.file.pos[path] = keyPos
	case *ast.NullNode:
		d.faultAt(keyPos, path, "has no value", "give it one, or take the line out")
		return
	default:
		d.file.pos[path] = d.nodePos(n)
	}
	k.value.decode(d, n, path, into)
}

// elements are a list's elements, each with its path, its place noted.
func (d *decoder) elements(n node, path, want string, each func(n node, path string)) {
	seq, ok := d.resolve(n).(*ast.SequenceNode)
	if !ok {
		d.fault(path, "must be a list, not "+d.kindOf(n), "begin each "+want+" on a line of its own, with a dash")
		return
	}
	for i, element := range seq.Values {
		if d.exhausted(path) {
			return
		}
		p := fmt.Sprintf("%s[%d]", path, i)
		d.file.pos[p] = d.nodePos(element)
		each(element, p)
	}
}

// text is the text of a scalar.
func (d *decoder) text(n node, path, kind string) (string, bool) {
	switch n := d.resolve(n).(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	}
	d.fault(path, fmt.Sprintf("must be %s, not %s", kind, d.kindOf(n)), flowHint(n))
	return "", false
}

// sectionHint explains the most common way to get no section by accident.
func sectionHint(n node) string {
	if s, ok := n.(*ast.StringNode); ok && strings.Contains(s.Value, ":") {
		return "put a blank after the colon; "
	}
	return ""
}

// flowHint explains the most common way to get a list by accident.
func flowHint(n node) string {
	if seq, ok := n.(*ast.SequenceNode); ok && seq.IsFlowStyle {
		return "take the brackets out, or put the whole text in quotes if it begins with one"
	}
	return ""
}

// resolve follows anchors and aliases to the node that they stand for. It counts
// what it is asked, so that aliases of aliases end.
func (d *decoder) resolve(n node) node {
	d.nodes++
	for range maxAliasChain {
		switch x := n.(type) {
		case *ast.AnchorNode:
			n = x.Value
		case *ast.TagNode: // it was told
			n = x.Value
		case *ast.AliasNode:
			n = d.anchors[x.Value.GetToken().Value]
		default:
			return n
		}
	}
	return nil
}

// exhausted reports whether the file expands to more than is read, and reports it once.
func (d *decoder) exhausted(path string) bool {
	if d.nodes <= maxNodes {
		return false
	}
	if !d.over {
		d.over = true
		d.fault(path, "the aliases of this file expand to too much", "use fewer of them")
	}
	return true
}

func (d *decoder) kindOf(n node) string {
	switch d.resolve(n).(type) {
	case *ast.MappingNode:
		return "a section"
	case *ast.SequenceNode:
		return "a list"
	case *ast.NullNode:
		return "nothing"
	case nil:
		return "an alias of nothing"
	}
	return "a single value"
}

func (d *decoder) nodePos(n node) Pos {
	tk := n.GetToken()
	if m, ok := n.(*ast.MappingNode); ok && len(m.Values) > 0 && !m.IsFlowStyle {
		tk = m.Values[0].Key.GetToken()
	}
	if tk == nil || tk.Position == nil {
		return Pos{File: d.file.name}
	}
	return Pos{File: d.file.name, Line: tk.Position.Line, Column: tk.Position.Column}
}

func keyText(n ast.MapKeyNode) string {
	if s, ok := n.(*ast.StringNode); ok {
		return s.Value
	}
	return n.GetToken().Value
}
