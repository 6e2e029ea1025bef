package configfile

import (
	"fmt"

	"github.com/goccy/go-yaml/token"
)

const (
	maxTokens = 20_000
	// maxSiblings is how many keys one map may have. The parser recurses along them.
	maxSiblings = 1000
	maxDepth    = 32
	maxAnchors  = 200
)

// checkTokens finds what the parser might suffer from, and what YAML has but no
// configuration needs: tags, directives, several documents, complex keys. hopeless says
// that the parser must not see the tokens.
func checkTokens(doc *File, tokens token.Tokens) (faults []Fault, hopeless bool) {
	s := shape{doc: doc}
	if len(tokens) > maxTokens {
		return []Fault{doc.fault(Pos{File: doc.name}, "", wrong{
			fmt.Sprintf("the file has more than %d words and signs", maxTokens), "is it the right file?"})}, true
	}
	for i, tk := range tokens {
		if tk.Type == token.InvalidType || tk.Error != "" {
			return append(s.faults, doc.fault(tokenPos(doc, tk), "", explainSyntax(tk.Error))), true
		}
		s.sign(tk)
		if tk.Type == token.MappingValueType && i > 0 {
			s.key(tokens[i-1])
		}
		if len(s.faults) >= maxByteFaults {
			return s.faults, true
		}
		if s.hopeless {
			break
		}
	}
	return s.faults, s.hopeless
}

// shape follows how deep and how broad the tokens nest. It knows no grammar: it
// counts by columns and brackets, as the parser recurses by them.
type shape struct {
	doc      *File
	faults   []Fault
	hopeless bool // the parser must not see these tokens

	open    int     // brackets
	levels  []level // columns of keys and dashes, rising
	inside  int     // keys in brackets
	anchors int
	begun   bool
	ended   bool
}

type level struct {
	column int
	keys   int
}

func (s *shape) fault(tk *token.Token, problem, fix string) {
	s.faults = append(s.faults, s.doc.fault(tokenPos(s.doc, tk), "", wrong{problem, fix}))
}

func (s *shape) sign(tk *token.Token) {
	first := !s.begun
	s.begun = s.begun || tk.Type != token.CommentType
	if s.ended && tk.Type != token.CommentType && tk.Type != token.DocumentEndType {
		s.fault(tk, "the file goes on after its end", "take out the line with ... or what follows it")
		s.hopeless = true
	}
	switch tk.Type {
	case token.TagType:
		s.fault(tk, "YAML tags are not allowed in a configuration", "take it out, and put a text in quotes instead")
	case token.DirectiveType:
		s.fault(tk, "YAML directives are not allowed in a configuration", "take the line out")
	case token.MappingKeyType:
		s.fault(tk, "complex keys are not allowed in a configuration", "write key: value; put a value with a ? in quotes")
	case token.MergeKeyType:
		s.fault(tk, "keys cannot be merged in a configuration", "write them out")
	case token.DocumentHeaderType:
		if !first {
			s.fault(tk, "the file holds more than one document", "take out what follows")
			s.hopeless = true
		}
	case token.DocumentEndType:
		s.ended = true
	case token.AnchorType:
		if s.anchors++; s.anchors > maxAnchors {
			s.tooMuch(tk, fmt.Sprintf("the file has more than %d anchors", maxAnchors))
		}
	case token.MappingStartType, token.SequenceStartType:
		if s.open++; s.open > maxDepth {
			s.tooMuch(tk, fmt.Sprintf("more than %d brackets are open", maxDepth))
		}
	case token.MappingEndType, token.SequenceEndType:
		if s.open = max(0, s.open-1); s.open == 0 {
			s.inside = 0
		}
	case token.SequenceEntryType:
		s.level(tk, 0)
	}
}

func (s *shape) key(tk *token.Token) { s.level(tk, 1) }

// level notes a key or a dash at its column: deeper than what came before, or back
// at a column that is open already.
func (s *shape) level(tk *token.Token, keys int) {
	if s.open > 0 { // columns tell nothing there
		if s.inside += keys; s.inside > maxSiblings {
			s.tooMuch(tk, fmt.Sprintf("more than %d keys are in brackets", maxSiblings))
		}
		return
	}
	column := tk.Position.Column
	for len(s.levels) > 0 && s.levels[len(s.levels)-1].column > column {
		s.levels = s.levels[:len(s.levels)-1]
	}
	if n := len(s.levels); n == 0 || s.levels[n-1].column < column {
		s.levels = append(s.levels, level{column: column})
	}
	top := &s.levels[len(s.levels)-1]
	if top.keys += keys; keys == 0 {
		top.keys = 0
	}
	switch {
	case len(s.levels) > maxDepth:
		s.tooMuch(tk, fmt.Sprintf("the file is nested more than %d deep", maxDepth))
	case top.keys > maxSiblings:
		s.tooMuch(tk, fmt.Sprintf("one section has more than %d keys", maxSiblings))
	}
}

func (s *shape) tooMuch(tk *token.Token, problem string) {
	s.fault(tk, problem, "is it the right file?")
	s.hopeless = true
}
