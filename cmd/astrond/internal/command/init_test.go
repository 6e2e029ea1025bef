package command

import (
	"strings"
	"testing"

	"natstron/internal/config"
)

// What init writes is valid, and stays so when all that is commented out in it is
// switched on.
func TestInitialConfiguration(t *testing.T) {
	cfg, err := config.Parse("astrond.yml", []byte(initialConfiguration))
	if err != nil {
		t.Fatal(err)
	}
	if len(cfg.Roles) > 0 || len(cfg.General.DCFiles) > 0 {
		t.Error("it does not run as it is: a role wants DC files")
	}
	var all []string
	for _, line := range strings.Split(initialConfiguration, "\n") {
		// Prose has one blank after the #, what is commented out none, or its indentation.
		if strings.HasPrefix(line, "#") && !strings.HasPrefix(line, "# ") || strings.HasPrefix(line, "#  ") {
			line = line[1:]
		}
		all = append(all, line)
	}
	cfg, err = config.Parse("astrond.yml", []byte(strings.Join(all, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	if len(cfg.Roles) != 5 || len(cfg.Uberdogs) == 0 || cfg.Backbone.External == nil {
		t.Errorf("it shows %d roles, %d uberdogs", len(cfg.Roles), len(cfg.Uberdogs))
	}
}
