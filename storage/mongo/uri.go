package mongo

import (
	"errors"
	"strings"

	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/connstring"
)

// database reads a URI, and returns the name of the database in it. No error shows
// the user or the password, which the driver would take for something else if they are
// not escaped.
func database(uri string) (string, error) {
	_, rest, _ := strings.Cut(uri, "://")
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		user, password, _ := strings.Cut(rest[:i], ":")
		for _, one := range []string{user, password} {
			if strings.ContainsAny(one, "@:/?#[]") || !percentEscaped(one) {
				return "", errors.New("the URI cannot be read: in its user name and password, write @ as %40, : as %3A, / as %2F, " +
					"? as %3F, # as %23, [ as %5B, ] as %5D and % as %25; behind them, write @ as %40 too")
			}
		}
	}
	named, err := connstring.ParseAndValidate(uri)
	if err != nil {
		return "", err
	}
	if named.Database == "" {
		return "", errors.New("the URI names no database; write mongodb://host:port/database")
	}
	return named.Database, nil
}

// percentEscaped reports whether two hexadecimal digits follow each %.
func percentEscaped(s string) bool {
	for i := strings.IndexByte(s, '%'); i >= 0; i = strings.IndexByte(s, '%') {
		if len(s) < i+3 || strings.Trim(s[i+1:i+3], "0123456789abcdefABCDEF") != "" {
			return false
		}
		s = s[i+3:]
	}
	return true
}
