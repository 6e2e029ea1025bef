package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"time"

	"natstron/internal/config"
)

// fault is an error at the place of a key.
func fault(cfg *config.Config, path, problem, fix string) error {
	return &config.Error{Faults: []config.Fault{cfg.Fault(path, problem, fix)}}
}

// resolveTimeout bounds how long the name in an address is looked for.
const resolveTimeout = 5 * time.Second

// checkHosts refuses hosts that cannot be names, before anybody asks the network
// for them: a name never ends in a number, and what does is a mistyped address.
func checkHosts(cfg *config.Config) error {
	var faults []config.Fault
	check := func(path string, at config.Address) {
		last := at.Host[strings.LastIndexByte(at.Host, '.')+1:]
		_, err := netip.ParseAddr(at.Host)
		if err != nil && last != "" && strings.Trim(last, "0123456789") == "" {
			faults = append(faults, cfg.Fault(path, fmt.Sprintf("%q is no IP address, and no name ends in a number", at.Host),
				"write an address such as 127.0.0.1, or a host name"))
		}
	}
	check("general.eventlogger", cfg.General.EventLogger)
	check("messagedirector.bind", cfg.MessageDirector.Bind)
	check("messagedirector.connect", cfg.MessageDirector.Connect)
	if len(faults) > 0 {
		return &config.Error{Faults: faults}
	}
	return nil
}

// addressFault says in words why an address could not be used.
func addressFault(cfg *config.Config, path string, at config.Address, err error) error {
	problem, fix := explainAddress(at, err)
	return fault(cfg, path, problem, fix)
}

func explainAddress(at config.Address, err error) (problem, fix string) {
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns):
		return fmt.Sprintf("%q does not resolve: %s", dns.Name, dns.Err), "write an IP address, or a name that resolves on this machine"
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Sprintf("%s is in use", at), "choose another port, or end what listens there: another astrond?"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Sprintf("%s is no address of this machine", at), "write one that it has; 0.0.0.0 means all of them"
	case errors.Is(err, syscall.EACCES):
		return fmt.Sprintf("this user may not open %s", at), "choose a port above 1023"
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Sprintf("nobody listens at %s", at), "start what should be there first, or correct the address"
	}
	return err.Error(), "see whether it can be reached from here"
}
