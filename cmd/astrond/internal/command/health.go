package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"natstron/cmd/astrond/internal/cmdline"
	"natstron/internal/config"
	"natstron/internal/configfile"
)

// healthCommand asks a running process how it is: for containers and
// supervisors, which want an exit code and may have no HTTP client.
func healthCommand() *cli.Command {
	return &cli.Command{
		Name:      "health",
		Usage:     "ask the process that runs this configuration whether it is ready",
		ArgsUsage: "[FILE]",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "live", Usage: "only ask whether it answers"},
			&cli.DurationFlag{Name: "timeout", Value: 5 * time.Second, Usage: "wait this `TIME` for the answer"},
		},
		Action: healthAction,
	}
}

// maxHealthAnswer bounds what is read of an answer.
const maxHealthAnswer = 64 << 10

func healthAction(c *cli.Context) error {
	if c.NArg() > 1 {
		return cmdline.Misused(c, "give one configuration file")
	}
	file := config.DefaultFile
	if c.NArg() == 1 {
		file = c.Args().First()
	}
	cfg, err := config.Load(file)
	var faults *configfile.Error
	switch {
	case errors.As(err, &faults):
		cmdline.PrintFaults(c.App.ErrWriter, file, faults)
		return cmdline.ErrTold
	case err != nil:
		return err
	case cfg.Web == nil:
		return fmt.Errorf("%s has no section web, which health asks: add it, as docs/operations.md shows", file)
	case strings.HasSuffix(cfg.Web.Bind, ":0"):
		return fmt.Errorf("%s: the port in web.bind is 0, so the system chooses it, and health does not know where to ask", file)
	}
	path := "/readyz"
	if c.Bool("live") {
		path = "/healthz"
	}
	ctx, cancel := context.WithTimeout(c.Context, c.Duration("timeout"))
	defer cancel()
	text, ok, err := askHealth(ctx, "http://"+cmdline.Reachable(cfg.Web.Bind)+path)
	switch {
	case err != nil:
		return fmt.Errorf("not healthy: %w", err)
	case !ok:
		return errors.New(text)
	}
	fmt.Fprintln(c.App.Writer, text)
	return nil
}

// askHealth is what a health check answers, and whether that is good.
func askHealth(ctx context.Context, url string) (text string, ok bool, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", false, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", false, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxHealthAnswer))
	if err != nil {
		return "", false, err
	}
	text = strings.TrimSpace(string(body))
	if text == "" {
		text = answer.Status
	}
	return text, answer.StatusCode == http.StatusOK, nil
}
