package natsconn

import (
	"bytes"
	"cmp"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"time"

	"github.com/nats-io/nats.go"
)

// connect is what a client says of itself.
type connect struct {
	Verbose      bool   `json:"verbose"`
	Pedantic     bool   `json:"pedantic"`
	JWT          string `json:"jwt,omitempty"`
	NKey         string `json:"nkey,omitempty"`
	Signature    string `json:"sig,omitempty"`
	User         string `json:"user,omitempty"`
	Password     string `json:"pass,omitempty"`
	Token        string `json:"auth_token,omitempty"`
	TLS          bool   `json:"tls_required"`
	Name         string `json:"name"`
	Language     string `json:"lang"`
	Version      string `json:"version"`
	Protocol     int    `json:"protocol"`
	Echo         bool   `json:"echo"`
	Headers      bool   `json:"headers"`
	NoResponders bool   `json:"no_responders"`
}

// Login logs in on a connection to the server at a URL, within the options' Timeout, under
// their Name, by what they say of TLS and of the user. What this connection publishes does not
// come back to it. On an error nc is closed.
func Login(nc net.Conn, at *url.URL, o nats.Options) (c *Conn, err error) {
	defer func() {
		if err != nil {
			_ = nc.Close() // not to be used
		}
	}()
	c = &Conn{login: nc, socket: stream{nc}}
	c.SetDeadline(time.Now().Add(o.Timeout))
	op, text, err := c.line()
	if err != nil {
		return nil, err
	}
	if op != "INFO" {
		return nil, fmt.Errorf("%w: %.40q", errProtocol, op)
	}
	if err := c.takeInfo(text); err != nil {
		return nil, err
	}
	secure := o.Secure || at.Scheme == "tls"
	switch {
	case c.info.Proto < 1 || !c.info.Headers:
		return nil, errors.New("the NATS server is too old")
	case secure && !c.info.TLSRequired && !c.info.TLSAvailable:
		return nil, nats.ErrSecureConnWanted
	case secure || c.info.TLSRequired:
		secure = true
		if err := c.encrypt(at, o.TLSConfig); err != nil {
			return nil, err
		}
	}
	hello, err := c.hello(at, o)
	if err != nil {
		return nil, err
	}
	hello.TLS = secure
	line, err := json.Marshal(hello)
	if err != nil {
		return nil, err
	}
	if err := c.Write(AppendPing(fmt.Appendf(nil, "CONNECT %s"+end, line))); err != nil {
		return nil, err
	}
	return c, c.Answered(func(err error) error { return err })
}

// Answered waits for the answer to a PING that was written before. refused is told what
// the server refuses; its error ends the wait. Messages are dropped.
func (c *Conn) Answered(refused func(error) error) error {
	for {
		kind, err := c.Next()
		switch kind {
		case Pong:
			return nil
		case Ping:
			err = c.Write(AppendPong(nil))
		case Refused:
			err = refused(err)
		case Nothing:
			if err == nil {
				err = c.Fill()
			}
		}
		if err != nil {
			return err
		}
	}
}

// line reads a line: its first word, and the rest.
func (c *Conn) line() (op string, rest []byte, err error) {
	for {
		if line, _, ok := bytes.Cut(c.in[c.start:c.end], []byte(end)); ok {
			c.start += len(line) + len(end)
			first, rest, _ := bytes.Cut(line, []byte(" "))
			return string(first), rest, nil
		}
		if c.end-c.start > buffer {
			return "", nil, errProtocol
		}
		if err := c.Fill(); err != nil {
			return "", nil, err
		}
	}
}

// encrypt begins TLS.
func (c *Conn) encrypt(at *url.URL, config *tls.Config) error {
	if config == nil {
		config = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	config = config.Clone()
	config.ServerName = cmp.Or(config.ServerName, at.Hostname())
	secure := tls.Client(c.login, config)
	if err := secure.Handshake(); err != nil {
		return fmt.Errorf("%w: %w", nats.ErrTLS, err)
	}
	c.login, c.socket = secure, stream{secure}
	c.start, c.end = 0, 0
	return nil
}

// hello is who logs in. What the URL says goes before what the options say.
func (c *Conn) hello(at *url.URL, o nats.Options) (h connect, err error) {
	h = connect{
		Name: o.Name, Language: nats.LangString, Version: nats.Version, Protocol: 1,
		Headers: true, NoResponders: true, User: o.User, Password: o.Password, Token: o.Token, NKey: o.Nkey,
	}
	if u := at.User; u != nil {
		h.User, h.Token, h.NKey = u.Username(), "", ""
		var ok bool
		if h.Password, ok = u.Password(); !ok {
			h.User, h.Token = "", u.Username()
		}
	}
	if o.UserJWT != nil {
		if h.JWT, err = o.UserJWT(); err != nil {
			return h, err
		}
	}
	if h.JWT != "" || h.NKey != "" {
		signature, err := o.SignatureCB([]byte(c.info.Nonce))
		if err != nil {
			return h, fmt.Errorf("sign in at the NATS server: %w", err)
		}
		h.Signature = base64.RawURLEncoding.EncodeToString(signature)
	}
	return h, nil
}
