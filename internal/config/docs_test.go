package config

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"natstron/internal/configfile"
	"natstron/internal/doctest"
)

// docs/configuration.md is written from Keys, under the text in docs.md:
//
//	go test ./internal/config -run TestDocs -update
func TestDocs(t *testing.T) {
	doctest.CompareBelow(t, "../../docs/configuration.md", configfile.Reference(Keys()))
}

// The example must be valid as it is, and stay valid when all of what is commented
// out in it is switched on.
func TestExample(t *testing.T) {
	dir := filepath.Join("..", "..", "examples", "hello")
	c, err := Load(filepath.Join(dir, "astrond.yml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.CheckFiles(); err != nil {
		t.Error(err)
	}
	if len(c.Roles) != 2 || len(c.Uberdogs) == 0 || c.Web != nil {
		t.Errorf("the example runs %d roles, %d uberdogs, web %v; its scripts want a state server, a client agent and an uberdog",
			len(c.Roles), len(c.Uberdogs), c.Web != nil)
	}
	data, err := os.ReadFile(filepath.Join(dir, "astrond.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, line := range strings.Split(string(data), "\n") {
		// Prose has one blank after the #, what is commented out none, or its indentation.
		if strings.HasPrefix(line, "#") && !strings.HasPrefix(line, "# ") || strings.HasPrefix(line, "#  ") {
			line = line[1:]
		}
		all = append(all, line)
	}
	c, err = Parse("astrond.yml", []byte(strings.Join(all, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	types := map[string]bool{}
	for _, r := range c.Roles {
		types[r.Type()] = true
	}
	if len(types) != reflect.TypeFor[Role]().NumField()-1 || c.Web == nil || len(c.Uberdogs) == 0 {
		t.Errorf("the example shows the roles %v, web %v, %d uberdogs", types, c.Web != nil, len(c.Uberdogs))
	}
}
