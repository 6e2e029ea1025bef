package config

// General is what all processes of a cluster share.
type General struct {
	// DCFiles are read in this order, which decides the numbers of classes and
	// fields. The path of the first is general.dc_files[0].
	DCFiles []string
	// EventLogger is where events are sent, by UDP; zero if nowhere.
	EventLogger Address
}

func (s *General) keys() []key {
	return []key{
		{name: "dc_files", value: scalars[string]{&s.DCFiles, "file", fileName},
			effect: "The DC files, in the order that all processes and clients of the cluster use: it decides the numbers of classes and fields."},
		{name: "eventlogger", value: connectTo(&s.EventLogger, 7197),
			effect: "Where to send events, over UDP."},
	}
}
