package dc

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
)

// runValues runs a script's command
//
//	values    for a field of what was parsed last, lines of "hex …" (packed
//	          bytes, checked and shown), "json …" and "text …" (packed)
func runValues(t *testing.T, d *datadriven.TestData, f *File) string {
	var class, name string
	d.ScanArgs(t, "class", &class)
	d.ScanArgs(t, "field", &name)
	notation := Scaled
	if d.HasArg("raw") {
		notation = Raw
	}
	c, ok := f.ClassByName(class)
	if !ok {
		return "no class " + class + "\n"
	}
	field, ok := c.FieldByName(name)
	if !ok {
		return "no field " + name + "\n"
	}
	var b strings.Builder
	for line := range strings.Lines(d.Input) {
		how, what, _ := strings.Cut(strings.TrimSpace(line), " ")
		var packed []byte
		var err error
		switch how {
		case "hex":
			if packed, err = hex.DecodeString(strings.ReplaceAll(what, " ", "")); err == nil {
				err = field.Validate(packed)
			}
		case "json":
			packed, err = field.PackJSON([]byte(what), notation)
		case "text":
			packed, err = field.ParseText(what, notation)
		default:
			err = fmt.Errorf("no way %q", how)
		}
		if err != nil {
			fmt.Fprintf(&b, "%v\n", err)
			continue
		}
		js, err := field.JSON(packed, notation)
		if err != nil {
			fmt.Fprintf(&b, "%v\n", err)
			continue
		}
		text, err := field.Text(packed, TextStyle{Notation: notation, Names: notation == Scaled})
		if err != nil {
			fmt.Fprintf(&b, "%v\n", err)
			continue
		}
		fmt.Fprintf(&b, "%x  %s  %s\n", packed, js, text)
	}
	return b.String()
}
