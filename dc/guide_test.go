package dc_test

import (
	"encoding/hex"
	"os"
	"regexp"
	"strings"
	"testing"

	"natstron/dc"
)

// What docs/dcfiles.md says of its files is so: each parses, each value has the bytes, each
// default, each order of required fields.
func TestGuide(t *testing.T) {
	text, err := os.ReadFile("../docs/dcfiles.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?ms)^```dc\n(.*?)^```$").FindAllStringSubmatchIndex(string(text), -1)
	checked := 0
	for i, b := range blocks {
		file, err := dc.Parse([]dc.Source{{Name: "dcfiles.md", Text: string(text[b[2]:b[3]])}})
		if err != nil {
			t.Errorf("%v\n%s", err, text[b[2]:b[3]])
			continue
		}
		if warnings := file.Warnings(); len(warnings) > 0 {
			t.Errorf("%v", warnings)
		}
		end := len(text)
		if i+1 < len(blocks) {
			end = blocks[i+1][0]
		}
		checked += checkTables(t, file, string(text[b[1]:end]))
	}
	if len(blocks) < 6 || checked < 30 {
		t.Errorf("only %d files and %d rows were found", len(blocks), checked)
	}
}

// checkTables checks the rows of the tables that follow a file, and returns how many.
func checkTables(t *testing.T, file *dc.File, text string) (rows int) {
	class := file.Classes()[len(file.Classes())-1]
	header := ""
	for line := range strings.Lines(text) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if !strings.HasPrefix(line, "|") || len(cells) < 2 {
			header = ""
			continue
		}
		for i, c := range cells {
			cells[i] = strings.Trim(strings.TrimSpace(c), "`")
		}
		if header == "" {
			header = cells[0] + " " + cells[1]
			continue
		}
		if strings.HasPrefix(cells[0], "-") {
			continue
		}
		switch header {
		case "field value":
			f := fieldOf(t, class, cells[0])
			packed, err := f.PackJSON([]byte(cells[1]), dc.Scaled)
			if err == nil {
				err = f.Validate(packed)
			}
			got := hex.EncodeToString(packed)
			if err != nil {
				got = "refused"
			}
			if got != strings.ReplaceAll(cells[2], " ", "") {
				t.Errorf("%s of %s is %s (%v), and the guide says %s", cells[0], cells[1], got, err, cells[2])
			}
		case "field default":
			if got := hex.EncodeToString(fieldOf(t, class, cells[0]).DefaultPacked()); got != strings.ReplaceAll(cells[1], " ", "") {
				t.Errorf("the default of %s is %s, and the guide says %s", cells[0], got, cells[1])
			}
		case "class required fields":
			c, ok := file.ClassByName(cells[0])
			if !ok {
				t.Errorf("there is no class %s", cells[0])
				continue
			}
			var names []string
			for _, f := range c.RequiredFields() {
				names = append(names, f.Name())
			}
			if got := strings.Join(names, ", "); got != cells[1] {
				t.Errorf("the required fields of %s are %s, and the guide says %s", cells[0], got, cells[1])
			}
		case "keyword effect":
			if _, ok := dc.KeywordNamed(cells[0]); !ok {
				t.Errorf("there is no keyword %s", cells[0])
			}
		default:
			continue
		}
		rows++
	}
	return rows
}

func fieldOf(t *testing.T, class *dc.Class, name string) *dc.Field {
	t.Helper()
	f, ok := class.FieldByName(name)
	if !ok {
		t.Fatalf("%s has no field %s", class.Name(), name)
	}
	return f
}
