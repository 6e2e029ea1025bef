package configfile

import (
	"fmt"
	"strings"
	"testing"
)

func TestSecretsInExcerpts(t *testing.T) {
	for _, line := range []string{
		"password: hunter2", "  - token: hunter2", `"password" : "hunter2`, "Passwd: hunter2", "pasword: hunter2",
		"{user: a, password: hunter2, b: c}", "nkey_seed: hunter2", "url: nats://u:hunter2@hub",
		"url: nats://u:hun ter2@hunter2", "- u:hunter2@hub", "x: mongodb://h/?sslPassword=hunter2",
		"password_file: a, password: hunter2", "apiToken: hunter2",
	} {
		text, _ := newFile("f", line).excerpt(1, 1)
		if strings.Contains(strings.TrimSuffix(text, "@hunter2"), "hunter2") {
			t.Errorf("%s: shown as %s", line, text)
		}
	}
	d := newFile("f", "web:\n  password: >-\n    hunter2\n\n    hunter2\n  bind: x")
	for _, line := range []int{3, 5} {
		if text, _ := d.excerpt(line, 5); text != masked {
			t.Errorf("a line that goes on with a password is shown as %s", text)
		}
	}
	if text, caret := d.excerpt(6, 3); text != "  bind: x" || caret != 2 {
		t.Errorf("the line after it is shown as %q, caret %d", text, caret)
	}
}

func TestExcerptOfLongLines(t *testing.T) {
	for _, tt := range []struct {
		name   string
		before int // characters before the fault
		after  int
	}{{"at the beginning", 0, 900}, {"in the middle", 450, 450}, {"at the end", 900, 0}} {
		line := strings.Repeat("ä", tt.before) + "X" + strings.Repeat("ö", tt.after)
		d := newFile("f", line)
		text, caret := d.excerpt(1, tt.before+1)
		if runes := []rune(text); len(runes) > excerptWidth+2 || runes[caret] != 'X' {
			t.Errorf("%s: %d characters, caret at %d: %s", tt.name, len(runes), caret, text)
		}
	}
}

func TestExcerptIsPrintable(t *testing.T) {
	d := newFile("f", "a\tb\x1b[31mc\u202e\u0000d")
	text, caret := d.excerpt(1, 4)
	if want := "a b·[31mc··d"; text != want || caret != 3 {
		t.Errorf("excerpt %q, caret %d; want %q, 3", text, caret, want)
	}
	for _, column := range []int{-5, 0, 1000} {
		if _, caret := d.excerpt(1, column); caret < 0 || caret > 12 {
			t.Errorf("column %d puts the caret at %d", column, caret)
		}
	}
}

func TestPos(t *testing.T) {
	for _, tt := range []struct {
		pos  Pos
		want string
	}{{Pos{"f", 3, 7}, "f:3:7"}, {Pos{File: "f"}, "f"}} {
		if got := fmt.Sprint(tt.pos); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
}
