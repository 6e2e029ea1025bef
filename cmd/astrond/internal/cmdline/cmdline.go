// Package cmdline is what the commands of astrond have in common.
package cmdline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/urfave/cli/v2"

	"natstron/bridge"
	"natstron/internal/configfile"
)

// ErrTold says that something failed, and that it was told already.
var ErrTold = errors.New("failed, as told")

// UsageError is a command line that makes no sense.
type UsageError struct{ Problem, Help string }

func (e *UsageError) Error() string { return e.Problem }

// Misused is a usage error of a subcommand.
func Misused(c *cli.Context, format string, args ...any) error {
	return &UsageError{
		Problem: strings.TrimPrefix(c.Command.HelpName, "astrond ") + ": " + fmt.Sprintf(format, args...),
		Help:    fmt.Sprintf("How to use it: %s --help\n", c.Command.HelpName),
	}
}

// DidYouMean offers the command that a name may have been meant for.
func DidYouMean(name string, commands []*cli.Command) string {
	var names []string
	for _, c := range commands {
		names = append(names, c.Name)
	}
	if nearest := configfile.Nearest(name, names); nearest != "" {
		return "; did you mean " + nearest + "?"
	}
	return ""
}

// Quoted is a list for people.
func Quoted(texts []string) string {
	var q []string
	for _, t := range texts {
		q = append(q, fmt.Sprintf("%q", t))
	}
	if n := len(q); n > 1 {
		return strings.Join(q[:n-1], ", ") + " and " + q[n-1]
	}
	return strings.Join(q, "")
}

// PrintFaults shows all faults with their lines, for people.
func PrintFaults(w io.Writer, file string, e *configfile.Error) {
	fmt.Fprintln(w, e)
	if n := len(e.Faults); n == 1 {
		fmt.Fprintf(w, "%s: 1 fault\n", file)
	} else {
		fmt.Fprintf(w, "%s: %d faults\n", file, n)
	}
}

// PrintJSON writes a value as indented JSON.
func PrintJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// Interruptible is a context that Ctrl-C ends.
func Interruptible(c *cli.Context) (context.Context, context.CancelFunc) {
	return signal.NotifyContext(c.Context, os.Interrupt, syscall.SIGTERM)
}

// NoBackbone tells of an error of the backbone with what to do about it. may is what the
// user must be permitted, on which subjects.
func NoBackbone(err error, may string) error {
	if errors.Is(err, bridge.ErrPermission) {
		return fmt.Errorf("%w\nThis command must %s: give a NATS user that may with --nats, --creds or --config", err, may)
	}
	return fmt.Errorf("%w\nCheck that astrond is running, and give the URL of its backbone with --nats: the line \"ready\" in its log has it", err)
}

// Refused is NoBackbone for what the NATS server does not permit; any other error it
// returns as it is.
func Refused(err error, may string) error {
	if errors.Is(err, bridge.ErrPermission) {
		return NoBackbone(err, may)
	}
	return err
}

// Reachable is where this machine reaches what listens at an address.
func Reachable(at string) string {
	host, port, _ := net.SplitHostPort(at) // it has been read
	if a, err := netip.ParseAddr(host); err == nil && a.IsUnspecified() {
		host = "127.0.0.1"
		if a.Is6() {
			host = "::1"
		}
	}
	return net.JoinHostPort(host, port)
}
