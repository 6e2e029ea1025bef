package dcfile

import (
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"natstron/cmd/astrond/internal/cmdline"
	"natstron/dc"
)

// shownClass and shownField are what show prints, for machines.
type shownClass struct {
	Name   string       `json:"name"`
	ID     *uint16      `json:"id,omitempty"` // structs have none
	Bases  []string     `json:"bases,omitempty"`
	Fields []shownField `json:"fields"`
}

type shownField struct {
	ID        uint16   `json:"id"`
	Name      string   `json:"name"`
	Class     string   `json:"class"` // that declares it
	Keywords  []string `json:"keywords,omitempty"`
	Molecular bool     `json:"molecular,omitempty"`
	Default   string   `json:"default"` // packed, in hexadecimal digits
	Text      string   `json:"text"`    // as a DC file has it
}

func dcShow(c *cli.Context) error {
	names := c.Args().Slice()
	only := ""
	// The last argument is a class if it is no file.
	if n := len(names); n > 1 {
		if _, err := os.Stat(names[n-1]); err != nil {
			only, names = names[n-1], names[:n-1]
		}
	}
	if len(names) == 0 {
		return cmdline.Misused(c, "which DC files?")
	}
	file, err := cmdline.GivenDCFiles(c, names).Parse(c)
	if err != nil {
		return err
	}
	classes := file.All()
	if only != "" {
		class, err := findClass(file, only)
		if err != nil {
			return err
		}
		classes = []*dc.Class{class}
	}
	shown := make([]shownClass, 0, len(classes))
	for _, class := range classes {
		// The whole list shows what each class adds; a single class, all it has.
		fields := class.OwnFields()
		if only != "" {
			fields = class.Fields()
		}
		shown = append(shown, showClass(class, fields))
	}
	if c.Bool("json") {
		return cmdline.PrintJSON(c.App.Writer, shown)
	}
	return printClasses(c.App.Writer, shown)
}

func showClass(class *dc.Class, fields []*dc.Field) shownClass {
	s := shownClass{Name: class.Name(), Fields: []shownField{}}
	if id, ok := class.ID(); ok {
		s.ID = &id
	}
	for _, b := range class.Bases() {
		s.Bases = append(s.Bases, b.Name())
	}
	for _, f := range fields {
		s.Fields = append(s.Fields, shownField{
			ID: f.ID(), Name: f.Name(), Class: f.Class().Name(), Keywords: f.Keywords(), Molecular: f.IsMolecular(),
			Default: hex.EncodeToString(f.DefaultPacked()), Text: f.String(),
		})
	}
	return s
}

func printClasses(w io.Writer, classes []shownClass) error {
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for i, class := range classes {
		if i > 0 {
			fmt.Fprintln(out)
		}
		bases := ""
		if len(class.Bases) > 0 {
			bases = " : " + strings.Join(class.Bases, ", ")
		}
		if class.ID == nil {
			fmt.Fprintf(out, "struct %s%s\n", class.Name, bases)
		} else {
			fmt.Fprintf(out, "dclass %s%s (class %d)\n", class.Name, bases, *class.ID)
		}
		for _, f := range class.Fields {
			from := ""
			if f.Class != class.Name {
				from = "from " + f.Class
			}
			fmt.Fprintf(out, "  %d\t%s\t%s\n", f.ID, f.Text, from)
		}
	}
	return out.Flush()
}
