package config

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestSecretsAreNotPrinted(t *testing.T) {
	c, err := Parse("astrond.yml", []byte(`
web:
  authentication: {username: foo, password: hunter2}
backbone:
  embedded:
    user: astron
    password: hunter2
    leaf:
      remotes:
        - urls: ["nats://u:hunter2@hub", "nats://hunter2@hub2"]
roles:
  - type: database
    control: 4001
    generate: {min: 100000}
    backend: {type: mongodb, server: "mongodb://u:hunter2@hub/game?authMechanismProperties=AWS_SESSION_TOKEN:hunter2"}
`))
	if err != nil {
		t.Fatal(err)
	}
	if c.Web.Authentication.Password != "hunter2" || c.Backbone.Embedded.Leaf.Remotes[0].URLs[0] != "nats://u:hunter2@hub" {
		t.Fatalf("read %q and %q", c.Web.Authentication.Password, c.Backbone.Embedded.Leaf.Remotes[0].URLs[0])
	}
	text, err := json.Marshal(c.Settings())
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(c.String()+string(text)+fmt.Sprintf("%v %+v", c.Settings(), c.File), "\n") {
		if strings.Contains(line, "hunter2") {
			t.Errorf("line %d shows the secret: %s", i, line)
		}
	}
}
