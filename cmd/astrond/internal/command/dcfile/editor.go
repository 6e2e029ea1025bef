package dcfile

import (
	"os"
	"path/filepath"
	"slices"

	"github.com/urfave/cli/v2"

	"natstron/cmd/astrond/internal/build"
	"natstron/cmd/astrond/internal/cmdline"
	"natstron/dc/editor"
	"natstron/internal/config"
)

// dcTextMate prints the grammar for editors.
func dcTextMate(c *cli.Context) error {
	if c.NArg() > 0 {
		return cmdline.Misused(c, "it takes no arguments")
	}
	grammar, err := editor.TextMate()
	if err != nil {
		return err
	}
	_, err = c.App.Writer.Write(grammar)
	return err
}

// dcLSP is a language server until the editor ends it.
func dcLSP(c *cli.Context) error {
	given, err := cmdline.GivenDCFiles(c, c.Args().Slice()).Absolute(c)
	if err != nil {
		return err
	}
	return editor.Serve(standardIn(c), c.App.Writer, editor.Options{
		Version: build.From().Version,
		Project: func(path string) editor.Project {
			if slices.Contains(given.Names, path) {
				return editor.Project{Files: given.Names, Inheritance: given.Inheritance}
			}
			return configured(path)
		},
	})
}

// maxParents is in how many folders above a DC file its configuration is looked for.
const maxParents = 8

// configured is the project of a DC file: the nearest astrond.yml above it that names it. The file
// need not be without faults: somebody may be writing it, too.
func configured(path string) editor.Project {
	folder := filepath.Dir(path)
	for range maxParents {
		name := filepath.Join(folder, config.DefaultFile)
		if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() {
			// What is wrong with it, astrond check tells.
			if cfg, _ := config.Load(name); cfg != nil {
				files := make([]string, len(cfg.General.DCFiles))
				for i, f := range cfg.General.DCFiles {
					if files[i] = filepath.Clean(f); !filepath.IsAbs(f) {
						files[i] = filepath.Join(folder, f)
					}
				}
				if slices.Contains(files, path) {
					return editor.Project{Files: files, Inheritance: cfg.General.Inheritance}
				}
			}
		}
		above := filepath.Dir(folder)
		if above == folder {
			break
		}
		folder = above
	}
	return editor.Project{}
}
