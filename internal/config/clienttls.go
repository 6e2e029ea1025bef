package config

// ClientTLS is how to encrypt a connection to a NATS server. The server's
// certificate is always verified.
type ClientTLS struct {
	// CA is a file with the authorities to trust; empty, the system's are.
	CA string
	// Certificate and Key are given both or not at all.
	Certificate, Key string
	// ServerName is the name to verify, where it is not the URL's host.
	ServerName string
}

func (s *ClientTLS) keys() []key {
	return []key{
		{name: "ca", value: fileName(&s.CA), ours: true,
			effect: "The authorities to trust, in PEM; left out, the system's are."},
		{name: "certificate", value: fileName(&s.Certificate), ours: true,
			effect: "Our own certificate, in PEM, where the server asks for one."},
		{name: "key", value: fileName(&s.Key), ours: true,
			effect: "The private key of our own certificate, in PEM."},
		{name: "server_name", value: word(&s.ServerName), ours: true,
			effect: "The name that the server's certificate must have, where it is not the URL's host."},
	}
}

func (s *ClientTLS) check(d *decoder, path string) {
	switch certificate, key := join(path, "certificate"), join(path, "key"); {
	case !d.sound(certificate, key):
	case s.Certificate != "" && s.Key == "":
		d.fault(certificate, "has no key", "add key, the file with its private key")
	case s.Certificate == "" && s.Key != "":
		d.fault(key, "has no certificate", "add certificate, the file that it belongs to")
	}
}
