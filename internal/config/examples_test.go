package config

import (
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"natstron/bridge/wire"
	"natstron/internal/configfile"
)

// yamlBlock is a piece of YAML in a document.
var yamlBlock = regexp.MustCompile("(?ms)^```ya?ml\n(.*?)^```")

// Every configuration that a document shows is a good one, but for the files that
// it names.
func TestDocumentsShowGoodConfigurations(t *testing.T) {
	sections := regexp.MustCompile(`^(daemon|general|uberdogs|messagedirector|backbone|roles|web):`)
	// The type of role that docs/ownroles.md shows.
	greeter := configfile.Kind{Name: "greeter", Options: reflect.TypeFor[struct {
		ID    wire.DoID `key:"id,required"`
		Words string    `key:"words"`
	}]()}
	count := 0
	err := filepath.WalkDir(filepath.Join("..", ".."), func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && slices.Contains([]string{".git", "venv"}, d.Name()):
			return filepath.SkipDir
		case d.IsDir() || filepath.Ext(path) != ".md":
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range yamlBlock.FindAllStringSubmatchIndex(string(text), -1) {
			block := string(text[m[2]:m[3]])
			if !sections.MatchString(strings.TrimSpace(block)) {
				continue
			}
			count++
			if _, err := Parse(filepath.Base(path), []byte(block), greeter); err != nil {
				line := 1 + strings.Count(string(text[:m[2]]), "\n")
				t.Errorf("%s shows on line %d and below:\n%v", path, line, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if count < 15 {
		t.Errorf("only %d configurations were found", count)
	}
}
