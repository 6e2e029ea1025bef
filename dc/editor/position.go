package editor

import (
	"net/url"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
	"unicode/utf8"

	"natstron/dc/internal/syntax"
)

// text is a text with what it takes to find its places.
type text struct {
	string
	lines []int      // offsets at which lines begin
	wide  []wideness // of characters whose columns are not their bytes, in order
	bytes bool       // editors count columns in bytes, not in units of UTF-16
}

// wideness is how many bytes more than columns a text has up to an offset.
type wideness struct{ offset, more int }

func newText(s string, bytes bool) text {
	t := text{string: s, lines: []int{0}, bytes: bytes}
	more := 0
	for at := 0; at < len(s); {
		r, n := utf8.DecodeRuneInString(s[at:])
		at += n
		if r == '\n' {
			t.lines = append(t.lines, at)
		}
		if columns := t.columns(r, n); columns < n {
			more += n - columns
			t.wide = append(t.wide, wideness{at, more})
		}
	}
	return t
}

// columns is how many columns a character takes.
func (t text) columns(r rune, size int) int {
	switch {
	case t.bytes:
		return size
	case r > 0xffff:
		return 2
	}
	return 1
}

// more is how many bytes more than columns there are before an offset.
func (t text) more(offset int) int {
	i := sort.Search(len(t.wide), func(i int) bool { return t.wide[i].offset > offset })
	if i == 0 {
		return 0
	}
	return t.wide[i-1].more
}

// position is the place of an offset.
func (t text) position(offset int) position {
	offset = min(offset, len(t.string))
	line := sort.SearchInts(t.lines, offset+1) - 1
	begin := t.lines[line]
	return position{uint32(line), uint32(offset - begin - (t.more(offset) - t.more(begin)))}
}

// offset is that of a place. A place behind the end of its line is the end of the line.
func (t text) offset(p position) int {
	if int64(p.Line) >= int64(len(t.lines)) {
		return len(t.string)
	}
	at, end := t.lines[p.Line], len(t.string)
	if i := strings.IndexByte(t.string[at:], '\n'); i >= 0 {
		end = at + i
	}
	for column := int64(p.Character); at < end && column > 0; {
		r, n := utf8.DecodeRuneInString(t.string[at:end])
		column -= int64(t.columns(r, n))
		at += n
	}
	return at
}

func (t text) span(s syntax.Span) textRange {
	return textRange{t.position(s.Pos), t.position(s.End)}
}

// word is the name, the number or the single character at an offset.
func (t text) word(offset int) syntax.Span {
	offset = min(offset, len(t.string))
	end := offset
	for end < len(t.string) && isWord(t.string[end]) {
		end++
	}
	if end == offset && end < len(t.string) && t.string[end] != '\n' {
		_, n := utf8.DecodeRuneInString(t.string[end:])
		end += n
	}
	return syntax.Span{Pos: offset, End: end}
}

func isWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_'
}

// pathOf is the file of an address; false if it is not one of this machine.
func pathOf(uri string) (string, bool) {
	u, err := url.Parse(uri)
	if err != nil || u.Scheme != "file" || u.Path == "" || u.Host != "" && u.Host != "localhost" {
		return "", false
	}
	path := u.Path
	if runtime.GOOS == "windows" {
		path = strings.TrimPrefix(path, "/") // of /c:/games
	}
	return filepath.Clean(filepath.FromSlash(path)), true
}

// uriOf is the address of a file.
func uriOf(path string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return (&url.URL{Scheme: "file", Path: path}).String()
}
