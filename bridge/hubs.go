package bridge

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

// servers are the hubs, if the embedded server is to be a leaf of one of several.
func (e *embedded) servers() (all []remoteServer) {
	if len(e.leafRemotes) != 1 {
		return nil
	}
	remote := e.leafRemotes[0]
	for _, u := range remote.URLs {
		all = append(all, &hubServer{remote: remote, url: u})
	}
	return all
}

// look joins the hub by a small server of its own: hubs let leaf nodes in, and perhaps
// nobody else.
func (h *hubServer) look(ctx context.Context, subject string, limit time.Duration, heard func(string, []byte) bool) error {
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
			return listenTo(ctx, nc, subject, limit, heard)
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
	conn, err := (&net.Dialer{Timeout: lookTimeout}).DialContext(ctx, "tcp", u.Host)
	if err != nil {
		return err
	}
	return conn.Close()
}

// prefer has the server become a leaf of another hub when it connects again.
func (e *embedded) prefer(s remoteServer) { e.wanted, e.kicks = s.(*hubServer).address, 0 }

// astray ends a connection that does not lead to the hub that is wanted: the server goes
// on with the next one of its list. It says whether it did; after some attempts it is
// content with any hub, as it is once it has been at the wanted one.
func (e *embedded) astray(leaves map[uint64]*server.LeafInfo) bool {
	for id, leaf := range leaves {
		at := net.JoinHostPort(leaf.IP, strconv.Itoa(leaf.Port))
		if e.wanted == "" || e.wanted == at || e.kicks > 2*len(e.leafRemotes[0].URLs) {
			continue
		}
		e.kicks++
		_ = e.server.DisconnectClientByID(id) // it has ended by itself, else
		return true
	}
	e.wanted = ""
	return false
}
