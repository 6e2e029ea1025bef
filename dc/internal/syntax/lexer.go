package syntax

import "strings"

// lexer cuts text into tokens.
type lexer struct {
	src      string
	off      int
	errs     *errorList
	comments []Comment
	cut      int  // offset of the byte that ends the file before its end, or -1
	anySize  bool // integers beyond 64 bits are no errors; their value is wrong
}

// next skips blanks and comments and returns the token after them.
func (l *lexer) next() token {
	l.skip()
	start := l.off
	if start >= len(l.src) {
		return token{kind: kindEOF, pos: start, end: start}
	}
	var t token
	switch c := l.src[start]; {
	case c == 0 || c >= 0x80:
		// Panda3D's scanner hands these on as a token number that is not
		// positive, which its parser takes for the end of the input: what
		// follows is never read. Clients see the file cut there, so do we.
		if l.cut < 0 {
			l.cut = start
		}
		return token{kind: kindEOF, pos: start, end: start}
	case isLetter(c):
		t = l.word()
	case isDigit(c) || c == '.' || c == '+' || c == '-':
		t = l.number()
	case c == '"' || c == '\'':
		t = l.quoted(c)
	case c == '<':
		t = l.hex()
	default:
		l.off++
		t.kind = kind(c)
	}
	t.pos, t.end = start, l.off
	t.text = l.src[start:l.off]
	return t
}

// skip moves over blanks and comments, and keeps the comments.
func (l *lexer) skip() {
	for l.off < len(l.src) {
		rest := l.src[l.off:]
		switch {
		case strings.IndexByte(" \t\r\n", rest[0]) >= 0:
			l.off++
		case strings.HasPrefix(rest, "//"):
			n := strings.IndexByte(rest, '\n')
			if n < 0 {
				n = len(rest)
			}
			l.comment(n)
		case strings.HasPrefix(rest, "/*"):
			n := strings.Index(rest[2:], "*/")
			if n < 0 {
				l.errs.add(l.off, "this comment is never closed: '*/' is missing")
				l.comment(len(rest))
				break
			}
			l.comment(2 + n + 2)
		default:
			return
		}
	}
}

func (l *lexer) comment(n int) {
	text := strings.TrimRight(l.src[l.off:l.off+n], " \t\r")
	l.comments = append(l.comments, Comment{Pos: l.off, Text: text})
	l.off += n
}

// word reads an identifier or a reserved word.
func (l *lexer) word() token {
	start := l.off
	for l.off < len(l.src) && (isLetter(l.src[l.off]) || isDigit(l.src[l.off])) {
		l.off++
	}
	if t, ok := reserved[l.src[start:l.off]]; ok {
		return t
	}
	return token{kind: kindIdent}
}

func isLetter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// hexDigit returns the value of a hexadecimal digit.
func hexDigit(c byte) (int, bool) {
	switch {
	case isDigit(c):
		return int(c - '0'), true
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10, true
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10, true
	}
	return 0, false
}
