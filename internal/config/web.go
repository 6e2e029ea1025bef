package config

// Web is the web server: metrics, health checks and a status page.
type Web struct {
	Bind Address
	// Authentication is nil where everybody may look.
	Authentication *WebAuthentication
	Profile        Bool
}

func (s *Web) keys() []key {
	return []key{
		{name: "bind", value: listenOn(&s.Bind, 8080).byDefault(Address{"127.0.0.1", 8080}),
			effect: "Where browsers and scrapers connect, over HTTP."},
		{name: "authentication", value: optional[WebAuthentication, *WebAuthentication]{&s.Authentication},
			effect: "The user and password that HTTP basic authentication asks for; left out, everybody may look."},
		{name: "pprof", value: boolean(&s.Profile, false), ours: true,
			effect: "Whether Go's profiler is there, under /debug/pprof: for measuring, not for every day."},
	}
}

// WebAuthentication is what HTTP basic authentication asks for.
type WebAuthentication struct {
	Username string
	// Password is here or in PasswordFile; see [ReadSecret].
	Password     Secret
	PasswordFile string
}

func (s *WebAuthentication) keys() []key {
	return []key{
		{name: "username", value: filled(&s.Username), required: true,
			effect: "The user's name."},
		{name: "password", value: secret(&s.Password),
			effect: "The user's password."},
		{name: "password_file", value: fileName(&s.PasswordFile), ours: true,
			effect: "The file that holds the user's password."},
	}
}

func (s *WebAuthentication) check(d *decoder, path string) {
	password, file := join(path, "password"), join(path, "password_file")
	if !d.sound(password, file) {
		return
	}
	switch {
	case s.Password == "" && s.PasswordFile == "":
		d.fault(path, "has no password", "add password_file, or password")
	case s.Password != "" && s.PasswordFile != "":
		d.fault(file, "is given beside password", "keep one of them")
	}
}
