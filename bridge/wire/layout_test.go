package wire

import (
	"regexp"
	"strings"
	"testing"
)

// namedLayout is a layout with its number, from either space.
type namedLayout struct {
	number uint16
	Layout
}

// allLayouts are the layouts of every message type, and an error for each type
// that has none.
func allLayouts(t testing.TB) []namedLayout {
	t.Helper()
	var all []namedLayout
	for _, m := range MsgTypes() {
		l, ok := LayoutOf(m)
		if !ok {
			t.Errorf("%s has no layout", m)
		}
		all = append(all, namedLayout{uint16(m), l})
	}
	for _, m := range ClientMsgTypes() {
		l, ok := ClientLayoutOf(m)
		if !ok {
			t.Errorf("%s has no layout", m)
		}
		all = append(all, namedLayout{uint16(m), l})
	}
	return all
}

func TestEveryMessageHasALayout(t *testing.T) {
	document := map[string]string{
		"CONTROL": "19", "CLIENTAGENT": "11", "STATESERVER": "12", "DBSS": "12", "DBSERVER": "13", "CLIENT": "10",
	}
	exceptions := map[string]bool{
		"CLIENT_OBJECT_LEAVING_OWNER":       true,
		"STATESERVER_OBJECT_GET_OWNER":      true,
		"STATESERVER_OBJECT_GET_OWNER_RESP": true,
	}
	section := regexp.MustCompile(`^[0-9]{2}, section [0-9](\.[0-9])?$`)
	for _, l := range allLayouts(t) {
		if l.From == "" || l.To == "" {
			t.Errorf("%s: nobody sends it to anybody", l.Name)
		}
		family, _, _ := strings.Cut(l.Name, "_")
		checkParts(t, l.Name, l.parts)
		if l.Source == "natstron" || l.Source == "Ardos" {
			continue
		}
		ok := section.MatchString(l.Source) && strings.HasPrefix(l.Source, document[family]+",")
		if ok == exceptions[l.Name] {
			t.Errorf("%s: its source is %q", l.Name, l.Source)
		}
	}
}

// checkParts looks for what Decode relies on.
func checkParts(t *testing.T, message string, parts []Part) {
	group := func(k Kind) bool { return k == KindList || k == KindIfTrue || k == KindIfMore || k == KindRepeat }
	for _, p := range parts {
		if p.Kind.String() == "unknown kind" || p.Kind == KindRaw {
			t.Errorf("%s: %s has the kind %d", message, p.Name, p.Kind)
		}
		if group(p.Kind) != (len(p.parts) > 0) {
			t.Errorf("%s: %s of kind %s has %d parts", message, p.Name, p.Kind, len(p.parts))
		}
		if named := p.Kind != KindIfTrue && p.Kind != KindIfMore && p.Kind != KindRepeat; named != (p.Name != "") {
			t.Errorf("%s: a part of kind %s is named %q", message, p.Kind, p.Name)
		}
		checkParts(t, message, p.parts)
	}
}

func TestNoLayoutForUnknownTypes(t *testing.T) {
	for n := range 1 << 16 {
		if l, ok := LayoutOf(MsgType(n)); ok != MsgType(n).Known() || !ok && l.Name != "" {
			t.Errorf("type %d: layout %q, %v", n, l.Name, ok)
		}
		if l, ok := ClientLayoutOf(ClientMsgType(n)); ok != ClientMsgType(n).Known() || !ok && l.Name != "" {
			t.Errorf("client type %d: layout %q, %v", n, l.Name, ok)
		}
	}
}

// A caller who walks the parts and changes what it was given changes nothing.
func TestLayoutsCannotBeChanged(t *testing.T) {
	l, _ := LayoutOf(StateServerObjectGetFields)
	before := l.String()
	for p := range l.Parts() {
		p.Name, p.Kind = "changed", KindRaw
		for inner := range p.Parts() {
			inner.Name = "changed"
		}
	}
	l.Name = "changed"
	again, _ := LayoutOf(StateServerObjectGetFields)
	if again.String() != before {
		t.Errorf("got %s, want %s", again, before)
	}
}

// Layouts can be read as they are written.
func TestParseLayout(t *testing.T) {
	for _, l := range allLayouts(t) {
		got, err := ParseLayout(l.String())
		if err != nil {
			t.Error(err)
		} else if got.String() != l.String() {
			t.Errorf("%s is read as %s", l, got)
		}
		checkParts(t, l.Name, got.parts)
	}
	for _, wrong := range []string{"", "X", "X(", "X(bool)", "X(bogus a)", "X(a×[)", "X(a×[])", "X(maybe [bool a])", "X(list a)", "X(bool a"} {
		if l, err := ParseLayout(wrong); err == nil {
			t.Errorf("%q is read as %s", wrong, l)
		} else if strings.Contains(err.Error(), "%!") {
			t.Errorf("%q: the error is %s", wrong, err)
		}
	}
}
