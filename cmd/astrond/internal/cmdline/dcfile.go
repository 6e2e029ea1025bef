package cmdline

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"natstron/dc"
	"natstron/internal/config"
)

// DCFiles are DC files, and how the classes in them inherit.
type DCFiles struct {
	Names       []string
	Inheritance dc.Inheritance
}

// The settings of Panda3D's that --without takes.
const (
	multipleInheritance   = "multiple-inheritance"
	virtualInheritance    = "virtual-inheritance"
	sortInheritanceByFile = "sort-inheritance-by-file"
)

// WithoutFlag says how classes inherit in files that the command line names.
func WithoutFlag() cli.Flag {
	return &cli.StringSliceFlag{Name: "without", Usage: "read the files as with Panda3D's dc-`SETTING` 0: " +
		multipleInheritance + ", " + virtualInheritance + " or " + sortInheritanceByFile}
}

// GivenDCFiles are files that the command line names.
func GivenDCFiles(c *cli.Context, names []string) DCFiles {
	without := c.StringSlice("without")
	return DCFiles{names, dc.Inheritance{
		Single:   slices.Contains(without, multipleInheritance),
		Plain:    slices.Contains(without, virtualInheritance),
		Unsorted: slices.Contains(without, sortInheritanceByFile),
	}}
}

// DCFilesOf is the DC files that --dc or --config name; none is no error here.
func DCFilesOf(c *cli.Context) (DCFiles, error) {
	names := c.StringSlice("dc")
	name := c.String("config")
	if len(names) > 0 || name == "" {
		return GivenDCFiles(c, names), nil
	}
	cfg, err := config.Load(name)
	if err != nil {
		return DCFiles{}, err
	}
	return DCFiles{cfg.General.DCFiles, cfg.General.Inheritance}, nil
}

// Parse reads the files, and tells what is wrong with them.
func (f DCFiles) Parse(c *cli.Context) (*dc.File, error) {
	file, err := f.Read(c)
	var errs dc.Errors
	if errors.As(err, &errs) {
		fmt.Fprintln(c.App.ErrWriter, errs)
		return nil, ErrTold
	}
	return file, err
}

// Absolute is the files with their whole paths.
func (f DCFiles) Absolute(c *cli.Context) (DCFiles, error) {
	names := make([]string, len(f.Names))
	for i, name := range f.Names {
		var err error
		if names[i], err = filepath.Abs(name); err != nil {
			return f, err
		}
	}
	f.Names = names
	return f, checkWithout(c)
}

// Read reads the files. What is wrong in them is a [dc.Errors].
func (f DCFiles) Read(c *cli.Context) (*dc.File, error) {
	if err := checkWithout(c); err != nil {
		return nil, err
	}
	return f.Inheritance.ParseFiles(f.Names...)
}

// checkWithout refuses settings that --without does not take.
func checkWithout(c *cli.Context) error {
	for _, setting := range c.StringSlice("without") {
		if setting != multipleInheritance && setting != virtualInheritance && setting != sortInheritanceByFile {
			return Misused(c, "--without takes %s, %s or %s, not %q", multipleInheritance, virtualInheritance, sortInheritanceByFile, setting)
		}
	}
	return nil
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
