package command

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"natstron/dc"
	"natstron/internal/config"
)

// dcCommand is what people do with DC files.
func dcCommand() *cli.Command {
	files := dcFlag()
	configuration := &cli.StringFlag{Name: "config", Usage: "take the DC files of this `FILE`, an astrond.yml"}
	raw := &cli.BoolFlag{Name: "raw", Usage: "numbers as they are packed, not divided by the type's divisor"}
	asJSON := &cli.BoolFlag{Name: "json", Usage: "print JSON"}
	return &cli.Command{
		Name:  "dc",
		Usage: "DC files: hash, check, format, show; values: pack, unpack",
		Action: func(c *cli.Context) error {
			if c.NArg() > 0 {
				return misused(c, "there is no command %q%s", c.Args().First(), didYouMean(c.Args().First(), c.Command.Subcommands))
			}
			return cli.ShowSubcommandHelp(c)
		},
		Subcommands: []*cli.Command{
			{
				Name: "hash", Usage: "the hash that clients send when they log in", ArgsUsage: "FILE ...",
				Flags: []cli.Flag{withoutFlag(), asJSON}, Action: dcHash,
			},
			{
				Name: "check", Usage: "list all errors and warnings, with their positions", ArgsUsage: "FILE ...",
				Flags: []cli.Flag{withoutFlag(), asJSON}, Action: dcCheck,
			},
			{
				Name: "fmt", Usage: "format files; the hash does not change", ArgsUsage: "FILE ...",
				Flags:  []cli.Flag{&cli.BoolFlag{Name: "write", Aliases: []string{"w"}, Usage: "write the files instead of printing them"}},
				Action: dcFmt,
			},
			{
				Name: "show", Usage: "classes and fields, with ids and keywords", ArgsUsage: "FILE ... [CLASS]",
				Flags: []cli.Flag{withoutFlag(), asJSON}, Action: dcShow,
			},
			{
				Name: "pack", Usage: "pack a JSON value into hexadecimal digits", ArgsUsage: "CLASS.FIELD [JSON]",
				Flags: []cli.Flag{files, configuration, raw}, Action: dcPack,
			},
			{
				Name: "unpack", Usage: "unpack hexadecimal digits into JSON", ArgsUsage: "CLASS.FIELD [HEX]",
				Flags: []cli.Flag{files, configuration, raw}, Action: dcUnpack,
			},
		},
	}
}

// parseArguments reads the DC files that a command names.
func parseArguments(c *cli.Context) (*dc.File, error) {
	if c.NArg() == 0 {
		return nil, misused(c, "which DC files?")
	}
	return given(c, c.Args().Slice()).parse(c)
}

// dcFiles are DC files, and how the classes in them inherit.
type dcFiles struct {
	names []string
	how   dc.Inheritance
}

// The settings of Panda3D's that --without takes.
const (
	multipleInheritance   = "multiple-inheritance"
	virtualInheritance    = "virtual-inheritance"
	sortInheritanceByFile = "sort-inheritance-by-file"
)

// withoutFlag says how classes inherit in files that the command line names.
func withoutFlag() cli.Flag {
	return &cli.StringSliceFlag{Name: "without", Usage: "read the files as with Panda3D's dc-`SETTING` 0: " +
		multipleInheritance + ", " + virtualInheritance + " or " + sortInheritanceByFile}
}

// given are files that the command line names.
func given(c *cli.Context, names []string) dcFiles {
	without := c.StringSlice("without")
	return dcFiles{names, dc.Inheritance{
		Single:   slices.Contains(without, multipleInheritance),
		Plain:    slices.Contains(without, virtualInheritance),
		Unsorted: slices.Contains(without, sortInheritanceByFile),
	}}
}

// parse reads the files, and tells what is wrong with them.
func (f dcFiles) parse(c *cli.Context) (*dc.File, error) {
	for _, setting := range c.StringSlice("without") {
		if setting != multipleInheritance && setting != virtualInheritance && setting != sortInheritanceByFile {
			return nil, misused(c, "--without takes %s, %s or %s, not %q", multipleInheritance, virtualInheritance, sortInheritanceByFile, setting)
		}
	}
	file, err := f.how.ParseFiles(f.names...)
	var errs dc.Errors
	if errors.As(err, &errs) {
		fmt.Fprintln(c.App.ErrWriter, errs)
		return nil, errTold
	}
	return file, err
}

func dcHash(c *cli.Context) error {
	file, err := parseArguments(c)
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return printJSON(c.App.Writer, map[string]any{"hash": file.Hash(), "hex": fmt.Sprintf("0x%08x", file.Hash())})
	}
	_, err = fmt.Fprintf(c.App.Writer, "0x%08x  %d\n", file.Hash(), file.Hash())
	return err
}

