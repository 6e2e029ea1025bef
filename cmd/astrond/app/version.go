package app

import (
	"cmp"
	"fmt"
	"io"
	"runtime/debug"

	"github.com/urfave/cli/v2"
)

// The linker may set these: -ldflags "-X natstron/cmd/astrond/app.version=1.2.3". It has to
// set the revision where the sources are built without their repository, as in an image.
var version, revision string

// versionCommand prints what --version does.
func versionCommand() *cli.Command {
	return &cli.Command{
		Name:  "version",
		Usage: "the version, the revision, and what is built in",
		Action: func(c *cli.Context) error {
			if c.NArg() > 0 {
				return misused(c, "it takes no arguments")
			}
			return printVersion(c.App.Writer)
		},
	}
}

func printVersion(w io.Writer) error {
	_, err := io.WriteString(w, versionText())
	return err
}

// builtOf is what a build of astrond was made from.
type builtOf struct{ version, revision, goVersion string }

func builtFrom() builtOf {
	b := builtOf{version: version, goVersion: "unknown"}
	if info, ok := debug.ReadBuildInfo(); ok {
		b.version, b.goVersion = cmp.Or(version, info.Main.Version), info.GoVersion
		dirty := ""
		for _, s := range info.Settings {
			switch {
			case s.Key == "vcs.revision":
				b.revision = s.Value
			case s.Key == "vcs.modified" && s.Value == "true":
				dirty = ", with local changes"
			}
		}
		if b.revision != "" {
			b.revision += dirty
		}
	}
	b.revision = cmp.Or(revision, b.revision)
	b.version = cmp.Or(b.version, "(devel)")
	return b
}

// versionText is what --version prints: the reference's facts, of this build.
func versionText() string {
	b := builtFrom()
	return fmt.Sprintf(`astrond %s: the Astron server suite on a NATS backbone
Revision: %s
Built with %s
Sizes: datagrams with 16-bit length tags; 64-bit channels, 32-bit doIds, 32-bit zones
Components: Message Director, Client Agent, State Server, Database Server, Database-State Server, Event Logger
`, b.version, cmp.Or(b.revision, "not recorded by this build"), b.goVersion)
}
