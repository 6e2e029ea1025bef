package app

import (
	"context"
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

// checkHosts looks up the names in the addresses that are to be used, all of
// them, so that one start tells of all that do not exist.
func checkHosts(ctx context.Context, cfg *config.Config) error {
	ctx, cancel := context.WithTimeout(ctx, resolveTimeout)
	defer cancel()
	var faults []config.Fault
	for _, a := range addresses(cfg) {
		if problem, fix := checkHost(ctx, a.at); problem != "" {
			faults = append(faults, cfg.Fault(a.path, problem, fix))
		}
	}
	if len(faults) > 0 {
		return &config.Error{Faults: faults}
	}
	return nil
}

// placed is an address, and its place in the configuration.
type placed struct {
	path string
	at   config.Address
}

// addresses are those that this process connects to, or listens on.
func addresses(cfg *config.Config) []placed {
	all := []placed{
		{"general.eventlogger", cfg.General.EventLogger},
		{"messagedirector.bind", cfg.MessageDirector.Bind},
		{"messagedirector.connect", cfg.MessageDirector.Connect},
	}
	for i, l := range cfg.MessageDirector.Listeners {
		all = append(all, placed{fmt.Sprintf("messagedirector.listeners[%d].bind", i), l.Bind})
	}
	if cfg.Web != nil {
		all = append(all, placed{"web.bind", cfg.Web.Bind})
	}
	for _, role := range cfg.Roles {
		switch role := role.(type) {
		case *config.ClientAgent:
			all = append(all, placed{role.Path() + ".bind", role.Bind})
			for i, l := range role.Listeners {
				all = append(all, placed{fmt.Sprintf("%s.listeners[%d].bind", role.Path(), i), l.Bind})
			}
		case *config.EventLogger:
			all = append(all, placed{role.Path() + ".bind", role.Bind})
		}
	}
	return all
}

func checkHost(ctx context.Context, at config.Address) (problem, fix string) {
	if _, err := netip.ParseAddr(at.Host); err == nil || at.Host == "" {
		return "", ""
	}
	// A name never ends in a number: nobody has to be asked for it.
	last := at.Host[strings.LastIndexByte(at.Host, '.')+1:]
	if last != "" && strings.Trim(last, "0123456789") == "" {
		return fmt.Sprintf("%q is no IP address, and no name ends in a number", at.Host),
			"write an address such as 127.0.0.1, or a host name"
	}
	if _, err := net.DefaultResolver.LookupHost(ctx, at.Host); err != nil {
		return explainAddress(at, err)
	}
	return "", ""
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