// dcReport is what check finds, for machines.
type dcReport struct {
	OK       bool        `json:"ok"`
	Errors   []dcProblem `json:"errors,omitempty"`
	Warnings []dcProblem `json:"warnings,omitempty"`
	Hash     uint32      `json:"hash,omitempty"`
	Classes  int         `json:"classes"`
	Fields   int         `json:"fields"`
}

type dcProblem struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Problem string `json:"problem"`
}

func problems(errs []*dc.Error) []dcProblem {
	var all []dcProblem
	for _, e := range errs {
		all = append(all, dcProblem{File: e.File, Line: e.Line, Column: e.Column, Problem: e.Msg})
	}
	return all
}

func dcCheck(c *cli.Context) error {
	if c.NArg() == 0 {
		return misused(c, "which DC files?")
	}
	file, err := given(c, c.Args().Slice()).how.ParseFiles(c.Args().Slice()...)
	var errs dc.Errors
	if err != nil && !errors.As(err, &errs) {
		return err
	}
	report := dcReport{OK: err == nil, Errors: problems(errs)}
	if err == nil {
		report.Warnings = problems(file.Warnings())
		report.Hash, report.Classes, report.Fields = file.Hash(), len(file.Classes()), file.NumFields()
	}
	switch {
	case c.Bool("json"):
		if printErr := printJSON(c.App.Writer, report); printErr != nil {
			return printErr
		}
	case err != nil:
		fmt.Fprintln(c.App.ErrWriter, errs)
	default:
		if w := file.Warnings(); len(w) > 0 {
			fmt.Fprintf(c.App.Writer, "%v\n\n", dc.Errors(w))
		}
		fmt.Fprintf(c.App.Writer, "ok: %d classes, %d structs, %d fields, hash 0x%08x\n",
			report.Classes, len(file.Structs()), report.Fields, report.Hash)
	}
	if err != nil {
		return errTold
	}
	return nil
}

func dcFmt(c *cli.Context) error {
	if c.NArg() == 0 {
		return misused(c, "which DC files?")
	}
	var sources []dc.Source
	for _, name := range c.Args().Slice() {
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		sources = append(sources, dc.Source{Name: name, Text: string(text)})
	}
	formatted, err := dc.Format(sources)
	var errs dc.Errors
	if errors.As(err, &errs) {
		fmt.Fprintln(c.App.ErrWriter, errs)
		return errTold
	}
	if err != nil {
		return err
	}
	for i, s := range formatted {
		if !c.Bool("write") {
			fmt.Fprint(c.App.Writer, s.Text)
			continue
		}
		if s.Text == sources[i].Text {
			continue
		}
		if err := replaceFile(s.Name, s.Text); err != nil {
			return err
		}
		fmt.Fprintln(c.App.Writer, s.Name)
	}
	return nil
}

// replaceFile puts a new text in a file's place: all of it or nothing.
func replaceFile(name, text string) error {
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) // nothing is there when it was renamed
	_, err = tmp.WriteString(text)
	err = errors.Join(err, tmp.Chmod(info.Mode()), tmp.Close())
	if err != nil {
		return err
	}
	return os.Rename(tmp.Name(), name)
}

func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// dcFilesOf is the DC files that --dc or --config name; none is no error here.
func dcFilesOf(c *cli.Context) (dcFiles, error) {
	names := c.StringSlice("dc")
	name := c.String("config")
	if len(names) > 0 || name == "" {
		return given(c, names), nil
	}
	cfg, err := config.Load(name)
	if err != nil {
		return dcFiles{}, err
	}
	return dcFiles{cfg.General.DCFiles, cfg.General.Inheritance}, nil
}

// fieldArgument reads the DC files and finds CLASS.FIELD in them.
func fieldArgument(c *cli.Context) (*dc.Field, error) {
	files, err := dcFilesOf(c)
	if err != nil {
		return nil, err
	}
	if len(files.names) == 0 {
		return nil, misused(c, "give the DC files with --dc, or a configuration that names them with --config")
	}
	className, fieldName, ok := strings.Cut(c.Args().First(), ".")
	if !ok || c.NArg() > 2 {
		return nil, misused(c, "name a field as CLASS.FIELD, then a value, or give the value on standard input")
	}
	file, err := files.parse(c)
	if err != nil {
		return nil, err
	}
	class, err := findClass(file, className)
	if err != nil {
		return nil, err
	}
	field, ok := class.FieldByName(fieldName)
	if !ok {
		return nil, fmt.Errorf("class %s has no field %q; it has %s", className, fieldName, fieldNames(class))
	}
	return field, nil
}

func findClass(file *dc.File, name string) (*dc.Class, error) {
	class, ok := file.ClassByName(name)
	if !ok {
		return nil, fmt.Errorf("there is no class or struct %q: astrond dc show FILE ... lists them", name)
	}
	return class, nil
}

func fieldNames(class *dc.Class) string {
	var names []string
	for _, f := range class.Fields() {
		names = append(names, f.Name())
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
