package e2e

import (
	"io"
	"net"
	"os/exec"
	"strings"
	"sync"
	"testing"
)

// The example's client comes back when its connection is lost, and its avatar never leaves.
func TestExampleHelloComesBack(t *testing.T) {
	t.Parallel()
	interpreter, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3 here")
	}
	d := example(t, "hello")
	cuts := cuttable(t, d.where("listening for clients"))
	ai := python(t, interpreter, d.dir, "ai.py", d.port())
	ai.waitFor("waiting for players")
	ada := python(t, interpreter, d.dir, "client.py", "Ada", cuts.address)
	ada.waitFor("bird moves to ")
	bob := python(t, interpreter, d.dir, "client.py", "Bob", d.where("listening for clients"))
	bob.waitFor("Ada moves to ")
	for range 2 {
		cuts.cut()
		ada.waitFor("the connection is lost")
		ada.waitFor("back again")
		ada.waitFor("Bob moves to ")
		bob.waitFor("Ada moves to ")
	}
	if strings.Contains(bob.text(), "Ada leaves") {
		t.Error("the session ended")
	}
}

// cutter passes connections on, and can cut them.
type cutter struct {
	address string
	mu      sync.Mutex
	open    []net.Conn
}

func cuttable(t testing.TB, target string) *cutter {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	c := &cutter{address: l.Addr().String()}
	t.Cleanup(func() { _ = l.Close(); c.cut() })
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", target)
			if err != nil {
				_ = near.Close()
				return
			}
			c.mu.Lock()
			c.open = append(c.open, near, far)
			c.mu.Unlock()
			go func() { _, _ = io.Copy(near, far); _ = near.Close() }()
			go func() { _, _ = io.Copy(far, near); _ = far.Close() }()
		}
	}()
	return c
}

// cut cuts all connections that there are.
func (c *cutter) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range c.open {
		_ = conn.Close()
	}
	c.open = nil
}
