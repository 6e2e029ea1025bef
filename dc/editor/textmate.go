package editor

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"natstron/dc/internal/syntax"
)

// TextMate is a TextMate grammar for DC files, as JSON: Visual Studio Code, Sublime Text, JetBrains'
// editors and many others colour text by such grammars. Its words are those of the parser.
func TextMate() ([]byte, error) {
	words := func(list ...string) string { return `\b(?:` + strings.Join(list, "|") + `)\b` }
	types := slices.Concat(syntax.Basics(), []string{"float32"})
	heads := syntax.Reserved() // but for those that have rules of their own
	heads = slices.DeleteFunc(heads, func(w string) bool { return w == "case" || w == "default" || w == "break" })
	const name = `[A-Za-z_][A-Za-z0-9_]*`
	const number = `[+-]?(?:0x[0-9A-Fa-f]+|[0-9]+(?:\.[0-9]*(?:[eE][+-]?[0-9]+)?)?|\.[0-9]+(?:[eE][+-]?[0-9]+)?)`
	list := []tmRule{
		{Include: "#comments"},
		{Name: "string.quoted.double.dc", Begin: `"`, End: `"|$`, Patterns: []tmRule{{Name: "constant.character.escape.dc", Match: `\\.`}}},
		{Name: "string.quoted.single.dc", Begin: `'`, End: `'|$`, Patterns: []tmRule{{Name: "constant.character.escape.dc", Match: `\\.`}}},
		{Name: "string.other.hex.dc", Match: `<[0-9A-Fa-f]*>`},
		{Match: `\b(dclass|struct)\s+(` + name + `)`, Captures: captures("keyword.declaration.dc", "entity.name.type.class.dc")},
		{Match: `\b(switch)\s+(` + name + `)`, Captures: captures("keyword.declaration.dc", "entity.name.type.dc")},
		{Name: "keyword.declaration.dc", Match: words(heads...)},
		{Name: "keyword.control.dc", Match: words("case", "default", "break")},
		{Name: "storage.type.dc", Match: words(types...)},
		{Name: "storage.modifier.dc", Match: words(builtins...)},
		{Match: `(` + name + `)\s*[(:]`, Captures: captures("entity.name.function.dc")},
		{Name: "variable.other.dc", Match: name},
		{Name: "constant.numeric.dc", Match: number},
		{Name: "keyword.operator.dc", Match: `[=/%*:-]`},
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	err := e.Encode(tmGrammar{
		Name: "DC file", Scope: "source.dc", FileTypes: []string{"dc"}, Patterns: list,
		Repository: map[string]tmRule{"comments": {Patterns: []tmRule{
			{Name: "comment.line.double-slash.dc", Match: `//.*$`},
			{Name: "comment.block.dc", Begin: `/\*`, End: `\*/`},
		}}},
	})
	return b.Bytes(), err
}

type tmGrammar struct {
	Name       string            `json:"name"`
	Scope      string            `json:"scopeName"`
	FileTypes  []string          `json:"fileTypes"`
	Patterns   []tmRule          `json:"patterns"`
	Repository map[string]tmRule `json:"repository"`
}

type tmRule struct {
	Include  string            `json:"include,omitempty"`
	Name     string            `json:"name,omitempty"`
	Match    string            `json:"match,omitempty"`
	Begin    string            `json:"begin,omitempty"`
	End      string            `json:"end,omitempty"`
	Captures map[string]tmName `json:"captures,omitempty"`
	Patterns []tmRule          `json:"patterns,omitempty"`
}

type tmName struct {
	Name string `json:"name"`
}

// captures names the groups of a regular expression.
func captures(names ...string) map[string]tmName {
	m := map[string]tmName{}
	for i, name := range names {
		m[strconv.Itoa(i+1)] = tmName{name}
	}
	return m
}
