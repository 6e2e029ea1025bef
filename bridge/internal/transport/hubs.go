package transport

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// hubServer is one of the hubs that an embedded server may be a leaf of.
type hubServer struct {
	remote  *server.RemoteLeafOpts
	url     *url.URL
	address string // where it was found: host:port
}

func (h *hubServer) String() string { return h.url.Redacted() }

// Servers are the hubs, if the embedded server is to be a leaf of one of several.
func (e *Embedded) Servers() (all []Server) {
	if len(e.remotes) != 1 {
		return nil
	}
	remote := e.remotes[0]
	for _, u := range remote.URLs {
		all = append(all, &hubServer{remote: remote, url: u})
	}
	return all
}

// Listen joins the hub by a small server of its own: hubs let leaf nodes in, and perhaps
// nobody else.
func (h *hubServer) Listen(ctx context.Context, subject string, limit time.Duration, heard func(string, []byte) bool) error {
	if err := answers(ctx, h.url); err != nil {
		return err
	}
	remote := *h.remote
	remote.URLs, remote.LocalAccount = []*url.URL{h.url}, ""
	srv, err := server.NewServer(&server.Options{
		DontListen: true, NoLog: true, NoSigs: true,
		LeafNode: server.LeafNodeOpts{Remotes: []*server.RemoteLeafOpts{&remote}, ReconnectInterval: time.Hour},
	})
	if err != nil {
		return err
	}
	srv.Start()
	defer srv.WaitForShutdown()
	defer srv.Shutdown()
	nc, err := nats.Connect("", nats.InProcessServer(srv), nats.NoReconnect())
	if err != nil {
		return err
	}
	defer nc.Close()
	poll := time.NewTicker(leafPoll)
	defer poll.Stop()
	for {
		if leaves, err := leavesOf(srv); err == nil && len(leaves) > 0 {
			for _, leaf := range leaves {
				h.address = net.JoinHostPort(leaf.IP, strconv.Itoa(leaf.Port))
			}
			return listen(ctx, nc, subject, limit, heard)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("reach the hub at %s: %w", h, ctx.Err())
		case <-poll.C:
		}
	}
}

// answers says at once if nothing listens at a URL.
func answers(ctx context.Context, u *url.URL) error {
	if u.Port() == "" {
		return nil // a default, which the server knows
	}
	conn, err := (&net.Dialer{Timeout: ConnectTimeout}).DialContext(ctx, "tcp", u.Host)
	if err != nil {
		return err
	}
	return conn.Close()
}

// Prefer has the server become a leaf of another hub when it connects again.
func (e *Embedded) Prefer(s Server) { e.preferred, e.redirected = s.(*hubServer).address, 0 }

// redirect ends a connection that does not lead to the preferred hub: the server goes on
// with the next one of its list. It says whether it did. After some attempts any hub will
// do, as it will once the server has been at the preferred one.
func (e *Embedded) redirect(leaves map[uint64]*server.LeafInfo) bool {
	for id, leaf := range leaves {
		at := net.JoinHostPort(leaf.IP, strconv.Itoa(leaf.Port))
		if e.preferred == "" || e.preferred == at || e.redirected > 2*len(e.remotes[0].URLs) {
			continue
		}
		e.redirected++
		_ = e.server.DisconnectClientByID(id) // an error: it has ended by itself
		return true
	}
	e.preferred = ""
	return false
}
