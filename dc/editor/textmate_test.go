package editor

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"natstron/dc/internal/syntax"
	"natstron/internal/doctest"
)

// colours are the scopes of each byte of a text, as an editor finds them by the grammar: line by line,
// the leftmost match of all rules, of several the first rule.
func colours(t *testing.T, g tmGrammar, text string) []string {
	t.Helper()
	compiled := map[string]*regexp.Regexp{}
	find := func(pattern, line string, from int) []int {
		if compiled[pattern] == nil {
			compiled[pattern] = regexp.MustCompile(pattern)
		}
		// The whole line, so that \b and ^ see what comes before.
		for _, m := range compiled[pattern].FindAllStringSubmatchIndex(line, -1) {
			if m[0] >= from {
				return m
			}
		}
		// A match can begin inside one that begins before from.
		if m := compiled[pattern].FindStringSubmatchIndex(line[from:]); m != nil {
			for i := range m {
				if m[i] >= 0 {
					m[i] += from
				}
			}
			return m
		}
		return nil
	}
	scopes := make([]string, len(text))
	paint := func(from, to int, scope string) {
		for i := from; i < to; i++ {
			scopes[i] = scope
		}
	}
	var within *tmRule
	start := 0
	for line := range strings.Lines(text) {
		bare := strings.TrimSuffix(line, "\n")
		for at := 0; at <= len(bare); {
			rules := g.Patterns
			if within != nil {
				rules = within.Patterns
			}
			var best []int
			var rule *tmRule
			var try func(rules []tmRule)
			try = func(rules []tmRule) {
				for i := range rules {
					r := &rules[i]
					if r.Include != "" {
						included := g.Repository[strings.TrimPrefix(r.Include, "#")]
						try(included.Patterns)
						continue
					}
					pattern := r.Match
					if pattern == "" {
						pattern = r.Begin
					}
					if m := find(pattern, bare, at); m != nil && (best == nil || m[0] < best[0]) {
						best, rule = m, r
					}
				}
			}
			try(rules)
			if within != nil {
				if m := find(within.End, bare, at); m != nil && (best == nil || m[0] <= best[0]) {
					paint(start+at, start+m[1], within.Name)
					within, at = nil, m[1]
					if m[1] == len(bare) {
						break
					}
					continue
				}
			}
			if best == nil {
				if within != nil {
					paint(start+at, start+len(line), within.Name)
				}
				break
			}
			if within != nil {
				paint(start+at, start+best[0], within.Name)
			}
			paint(start+best[0], start+best[1], rule.Name)
			for group, c := range rule.Captures {
				i, err := strconv.Atoi(group)
				must(t, err)
				paint(start+best[2*i], start+best[2*i+1], c.Name)
			}
			at = best[1]
			if rule.Begin != "" {
				within = rule
			}
			if best[1] == best[0] {
				at++
			}
		}
		start += len(line)
	}
	return scopes
}

