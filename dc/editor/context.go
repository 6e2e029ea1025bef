package editor

import (
	"cmp"
	"strings"

	"natstron/dc/internal/syntax"
)

// context is where in a declaration a place is.
type context struct {
	blocks []string // the first words of the declarations whose braces are around it
	class  string   // the name behind the first word of the innermost one
	statement
}

// statement is what stands before the place, since the last ';' or brace.
type statement struct {
	words  int
	head   string // the first word
	second string
	last   string // the last word, sign or literal
	open   []byte // brackets that are open
	opener string // what stood before the last bracket that is open
	colon  bool   // there was one, outside brackets
	closed bool   // there was a list of parameters
	inner  string // the last word struct or switch
	equals bool   // there was a '=', and no ',' after it
}

// contextAt is the context of an offset. It is false in a comment or in a literal, and where
// brackets are nested more deeply than a parser reads them.
func contextAt(text string, offset int) (context, bool) {
	offset = min(offset, len(text))
	for offset > 0 && isWord(text[offset-1]) {
		offset-- // what is being written
	}
	var c context
	var around []context // of the blocks
	for at := 0; at < offset; {
		if len(c.blocks)+len(c.open) > syntax.MaxDepth {
			return context{}, false
		}
		rest := text[at:]
		end := at + 1
		switch b := text[at]; {
		case strings.HasPrefix(rest, "//"), strings.HasPrefix(rest, "/*"):
			mark, n := "\n", 0
			if rest[1] == '*' {
				mark, n = "*/", 2
			}
			i := strings.Index(rest[n:], mark)
			if i < 0 || at+n+i+len(mark) > offset {
				return context{}, false
			}
			at += n + i + len(mark)
			continue
		case strings.IndexByte(" \t\r\n", b) >= 0:
			at++
			continue
		case b == '"' || b == '\'':
			for end < len(text) && text[end] != b && text[end] != '\n' {
				if text[end] == '\\' {
					end++
				}
				end++
			}
			if end >= offset {
				return context{}, false
			}
			end++
		case isWord(b):
			for end < len(text) && isWord(text[end]) {
				end++
			}
			c.word(text[at:end])
		case b == '{' && len(c.open) == 0 || b == '{' && c.inner != "" && !c.equals:
			around = append(around, c)
			blocks := append(c.blocks[:len(c.blocks):len(c.blocks)], c.block())
			c = context{blocks: blocks, class: c.second}
			at = end
			continue
		case b == '}' && len(c.open) == 0:
			if n := len(around); n > 0 {
				c, around = around[n-1], around[:n-1]
			}
			if len(c.blocks) == 0 {
				c = context{} // a semicolon is optional
			} else {
				c.words++
			}
		default:
			c.sign(b)
		}
		c.last = text[at:end]
		at = end
	}
	return c, true
}

// block is the word that began the innermost declaration: a struct or a switch can be in another.
func (s *statement) block() string { return cmp.Or(s.inner, s.head) }

func (s *statement) word(w string) {
	switch s.words++; s.words {
	case 1:
		s.head = w
	case 2:
		s.second = w
	}
	if w == "struct" || w == "switch" {
		s.inner = w
	}
}

func (s *statement) sign(b byte) {
	n := len(s.open)
	switch b {
	case ';':
		*s = statement{}
	case '(', '[', '{':
		s.open = append(s.open[:n:n], b)
		s.opener = s.last
	case ')', ']', '}':
		if n > 0 {
			s.open = s.open[:n-1]
		}
		s.closed = s.closed || b == ')' && len(s.open) == 0
		if len(s.open) == 1 {
			s.opener = "" // of the list of parameters, which goes on
		}
	case ':':
		if s.head == "case" || s.head == "default" {
			*s = statement{}
		} else if n == 0 {
			s.colon = true
		}
	case '=':
		s.equals = true
	case ',':
		s.equals = s.equals && n > 1
	}
}
