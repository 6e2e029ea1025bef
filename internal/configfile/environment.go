package configfile

import (
	"fmt"
	"os"
	"regexp"
)

// variable is ${NAME} in a value.
var variable = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)\}`)

// fromEnvironment has ${NAME} in a value stand for a variable of the environment:
// for what should be in no file, and for nothing else, so that a file says what it
// means.
func fromEnvironment(parse func(string) (any, *wrong)) func(string) (any, *wrong) {
	return func(text string) (any, *wrong) {
		var missing *wrong
		text = variable.ReplaceAllStringFunc(text, func(found string) string {
			name := found[2 : len(found)-1]
			value := os.Getenv(name)
			if value == "" && missing == nil {
				missing = &wrong{fmt.Sprintf("the environment has no %s, or it is empty", name), "set it where astrond is started"}
			}
			return value
		})
		if missing != nil {
			return nil, missing
		}
		return parse(text)
	}
}
