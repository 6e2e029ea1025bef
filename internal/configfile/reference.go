package configfile

import (
	"fmt"
	"strings"
)

// Reference is a text in Markdown: a heading for each section, and a table of its keys.
func Reference(keys []Key) string {
	var b strings.Builder
	for _, section := range keys {
		if !section.IsSection() {
			continue
		}
		level := 2 + strings.Count(section.Path, ".") + strings.Count(section.Path, "[")
		fmt.Fprintf(&b, "\n%s %s%s\n\n%s%s\n", strings.Repeat("#", min(level, 4)), section.Path, mark(section), section.Effect, demand(section))
		prefix := section.Path + "."
		if section.Type == "list of sections" {
			prefix = section.Path + "[]."
		}
		header := false
		for _, k := range keys {
			name, ok := strings.CutPrefix(k.Path, prefix)
			if !ok || strings.ContainsAny(name, ".[") || k.IsSection() {
				continue
			}
			if !header {
				b.WriteString("\n| key | value | default | effect |\n| --- | --- | --- | --- |\n")
				header = true
			}
			fmt.Fprintf(&b, "| `%s`%s | %s | %s | %s |\n", name, mark(k), shownValue(k), shownDefault(k), k.Effect)
		}
	}
	return b.String()
}

func mark(k Key) string {
	if k.Ours {
		return " †"
	}
	return ""
}

func demand(k Key) string {
	if k.Required {
		return " It cannot be left out."
	}
	return ""
}

func shownValue(k Key) string {
	if k.Constraint == "" {
		return k.Type
	}
	return k.Type + "; " + k.Constraint
}

func shownDefault(k Key) string {
	if k.Required {
		return "**required**"
	}
	if k.Default == "none" {
		return "–"
	}
	return "`" + k.Default + "`"
}

// IsSection reports whether the key has keys below it.
func (k Key) IsSection() bool { return k.Type == "section" || k.Type == "list of sections" }
