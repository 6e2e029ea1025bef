// Package build knows what astrond was built from.
package build

import (
	"cmp"
	"fmt"
	"runtime/debug"
)

// The linker may set these: -ldflags "-X natstron/cmd/astrond/internal/build.version=1.2.3". It has to
// set the revision where the sources are built without their repository, as in an image.
var version, revision string

// Info is what a build of astrond was made from.
type Info struct{ Version, Revision, Go string }

// From is what this program was built from.
func From() Info {
	b := Info{Version: version, Go: "unknown"}
	if info, ok := debug.ReadBuildInfo(); ok {
		b.Version, b.Go = cmp.Or(version, info.Main.Version), info.GoVersion
		dirty := ""
		for _, s := range info.Settings {
			switch {
			case s.Key == "vcs.revision":
				b.Revision = s.Value
			case s.Key == "vcs.modified" && s.Value == "true":
				dirty = ", with local changes"
			}
		}
		if b.Revision != "" {
			b.Revision += dirty
		}
	}
	b.Revision = cmp.Or(revision, b.Revision)
	b.Version = cmp.Or(b.Version, "(devel)")
	return b
}

// Text is what --version prints: the reference's facts, of this build.
func Text() string {
	b := From()
	return fmt.Sprintf(`astrond %s: the Astron server suite on a NATS backbone
Revision: %s
Built with %s
Sizes: datagrams with 16-bit length tags; 64-bit channels, 32-bit doIds, 32-bit zones
Components: Message Director, Client Agent, State Server, Database Server, Database-State Server, Event Logger
`, b.Version, cmp.Or(b.Revision, "not recorded by this build"), b.Go)
}
