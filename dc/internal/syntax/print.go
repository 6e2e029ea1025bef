package syntax

import "strings"

// Print writes a file in the one layout that "dc fmt" gives every file:
// two blanks for a level, a field on a line, a blank line around classes.
// Literals stay as written. Comments stay where they are between fields and
// declarations and at the end of a line; those inside a field move in front
// of it. What it returns has the same meaning, and printed again stays as it is.
func Print(f *File, text string) string {
	p := &printer{src: text, comments: f.Comments, fresh: true}
	after := false // whether the last one was a class or switch
	for _, d := range f.Decls {
		big := false // a class or switch has blank lines around it
		switch d.(type) {
		case *Class, *Switch:
			big = true
		}
		p.lead(d, big || after)
		p.decl(d)
		p.trail(d.Where().End)
		after = big
	}
	p.rest(len(text))
	return string(p.out)
}

// printer writes a tree, and the comments between its pieces.
type printer struct {
	src      string
	comments []Comment // those not written yet
	out      []byte
	indent   int
	last     int  // offset in src behind what was written last
	fresh    bool // nothing was written in this file or body yet
}

const (
	indentation = "  "
	lineLength  = 100 // beyond which parameters go on in another line
)

func (p *printer) write(s string) { p.out = append(p.out, s...) }

func (p *printer) startLine() { p.write(strings.Repeat(indentation, p.indent)) }

// lead begins a line for a node: the comments before and in it come first.
func (p *printer) lead(n interface{ Where() Span }, blank bool) {
	span := n.Where()
	p.commentsBefore(min(span.End, firstBody(n)), &blank)
	p.gap(span.Pos, blank)
	p.startLine()
}

// rest writes the comments up to an offset, at the end of a body or file.
func (p *printer) rest(until int) {
	blank := false
	p.commentsBefore(until, &blank)
}

func (p *printer) commentsBefore(until int, blank *bool) {
	for len(p.comments) > 0 && p.comments[0].Pos < until {
		c := p.comments[0]
		p.comments = p.comments[1:]
		p.gap(c.Pos, *blank)
		*blank = false
		p.startLine()
		p.write(c.Text + "\n")
		p.last = c.Pos + len(c.Text)
	}
}

// gap leaves a blank line if it has to be one, or if the source has one there.
func (p *printer) gap(pos int, blank bool) {
	if !p.fresh && (blank || pos > p.last && strings.Count(p.src[p.last:pos], "\n") > 1) {
		p.write("\n")
	}
	p.fresh = false
	p.last = max(p.last, pos)
}

// trail ends a line, with the comments that follow on the same line.
func (p *printer) trail(end int) {
	p.last = max(p.last, end)
	for len(p.comments) > 0 && p.comments[0].Pos >= p.last && strings.Trim(p.src[p.last:p.comments[0].Pos], " \t\r;,") == "" {
		c := p.comments[0]
		p.comments = p.comments[1:]
		p.write("  " + c.Text)
		p.last = c.Pos + len(c.Text)
		if strings.HasPrefix(c.Text, "//") || strings.Contains(c.Text, "\n") {
			break
		}
	}
	p.write("\n")
}

// firstBody is the offset of the first '{' of a struct or switch in a node, or
// far behind everything.
func firstBody(n interface{ Where() Span }) int {
	first := int(^uint(0) >> 1)
	switch n := n.(type) {
	case *Class:
		return n.Body
	case *Switch:
		return min(n.Body, firstBody(n.Key))
	case *Typedef:
		return firstBody(n.Param)
	case *Method:
		for _, p := range n.Params {
			first = min(first, firstBody(p))
		}
	case *Param:
		switch {
		case n.Type.Class != nil:
			return n.Type.Class.Body
		case n.Type.Switch != nil:
			return firstBody(n.Type.Switch)
		}
	case SwitchItem:
		if n.Field != nil {
			return firstBody(n.Field)
		}
	}
	return first
}

// body writes items in braces, one on a line.
func (p *printer) body(open, end int, items func()) {
	p.write("{")
	p.trail(open + 1)
	p.indent++
	p.fresh = true
	items()
	p.rest(end)
	p.indent--
	p.startLine()
	p.write("}")
	p.fresh = false
	p.last = max(p.last, end)
}
