// Package top is astrond top: the status page of a process in the terminal.
package top

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"natstron/cmd/astrond/internal/cmdline"
	"natstron/cmd/astrond/internal/logging"
	"natstron/internal/config"
	"natstron/internal/secret"
	"natstron/internal/status"
)

// Command shows the status page in a terminal.
func Command() *cli.Command {
	return &cli.Command{
		Name:      "top",
		Usage:     "show the status page of a running process in the terminal",
		ArgsUsage: "[URL]",
		Description: "URL is where the process has its status page (default: that of --config, else\n" +
			defaultStatus + "). A user and password may be in it, or come from --config.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "config", Usage: "take the address and the password of this `FILE`, an astrond.yml"},
			&cli.StringFlag{Name: "user", Usage: "log in as this `NAME`"},
			&cli.StringFlag{Name: "password-file", Usage: "log in with the password in this `FILE`"},
			&cli.DurationFlag{Name: "every", Value: 2 * time.Second, Usage: "refresh every `TIME`"},
			&cli.BoolFlag{Name: "once", Usage: "print once, after that time, and exit"},
			&cli.BoolFlag{Name: "json", Usage: "print the status once as JSON, and exit"},
		},
		Action: topAction,
	}
}

const defaultStatus = "http://127.0.0.1:8080/"

// Bounds of what top takes from a process.
const (
	maxStatus     = 64 << 20
	statusTimeout = 10 * time.Second
	shortestLook  = 100 * time.Millisecond
)

func topAction(c *cli.Context) error {
	source, err := statusSource(c)
	if err != nil {
		return err
	}
	every := c.Duration("every")
	if every < shortestLook {
		return cmdline.Misused(c, "--every is less than %v", shortestLook)
	}
	ctx, stop := cmdline.Interruptible(c)
	defer stop()
	if c.Bool("json") {
		body, err := source.body(ctx)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(c.App.Writer, strings.TrimSpace(string(body)))
		return err
	}
	now, err := source.fetch(ctx)
	if err != nil {
		return err
	}
	out, ok := c.App.Writer.(*os.File)
	if c.Bool("once") || !ok || !term.IsTerminal(int(out.Fd())) {
		return topOnce(ctx, c.App.Writer, source, now, every)
	}
	return topLive(ctx, out, source, now, every)
}

// topOnce prints what happened within one interval.
func topOnce(ctx context.Context, out io.Writer, source *statusPage, before *status.Snapshot, every time.Duration) error {
	select {
	case <-ctx.Done():
		return nil
	case <-time.After(every):
	}
	now, err := source.fetch(ctx)
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, topView(now, before, 0))
	return err
}

// topLive draws again and again, on a screen of its own, until the context ends.
func topLive(ctx context.Context, out *os.File, source *statusPage, now *status.Snapshot, every time.Duration) error {
	const enter, home, leave = "\x1b[?1049h\x1b[?25l", "\x1b[H", "\x1b[?25h\x1b[?1049l"
	if _, err := io.WriteString(out, enter); err != nil {
		return err
	}
	defer func() { _, _ = io.WriteString(out, leave) }()
	tick := time.NewTicker(every)
	defer tick.Stop()
	var before *status.Snapshot
	trouble := ""
	for {
		width, height, err := term.GetSize(int(out.Fd()))
		if err != nil {
			width, height = 80, 24
		}
		text := topView(now, before, width)
		if trouble != "" {
			text = logging.Clean(trouble) + "\n\n" + text
		}
		if _, err := io.WriteString(out, home+screen(text, width, height)); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		next, err := source.fetch(ctx)
		switch {
		case err != nil:
			trouble = err.Error()
		case next.Process.Started.Equal(now.Process.Started):
			before, now, trouble = now, next, ""
		default: // it was restarted: its counters begin at 0
			before, now, trouble = nil, next, ""
		}
	}
}

// screen fits text into a window, and clears what was there.
func screen(text string, width, height int) string {
	var b strings.Builder
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i, line := range lines[:min(len(lines), max(height-1, 1))] {
		if i > 0 {
			b.WriteString("\r\n")
		}
		if r := []rune(line); len(r) > width {
			line = string(r[:width])
		}
		b.WriteString(line + "\x1b[K")
	}
	return b.String() + "\x1b[J"
}

// statusPage is where a process is looked at.
type statusPage struct {
	url            string
	user, password string
}

func statusSource(c *cli.Context) (*statusPage, error) {
	if c.NArg() > 1 {
		return nil, cmdline.Misused(c, "give one URL")
	}
	s := &statusPage{url: defaultStatus}
	if name := c.String("config"); name != "" {
		if err := s.fromConfiguration(name, c.NArg() == 0); err != nil {
			return nil, err
		}
	}
	if c.NArg() == 1 {
		s.url = c.Args().First()
	}
	if !strings.Contains(s.url, "://") {
		s.url = "http://" + s.url
	}
	u, err := url.Parse(s.url)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, cmdline.Misused(c, "%q is not a URL such as %s", c.Args().First(), defaultStatus)
	}
	if u.User != nil {
		s.user = u.User.Username()
		s.password, _ = u.User.Password()
		u.User = nil
	}
	s.url = strings.TrimSuffix(u.String(), "/")
	if user := c.String("user"); user != "" {
		s.user = user
	}
	if name := c.String("password-file"); name != "" {
		password, err := secret.Read("", name)
		if err != nil {
			return nil, err
		}
		s.password = password
	}
	return s, nil
}

// fromConfiguration takes how to log in at the process that runs a configuration
// and, if it is asked for, where that is.
func (s *statusPage) fromConfiguration(name string, address bool) error {
	cfg, err := config.Load(name)
	if err != nil {
		return err
	}
	web := cfg.Web
	switch {
	case web == nil:
		return fmt.Errorf("%s has no section web, so the process that runs it has no status page", name)
	case address && strings.HasSuffix(web.Bind, ":0"):
		return fmt.Errorf("%s: the port in web.bind is 0, so the system chooses it: give the URL, which the line \"ready\" in the log of the process has", name)
	}
	s.url = "http://" + cmdline.Reachable(web.Bind)
	if a := web.Authentication; a != nil {
		password, err := secret.Read(a.Password, a.PasswordFile)
		if err != nil {
			return err
		}
		s.user, s.password = a.Username, password
	}
	return nil
}

func (s *statusPage) fetch(ctx context.Context) (*status.Snapshot, error) {
	body, err := s.body(ctx)
	if err != nil {
		return nil, err
	}
	now := new(status.Snapshot)
	if err := json.Unmarshal(body, now); err != nil {
		return nil, fmt.Errorf("the server at %s is not an astrond: %w", s.url, err)
	}
	return now, nil
}

func (s *statusPage) body(ctx context.Context) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, statusTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/api/status", nil)
	if err != nil {
		return nil, err
	}
	if s.user != "" || s.password != "" {
		request.SetBasicAuth(s.user, s.password)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, fmt.Errorf("%w\nCheck that astrond is running with a section web in its configuration, and give the URL of its status page, which its log has", err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxStatus+1))
	switch {
	case err != nil:
		return nil, err
	case len(body) > maxStatus:
		return nil, fmt.Errorf("%s answers with more than %d bytes", s.url, maxStatus)
	case answer.StatusCode == http.StatusUnauthorized:
		return nil, errors.New(s.url + " asks for a user and a password: --config takes them from the configuration, or give --user and --password-file")
	case answer.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("%s answers %s", s.url, answer.Status)
	}
	return body, nil
}
