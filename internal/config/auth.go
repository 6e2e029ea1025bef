package config

import (
	"fmt"
	"strings"
)

// Auth is how to log in at a NATS server: in one way, or in none.
type Auth struct {
	// Credentials and NKey are names of files.
	Credentials, NKey string
	User              string
	// Password and Token are here or in a file; see [ReadSecret].
	Password     Secret
	PasswordFile string
	Token        Secret
	TokenFile    string
}

func (s *Auth) keys() []key {
	return append(s.userKeys(),
		key{name: "nkey", value: fileName(&s.NKey), ours: true,
			effect: "The file with the seed of an nkey."},
		key{name: "token", value: secret(&s.Token), ours: true,
			effect: "A token."},
		key{name: "token_file", value: fileName(&s.TokenFile), ours: true,
			effect: "The file that holds the token."},
	)
}

// userKeys are the ways to log in at the embedded server.
func (s *Auth) userKeys() []key {
	return []key{
		{name: "credentials", value: fileName(&s.Credentials), ours: true,
			effect: "The credentials file of a NATS user (JWT and seed)."},
		{name: "user", value: filled(&s.User), ours: true,
			effect: "The user's name."},
		{name: "password", value: secret(&s.Password), ours: true,
			effect: "The user's password."},
		{name: "password_file", value: fileName(&s.PasswordFile), ours: true,
			effect: "The file that holds the user's password."},
	}
}

// check holds that there is at most one way to log in, and that it is whole. URLs
// with a user in them are a way too.
func (s *Auth) check(d *decoder, path string, urls []URL) {
	var ways []string
	add := func(set bool, name string) {
		if set {
			ways = append(ways, name)
		}
	}
	for _, u := range urls {
		if u.hasUser() {
			add(true, "urls")
			break
		}
	}
	add(s.Credentials != "", "credentials")
	add(s.NKey != "", "nkey")
	add(s.User != "" || s.Password != "" || s.PasswordFile != "", "user")
	add(s.Token != "" || s.TokenFile != "", "token")
	if len(ways) > 1 {
		last := ways[len(ways)-1]
		if last == "token" && s.Token == "" {
			last = "token_file"
		}
		if last == "user" && s.User == "" {
			last = "password"
		}
		d.fault(join(path, last), "is one way to log in too many", "keep one of: "+strings.Join(ways, ", "))
	}
	s.checkPairs(d, path)
}

func (s *Auth) checkPairs(d *decoder, path string) {
	twice := func(set bool, name string) {
		if set {
			d.fault(join(path, name+"_file"), fmt.Sprintf("is given beside %s", name), "keep one of them")
		}
	}
	twice(s.Password != "" && s.PasswordFile != "", "password")
	twice(s.Token != "" && s.TokenFile != "", "token")
	if !d.sound(join(path, "user"), join(path, "password"), join(path, "password_file")) {
		return
	}
	hasPassword := s.Password != "" || s.PasswordFile != ""
	switch {
	case s.User != "" && !hasPassword:
		d.fault(join(path, "user"), "has no password", "add password_file, or password")
	case s.User == "" && s.Password != "":
		d.fault(join(path, "password"), "has no user", "add user")
	case s.User == "" && s.PasswordFile != "":
		d.fault(join(path, "password_file"), "has no user", "add user")
	}
}
