package config

import (
	"strings"
	"testing"
)

const fromEnvironment = `
backbone:
  urls:
    - nats://astron:${NATSTRON_TEST_PASSWORD}@10.0.0.5:4222
web:
  authentication:
    username: ${NATSTRON_TEST_PASSWORD}
    password: ${NATSTRON_TEST_PASSWORD}
roles:
  - type: database
    control: 4001
    generate:
      min: 100000
    backend:
      type: mongodb
      server: ${NATSTRON_TEST_URI}
`

func TestSecretsFromTheEnvironment(t *testing.T) {
	t.Setenv("NATSTRON_TEST_PASSWORD", "hunter2")
	t.Setenv("NATSTRON_TEST_URI", "mongodb://db/game")
	c, err := Parse("astrond.yml", []byte(fromEnvironment))
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Web.Authentication.Password; got != "hunter2" {
		t.Errorf("the password is %q", got)
	}
	if got := c.Backbone.External.URLs[0]; got != "nats://astron:hunter2@10.0.0.5:4222" {
		t.Errorf("the URL is %q", got)
	}
	if got := c.Roles[0].Database.Backend.MongoDB.Server; got != "mongodb://db/game" {
		t.Errorf("the MongoDB URI is %q", got)
	}
	// What is no secret means what it says.
	if got := c.Web.Authentication.Username; got != "${NATSTRON_TEST_PASSWORD}" {
		t.Errorf("the user is %q", got)
	}
}

func TestEnvironmentIsMissing(t *testing.T) {
	t.Setenv("NATSTRON_TEST_PASSWORD", "")
	t.Setenv("NATSTRON_TEST_URI", "http://hunter2")
	_, err := Parse("astrond.yml", []byte(fromEnvironment))
	if err == nil {
		t.Fatal("no fault")
	}
	for _, want := range []string{
		"astrond.yml:4:7: backbone.urls[0]: the environment has no NATSTRON_TEST_PASSWORD",
		"astrond.yml:8:15: web.authentication.password: the environment has no NATSTRON_TEST_PASSWORD",
		"astrond.yml:16:15: roles[0].backend.server: is not a MongoDB URI",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("lacks %s", want)
		}
	}
	if strings.Contains(err.Error(), "hunter2") {
		t.Error("it shows what the environment has")
	}
	if t.Failed() {
		t.Log(err)
	}
}