// The grammar colours every name of DC files as what the parser takes it for.
func TestTextMate(t *testing.T) {
	b, err := TextMate()
	must(t, err)
	var g tmGrammar
	must(t, json.Unmarshal(b, &g))
	paths, err := filepath.Glob("../../examples/*/*.dc")
	must(t, err)
	if os.Getenv("NATSTRON_DC_CORPUS") != "" {
		paths = append(paths, corpus(t)...)
	}
	texts := map[string]string{"test": `keyword loud; // "no string
/* dclass X { */ typedef int16/10 (-5-5) Tenths = 1; switch Pick (uint8 kind) { case 1: string s; break; default: blob b = <0a0b>; };
struct Pair { string a = "a \" // b"; char c = 'x'; float32 real = -1.5e3; };
dclass ramp : required_ { uint8 ram ; };
dclass A { f(Tenths dclass_, Pair p) required loud; g : f; uint8array(0-0x1f) n[] broadcast; };`}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		must(t, err)
		texts[path] = string(text)
	}
	seen := map[string]int{}
	for name, text := range texts {
		scopes := colours(t, g, text)
		p := syntax.NewParser(builtins...)
		tree := p.File(text)
		if tree.Cut >= 0 {
			continue // Panda3D does not read the rest
		}
		check := func(span syntax.Span, wanted ...string) {
			t.Helper()
			for i := span.Pos; i < span.End; i++ {
				if scope := scopes[i]; !slices.Contains(wanted, scope) && text[i] != '\n' && text[i] != '\r' {
					t.Errorf("%s: %q at %d is %s, not %v", name, text[span.Pos:span.End], span.Pos, scope, wanted)
					return
				}
			}
			seen[wanted[0]]++
		}
		for _, c := range tree.Comments {
			wanted := "comment.line.double-slash.dc"
			if c.Text[1] == '*' {
				wanted = "comment.block.dc"
			}
			check(syntax.Span{Pos: c.Pos, End: c.Pos + len(c.Text)}, wanted)
		}
		f := &file{name, newText(text, false), tree, &analysis{}}
		f.walk(func(o occurrence) {
			switch {
			case o.kind == kindBasic || o.name == "float32":
				check(o.Span, "storage.type.dc")
			case o.kind == kindKeyword && slices.Contains(builtins, o.name):
				check(o.Span, "storage.modifier.dc")
			case o.kind == kindClass && o.declared:
				check(o.Span, "entity.name.type.class.dc")
			case o.kind == kindSwitch:
				check(o.Span, "entity.name.type.dc")
			case o.kind == kindField:
				check(o.Span, "entity.name.function.dc", "variable.other.dc")
			default:
				check(o.Span, "variable.other.dc", "entity.name.function.dc")
			}
		})
	}
	for _, scope := range []string{"storage.type.dc", "storage.modifier.dc", "entity.name.type.class.dc", "entity.name.type.dc", "entity.name.function.dc", "variable.other.dc", "comment.block.dc", "comment.line.double-slash.dc"} {
		if seen[scope] == 0 {
			t.Errorf("nothing was %s", scope)
		}
	}
	scopes := colours(t, g, texts["test"])
	for part, wanted := range map[string]string{
		`"a \" // b"`: "string.quoted.double.dc", "'x'": "string.quoted.single.dc", "-1.5e3": "constant.numeric.dc",
		"<0a0b>": "string.other.hex.dc", "0x1f": "constant.numeric.dc", "default": "keyword.control.dc", "typedef": "keyword.declaration.dc", "dclass ramp": "keyword.declaration.dc",
	} {
		at := strings.Index(texts["test"], part)
		if scopes[at] != wanted || wanted[:6] == "string" && scopes[at+len(part)-1] != wanted {
			t.Errorf("%s is %s, not %s", part, scopes[at], wanted)
		}
	}
}

// The extension for Visual Studio Code has this grammar, and what its manifest names.
func TestExtension(t *testing.T) {
	folder := filepath.Join("..", "..", "deploy", "editors", "vscode")
	grammar, err := TextMate()
	must(t, err)
	doctest.Compare(t, filepath.Join(folder, "dc.tmLanguage.json"), string(grammar))
	var manifest struct {
		Main        string
		Contributes struct {
			Languages []struct{ ID, Configuration string }
			Grammars  []struct{ Language, ScopeName, Path string }
		}
	}
	text, err := os.ReadFile(filepath.Join(folder, "package.json"))
	must(t, err)
	must(t, json.Unmarshal(text, &manifest))
	c := manifest.Contributes
	if len(c.Languages) != 1 || len(c.Grammars) != 1 || c.Grammars[0].Language != c.Languages[0].ID || c.Grammars[0].ScopeName != "source.dc" {
		t.Fatalf("the manifest has %v", c)
	}
	for _, name := range []string{manifest.Main, c.Languages[0].Configuration, c.Grammars[0].Path} {
		text, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil || filepath.Ext(name) == ".json" && !json.Valid(text) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
