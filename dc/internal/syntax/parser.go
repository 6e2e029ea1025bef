package syntax

// Parser reads the files of one application, in their order. Keywords declared
// in one are known in those after it. The zero Parser is not ready: use
// [NewParser].
type Parser struct {
	keywords map[string]bool
	anySize  bool // see lexer

	lex  lexer
	tok  token // the next token
	last int   // offset behind the token taken last
	lost bool  // a syntax error was reported; nothing is consumed until resync
	errs errorList

	depth int
}

// NewParser returns a parser that knows the given keywords without a declaration.
func NewParser(keywords ...string) *Parser {
	p := &Parser{keywords: make(map[string]bool)}
	for _, k := range keywords {
		p.keywords[k] = true
	}
	return p
}

// File reads one file.
func (p *Parser) File(text string) *File {
	p.begin(text)
	f := &File{}
	p.file(f)
	f.Comments, f.Errors, f.Cut = p.lex.comments, p.errs.list, p.lex.cut
	return f
}

// ParseValue reads a value on its own, as it would stand behind the '=' of a
// default. No word is a keyword there. Integers may have any size: who cares
// reads [Literal.Source].
func ParseValue(text string) (*Value, []Error) {
	p := NewParser()
	p.anySize = true
	p.begin(text)
	v := p.value()
	if p.peek() != kindEOF {
		p.fail("the end of the value")
	}
	return v, p.errs.list
}

func (p *Parser) begin(text string) {
	p.errs = errorList{}
	p.depth, p.last, p.lost = 0, 0, false
	if len(text) > MaxSize {
		p.errs.add(0, "%d bytes are too many: at most %d are read", len(text), MaxSize)
		text = ""
	}
	p.lex = lexer{src: text, errs: &p.errs, cut: -1, anySize: p.anySize}
	p.tok = p.lex.next()
}

// peek is the kind of the next token, or kindNone while the parser is lost, so
// that no production goes on.
func (p *Parser) peek() kind {
	if p.lost {
		return kindNone
	}
	return p.tok.kind
}

// next takes a token.
func (p *Parser) next() token {
	t := p.tok
	p.last = t.end
	p.tok = p.lex.next()
	if p.errs.full() && p.tok.kind != kindEOF {
		p.errs.list[MaxErrors-1] = Error{Pos: t.pos, Msg: "too many errors: the rest is not read"}
		p.lex.off = len(p.lex.src)
		p.tok = p.lex.next()
	}
	return t
}

// accept takes the next token if it is a k.
func (p *Parser) accept(k kind) bool {
	if p.peek() != k {
		return false
	}
	p.next()
	return true
}

// expect takes a k, or reports that it is missing.
func (p *Parser) expect(k kind, what string) {
	if !p.accept(k) {
		p.fail(what)
	}
}

// fail reports that something else than the next token was expected, once, and
// leaves the parser lost.
func (p *Parser) fail(wanted string) {
	if p.lost {
		return
	}
	p.lost = true
	hint := ""
	if p.tok.kind == kindIdent && p.keywords[p.tok.text] {
		hint = ", which is a keyword"
	}
	p.errs.add(p.tok.pos, "expected %s, found %s%s", wanted, p.tok.describe(), hint)
}

// many reads one or more, separated by commas.
func (p *Parser) many(one func()) {
	for {
		one()
		if !p.accept(',') {
			return
		}
	}
}

// nested runs a production one level deeper, unless that is too deep.
func (p *Parser) nested(production func()) {
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > MaxDepth {
		if !p.lost {
			p.lost = true
			p.errs.add(p.tok.pos, "nested too deeply: %d levels at most", MaxDepth)
		}
		return
	}
	production()
}

// resync ends the state of being lost: it skips to behind the ';' that ends the
// broken piece, or to the '}' of the list around it, or to the end or a
// declaration, which can be in no list.
func (p *Parser) resync() {
	p.lost = false
	for depth := 0; ; p.next() {
		switch p.tok.kind {
		case kindEOF, kindDclass, kindTypedef, kindFrom, kindImport, kindKeyword:
			return
		case '{':
			depth++
		case '}':
			if depth == 0 {
				return
			}
			depth--
		case ';':
			if depth == 0 {
				p.next()
				return
			}
		}
	}
}

// span is from the given offset to the token taken last.
func (p *Parser) span(from int) Span { return Span{Pos: from, End: max(from, p.last)} }

// atName reports whether the next token can be a name: an identifier that is no keyword.
func (p *Parser) atName() bool { return p.peek() == kindIdent && !p.keywords[p.tok.text] }

// atKeyword reports whether the next token is a declared keyword.
func (p *Parser) atKeyword() bool { return p.peek() == kindIdent && p.keywords[p.tok.text] }

// name takes a name.
func (p *Parser) name(what string) Name {
	if !p.atName() {
		p.fail(what)
	}
	return p.optionalName()
}

// word takes an identifier.
func (p *Parser) word() Name {
	t := p.next()
	return Name{Span: Span{t.pos, t.end}, Text: t.text}
}

// optionalName takes a name if there is one.
func (p *Parser) optionalName() Name {
	if !p.atName() {
		return Name{Span: Span{p.tok.pos, p.tok.pos}}
	}
	return p.word()
}
