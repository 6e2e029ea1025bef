package daemon

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestExplainAddress(t *testing.T) {
	const at = "somewhere:7199"
	wrapped := func(err error) error {
		return fmt.Errorf("message director: %w", &net.OpError{Op: "listen", Net: "tcp", Err: os.NewSyscallError("bind", err)})
	}
	tests := []struct {
		err  error
		want string
	}{
		{&net.OpError{Op: "listen", Err: &net.DNSError{Err: "no such host", Name: "somewhere"}}, `"somewhere" does not resolve: no such host`},
		{wrapped(syscall.EADDRINUSE), "somewhere:7199 is in use"},
		{wrapped(syscall.EADDRNOTAVAIL), "somewhere:7199 is not an address of this machine"},
		{wrapped(syscall.EACCES), "this user may not open somewhere:7199"},
		{wrapped(syscall.ECONNREFUSED), "nobody listens at somewhere:7199"},
		{errors.New("the moon is full"), "the moon is full"},
	}
	for _, test := range tests {
		problem, fix := explainAddress(at, test.err)
		if problem != test.want || fix == "" {
			t.Errorf("%v: %q, fix %q; want %q and a fix", test.err, problem, fix, test.want)
		}
	}
}

// What can be told without asking anybody is told even when nobody answers.
func TestCheckHost(t *testing.T) {
	nobody, cancel := context.WithTimeout(t.Context(), -time.Second)
	defer cancel()
	for host, wrong := range map[string]bool{
		"": false, "127.0.0.1": false, "::1": false, "0:0:0:0:0:0:0:1": false,
		"99.1": true, "127.0.0": true, "1.2.3.4.5": true, "300.1.1.1": true, "17": true,
		"nowhere.invalid": true,
	} {
		problem, _ := checkHost(nobody, net.JoinHostPort(host, "1"))
		if (problem != "") != wrong {
			t.Errorf("%q: %q", host, problem)
		}
	}
	problem, _ := checkHost(nobody, "99.1:1")
	if !strings.Contains(problem, "no name ends in a number") {
		t.Errorf("somebody was asked for 99.1: %s", problem)
	}
}
