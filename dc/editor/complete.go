package editor

import (
	"slices"

	"natstron/dc/internal/syntax"
)

// complete is what may be written at an offset.
func complete(f *file, offset int) []completionItem {
	c, ok := contextAt(f.text.string, offset)
	if !ok {
		return []completionItem{}
	}
	return append([]completionItem{}, f.project.completions(c)...) // null is no list
}

func (a *analysis) completions(c context) []completionItem {
	inside := ""
	if n := len(c.blocks); n > 0 {
		inside = c.blocks[n-1]
	}
	switch {
	case inside == "" && c.words == 0 && len(c.open) == 0:
		return wordItems("dclass", "struct", "typedef", "keyword", "switch", "from", "import")
	case inside == "" && (c.head == "dclass" || c.head == "struct"):
		if c.colon && (c.last == ":" || c.last == ",") {
			return a.namedItems(func(p place) bool {
				return p.kind == kindClass && p.file.keywordOf(p) == c.head && p.name != c.second
			})
		}
	case inside == "" && c.head == "typedef":
		if c.words == 1 {
			return a.typeItems()
		}
	case inside == "" && c.head != "switch":
	case len(c.open) > 0:
		// In a list of parameters, and not in a range.
		if c.open[len(c.open)-1] == '(' && len(c.open) == 1 && (c.last == "(" || c.last == ",") && typeTexts[c.opener] == "" && !c.equals {
			return a.typeItems()
		}
	case c.words == 0 && inside == "switch":
		return append(wordItems("case", "default", "break"), a.typeItems()...)
	case c.words == 0:
		return a.typeItems()
	case c.colon:
		if c.last == ":" || c.last == "," {
			return a.methodItems(c.class)
		}
	case inside == "dclass" && (c.closed || c.words > 1):
		return a.keywordItems()
	}
	return nil
}

func wordItems(words ...string) []completionItem {
	var items []completionItem
	for _, w := range words {
		items = append(items, completionItem{Label: w, Kind: completesKeyword, Documentation: markdown(wordTexts[w])})
	}
	return items
}

func markdown(s string) *markup { return &markup{"markdown", s} }

// typeItems are all types: built in, and declared.
func (a *analysis) typeItems() []completionItem {
	var items []completionItem
	for _, name := range syntax.Basics() {
		items = append(items, completionItem{Label: name, Kind: completesType, Detail: "built in", Documentation: markdown("Packed: " + typeTexts[name] + ".")})
	}
	items = append(items, wordItems("struct", "switch")...)
	return append(items, a.namedItems(func(p place) bool { return p.kind != kindKeyword })...)
}

// namedItems are declared names, in the order of the text.
func (a *analysis) namedItems(wanted func(place) bool) []completionItem {
	var items []completionItem
	for _, p := range a.order {
		if !wanted(p) {
			continue
		}
		item := completionItem{Label: p.name, Kind: completesType, Detail: "typedef"}
		switch p.kind {
		case kindClass:
			item.Kind, item.Detail = completesClass, p.file.keywordOf(p)
			if item.Detail == "struct" {
				item.Kind = completesStruct
			}
		case kindSwitch:
			item.Detail = "switch"
		}
		item.Detail += ", " + p.file.base()
		items = append(items, item)
	}
	return items
}

// keywordOf is the word that begins a declaration: dclass or struct.
func (f *file) keywordOf(p place) string {
	at := f.text.word(p.node.Pos)
	return f.text.string[at.Pos:at.End]
}

func (a *analysis) keywordItems() []completionItem {
	var items []completionItem
	for _, k := range builtins {
		items = append(items, completionItem{Label: k, Kind: completesKeyword, Detail: "built in", Documentation: markdown(keywordTexts[k])})
	}
	for _, p := range a.order {
		if p.kind == kindKeyword && !slices.Contains(builtins, p.name) {
			items = append(items, completionItem{Label: p.name, Kind: completesKeyword, Detail: p.file.base()})
		}
	}
	return items
}

// methodItems are the methods that a molecular field of a class may name.
func (a *analysis) methodItems(class string) []completionItem {
	var items []completionItem
	seen := map[string]bool{}
	a.lineage(class, func(class string) bool {
		for _, name := range sortedKeys(a.fields[class]) {
			p := a.fields[class][name]
			if !seen[name] && p.method {
				items = append(items, completionItem{Label: name, Kind: completesMethod, Detail: class})
			}
			seen[name] = true
		}
		return false
	})
	return items
}
