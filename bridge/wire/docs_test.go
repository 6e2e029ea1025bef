package wire

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"natstron/internal/doctest"
)

// The whole protocol is in docs/messages.md: -update writes it there. Only commit a change of it
// if you know which document it comes from.
func TestDocs(t *testing.T) {
	const name, mark = "../../docs/messages.md", "-update -->\n"
	got, err := os.ReadFile(name)
	must(t, err)
	intro, _, _ := strings.Cut(string(got), mark)
	for k := KindBool; k < KindRaw; k++ {
		if shown := strings.Replace(k.String(), "list", "name×", 1); !strings.Contains(intro, shown) {
			t.Errorf("%s does not explain %s", name, shown)
		}
	}
	doctest.Compare(t, name, intro+mark+reference(allLayouts(t)))
}

// Every message that is an answer answers one, and only messages that there are answer.
func TestAnswers(t *testing.T) {
	answered := map[string]bool{}
	all := allLayouts(t)
	for _, l := range all {
		for _, a := range l.Answers {
			answered[a] = true
			if !slices.ContainsFunc(all, func(l namedLayout) bool { return l.Name == a }) {
				t.Errorf("%s is answered with %s, which there is not", l.Name, a)
			}
		}
	}
	for _, l := range all {
		if isAnswer := strings.HasSuffix(l.Name, "_RESP"); isAnswer && !answered[l.Name] {
			t.Errorf("%s answers nothing", l.Name)
		} else if !isAnswer && l.Does == "" {
			t.Errorf("nobody knows what %s does", l.Name)
		}
	}
}

// families are the headings of the page, by how the names of their messages begin.
var families = []struct{ prefix, heading string }{
	{"CLIENT_", "Between clients and client agents"},
	{"CONTROL_", "To the message director"},
	{"CLIENTAGENT_", "To the session of a client"},
	{"STATESERVER_", "State server and objects"},
	{"DBSS_", "Database-state server"},
	{"DBSERVER_", "Database"},
}

// reference is a heading for each message, with what is known of it.
func reference(all []namedLayout) string {
	var b strings.Builder
	for _, family := range families {
		fmt.Fprintf(&b, "\n## %s\n", family.heading)
		for _, l := range all {
			if !strings.HasPrefix(l.Name, family.prefix) {
				continue
			}
			layout := strings.TrimSuffix(strings.TrimPrefix(l.String(), l.Name+"("), ")")
			if layout == "" {
				layout = "nothing"
			} else {
				layout = "`" + layout + "`"
			}
			source := l.Source
			if source == "natstron" || source == "Ardos" {
				source = "**" + source + "**"
			}
			fmt.Fprintf(&b, "\n### %s\n\n%d · %s → %s · %s\n\n%s\n", l.Name, l.number, l.From, l.To, source, layout)
			if l.Does != "" {
				fmt.Fprintf(&b, "\n%s\n", l.Does)
			}
			for i, a := range l.Answers {
				fmt.Fprintf(&b, "%s[%s](#%s)", map[bool]string{true: "\nAnswered with ", false: ", "}[i == 0], a, strings.ToLower(a))
			}
			if len(l.Answers) > 0 {
				b.WriteString("\n")
			}
		}
	}
	return b.String()
}
