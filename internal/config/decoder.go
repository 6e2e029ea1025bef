package config

import (
	"fmt"
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

// decoder walks the YAML tree along the tables and gathers faults.
type decoder struct {
	doc     *document
	anchors map[string]ast.Node
	faults  []Fault
	bad     map[string]bool
	nodes   int
}

func newDecoder(doc *document, root ast.Node) *decoder {
	d := &decoder{doc: doc, anchors: map[string]ast.Node{}, bad: map[string]bool{}}
	ast.Walk(anchorCollector(d.anchors), root)
	return d
}

// anchorCollector notes what each anchor of the file stands for; of two with one
// name, the later counts.
type anchorCollector map[string]ast.Node

func (c anchorCollector) Visit(n ast.Node) ast.Visitor {
	if a, ok := n.(*ast.AnchorNode); ok {
		c[a.Name.GetToken().Value] = a.Value
	}
	return c
}

// fault reports what is wrong at path, at the place of path.
func (d *decoder) fault(path, problem, fix string) {
	d.faultAt(d.doc.at(path), path, problem, fix)
}

func (d *decoder) faultAt(at Pos, path, problem, fix string) {
	d.bad[path] = true
	switch {
	case len(d.faults) < maxFaults:
		d.faults = append(d.faults, d.doc.fault(at, path, wrong{problem, fix}))
	case len(d.faults) == maxFaults:
		d.faults = append(d.faults, Fault{Pos: Pos{File: d.doc.name},
			Problem: fmt.Sprintf("there are more than %d faults", maxFaults), Fix: "mend these first"})
	}
}

// sound says whether none of the paths had a fault, so that they can be judged
// together.
func (d *decoder) sound(paths ...string) bool {
	for _, p := range paths {
		if d.bad[p] {
			return false
		}
	}
	return true
}

// table reads a map into a section, then checks the section as a whole.
func (d *decoder) table(n ast.Node, path string, t table) {
	if !d.pairs(n, path, t.keys()) {
		return
	}
	if c, ok := t.(checker); ok {
		c.check(d, path)
	}
}

// pairs reads a map's keys. It returns false where there is no map to read.
func (d *decoder) pairs(n ast.Node, path string, keys []key) bool {
	m, ok := d.resolve(n).(*ast.MappingNode)
	if !ok {
		d.fault(path, "must be a section with keys, not "+d.kindOf(n), sectionHint(d.resolve(n))+"known here: "+strings.Join(keyNames(keys), ", "))
		return false
	}
	seen := map[string]Pos{}
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
		k, ok := findKey(keys, name)
		if !ok {
			d.faultAt(at, join(path, clipName(name)), "is not a known key", didYouMean(name, keyNames(keys)))
			continue
		}
		d.one(k, pair.Value, join(path, k.name), at)
	}
	for _, k := range keys {
		if _, given := seen[k.name]; k.required && !given {
			p := join(path, k.name)
			d.fault(p, "is missing", fmt.Sprintf("add %s: %s", k.name, k.effect))
		}
	}
	return true
}

// one reads the value of one key.
func (d *decoder) one(k key, n ast.Node, path string, keyPos Pos) {
	switch d.resolve(n).(type) {
	case *ast.MappingNode, *ast.SequenceNode:
		d.doc.pos[path] = keyPos
	case *ast.NullNode:
		d.faultAt(keyPos, path, "has no value", "give it one, or take the line out")
		return
	default:
		d.doc.pos[path] = d.nodePos(n)
	}
	k.value.decode(d, n, path)
}

// elements are a list's elements, each with its path, its place noted.
func (d *decoder) elements(n ast.Node, path, want string, each func(n ast.Node, path string)) {
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
		d.doc.pos[p] = d.nodePos(element)
		each(element, p)
	}
}

// text is the text of a scalar.
func (d *decoder) text(n ast.Node, path, kind string) (string, bool) {
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
func sectionHint(n ast.Node) string {
	if s, ok := n.(*ast.StringNode); ok && strings.Contains(s.Value, ":") {
		return "put a blank after the colon; "
	}
	return ""
}

// flowHint explains the most common way to get a list by accident.
func flowHint(n ast.Node) string {
	if seq, ok := n.(*ast.SequenceNode); ok && seq.IsFlowStyle {
		return "take the brackets out, or put the whole text in quotes if it begins with one"
	}
	return ""
}

// resolve follows anchors and aliases to the node that they stand for. It counts
// what it is asked, so that aliases of aliases end.
func (d *decoder) resolve(n ast.Node) ast.Node {
	d.nodes++
	for range maxAliasChain {
		switch x := n.(type) {
		case *ast.AnchorNode:
			n = x.Value
		case *ast.AliasNode:
			n = d.anchors[x.Value.GetToken().Value]
		default:
			return n
		}
	}
	return nil
}

// exhausted says whether the file expands to more than is read, and reports it once.
func (d *decoder) exhausted(path string) bool {
	if d.nodes <= maxNodes {
		return false
	}
	if !d.bad[""] {
		d.fault(path, "the aliases of this file expand to too much", "write less of them")
		d.bad[""] = true
	}
	return true
}

func (d *decoder) kindOf(n ast.Node) string {
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

func (d *decoder) nodePos(n ast.Node) Pos {
	tk := n.GetToken()
	if m, ok := n.(*ast.MappingNode); ok && len(m.Values) > 0 && !m.IsFlowStyle {
		tk = m.Values[0].Key.GetToken()
	}
	if tk == nil || tk.Position == nil {
		return Pos{File: d.doc.name}
	}
	return Pos{File: d.doc.name, Line: tk.Position.Line, Column: tk.Position.Column}
}

func keyText(n ast.MapKeyNode) string {
	if s, ok := n.(*ast.StringNode); ok {
		return s.Value
	}
	return n.GetToken().Value
}

func findKey(keys []key, name string) (key, bool) {
	for _, k := range keys {
		if k.name == name {
			return k, true
		}
	}
	return key{}, false
}

func keyNames(keys []key) []string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = k.name
	}
	return out
}
