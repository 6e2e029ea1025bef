package cmdline

import (
	"errors"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"natstron/dc"
	"natstron/internal/config"
)

// ParseDC reads DC files, and tells what is wrong with them.
func ParseDC(c *cli.Context, files []string) (*dc.File, error) {
	file, err := dc.ParseFiles(files...)
	var errs dc.Errors
	if errors.As(err, &errs) {
		fmt.Fprintln(c.App.ErrWriter, errs)
		return nil, ErrTold
	}
	return file, err
}

// DCFilesOf is the DC files that --dc or --config name; none is no error here.
func DCFilesOf(c *cli.Context) ([]string, error) {
	files := c.StringSlice("dc")
	name := c.String("config")
	if len(files) > 0 || name == "" {
		return files, nil
	}
	cfg, err := config.Load(name)
	if err != nil {
		return nil, err
	}
	return cfg.General.DCFiles, nil
}

// FieldNames lists the fields of a class, for people.
func FieldNames(class *dc.Class) string {
	var names []string
	for _, f := range class.Fields() {
		names = append(names, f.Name())
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
