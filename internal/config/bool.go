package config

import (
	"strconv"
	"strings"
)

// Bool is a switch. Astron's files write true and false, yes and no, on and off,
// in any case; all of them are taken.
type Bool bool

// String is true or false.
func (b Bool) String() string { return strconv.FormatBool(bool(b)) }

// parseBool reads the words that YAML 1.1 has for a switch.
func parseBool(text string) (Bool, *wrong) {
	switch strings.ToLower(text) {
	case "true", "yes", "on", "y":
		return true, nil
	case "false", "no", "off", "n":
		return false, nil
	}
	return false, &wrong{show(text) + " is neither true nor false", "write true or false"}
}
