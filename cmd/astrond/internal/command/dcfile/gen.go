package dcfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"natstron/cmd/astrond/internal/cmdline"
	"natstron/cmd/astrond/internal/dcgen"
	"natstron/dc"
)

// dcGen writes code for a DC file in another language.
func dcGen(c *cli.Context) error {
	args := c.Args().Slice()
	if len(args) < 2 {
		return cmdline.Misused(c, "name a language (ts, go or python) and DC files")
	}
	language, names := args[0], args[1:]
	file, err := cmdline.DCFiles{Names: names}.Parse(c)
	if err != nil {
		return err
	}
	source := dcgen.Source{File: file, Names: names}
	var code []byte
	switch language {
	case "ts":
		code = dcgen.TypeScript(source)
	case "go":
		code, err = dcgen.Go(source, packageName(c.String("package"), names[0]))
	case "python":
		code = dcgen.Python(source)
	default:
		return cmdline.Misused(c, "there is no language %q: ts, go or python", language)
	}
	if err != nil {
		return err
	}
	return printCode(c, file, code)
}

// dcWireshark writes a dissector for Wireshark.
func dcWireshark(c *cli.Context) error {
	file, err := parseArguments(c)
	if err != nil {
		return err
	}
	return printCode(c, file, dcgen.Wireshark(dcgen.Source{File: file, Names: c.Args().Slice()}))
}

// printCode prints code that was written from a file, or writes it to a file.
func printCode(c *cli.Context, file *dc.File, code []byte) error {
	if w := file.Warnings(); len(w) > 0 {
		fmt.Fprintln(c.App.ErrWriter, dc.Errors(w))
	}
	if name := c.String("output"); name != "" {
		return writeCode(name, code)
	}
	_, err := c.App.Writer.Write(code)
	return err
}

// packageName makes a name of a Go package of the name of a DC file, if none is given.
func packageName(given, file string) string {
	if given != "" {
		return given
	}
	base := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return -1
	}, base)
	if name == "" || name[0] <= '9' {
		return "dc" + name
	}
	return name
}

// writeCode writes a file, unless it is the same already: programs that watch it need not
// start again.
func writeCode(name string, code []byte) error {
	old, err := os.ReadFile(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return os.WriteFile(name, code, 0o666)
	case err != nil:
		return err
	case string(old) == string(code):
		return nil
	}
	return replaceFile(name, string(code))
}
