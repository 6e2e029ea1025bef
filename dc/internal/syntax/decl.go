package syntax

// file reads declarations up to the end. Semicolons between them are optional.
func (p *Parser) file(f *File) {
	for p.tok.kind != kindEOF {
		start := p.tok.pos
		if p.accept(';') {
			continue
		}
		if d := p.decl(); d != nil {
			f.Decls = append(f.Decls, d)
		}
		if p.lost {
			p.resync()
			if p.tok.kind == '}' || p.tok.pos == start {
				p.next()
			}
		}
	}
}

// decl reads one declaration; nil if none begins here.
func (p *Parser) decl() Decl {
	switch p.peek() {
	case kindDclass, kindStruct:
		return p.class()
	case kindSwitch:
		return p.switchDecl()
	case kindImport:
		return p.importModule()
	case kindFrom:
		return p.fromImport()
	case kindTypedef:
		return p.typedef()
	case kindKeyword:
		return p.keywordDecl()
	}
	p.fail("a declaration (dclass, struct, typedef, keyword, switch, import or from)")
	return nil
}

// importModule reads "import a.b/AI".
func (p *Parser) importModule() *Import {
	start := p.next().pos
	return &Import{Module: p.module(), Span: p.span(start)}
}

// fromImport reads "from a.b import C/AI, D", or a star for the list.
func (p *Parser) fromImport() *Import {
	start := p.next().pos
	d := &Import{Module: p.module()}
	p.expect(kindImport, "'import'")
	if p.accept('*') {
		d.Symbols = []string{"*"}
	} else {
		p.many(func() { d.Symbols = append(d.Symbols, p.slashed("a name to import")) })
	}
	d.Span = p.span(start)
	return d
}

// module reads names, each with its slashes, joined by dots.
func (p *Parser) module() string {
	s := p.slashed("the name of a module")
	for p.accept('.') {
		s += "." + p.slashed("a name after the dot")
	}
	return s
}

// slashed reads names joined by slashes: a class and the views that use it
// (AI, UD for the UberDOG, OV for the owner's view).
func (p *Parser) slashed(what string) string {
	s := p.name(what).Text
	for p.accept('/') {
		s += "/" + p.name("a name after the slash").Text
	}
	return s
}

// typedef reads "typedef uint32 doId".
func (p *Parser) typedef() *Typedef {
	start := p.next().pos
	return &Typedef{Param: p.paramWithDefault(), Span: p.span(start)}
}

// keywordDecl reads "keyword a b c". From here on the words are keywords.
func (p *Parser) keywordDecl() *Keywords {
	start := p.next().pos
	d := &Keywords{}
	for p.peek() == kindIdent {
		d.Names = append(d.Names, p.word())
		p.keywords[d.Names[len(d.Names)-1].Text] = true
	}
	d.Span = p.span(start)
	return d
}

// class reads a dclass or a struct.
func (p *Parser) class() *Class {
	head := p.next()
	c := &Class{Struct: head.kind == kindStruct, Name: p.optionalName()}
	if p.accept(':') {
		p.many(func() { c.Bases = append(c.Bases, p.name("the name of a base class")) })
	}
	c.Body = p.tok.pos
	what := "'{' of the dclass"
	if c.Struct {
		what = "'{' of the struct"
	}
	p.expect('{', what)
	p.nested(func() { p.fields(c) })
	p.expect('}', "'}' or a field")
	c.Span = p.span(head.pos)
	return c
}

// fields reads the fields of a class up to its '}'; each ends with a semicolon.
func (p *Parser) fields(c *Class) {
	for p.inBody() {
		if p.accept(';') {
			continue
		}
		f := p.field()
		if !p.lost {
			p.endOfField()
		}
		if p.lost {
			c.Broken = true
			p.resync()
			continue
		}
		c.Fields = append(c.Fields, f)
	}
}

// inBody reports whether a list in braces goes on.
func (p *Parser) inBody() bool {
	switch p.peek() {
	case '}', kindEOF, kindNone, kindDclass, kindTypedef, kindFrom, kindImport, kindKeyword:
		return false
	}
	return true
}

// endOfField takes the semicolon, and explains the commonest reason why there
// is none.
func (p *Parser) endOfField() {
	if p.atName() {
		p.lost = true
		p.errs.add(p.tok.pos, "expected ';' after the field, found '%s'; if it is meant as a keyword, declare it first: keyword %s;", p.tok.text, p.tok.text)
		return
	}
	p.expect(';', "';' after the field")
}
