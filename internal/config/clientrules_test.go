package config

import (
	"fmt"
	"strings"
	"testing"
)

// What clients may open is read as Ardos' configuration writes it, for several parents.
func TestInterestRules(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"all", `
      avatar_class: DistributedPlayer
      interests:
        - {zones: [0, 5, "100-399", 400-500]}
        - {parent: 4618, mode: blacklist, zones: [0x10]}
        - {class: Street, zones: []}
`, ""},
		{"a range that is reversed", `
      interests: [{zones: [399-100]}]
`, "roles[0].client.interests[0].zones[0]"},
		{"no number", `
      interests: [{zones: [all]}]
`, "roles[0].client.interests[0].zones[0]"},
		{"a zone that is too large", `
      interests: [{zones: [4294967296]}]
`, "roles[0].client.interests[0].zones[0]"},
		{"a list of neither kind", `
      interests: [{mode: greylist, zones: [1]}]
`, "roles[0].client.interests[0].mode"},
		{"without a list", `
      interests: [{mode: whitelist}]
`, "roles[0].client.interests[0].zones"},
		{"parent and class", `
      interests: [{parent: 4618, class: Street, zones: [1]}]
`, "roles[0].client.interests[0].class"},
		{"a reserved parent", `
      interests: [{parent: 12, zones: [1]}]
`, "roles[0].client.interests[0].parent"},
		{"the same parents twice", `
      interests:
        - {class: Street, zones: [1]}
        - {class: Street, mode: blacklist, zones: [2]}
`, "roles[0].client.interests[1]"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if agent := clientAgent(t, "    client:\n"+strings.TrimPrefix(test.text, "\n"), test.want); agent != nil {
				if got := fmt.Sprint(agent.AvatarClass, agent.InterestRules); got != "DistributedPlayer[{0  false [0 5 100-399 400-500]} {4618  true [16]} {0 Street false []}]" {
					t.Errorf("read %s", got)
				}
			}
		})
	}
}
