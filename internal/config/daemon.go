package config

// Daemon says who this process is.
type Daemon struct {
	// Name appears in the names of the process's connections. It may be empty.
	Name string
	// URL is where people find the process's web page. It may be empty.
	URL string
}

func (s *Daemon) keys() []key {
	return []key{
		{name: "name", value: anyText(&s.Name),
			effect: "The process's name, in the names of its connections and on its status page."},
		{name: "url", value: anyText(&s.URL),
			effect: "Where people find the process's web page."},
	}
}
