package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"

	"natstron/internal/config"
)

// checkHosts looks up the names in the addresses that are to be opened, all of
// them, so that one start tells of all that do not exist.
func checkHosts(cfg *config.Config) error {
	ctx, cancel := context.WithTimeout(context.Background(), resolveTimeout)
	defer cancel()
	var faults []config.Fault
	for _, a := range []struct {
		path string
		at   config.Address
	}{
		{"messagedirector.bind", cfg.MessageDirector.Bind},
		{"messagedirector.connect", cfg.MessageDirector.Connect},
		{"general.eventlogger", cfg.General.EventLogger},
	} {
		if a.at.IsZero() || a.at.Host == "" {
			continue
		}
		if _, err := netip.ParseAddr(a.at.Host); err == nil {
			continue
		}
		if _, err := net.DefaultResolver.LookupHost(ctx, a.at.Host); err != nil {
			problem, fix := explainAddress(a.at, err)
			faults = append(faults, cfg.Fault(a.path, problem, fix))
		}
	}
	if len(faults) > 0 {
		return &config.Error{Faults: faults}
	}
	return nil
}

// explainAddress says why an address cannot be used, and what would help.
func explainAddress(at config.Address, err error) (problem, fix string) {
	var unknown *net.DNSError
	switch {
	case errors.As(err, &unknown):
		return fmt.Sprintf("no host %q can be found", at.Host), "write an IP address, or a name that this machine can resolve"
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Sprintf("somebody else listens on %s already", at), "end that process, or choose another port"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Sprintf("%s is no address of this machine", at), "write one of its own addresses, or 0.0.0.0 for all of them"
	case errors.Is(err, syscall.EACCES):
		return fmt.Sprintf("%s may not be opened: %v", at, err), "choose a port above 1023"
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Sprintf("nobody listens on %s", at), "start the message director there first"
	}
	return err.Error(), ""
}
