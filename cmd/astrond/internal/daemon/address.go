package daemon

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
	"natstron/internal/configfile"
)

// fault is an error at the place of a key.
func fault(cfg *config.Config, path, problem, fix string) error {
	return &configfile.Error{Faults: []configfile.Fault{cfg.Fault(path, problem, fix)}}
}

// resolveTimeout bounds how long the name in an address is looked for.
const resolveTimeout = 5 * time.Second

// checkHosts looks up the names in the addresses that are to be used, all of
// them, so that one start tells of all that do not exist.
func checkHosts(ctx context.Context, cfg *config.Config) error {
	ctx, cancel := context.WithTimeout(ctx, resolveTimeout)
	defer cancel()
	var faults []configfile.Fault
	for _, a := range cfg.Addresses() {
		if problem, fix := checkHost(ctx, a.Address); problem != "" {
			faults = append(faults, cfg.Fault(a.Path, problem, fix))
		}
	}
	if len(faults) > 0 {
		return &configfile.Error{Faults: faults}
	}
	return nil
}

func checkHost(ctx context.Context, at string) (problem, fix string) {
	host, _, _ := net.SplitHostPort(at) // it has been read
	if _, err := netip.ParseAddr(host); err == nil || host == "" {
		return "", ""
	}
	// A name never ends in a number: nobody has to be asked for it.
	last := host[strings.LastIndexByte(host, '.')+1:]
	if last != "" && strings.Trim(last, "0123456789") == "" {
		return fmt.Sprintf("%q is not an IP address, and no name ends in a number", host),
			"write an address such as 127.0.0.1, or a host name"
	}
	if _, err := net.DefaultResolver.LookupHost(ctx, host); err != nil {
		return explainAddress(at, err)
	}
	return "", ""
}

// addressFault says in words why an address could not be used.
func addressFault(cfg *config.Config, path string, err error) error {
	at := ""
	for _, a := range cfg.Addresses() {
		if a.Path == path {
			at = a.Address
		}
	}
	problem, fix := explainAddress(at, err)
	return fault(cfg, path, problem, fix)
}

func explainAddress(at string, err error) (problem, fix string) {
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns):
		return fmt.Sprintf("%q does not resolve: %s", dns.Name, dns.Err), "write an IP address, or a name that resolves on this machine"
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Sprintf("%s is in use", at), "choose another port, or end what listens there: another astrond?"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Sprintf("%s is not an address of this machine", at), "write one that it has; 0.0.0.0 means all of them"
	case errors.Is(err, syscall.EACCES):
		return fmt.Sprintf("this user may not open %s", at), "choose a port above 1023"
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Sprintf("nobody listens at %s", at), "start what should be there first, or correct the address"
	}
	return err.Error(), "check that this machine can reach it"
}
