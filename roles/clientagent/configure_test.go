package clientagent

import (
	"testing"

	"natstron/internal/config"
)

// What clients may send as text is what client.text says.
func TestConfiguredText(t *testing.T) {
	for line, want := range map[string]bool{"": false, "client: {text: utf8}": false, "client: {text: any}": true} {
		cfg, err := config.Parse("test.yml", []byte("general: {dc_files: [park.dc]}\nroles:\n- type: clientagent\n  channels: {min: 1000, max: 1999}\n  "+line+"\n"))
		if err != nil {
			t.Fatal(err)
		}
		o, err := FromConfig(cfg, cfg.Roles[0].(*config.ClientAgent), parkFile(t), new(ChannelPools), discard())
		if err != nil {
			t.Fatal(err)
		}
		if o.AnyText != want {
			t.Errorf("%q: any text is let through: %v", line, o.AnyText)
		}
	}
}
