// Package dcfile is astrond dc: DC files, and values of their fields.
package dcfile

import (
	"errors"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"natstron/cmd/astrond/internal/cmdline"
	"natstron/dc"
)

// Command is what people do with DC files.
func Command() *cli.Command {
	files := cmdline.DCFlag()
	configuration := &cli.StringFlag{Name: "config", Usage: "take the DC files of this `FILE`, an astrond.yml"}
	raw := &cli.BoolFlag{Name: "raw", Usage: "numbers as they are packed, not divided by the type's divisor"}
	asJSON := &cli.BoolFlag{Name: "json", Usage: "print JSON"}
	output := &cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "write `FILE` instead of printing"}
	return &cli.Command{
		Name:  "dc",
		Usage: "DC files: hash, check, format, show; values: pack, unpack; code: gen, wireshark; editors: lsp, textmate",
		Action: func(c *cli.Context) error {
			if c.NArg() > 0 {
				return cmdline.Misused(c, "there is no command %q%s", c.Args().First(), cmdline.DidYouMean(c.Args().First(), c.Command.Subcommands))
			}
			return cli.ShowSubcommandHelp(c)
		},
		Subcommands: []*cli.Command{
			{
				Name: "hash", Usage: "the hash that clients send when they log in", ArgsUsage: "FILE ...",
				Flags: []cli.Flag{cmdline.WithoutFlag(), asJSON}, Action: dcHash,
			},
			{
				Name: "check", Usage: "list all errors and warnings, with their positions", ArgsUsage: "FILE ...",
				Flags: []cli.Flag{cmdline.WithoutFlag(), asJSON}, Action: dcCheck,
			},
			{
				Name: "fmt", Usage: "format files; the hash does not change", ArgsUsage: "FILE ... | -",
				Flags: []cli.Flag{
					&cli.BoolFlag{Name: "write", Aliases: []string{"w"}, Usage: "write the files instead of printing them"},
					&cli.BoolFlag{Name: "list", Aliases: []string{"l"}, Usage: "list the files that are not formatted, and fail if there are any"},
					asJSON,
				},
				Action: dcFmt,
			},
			{
				Name: "show", Usage: "classes and fields, with ids and keywords", ArgsUsage: "FILE ... [CLASS]",
				Flags: []cli.Flag{cmdline.WithoutFlag(), asJSON}, Action: dcShow,
			},
			{
				Name: "gen", Usage: "write typed bindings: code that knows the classes and fields", ArgsUsage: "ts|go|python FILE ...",
				Flags: []cli.Flag{
					output,
					&cli.StringFlag{Name: "package", Usage: "the `NAME` of the Go package; default: that of the first DC file"},
				},
				Action: dcGen,
			},
			{
				Name: "wireshark", Usage: "write a dissector for Wireshark, in Lua", ArgsUsage: "FILE ...",
				Flags: []cli.Flag{output}, Action: dcWireshark,
			},
			{
				Name: "lsp", Usage: "a language server for text editors, on standard input and output", ArgsUsage: "[FILE ...]",
				Flags: []cli.Flag{cmdline.WithoutFlag()}, Action: dcLSP,
			},
			{
				Name: "textmate", Usage: "print a TextMate grammar, by which text editors colour DC files",
				Action: dcTextMate,
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
		return nil, cmdline.Misused(c, "which DC files?")
	}
	return cmdline.GivenDCFiles(c, c.Args().Slice()).Parse(c)
}

func dcHash(c *cli.Context) error {
	file, err := parseArguments(c)
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return cmdline.PrintJSON(c.App.Writer, map[string]any{"hash": file.Hash(), "hex": fmt.Sprintf("0x%08x", file.Hash())})
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
		return cmdline.Misused(c, "which DC files?")
	}
	file, err := cmdline.GivenDCFiles(c, c.Args().Slice()).Read(c)
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
		if printErr := cmdline.PrintJSON(c.App.Writer, report); printErr != nil {
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
		return cmdline.ErrTold
	}
	return nil
}

// fieldArgument reads the DC files and finds CLASS.FIELD in them.
func fieldArgument(c *cli.Context) (*dc.Field, error) {
	files, err := cmdline.DCFilesOf(c)
	if err != nil {
		return nil, err
	}
	if len(files.Names) == 0 {
		return nil, cmdline.Misused(c, "give the DC files with --dc, or a configuration that names them with --config")
	}
	className, fieldName, ok := strings.Cut(c.Args().First(), ".")
	if !ok || c.NArg() > 2 {
		return nil, cmdline.Misused(c, "name a field as CLASS.FIELD, then a value, or give the value on standard input")
	}
	file, err := files.Parse(c)
	if err != nil {
		return nil, err
	}
	class, err := findClass(file, className)
	if err != nil {
		return nil, err
	}
	field, ok := class.FieldByName(fieldName)
	if !ok {
		return nil, fmt.Errorf("class %s has no field %q; it has %s", className, fieldName, cmdline.FieldNames(class))
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
