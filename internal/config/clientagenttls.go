package config

// ClientAgentTLS is how a client agent encrypts, with the keys that older releases
// of Astron had.
type ClientAgentTLS struct {
	Certificate string
	KeyFile     string
	// ChainFile holds intermediate certificates; empty if there are none.
	ChainFile string
	// TLSv1, SSLv2 and SSLv3 are read for the sake of old files.
	TLSv1, SSLv2, SSLv3 Bool
	// CertAuthority is a file, or a folder of files, with the authorities that must
	// have signed a client's certificate. Empty, clients need none.
	CertAuthority  string
	MaxVerifyDepth int
}

func (s *ClientAgentTLS) keys() []key {
	authority := pathName(&s.CertAuthority)
	authority.kind, authority.file = "a file or folder", fileOrFolder
	return []key{
		{name: "certificate", value: fileName(&s.Certificate), required: true,
			effect: "The server's certificate, in PEM."},
		{name: "key_file", value: fileName(&s.KeyFile), required: true,
			effect: "The certificate's private key, in PEM."},
		{name: "chain_file", value: fileName(&s.ChainFile),
			effect: "Intermediate certificates, in PEM."},
		{name: "tlsv1", value: boolean(&s.TLSv1, true),
			effect: "Taken for the sake of old files, without effect: TLS 1.2 is the oldest version that is spoken."},
		{name: "sslv2", value: retired(&s.SSLv2, "SSLv2"),
			effect: "Taken for the sake of old files: SSLv2 is never spoken."},
		{name: "sslv3", value: retired(&s.SSLv3, "SSLv3"),
			effect: "Taken for the sake of old files: SSLv3 is never spoken."},
		{name: "cert_authority", value: authority,
			effect: "The authorities, in PEM, of which one must have signed a client's certificate; left out, clients need none."},
		{name: "max_verify_depth", value: number(&s.MaxVerifyDepth, 6, 1, 100),
			effect: "How many certificates may lead from a client's to the authority's."},
	}
}

// retired takes a switch that can only be off.
func retired(into *Bool, protocol string) *scalar[Bool] {
	return boolean(into, false).but("false", func(v Bool) *wrong {
		if v {
			return &wrong{protocol + " is broken and not to be had", "take the line out"}
		}
		return nil
	})
}
